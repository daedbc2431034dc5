"""Where memories are stored: the protocol, and its SQLite and PostgreSQL implementations."""
