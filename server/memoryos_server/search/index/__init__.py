"""The in-memory search index: one owner's memories in arrays, searched without the database."""
