"""How commands write: plain text, or tables and colours with rich."""
