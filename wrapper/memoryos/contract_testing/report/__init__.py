"""Results of a run, and their output: text, JSON, JUnit XML and progress."""
