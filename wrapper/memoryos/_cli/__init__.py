"""What the subcommands of `memoryos` share: options, the client, what is shown, what goes wrong."""
