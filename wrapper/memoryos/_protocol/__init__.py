"""The decisions of a call, without I/O: checks, requests, responses, retries."""
