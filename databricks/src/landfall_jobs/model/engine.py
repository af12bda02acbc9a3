"""LightGBM, loaded so that its threads yield the processor while they wait.

On a laptop Spark's engine and LightGBM share the cores. OpenMP's waiting threads spin by default, and training took
28 s instead of 4 when anything else ran. The variable counts only before the library is loaded.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm

__all__ = ["lightgbm"]
