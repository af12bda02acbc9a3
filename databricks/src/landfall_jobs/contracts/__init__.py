"""The files that declare datasets: read, checked, and every problem given with its place and its likely fix.

The app does the same in TypeScript (src/shared/contracts), word for word: tests/contracts holds both to it. Needs
landfall_jobs[authoring].
"""
