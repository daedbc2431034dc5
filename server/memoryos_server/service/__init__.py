"""The operations of the API, without HTTP: one method per operation."""
