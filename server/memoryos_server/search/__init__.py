"""Retrieval and ranking: text analysis, features, score weights, decay."""
