"""Holding the wrapper to the contract: what it lacks, and what it says otherwise."""
