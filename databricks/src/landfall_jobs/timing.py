"""How long the phases of a job took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Phases:
    """Seconds for each named phase, in order; `total` is since the beginning."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._start = time.perf_counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what happens inside; a phase that comes again adds up."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = round(self._seconds.get(name, 0.0) + time.perf_counter() - start, 3)

    def seconds(self) -> dict[str, float]:
        """Give the phases and the total."""
        return {**self._seconds, "total": round(time.perf_counter() - self._start, 3)}
