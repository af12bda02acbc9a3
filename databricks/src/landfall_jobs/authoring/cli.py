"""The commands, their arguments and exit codes: 0 is right, 1 is not, 2 is a call that was not understood."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from landfall_jobs.contract import FORMATS
from landfall_jobs.contracts.contract_file import ContractFile, load_contracts
from landfall_jobs.contracts.finding import hint

# In the repository the contracts stand beside databricks/; with an installed wheel, where it is called.
_BESIDE = Path(__file__).resolve().parents[4] / "datasets"
DATASETS = _BESIDE if _BESIDE.is_dir() else Path("datasets")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command."""
    # Sail tells of its coming and going.
    os.environ.setdefault("RUST_LOG", "off")
    options = _parser().parse_args(arguments)
    if not (options.datasets / "dataset.schema.json").is_file():
        return _misunderstood(f"{options.datasets} holds no dataset.schema.json: give the folder by --datasets.")
    if options.command == "check":
        from landfall_jobs.authoring.check import check

        return check(options.datasets, options.json, not options.without_engine)
    return _new(options) if options.command == "new" else _try(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="npm run dataset --", description="Write and check contracts of datasets.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check | try | new")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--datasets", type=Path, default=DATASETS, help="the folder of contracts")
    common.add_argument("--json", action="store_true", help="one JSON document instead of words")
    check = commands.add_parser("check", parents=[common], help="check every contract and its SQL")
    check.add_argument(
        "--without-engine", action="store_true", help="leave out what needs Spark: expressions and statements"
    )
    trial = commands.add_parser("try", parents=[common], help="see what cleansing makes of files, without the stack")
    trial.add_argument("name", help="the dataset")
    trial.add_argument("files", nargs="+", type=Path, metavar="file")
    trial.add_argument("--limit", type=int, default=10, help="how many quarantined rows to show (10)")
    draft = commands.add_parser("new", parents=[common], help="draft a contract from a sample file")
    draft.add_argument("file", type=Path)
    draft.add_argument("--name", help="the dataset; by default the file's name, or its folder's")
    draft.add_argument("--format", choices=FORMATS, help="where it is not to be guessed")
    draft.add_argument("--pattern", help="takes lines of free text apart: RE2, with a named group for each column")
    draft.add_argument("--rows", type=int, default=200_000, help="how many rows to learn from (200000)")
    draft.add_argument("--force", action="store_true", help="write over a contract that is there")
    draft.add_argument("--print", action="store_true", dest="to_stdout", help="print the contract, write nothing")
    return parser


def _new(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        return _misunderstood(f"There is no file {options.file}.")
    if options.name is not None and not re.fullmatch(r"(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", options.name):
        return _misunderstood(
            f"'{options.name}' is no name: small letters, digits and single hyphens, such as late-arrival."
        )
    from landfall_jobs.authoring.new import Wish, new

    wish = Wish(
        *(options.file, options.name, options.format, options.pattern, options.rows, options.force, options.to_stdout)
    )
    return new(options.datasets, wish, options.json)


def _try(options: argparse.Namespace) -> int:
    file = _contract(options.datasets, options.name)
    if isinstance(file, int):
        return file
    missing = [str(path) for path in options.files if not path.is_file()]
    if missing:
        return _misunderstood(f"There is no file {', '.join(missing)}.")
    from landfall_jobs.authoring.try_file import try_files

    return try_files(file, options.files, options.limit, options.json)


def _contract(datasets: Path, name: str) -> ContractFile | int:
    """Give a contract; where there is none or it is wrong say so, and give the exit code."""
    from landfall_jobs.authoring.terminal import show_problem

    contracts, problems = load_contracts(datasets)
    mine = [problem for problem in problems if Path(problem.file).parent.name == name]
    if mine:
        for problem in mine:
            show_problem(problem)
        return 1
    if name not in contracts:
        return _misunderstood(
            f"There is no dataset '{name}'; {hint(name, list(contracts), 'names').replace('its', 'the')}"
        )
    return contracts[name]


def _misunderstood(message: str) -> int:
    print(message, file=sys.stderr)
    return 2
