import os
import sys
from uuid import uuid4

import pytest
from job_lake import Lake
from landfall_jobs.context import parse_context

# PySpark takes a main module without a file, as the workers of pytest-xdist have it, for a run of its own doctests.
vars(sys.modules["__main__"]).setdefault("__file__", __file__)


def pytest_collection_modifyitems(config, items):
    """On Apache Spark (`npm run test:spark`) only the tests that have a session are run.

    Those over Azurite are about the storage that Sail brings along; Spark's own needs a cluster that is set up for it.
    """
    if "LANDFALL_TEST_SPARK" in os.environ:
        kept = [item for item in items if "spark" in item.fixturenames and "azurite" not in item.fixturenames]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.fixture(scope="session")
def spark():
    """One session for all tests: on Sail, or on the Apache Spark whose address is in LANDFALL_TEST_SPARK."""
    from landfall_jobs.session import get_session

    before = os.environ.pop("SPARK_REMOTE", None)
    if "LANDFALL_TEST_SPARK" in os.environ:
        os.environ["SPARK_REMOTE"] = os.environ["LANDFALL_TEST_SPARK"]
    session = get_session()
    yield session
    session.stop()
    os.environ.pop("SPARK_REMOTE", None)
    if before is not None:
        os.environ["SPARK_REMOTE"] = before


@pytest.fixture(scope="session", autouse=True)
def registry(tmp_path_factory):
    """A model registry of its own, in a file, shared by all tests: its making takes a second or two."""
    before = dict(os.environ)
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db"
    os.environ.pop("MLFLOW_REGISTRY_URI", None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def lake(tmp_path, spark, monkeypatch):
    """An empty lake on the local disk, with models of its own in the registry."""
    monkeypatch.setenv("LANDFALL_MODEL_SCHEMA", f"ml_{uuid4().hex[:8]}")
    return Lake(*(str(tmp_path / name) for name in ("landing", "lake", "quarantine")))


def rule(name, expression, outcome, description):
    return {"name": name, "expression": expression, "outcome": outcome, "description": description}


@pytest.fixture
def orders():
    """A small contract with every kind of column and outcome."""
    return {
        "dataset": "orders",
        "arrival": {"path": "orders/*.csv", "format": "csv"},
        "columns": [
            {"name": "id", "type": "int", "nullable": False},
            {"name": "note", "type": "string", "length": 12, "source": "Remark"},
            {"name": "price", "type": "double"},
            {"name": "paid", "type": "boolean"},
            {"name": "day", "type": "date"},
            {"name": "at", "type": "timestamp"},
            {"name": "twice", "type": "double", "expression": "price * 2"},
        ],
        "rules": [
            rule("price-positive", "price IS NULL OR price > 0", "quarantine", "A price is above zero"),
            rule("has-note", "note IS NOT NULL", "warn", "An order has a note"),
            rule("not-13", "id <> 13", "fail", "There is no order 13"),
        ],
        "identity": {"key": ["id"], "on_later_version": "upsert"},
    }


@pytest.fixture
def parsed(lake):
    """Parses a contract the way a job does."""

    def parse(contract):
        return parse_context(lake.context("cleanse", contract, 1, ["x.csv"])).contract

    return parse
