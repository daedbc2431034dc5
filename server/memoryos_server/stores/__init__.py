"""Stores of memories: the protocols, and their SQLite and PostgreSQL implementations."""
