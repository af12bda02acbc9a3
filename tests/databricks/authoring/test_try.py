"""`npm run dataset -- try`: what cleansing makes of a file, told without a stack."""

import json
from pathlib import Path

import pytest
from landfall_jobs.authoring.cli import main

ROOT = Path(__file__).parents[3]
HEADER = "tailnum,year,type,manufacturer,model,engines,seats,speed,engine\n"
GOOD = "N10156,2004,Fixed wing multi engine,EMBRAER,EMB-145XR,2,55,NA,Turbo-fan\n"


@pytest.fixture
def attempt(tmp_path, capsys, spark):
    def attempt(content, *more, name="planes"):
        path = tmp_path / "planes-1.csv"
        path.write_text(content)
        code = main(["try", name, str(path), "--datasets", str(ROOT / "datasets"), *more])
        return code, capsys.readouterr()

    return attempt


def test_books_rules_and_rows_are_shown(attempt):
    code, shown = attempt(HEADER + GOOD + "N1,new,x,y,z,2,55,,\n" + GOOD + ",2004,x\n")
    assert code == 0
    assert "4 rows read = 1 loaded + 2 quarantined + 1 duplicates + 0 superseded" in shown.out
    assert "planes-1.csv:3  type: year: 'new' is not an int\n      N1,new,x,y,z,2,55,,\n" in shown.out
    assert "planes-1.csv:5  fields: the line has 3 fields, the header 9" in shown.out
    assert shown.out.endswith("✓ A batch like this would be published.\n")


def test_the_same_is_told_in_json(attempt):
    code, shown = attempt(HEADER + "N1,new,x,y,z,2,55,,\n" * 3, "--json", "--limit", "1")
    answer = json.loads(shown.out)
    assert (code, answer["ok"], answer["totals"]["quarantined"]) == (0, True, 3)
    assert [(reject["line"], reject["rule"]) for reject in answer["rejects"]] == [(2, "type")]


def test_a_file_that_would_be_refused_fails_with_the_reason(attempt):
    code, shown = attempt("nothing,like,it\n")
    assert code == 1
    assert "✗ planes-1.csv lacks the columns tailnum, year" in shown.out


def test_a_dataset_that_is_not_there_is_a_call_that_is_not_understood(attempt):
    code, shown = attempt("", name="plains")
    assert (code, shown.err) == (2, "There is no dataset 'plains'; did you mean 'planes'?\n")
