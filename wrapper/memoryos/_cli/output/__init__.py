"""Output of commands: plain text, or tables, colours and progress bars with rich."""
