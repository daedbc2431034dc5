"""Detection of personal data in a text."""
