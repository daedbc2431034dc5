"""Records that all layers share: memories, keys, tags, entities, errors."""
