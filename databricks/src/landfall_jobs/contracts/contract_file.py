"""The contracts of a folder of datasets, with every problem found in any of them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from landfall_jobs.contracts.check_references import check_references
from landfall_jobs.contracts.check_together import check_together
from landfall_jobs.contracts.describe import describe_errors
from landfall_jobs.contracts.finding import Finding
from landfall_jobs.contracts.yaml_source import NotYaml, Place, YamlSource
from landfall_jobs.errors import JobError


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a contract, and where."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class InvalidContract(JobError):
    """Thrown with every problem found; its message lists them as `file:line:column: message`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class ContractFile:
    """A contract as it stands in its file."""

    file: str
    contract: dict[str, Any]
    source: YamlSource = field(repr=False)

    def problem(self, finding: Finding) -> Problem:
        """Give the problem that something found later is, at its place in the file."""
        return _problem(self.file, self.source.place(finding), finding.message)

    def with_statements(self) -> dict[str, Any]:
        """Give the contract as the app puts it into the context of a job: with the text of its statements."""
        insights = [
            {**insight, "statement": (Path(self.file).parent / insight["sql"]).read_text(encoding="utf-8")}
            for insight in self.contract.get("insights", [])
        ]
        return {**self.contract, "insights": insights}


def parse_contract_file(file: str, text: str, schema: Draft7Validator) -> ContractFile:
    """Parse and check the text of a dataset.yaml; raise InvalidContract with all that is wrong."""
    try:
        source = YamlSource(text)
    except NotYaml as error:
        raise InvalidContract([_problem(file, place, message) for place, message in error.errors]) from error
    parsed = ContractFile(file, source.value if isinstance(source.value, dict) else {}, source)
    findings = describe_errors(schema.iter_errors(source.value)) or check_references(parsed.contract)
    if findings:
        raise InvalidContract(sorted(set(map(parsed.problem, findings))))
    return parsed


def read_schema(folder: Path) -> Draft7Validator:
    """Read the published schema, which stands beside the datasets."""
    return Draft7Validator(json.loads((folder / "dataset.schema.json").read_text(encoding="utf-8")))


def load_contracts(folder: Path) -> tuple[dict[str, ContractFile], list[Problem]]:
    """Read every <folder>/<name>/dataset.yaml: give those that can be read, and all problems of any."""
    schema = read_schema(folder)
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    found: dict[str, ContractFile] = {}
    problems: list[Problem] = []
    for name in names:
        file = folder / name / "dataset.yaml"
        if not file.is_file():
            problems.append(Problem(str(file), 1, 1, "There is no such file; every folder here is a dataset."))
            continue
        try:
            found[name] = parse_contract_file(str(file), file.read_text(encoding="utf-8"), schema)
        except InvalidContract as error:
            problems += error.problems
    return found, problems + list(_together(folder, found, names))


def _together(folder: Path, found: dict[str, ContractFile], names: list[str]) -> Iterable[Problem]:
    others = {name: file.contract for name, file in found.items()}
    before: list[dict[str, Any]] = []
    for name, file in found.items():
        yield from map(file.problem, check_together(folder / name, file.contract, others, names, before))
        before.append(file.contract)


def _problem(file: str, place: Place, message: str) -> Problem:
    return Problem(file, place.line, place.column, message)
