"""Counts of weeks and months, as values, tables and files."""
