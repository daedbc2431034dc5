"""The records that every layer shares: memories, keys, tags, entities, errors."""
