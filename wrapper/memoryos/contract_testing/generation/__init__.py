"""Requests generated from the contract: single cases and sequences of calls."""
