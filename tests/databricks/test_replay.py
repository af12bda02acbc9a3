"""Replay: files that went through before go through a fixed contract again, and all is as if they had at first."""

import copy
import hashlib

import pytest
from job_lake import Lake
from landfall_jobs import tables

HEADER = "id,remark,price,paid,day,at\n"
A = HEADER + "1,one,1.5,,,\n2,two,-2,,,\n3,three,3,,,\n"
B = HEADER + "2,two again,2,,,\n3,three,3,,,\n4,four,-4,,,\n"
C = HEADER + "4,four again,4,,,\n5,five,-5,,,\n"


@pytest.fixture
def strict(orders):
    """A contract that wrongly refuses prices below zero."""
    rule = {
        "name": "price-positive",
        "expression": "price > 0",
        "outcome": "quarantine",
        "description": "A price is above zero",
    }
    return {**orders, "rules": [rule]}


@pytest.fixture
def fixed(strict):
    contract = copy.deepcopy(strict)
    contract["rules"][0]["expression"] = "price <> 0"
    return contract


def landed(path, hour):
    """A file's place in the batch: when it landed, which a replay does not change."""
    return {"path": path, "etag": "0x1", "sequencer": f"{hour:016x}", "landed_at": f"2026-01-01T{hour:02}:00:00Z"}


FILES = {"orders/a.csv": landed("orders/a.csv", 1), "orders/b.csv": landed("orders/b.csv", 2)}
FILES["orders/c.csv"] = landed("orders/c.csv", 3)


ORIGIN = ["_file", "_line", "_lines", "_landed_at"]
"""Of equal rows in one batch the last counts, across batches the first: which it was is all that a grouping changes."""


def digest(lake, spark, *without):
    """A hash of silver, but for the names of the batches and some columns."""
    rows = tables.read(spark, lake.silver("orders")).drop("_batch", "_published_by", *without).toArrow().to_pylist()
    return hashlib.sha256("\n".join(sorted(str(sorted(row.items())) for row in rows)).encode()).hexdigest()


@pytest.fixture
def clean_lake(tmp_path, spark):
    """Another lake, where the contract is right at first."""
    return Lake(*(str(tmp_path / "clean" / name) for name in ("landing", "lake", "quarantine")))


def bring_all(lake, contract):
    """Land the files one after the other, each in a batch of its own."""
    for number, (path, content) in enumerate({"orders/a.csv": A, "orders/b.csv": B, "orders/c.csv": C}.items(), 1):
        lake.land(path, content)
        lake.bring(contract, number, [FILES[path]])


def test_one_after_the_other_in_any_order_gives_what_a_clean_run_gives(lake, strict, fixed, spark, clean_lake):
    bring_all(clean_lake, fixed)
    bring_all(lake, strict)
    assert digest(lake, spark) != digest(clean_lake, spark)
    for number, path in enumerate(reversed(FILES), 4):
        lake.bring(fixed, number, [FILES[path]])
    assert digest(lake, spark) == digest(clean_lake, spark)


def test_as_one_batch_they_give_what_one_batch_gives_and_the_same_values_in_any_case(
    lake, strict, fixed, spark, clean_lake
):
    bring_all(clean_lake, fixed)
    values = digest(clean_lake, spark, *ORIGIN)
    clean_lake.bring(fixed, 4, list(FILES.values()))
    bring_all(lake, strict)
    result, scored = lake.bring(fixed, 4, list(FILES.values()))
    assert result["totals"] == {"read": 8, "loaded": 5, "quarantined": 0, "duplicates": 1, "superseded": 2}
    assert scored["removed_files"] == sorted(FILES)
    assert digest(lake, spark) == digest(clean_lake, spark)
    assert digest(lake, spark, *ORIGIN) == values


def test_a_second_replay_changes_nothing(lake, strict, fixed, spark):
    bring_all(lake, strict)
    lake.bring(fixed, 4, list(FILES.values()))
    once = digest(lake, spark)
    lake.bring(fixed, 5, list(FILES.values()))
    assert digest(lake, spark) == once


def test_a_replay_that_is_given_up_before_it_is_published_leaves_no_trace_in_the_next(
    lake, strict, fixed, spark, clean_lake
):
    bring_all(clean_lake, fixed)
    bring_all(lake, strict)
    for step in ("cleanse", "score"):
        lake.run(step, fixed, 4, list(FILES.values()))
    for number, path in enumerate(FILES, 5):
        lake.bring(fixed, number, [FILES[path]])
    assert digest(lake, spark) == digest(clean_lake, spark)
