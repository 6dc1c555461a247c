"""Workbooks, read in a process of their own: what is made to fill memory, or to crash the reader, ends that process alone."""
