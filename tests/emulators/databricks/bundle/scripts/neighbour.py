"""Imported by hello.py."""

GREETING = "hello from next door"
