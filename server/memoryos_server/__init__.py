"""Memory OS on your own machine: an independent implementation of the contract."""
