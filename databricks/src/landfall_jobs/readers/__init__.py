"""Readers of landed files, which run inside the executors."""
