"""Writes flights as landed files of a million rows: the real year again and again, each time a year earlier.

Usage: make_flights.py YEAR_FOLDER OUTPUT_FOLDER FILES. The same every time. Of a hundred rows two come again, one of
them with another delay; of a thousand, five break something: two of them a type, three a rule of the contract.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROWS = 1_000_000
"""Of a file."""
AGAIN, BAD = 50, 200
"""One in so many rows is a repetition, or is bad."""
AS_FAR_BACK = 400_000
"""Rows between a repetition and what it repeats, at most."""

CARRIER, DISTANCE, DEP_DELAY, ARR_DELAY, SCHED_DEP_TIME, AIR_TIME = 9, 15, 5, 8, 4, 14


class Year:
    """The flights of the real year, one line each, to be moved to other years."""

    def __init__(self, folder: Path) -> None:
        self.header = ""
        self._parts: list[tuple[str, int, str]] = []
        for path in sorted(folder.glob("*.csv")):
            self.header, *lines = path.read_text(encoding="utf-8").splitlines()
            for line in lines:
                _, between = line.split(",", 1)
                between, time_hour = between.rsplit(",", 1)
                self._parts.append((f",{between},", int(time_hour[:4]), time_hour[4:]))

    def line(self, row: int) -> str:
        """Gives a row of the endless table."""
        back, at = divmod(row, len(self._parts))
        between, year, rest = self._parts[at]
        return f"{2013 - back}{between}{year - back}{rest}"


def spoil(line: str, kind: int) -> str:
    """Breaks a row: a number that is none, or one that cannot be."""
    fields = line.split(",")
    column, value = [
        (DISTANCE, "far"),
        (DEP_DELAY, "12.5"),
        (DISTANCE, "0"),
        (SCHED_DEP_TIME, "1275"),
        (ARR_DELAY, "9999"),
    ][kind]
    fields[column] = value
    return ",".join(fields)


def repeat(line: str, other: bool) -> str:
    """Gives a row that came before, as it was or with another delay."""
    if not other:
        return line
    fields = line.split(",")
    fields[ARR_DELAY] = "7" if fields[ARR_DELAY] not in ("NA", "7") else fields[ARR_DELAY]
    return ",".join(fields)


def rows(year: Year, first: int) -> Iterator[str]:
    """Gives the rows of a file; `first` is the number of its first row."""
    for row in range(first, first + ROWS):
        if row % AGAIN == AGAIN - 1:
            back = 1 + row * 7919 % min(row, AS_FAR_BACK)
            yield repeat(year.line(row - back), other=row // AGAIN % 2 == 0)
        elif row % BAD == BAD // 2:
            yield spoil(year.line(row), row // BAD % 5)
        else:
            yield year.line(row)


def main() -> None:
    """Entry point."""
    year, folder, files = Year(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        with (folder / f"{number:03d}.csv").open("w", encoding="utf-8", newline="") as file:
            file.write(year.header + "\n")
            file.writelines(f"{line}\n" for line in rows(year, number * ROWS))


if __name__ == "__main__":
    main()
