"""The shared contracts, read by Python; parse-contract.test.ts has TypeScript read the same."""

import json
import re
import shutil
from pathlib import Path

import pytest
from landfall_jobs.contracts.contract_file import InvalidContract, load_contracts, parse_contract_file, read_schema

HERE = Path(__file__).parent
DATASETS = HERE.parents[1] / "datasets"
SCHEMA = read_schema(DATASETS)


def expected(text):
    """The problems that stand as comments in a contract: (line, column, message)."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for comment in line.split("#! ")[1:]:
            column, _, message = comment.strip().partition(": ")
            found.append((number, int(column), message) if message else (number, None, comment.strip()))
    return found


def found(problems):
    return [(p.line, None, "not YAML") if "not YAML" in p.message else (p.line, p.column, p.message) for p in problems]


@pytest.mark.parametrize("path", sorted((HERE / "valid").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_valid_contract_is_accepted(path):
    parse_contract_file(path.name, path.read_text(), SCHEMA)


@pytest.mark.parametrize("path", sorted((HERE / "invalid").glob("*.yaml")), ids=lambda path: path.stem)
def test_an_invalid_contract_is_refused_at_the_places_and_in_the_words_that_it_says(path):
    text = path.read_text()
    with pytest.raises(InvalidContract) as refused:
        parse_contract_file(path.name, text, SCHEMA)
    assert found(refused.value.problems) == sorted(expected(text), key=lambda p: (p[0], p[1] or 0, p[2]))


def test_contracts_that_are_wrong_only_together_are_refused(tmp_path):
    folder = shutil.copytree(HERE / "together", tmp_path / "datasets")
    shutil.copy(DATASETS / "dataset.schema.json", folder)
    _, problems = load_contracts(folder)
    wanted = {path.parent.name: sorted(expected(path.read_text())) for path in folder.glob("*/dataset.yaml")}
    got = {name: sorted(found(p for p in problems if Path(p.file).parent.name == name)) for name in wanted}
    assert got == wanted


def test_every_contract_of_the_repository_is_good():
    contracts, problems = load_contracts(DATASETS)
    assert problems == []
    assert {"airlines", "airports", "flights", "planes", "weather"} <= set(contracts)


def test_every_keyword_of_the_schema_has_words_and_every_pattern_a_description():
    schema = json.loads((DATASETS / "dataset.schema.json").read_text())
    patterns = [node for node in nodes(schema) if isinstance(node.get("pattern"), str) or "oneOf" in node]
    assert patterns
    assert [node for node in patterns if not re.match(r"^(a |an |round)", node.get("description", ""))] == []


def nodes(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from nodes(item)
