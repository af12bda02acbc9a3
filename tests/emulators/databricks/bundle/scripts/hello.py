"""A Python file task: its neighbours can be imported, and Spark is at hand."""

import sys

import neighbour

print(__name__, neighbour.GREETING, sys.argv[1:], spark.range(3).count())  # noqa: F821
