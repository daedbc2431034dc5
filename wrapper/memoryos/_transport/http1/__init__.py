"""HTTP/1.1 without I/O: write requests, and read responses strictly (RFC 9112)."""
