"""Memory OS on your own machine: an independent implementation of the API contract.

PYTEST_DONT_REWRITE: a program may import this package before it runs pytest, which would otherwise
warn that it can no longer rewrite the package's assertions.
"""
