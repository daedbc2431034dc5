"""Memory OS on your own machine: an independent implementation of the contract.

PYTEST_DONT_REWRITE: a program may import this and run pytest afterwards, which else would warn.
"""
