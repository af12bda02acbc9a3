import os

import pytest
from landfall_jobs import storage
from landfall_jobs.cli import run
from landfall_jobs.context import parse_context, read_context
from landfall_jobs.errors import JobError
from landfall_jobs.tracing import enter_trace


@pytest.fixture
def document(lake, orders):
    return lake.context("cleanse", orders, 1, ["orders/a.csv"])


def test_a_context_is_read_with_the_places_that_follow_from_it(document, lake):
    context = parse_context(document)
    assert context.silver() == f"{lake.root}/silver/orders"
    assert context.staging("scored") == f"{lake.root}/staging/orders/orders-00000001/scored"
    assert context.published("notes") == f"{lake.root}/published/orders/orders-00000001/notes.jsonl"
    assert context.quarantined() == f"{lake.quarantine}/orders/orders-00000001"
    assert context.contract.names == ["id", "note", "price", "paid", "day", "at", "twice"]


def test_a_run_tells_its_log_and_its_libraries_of_its_trace(document, monkeypatch, capsys):
    traceparent = f"00-{'a' * 32}-{'b' * 16}-01"
    monkeypatch.setenv("TRACEPARENT", "of the run before")
    enter_trace(parse_context(document).traceparent)
    assert "TRACEPARENT" not in os.environ
    enter_trace(parse_context({**document, "traceparent": traceparent}).traceparent)
    assert os.environ["TRACEPARENT"] == traceparent
    assert capsys.readouterr().err == f"traceparent: {traceparent}\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("run_id"), "context.run_id is missing; it must be a text"),
        (lambda d: d["batch"]["files"][0].pop("etag"), r"context.batch.files\[0\].etag is missing"),
        (
            lambda d: d["batch"]["files"][0].update(landed_at="noon"),
            r"files\[0\].landed_at is 'noon'; it must be a time",
        ),
        (lambda d: d["silver"].update(version="2"), "context.silver.version must be a whole number, not str"),
        (lambda d: d.update(version=2), "context.version is 2; this package understands version 1"),
        (
            lambda d: d.update(step="fly"),
            "context.step is 'fly'; it must be one of cleanse, train, score, rescore, insights",
        ),
        (lambda d: d["roots"].update(lake=7), "context.roots.lake must be a text, not int"),
        (
            lambda d: d["contract"]["columns"][0].update(type="money"),
            r"columns\[0\].type is 'money'; it must be",
        ),
        (lambda d: d["contract"]["identity"].update(key=["ido"]), "identity.key names ido: no such column"),
        (
            lambda d: d["contract"]["arrival"].update(format="tsv"),
            "arrival.format is 'tsv'; it must be one of csv, jsonl, json",
        ),
        (lambda d: d["contract"]["rules"][0].update(outcome="shrug"), r"rules\[0\].outcome is 'shrug'"),
        (lambda d: d.update(dataset="other"), "context.dataset is 'other', yet its contract is of 'orders'"),
    ],
)
def test_what_is_missing_or_wrong_is_named(document, change, message):
    change(document)
    with pytest.raises(JobError, match=message):
        parse_context(document)


def test_a_context_that_is_not_json_or_not_there_says_so(tmp_path):
    broken = tmp_path / "context.json"
    broken.write_text("{")
    with pytest.raises(JobError, match="is not JSON"):
        read_context(str(broken))
    with pytest.raises(JobError, match="There is no context at"):
        read_context(str(tmp_path / "none.json"))


def test_a_context_for_another_step_is_refused(document, tmp_path):
    uri = str(tmp_path / "context.json")
    storage.write_json(uri, document)
    with pytest.raises(JobError, match=r"This is the job 'score', yet the context at .* is for 'cleanse'"):
        run("score", uri)
