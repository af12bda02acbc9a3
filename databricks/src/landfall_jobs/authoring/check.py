"""`check`: all contracts, against the schema, each other, the files beside them and the engine."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.authoring.terminal import count, paint, show_problem, show_table
from landfall_jobs.contracts.contract_file import ContractFile, Problem, load_contracts
from landfall_jobs.contracts.finding import Finding
from landfall_jobs.errors import JobError
from landfall_jobs.formats.pattern_lines import check_pattern


def check(datasets: Path, as_json: bool, with_engine: bool) -> int:
    """Check every contract; give 0 when all are right, else 1."""
    contracts, problems = load_contracts(datasets)
    if with_engine:
        problems += _ask_engine(contracts, problems)
    problems.sort()
    if as_json:
        print(json.dumps({"ok": not problems, "datasets": list(contracts), "problems": [asdict(p) for p in problems]}))
    else:
        _show(contracts, problems)
    return 1 if problems else 0


def _ask_engine(contracts: dict[str, ContractFile], problems: list[Problem]) -> list[Problem]:
    """Ask about contracts that are right so far, and combine none that are not."""
    wrong = {Path(problem.file).parent.name for problem in problems}
    right = {
        name: file
        for name, file in contracts.items()
        if name not in wrong
        and all(j["dataset"] in contracts and j["dataset"] not in wrong for j in file.contract.get("combine", []))
    }
    if not right:
        return []
    patterns = [problem for file in right.values() for problem in _check_patterns(file)]
    from landfall_jobs.authoring.check_sql import check_sql
    from landfall_jobs.session import get_session

    return patterns + check_sql(get_session(), right)


def _check_patterns(file: ContractFile) -> Iterator[Problem]:
    """Check the patterns of lines and of columns: RE2's are known to all engines, and slow at none."""
    line = file.contract["arrival"].get("text", {}).get("pattern")
    if line is not None:
        try:
            check_pattern(line)
        except JobError as error:
            yield file.problem(Finding(("arrival", "text", "pattern"), str(error)))
    for index, column in enumerate(file.contract["columns"]):
        try:
            pc.match_substring_regex(pa.array([""]), column.get("pattern", ""))
        except pa.ArrowInvalid as error:
            yield file.problem(Finding(("columns", index, "pattern"), f"This pattern is none: {error}."))


def _show(contracts: dict[str, ContractFile], problems: list[Problem]) -> None:
    for problem in problems:
        show_problem(problem)
    if problems:
        files = len({problem.file for problem in problems})
        print(f"\n{count(len(problems), 'problem')} in {count(files, 'file')}.")
        return
    show_table(
        [
            paint("✓", "green"),
            name,
            file.contract["arrival"]["format"],
            file.contract["arrival"]["path"],
            count(len(file.contract["columns"]), "column"),
            count(len(file.contract["rules"]), "rule"),
            count(len(file.contract.get("insights", [])), "insight"),
        ]
        for name, file in contracts.items()
    )
    print(f"\n{count(len(contracts), 'contract')}, all right.")
