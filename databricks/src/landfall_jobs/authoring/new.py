"""`new`: a contract drafted from a sample file."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from landfall_jobs import lineage
from landfall_jobs.authoring.profiling.columns import profile
from landfall_jobs.authoring.profiling.fields import kebab
from landfall_jobs.authoring.profiling.keys import find_key
from landfall_jobs.authoring.profiling.render import Draft, evidence, render
from landfall_jobs.authoring.profiling.rules import candidates, of_facts
from landfall_jobs.authoring.profiling.sniff import Guess, sniff
from landfall_jobs.authoring.terminal import count, paint, show_table
from landfall_jobs.contract import NULL_VALUES, parse_contract
from landfall_jobs.contracts.contract_file import parse_contract_file, read_schema
from landfall_jobs.errors import JobError
from landfall_jobs.formats.choose import format_of
from landfall_jobs.formats.format import Source
from landfall_jobs.parsing import Document


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a name, a format and a pattern are found where they are not given."""

    file: Path
    name: str | None
    format: str | None
    pattern: str | None
    rows: int
    force: bool
    to_stdout: bool


def new(datasets: Path, wish: Wish, as_json: bool) -> int:
    """Write <datasets>/<name>/dataset.yaml; give 0, or 1 when nothing can be learnt or the dataset is there already."""
    try:
        draft = learn(wish)
    except JobError as error:
        print(json.dumps({"ok": False, "error": str(error)}) if as_json else f"{paint('✗', 'red')} {error}")
        return 1
    text = render(draft)
    target = datasets / draft.dataset / "dataset.yaml"
    parse_contract_file(str(target), text, read_schema(datasets))
    if wish.to_stdout:
        print(text, end="")
        return 0
    if target.exists() and not wish.force:
        message = f"{target} is there already: give another --name, or --force."
        print(json.dumps({"ok": False, "error": message}) if as_json else f"{paint('✗', 'red')} {message}")
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    if as_json:
        print(json.dumps({"ok": True, "dataset": draft.dataset, "file": str(target), "rows": draft.rows}))
    else:
        _show(draft, target, wish.file)
    return 0


def learn(wish: Wish) -> Draft:
    """Read a sample by the format that the job reads it by, and draw conclusions; raise JobError where that fails."""
    source = Source(str(wish.file), wish.file.name)
    guess = sniff(source, wish.format, wish.pattern)
    if not guess.fields:
        raise JobError(f"{wish.file.name} has no fields to make columns of.")
    table, refused, whole = _read(guess, source, wish.rows)
    if not table.num_rows:
        raise JobError(f"{wish.file.name} holds no rows to learn from.")
    columns, nulls = profile(guess.fields, table, NULL_VALUES.get(guess.format, ()), guess.facts)
    key = find_key(columns)
    name = wish.name or _name(wish.file)
    return Draft(
        dataset=name,
        file=wish.file.name,
        path=f"{name}/*{''.join(wish.file.suffixes[-2:]) if wish.file.suffix in _PACKED else wish.file.suffix}",
        guess=guess,
        nulls=nulls,
        columns=columns,
        key=key,
        rules=[*candidates(columns), *(of_facts(columns) if guess.facts else ())],
        rows=table.num_rows,
        whole=whole,
        refused=refused,
    )


_PACKED = (".gz", ".zst", ".zip")


def _read(guess: Guess, source: Source, most: int) -> tuple[pa.Table, int, bool]:
    """Give the good records as text, how many are none, and whether that was the whole file."""
    columns = [{"name": name, "source": field, "type": "string"} for name, field in guess.fields]
    contract = {
        "dataset": "sample",
        "arrival": {"path": "*", "format": guess.format, **guess.options},
        "columns": columns,
        "identity": {"on_later_version": "append"},
    }
    tables: list[pa.Table] = []
    rows = refused = 0
    whole = True
    for table in _good(format_of(parse_contract(Document(contract, "sample"))).read(source)):
        tables.append(table[0])
        rows += table[0].num_rows
        refused += table[1]
        if rows >= most:
            whole = False
            break
    names = [name for name, _ in guess.fields]
    return pa.concat_tables(tables).select(names).slice(0, most) if tables else pa.table({}), refused, whole


def _good(tables: Iterator[pa.Table]) -> Iterator[tuple[pa.Table, int]]:
    for table in tables:
        problem = table.column(lineage.PROBLEM)
        yield (table.filter(problem.is_null()), len(problem) - problem.null_count)


def _name(file: Path) -> str:
    """Give a name by the file's own, or its folder's where that is but a date or a number."""
    stem = re.sub(r"[-_.]?\d[\d-]*", "", file.name.partition(".")[0])
    return kebab(stem if re.search(r"[A-Za-z]", stem) else file.resolve().parent.name or "dataset")


def _show(draft: Draft, target: Path, file: Path) -> None:
    print(f"{file.name}: {draft.guess.format}, since {draft.guess.reason}; {count(draft.rows, 'row')}\n")
    show_table(
        (("key" if column.field.name in draft.key.names else ""), column.field.name, column.type, evidence(column))
        for column in draft.columns
    )
    found = f"{count(len(draft.constraints), 'constraint')} and {count(len(draft.rules), 'rule')}"
    print(f"\n{paint('✓', 'green')} {target} is written, with {found} to judge. Read it through; then:")
    print(f"  npm run dataset -- try {draft.dataset} {file}\n  npm run dataset -- check")
