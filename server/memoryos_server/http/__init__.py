"""HTTP: the ASGI application, the in-process transport, dispatch and limits."""
