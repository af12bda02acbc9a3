"""Errors whose text is meant for the person who reads a failed run."""

_STACK = "\n\nJVM stacktrace:"


class JobError(Exception):
    """A job cannot go on; its message says why and what to do next."""


def engine_says(error: Exception) -> str:
    """Give what an engine says of an error, without the stack that Spark, not Sail, puts behind it."""
    return str(error).partition(_STACK)[0].strip()
