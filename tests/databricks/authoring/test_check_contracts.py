"""`npm run dataset -- check`, as it is called: words, JSON and exit codes."""

import json
import shutil
from pathlib import Path

import pytest
from landfall_jobs.authoring.cli import main

DATASETS = Path(__file__).parents[3] / "datasets"
CONTRACT = """\
dataset: pets
description: Pets.
arrival: { path: pets/*.csv, format: csv }
columns:
  - { name: id, type: int, nullable: false, description: Number }
  - { name: weight, type: double, description: Kilograms }
  - { name: heavy, type: boolean, expression: weight > 10, description: Heavy }
rules:
  - { name: has-weight, expression: weight > 0, outcome: warn, description: Has weight }
identity: { key: [id], on_later_version: upsert }
insights:
  - { name: by-weight, description: Pets, sql: by-weight.sql, key: [heavy], filters: [heavy] }
"""
STATEMENT = "SELECT\n  heavy,\n  count(*) AS pets\nFROM pets\nGROUP BY heavy\n"


@pytest.fixture
def check(tmp_path, capsys, spark):
    """Writes a dataset, checks it, and gives the exit code and the problems without the folder's name."""

    def check(contract=CONTRACT, statement=STATEMENT):
        shutil.copy(DATASETS / "dataset.schema.json", tmp_path)
        (tmp_path / "pets").mkdir(exist_ok=True)
        (tmp_path / "pets" / "dataset.yaml").write_text(contract)
        (tmp_path / "pets" / "by-weight.sql").write_text(statement)
        code = main(["check", "--datasets", str(tmp_path), "--json"])
        answer = json.loads(capsys.readouterr().out)
        problems = [(Path(p["file"]).name, p["line"], p["column"], p["message"]) for p in answer["problems"]]
        assert answer["ok"] == (problems == []) == (code == 0)
        return problems

    return check


def test_a_contract_whose_sql_holds_is_right(check):
    assert check() == []


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        (
            "weight > 0",
            "wieght > 0",
            ("dataset.yaml", 9, 37),
            "This expression fails: 'wieght' is no column here; did you mean 'weight'?",
        ),
        (
            "weight > 0",
            "weight + 1",
            ("dataset.yaml", 9, 37),
            "This must be a condition, true or false; it gives double.",
        ),
        ("weight > 0", "weight >", ("dataset.yaml", 9, 37), "This expression fails: it ends too early."),
        (
            "weight > 0",
            "string(id) RLIKE '('",
            ("dataset.yaml", 9, 37),
            "This expression fails:",
        ),
        ("weight > 0", "big(weight)", ("dataset.yaml", 9, 37), "This expression fails: there is no function 'big'."),
        (
            "weight > 10",
            "pounds > 10",
            ("dataset.yaml", 7, 47),
            "This expression fails: 'pounds' is no column here; its columns are id, weight.",
        ),
    ],
)
def test_an_expression_that_does_not_hold_is_refused_at_its_place(check, before, after, place, message):
    ((*at, told),) = check(CONTRACT.replace(f"expression: {before}", f'expression: "{after}"'))
    assert tuple(at) == place
    assert told.startswith(message)


def test_a_key_that_the_statement_does_not_give_is_refused(check):
    assert check(CONTRACT.replace("key: [heavy]", "key: [havy]")) == [
        ("dataset.yaml", 12, 69, "by-weight.sql gives no column 'havy'; did you mean 'heavy'?")
    ]


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ("FROM pets", "FROM cats", (1, 1), "there is no table 'cats'; a statement sees its own dataset and those that"),
        ("GROUP BY", "GRUOP BY", (5, 7), "'BY' is not what can stand there."),
        ("count(*)", "sum(age)", (1, 1), "there is no 'age'."),
    ],
)
def test_a_statement_that_does_not_hold_is_refused_in_its_own_file(check, before, after, place, message):
    ((file, line, column, told),) = check(statement=STATEMENT.replace(before, after))
    assert (file, line, column) == ("by-weight.sql", *place)
    assert told.startswith(f"This statement fails: {message}")


def test_a_pattern_that_is_not_re2_is_refused(check):
    arrival = r"arrival: { path: pets/*.txt, format: text, text: { pattern: '(?P<id>\d+)(?=;)(?P<weight>.*)' } }"
    ((_, line, column, told),) = check(CONTRACT.replace("arrival: { path: pets/*.csv, format: csv }", arrival))
    assert (line, column) == (3, 61)
    assert told.startswith(
        "The pattern of the contract is none: Invalid regular expression: invalid perl operator: (?="
    )


def test_a_contract_that_is_wrong_in_form_is_not_asked_further(check):
    assert check(CONTRACT.replace("weight > 0", "wieght > 0").replace("type: int", "type: inte")) == [
        (
            "dataset.yaml",
            5,
            23,
            "columns[0].type is 'inte'; it must be one of string, int, bigint, double, boolean, date, timestamp. "
            "Did you mean 'int'?",
        )
    ]


def test_in_a_terminal_the_line_at_fault_stands_under_its_problem(check, tmp_path, capsys):
    check(CONTRACT.replace("nullable", "nulable"))
    assert main(["check", "--datasets", str(tmp_path), "--without-engine"]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith("5:28: 'nulable' is not a key of columns[0]; did you mean 'nullable'?")
    assert shown[1] == "    5 |   - { name: id, type: int, nulable: false, description: Number }"
    assert shown[2] == " " * 6 + "| " + " " * 27 + "^"


def test_the_contracts_of_the_repository_are_right(capsys, spark):
    assert main(["check", "--datasets", str(DATASETS)]) == 0
    assert "contracts, all right." in capsys.readouterr().out


def test_a_folder_without_contracts_is_a_call_that_is_not_understood(tmp_path, capsys):
    assert main(["check", "--datasets", str(tmp_path)]) == 2
    assert "holds no dataset.schema.json" in capsys.readouterr().err
