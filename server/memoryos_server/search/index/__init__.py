"""The in-memory search index: the memories of one owner in arrays, searched without the database."""
