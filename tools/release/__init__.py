"""Whether what lies here can be released."""
