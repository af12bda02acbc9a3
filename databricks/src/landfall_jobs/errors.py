"""Errors whose text is meant for the person who reads a failed run."""


class JobError(Exception):
    """A job cannot go on; its message says why and what to do next."""
