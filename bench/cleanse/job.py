"""The real cleanse job over the landed files of a folder, by its own entry point, in a lake of its own.

Usage: job.py LANDING_FOLDER FILES OUTPUT_FOLDER. Prints the books, and the seconds from the first read to the result.
"""

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "databricks" / "src"))

from landfall_jobs import cli, storage  # noqa: E402
from landfall_jobs.contracts.contract_file import parse_contract_file, read_schema  # noqa: E402
from landfall_jobs.session import get_session  # noqa: E402


def context(landing: Path, files: int, output: Path) -> dict:
    """The document that the app would write."""
    datasets = ROOT / "datasets"
    path = datasets / "flights" / "dataset.yaml"
    contract = parse_contract_file(str(path), path.read_text(), read_schema(datasets)).with_statements()
    return {
        "version": 1,
        "step": "cleanse",
        "run_id": "bench",
        "attempt": 1,
        "dataset": "flights",
        "contract": contract,
        "contract_version": "bench",
        "batch": {"id": "flights-00000001", "number": 1, "files": [_file(landing, number) for number in range(files)]},
        "roots": {name: str(output / name) for name in ("lake", "quarantine")} | {"landing": str(landing)},
        "silver": {"version": None},
        "references": {},
        "result_uri": str(output / "result.json"),
    }


def _file(landing: Path, number: int) -> dict:
    path = f"flights/{number:03d}.csv"
    size = (landing / path).stat().st_size
    return {"path": path, "etag": f"0x{number}", "size": size, "landed_at": "2026-01-01T00:00:00Z"}


def main() -> None:
    """Entry point."""
    landing, files, output = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    uri = str(output / "context.json")
    storage.write_json(uri, context(landing, files, output))
    get_session().range(1).collect()  # A worker that runs the job has its session.
    began, cpu = time.perf_counter(), time.process_time()
    result = cli.run("cleanse", uri)
    seconds = time.perf_counter() - began
    reasons = {}
    for file in result["files"]:
        for reason in file["reasons"]:
            reasons[reason["rule"]] = reasons.get(reason["rule"], 0) + reason["rows"]
    books = {
        "totals": result["totals"],
        "reasons": reasons,
        "warned": {w["rule"]: w["rows"] for w in result["warnings"]},
    }
    phases = result["seconds"]
    print(json.dumps({"seconds": seconds, "cpu": time.process_time() - cpu, "books": books, "phases": phases}))


if __name__ == "__main__":
    main()
