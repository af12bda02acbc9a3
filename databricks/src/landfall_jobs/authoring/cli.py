"""The commands, their arguments and exit codes: 0 is right, 1 is not, 2 is a call that was not understood."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

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
    return _try(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="npm run dataset --", description="Write and check contracts of datasets.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check | try")
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
    return parser


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
