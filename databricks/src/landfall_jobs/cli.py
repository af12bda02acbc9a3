"""Entry points of the wheel: each takes --context-uri, writes a result document, and prints it as one line."""

import argparse
import importlib
import json
import sys
import traceback
from typing import Any

from landfall_jobs import storage
from landfall_jobs.context import Context, read_context
from landfall_jobs.errors import JobError
from landfall_jobs.tracing import enter_trace


def cleanse() -> None:
    """Turn the landed files of a batch into typed, checked, deduplicated rows; keep the books."""
    _main("cleanse")


def train() -> None:
    """Train the model that the contract declares."""
    _main("train")


def score() -> None:
    """Score the batch with the champion and commit it to the silver table."""
    _main("score")


def rescore() -> None:
    """Score all of silver again, with a champion that has changed."""
    _main("rescore")


def insights() -> None:
    """Compute the insights of the dataset, and publish them."""
    _main("insights")


def run(step: str, context_uri: str) -> dict[str, Any]:
    """Run a step as its context says and give its result; a step that has succeeded before gives that result again."""
    context = read_context(context_uri)
    if context.step != step:
        raise JobError(f"This is the job {step!r}, yet the context at {context_uri} is for {context.step!r}.")
    enter_trace(context.traceparent)
    earlier = storage.read_json(context.result_uri)
    if isinstance(earlier, dict) and earlier.get("status") == "succeeded":
        return earlier
    try:
        result = {"status": "succeeded", **_run_step(context)}
    except JobError as error:
        storage.write_json(context.result_uri, {"status": "failed", "error": str(error)})
        raise
    storage.write_json(context.result_uri, result)
    return result


def _run_step(context: Context) -> dict[str, Any]:
    from landfall_jobs.session import get_session

    job = importlib.import_module(f"landfall_jobs.jobs.{context.step}")
    return job.run(get_session(), context)


def _main(step: str) -> None:
    parser = argparse.ArgumentParser(prog=step)
    # A wheel task gets the job parameter too, pushed down under its own name.
    parser.add_argument("--context-uri", "--context_uri", required=True, help="where the context of this run is")
    arguments = parser.parse_args()
    try:
        result = run(step, arguments.context_uri)
    except JobError as error:
        raise SystemExit(f"{step} failed: {error}") from error
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        raise SystemExit(f"{step} failed: {type(error).__name__}: {_first_line(error)}") from error
    print(json.dumps(result, ensure_ascii=False), flush=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:500]
