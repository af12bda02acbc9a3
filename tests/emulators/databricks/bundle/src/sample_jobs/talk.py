"""Talkative job code."""

from __future__ import annotations

import json
import sys


def echo() -> int:
    """Print the arguments; the value that is returned means nothing to Databricks."""
    print(json.dumps(sys.argv[1:]))
    return 7
