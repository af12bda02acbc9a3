"""LightGBM, loaded so that its threads yield the processor while they wait.

On a laptop Spark's engine, emulators and LightGBM share the cores, and OpenMP's waiting threads spin by default. On two
cores a training of 260,000 rows takes 1.0 s alone and 7 to 8 s beside three busy processes; with threads that yield it
takes 1.9 s and 3 to 4 s. The variable counts only before the library is loaded; one that is set already stays.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm

__all__ = ["lightgbm"]
