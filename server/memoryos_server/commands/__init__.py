"""The server's own subcommands of `memoryos`."""
