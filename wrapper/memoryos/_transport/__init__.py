"""What both transports share: connection pool, TLS, proxies, failures."""
