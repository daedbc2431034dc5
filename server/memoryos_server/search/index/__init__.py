"""The in-memory search index: one array per owner, searched without the database."""
