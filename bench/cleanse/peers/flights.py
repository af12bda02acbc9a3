"""What all peers share: the columns and rules of the flights contract as it stands, the files, and the report."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

COLUMNS = {
    **dict.fromkeys(["year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time"], "int"),
    **dict.fromkeys(["sched_arr_time", "arr_delay"], "int"),
    **{"carrier": "string", "flight": "int", "tailnum": "string", "origin": "string", "dest": "string"},
    **dict.fromkeys(["air_time", "distance", "hour", "minute"], "int"),
    "time_hour": "timestamp",
}
INTEGERS = [name for name, kind in COLUMNS.items() if kind == "int"]
NULLABLE = ["dep_time", "dep_delay", "arr_time", "arr_delay", "tailnum", "air_time"]
LENGTHS = {"carrier": 2, "tailnum": 8, "origin": 3, "dest": 3}
KEY = ["carrier", "flight", "origin", "time_hour"]
INT_FORM = "[+-]?[0-9]{1,10}"
TIME_FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"


class Task(NamedTuple):
    """What one run is asked: the landed files, and where its output goes."""

    files: list[str]
    output: Path


def main(cleanse: Callable[[Task], dict]) -> None:
    """Runs `cleanse`, and prints its books, the seconds and the seconds of processors that it took."""
    folder, files, output = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    task = Task([str(folder / "flights" / f"{number:03d}.csv") for number in range(files)], output)
    began, cpu = time.perf_counter(), time.process_time()
    books = cleanse(task)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "books": books}))


def as_books(verdicts: dict[str, int], reasons: dict[str, int], warned: dict[str, int]) -> dict:
    """Gives the books as the job has them; rows with no verdict of their own are loaded."""
    lost = {name: verdicts.get(name, 0) for name in ("quarantined", "duplicates", "superseded")}
    return {
        "totals": {"read": sum(verdicts.values()), "loaded": verdicts.get("loaded", 0), **lost},
        "reasons": reasons,
        "warned": warned,
    }
