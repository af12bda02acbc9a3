"""Runs a Databricks notebook on Sail over a lake: all cells in order, in one namespace, as `Run all` does.

    python scripts/notebook/run_notebook.py databricks/notebooks/explore.py --root abfss://lake@…  [--html page.html]
        [--parameter name=value …] [--interactive]

`spark`, `display` and `dbutils.widgets` are there as on Databricks, and `_sqldf` holds the last result of a %sql cell.
A cell that fails ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import ast
import code
import contextlib
import io
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "emulators" / "databricks" / "sql"), str(Path(__file__).parent)]

import sql_catalog  # noqa: E402
import sql_worker  # noqa: E402
from notebook_cells import Cell, NotebookError, parse_cells  # noqa: E402
from notebook_output import Output  # noqa: E402

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Widgets:
    """`dbutils.widgets`: parameters with defaults."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = given
        self.defaults: dict[str, str] = {}

    def text(self, name: str, default: str, label: str = "") -> None:
        """Declare a parameter."""
        self.defaults[name] = default

    def get(self, name: str) -> str:
        """Give a parameter's value."""
        if name not in self.defaults:
            raise NotebookError(f"No input widget named {name} is defined.")
        return self.given.get(name, self.defaults[name])


class DbUtils:
    """The part of `dbutils` that is here."""

    def __init__(self, widgets: Widgets) -> None:
        self.widgets = widgets


def run_notebook(path: Path, spark: SparkSession, parameters: dict[str, str], output: Output) -> dict[str, object]:
    """Run all cells; give the notebook's variables. What a cell raises is shown and raised again."""
    cells = parse_cells(path.read_text(encoding="utf-8"), path.name)
    names: dict[str, object] = {"__name__": "__main__", "spark": spark, "dbutils": DbUtils(Widgets(parameters))}

    def display(value: object) -> None:
        to_pandas = getattr(value, "toPandas", None)
        flush_prints()
        output.table(to_pandas() if to_pandas else value)

    printed = io.StringIO()

    def flush_prints() -> None:
        if printed.getvalue():
            output.text(printed.getvalue())
            printed.seek(0)
            printed.truncate()

    names["display"] = display
    for cell in cells:
        output.cell(cell)
        try:
            with contextlib.redirect_stdout(printed):
                run_cell(cell, path, names)
        except Exception as error:
            flush_prints()
            output.error(f"{path.name}, cell of line {cell.line}: {traceback.format_exception_only(error)[-1].strip()}")
            raise
        flush_prints()
    return names


def run_cell(cell: Cell, path: Path, names: dict[str, object]) -> None:
    """Run one cell; tracebacks name the notebook and its line."""
    if cell.language == "md":
        return
    if cell.language == "sql":
        names["_sqldf"] = names["spark"].sql(cell.text)
        names["display"](names["_sqldf"])
        return
    tree = ast.increment_lineno(ast.parse(cell.text, str(path)), cell.line - 1)
    exec(compile(tree, str(path), "exec"), names)


def open_lake(root: str) -> SparkSession:
    """Start Sail with the tables below a root registered under their three-level names."""
    spark = sql_worker.start_spark("main")
    sql_catalog.Catalog(spark, "main", root, ["bronze", "silver", "gold"]).refresh()
    return spark


def main() -> int:
    """Run the notebook that the command line names."""
    parser = argparse.ArgumentParser(description="Run a Databricks notebook over a lake.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--root", required=True, help="URI of the lake: abfss://lake@… or a folder")
    parser.add_argument("--html", type=Path, help="write a page with all cells and results")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--interactive", action="store_true", help="stay at a prompt with the notebook's variables")
    options = parser.parse_args()
    parameters = dict(item.split("=", 1) for item in options.parameter if "=" in item)
    output = Output(options.notebook.stem, lambda text: print(text, file=sys.__stdout__, flush=True))
    status, names = 0, {}
    try:
        names = run_notebook(options.notebook, open_lake(options.root), parameters, output)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        status = 1
    if options.html:
        options.html.parent.mkdir(parents=True, exist_ok=True)
        options.html.write_text(output.page(), encoding="utf-8")
    if options.interactive:
        code.interact("The notebook's variables are here; Ctrl-D leaves.", local=names)
    return status


if __name__ == "__main__":
    sys.exit(main())
