"""The asynchronous client. `memoryos._sync` is generated from it."""
