"""Text processing: query words, stemming, temporal expressions, token counts."""
