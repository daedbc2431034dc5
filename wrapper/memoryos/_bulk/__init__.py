"""Bulk operations: create results, export files and the import plan."""
