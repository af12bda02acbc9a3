"""`try`: what the cleanse job makes of files, by its own code, with no stack running."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException

from landfall_jobs import cli, storage
from landfall_jobs.authoring.terminal import count, paint, show_table
from landfall_jobs.contracts.contract_file import ContractFile
from landfall_jobs.errors import JobError, engine_says

LONGEST_RAW = 120


def try_files(file: ContractFile, paths: Sequence[Path], limit: int, as_json: bool) -> int:
    """Cleanse files as one batch; give 0 when it would be published, 1 when a file or the batch would be refused."""
    folder = Path(tempfile.mkdtemp(prefix="landfall-try-"))
    try:
        result = cleanse(file, paths, folder)
        rejects = _read_rejects(result)
    finally:
        shutil.rmtree(folder)
    verdict = _verdict(file, result)
    pattern = file.contract["arrival"]["path"].rsplit("/", 1)[-1]
    for path in paths:
        if not fnmatch(path.name, pattern):
            dataset = file.contract["dataset"]
            print(f"Note: by its name {path.name} is none of {dataset}, which expects {pattern}.", file=sys.stderr)
    if as_json:
        print(json.dumps({"ok": verdict is None, "verdict": verdict, **_told(result), "rejects": rejects[:limit]}))
    else:
        _show(result, rejects, limit, verdict)
    return 0 if verdict is None else 1


def cleanse(file: ContractFile, paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Land files in a folder and run the job over them; give its result, in which a failure is an error."""
    files = []
    for i, path in enumerate(paths):
        landed = f"{i:04}/{path.name}" if len(paths) > 1 else path.name
        target = folder / "landing" / landed
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path.resolve())
        files.append({"path": landed, "etag": "0x0", "landed_at": f"2000-01-01T00:00:00.{i:06}Z"})
    context = {
        "version": 1,
        "step": "cleanse",
        "run_id": "try",
        "attempt": 1,
        "dataset": file.contract["dataset"],
        "contract": file.with_statements(),
        "contract_version": "try",
        "batch": {"id": "try", "number": 1, "files": files},
        "roots": {name: str(folder / name) for name in ("landing", "lake", "quarantine")},
        "result_uri": str(folder / "result.json"),
    }
    storage.write_json(str(folder / "context.json"), context)
    try:
        return cli.run("cleanse", str(folder / "context.json"))
    except JobError as error:
        failure = str(error)
    except PySparkException as error:
        failure = f"The engine cannot carry out the contract: {' '.join(engine_says(error).split())[:300]}"
    return {
        "files": [],
        "totals": {},
        "warnings": [],
        "violations": [],
        "drift": [],
        "quarantine": None,
        "error": failure,
    }


def _read_rejects(result: dict[str, Any]) -> list[dict[str, Any]]:
    folder = result["quarantine"]
    names = storage.list_files(folder) if folder else []
    lines = (line for name in names for line in storage.read_bytes(storage.join(folder, name)).splitlines())
    return [json.loads(line) for line in lines]


def _verdict(file: ContractFile, result: dict[str, Any]) -> str | None:
    """Say why the batch would not be published as it is; None when it would."""
    if "error" in result:
        return str(result["error"])
    rejected = [book["rejected"] for book in result["files"] if "rejected" in book]
    if rejected:
        return "; ".join(rejected)
    if result["violations"]:
        return "; ".join(result["violations"])
    totals, limit = result["totals"], file.contract.get("quality", {}).get("max_quarantined_share", 1)
    share = totals["quarantined"] / totals["read"] if totals["read"] else 0
    if share > limit:
        return (
            f"{share:.1%} of the rows are quarantined; the contract allows {limit:.1%} (quality.max_quarantined_share)."
        )
    return None


def _told(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in ("files", "totals", "warnings", "violations", "drift")}


def _show(result: dict[str, Any], rejects: list[dict[str, Any]], limit: int, verdict: str | None) -> None:
    totals = result["totals"]
    if totals:
        print(
            f"{count(totals['read'], 'row')} read = {totals['loaded']:,} loaded + {totals['quarantined']:,} quarantined"
            f" + {totals['duplicates']:,} duplicates + {totals['superseded']:,} superseded"
        )
    rules = Counter(reject["rule"] for reject in rejects)
    examples = {reject["rule"]: reject for reject in reversed(rejects)}
    if rules:
        print(f"\n{paint('Quarantined', 'bold')}, by the rule that was broken first")
        show_table([(rows, rule, examples[rule]["message"]) for rule, rows in rules.most_common()], right=[0])
        print(f"\n{paint('Rows', 'bold')}{f', the first {limit} of {len(rejects):,}' if len(rejects) > limit else ''}")
    for reject in rejects[:limit]:
        print(f"  {reject['file']}:{reject['line']}  {paint(reject['rule'], 'yellow')}: {reject['message']}")
        raw = reject["raw"].replace("\n", "⏎")
        print(paint(f"      {raw[:LONGEST_RAW]}{'…' if len(raw) > LONGEST_RAW else ''}", "dim"))
    if result["warnings"]:
        print(f"\n{paint('Warnings', 'bold')}: what keeps nothing from being published")
        show_table([_warning(warning) for warning in result["warnings"]], right=[0])
    if result["drift"]:
        print(f"\n{paint('Drift', 'bold')}: columns that are not the contract's")
        show_table(_drifted(found) for found in result["drift"])
    print(
        f"\n{paint('✓', 'green')} A batch like this would be published."
        if verdict is None
        else f"\n{paint('✗', 'red')} {verdict}"
    )


def _warning(warning: dict[str, Any]) -> tuple[object, str, str]:
    column = f" of {warning['column']}" if "column" in warning else ""
    return warning.get("rows", ""), f"{warning['rule']}{column}", warning.get("message", "")


def _drifted(found: dict[str, Any]) -> tuple[str, str, str, str]:
    taken = f"{found['action']} as {found['column']}" if found["action"] == "evolved" else found["action"]
    examples = ", ".join(map(repr, found["examples"]))
    return found["kind"], found["source"], taken, f"{found.get('type', '')} {examples}".strip()
