"""What no contract can tell alone: names must refer to datasets, columns and files that exist."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from landfall_jobs.contracts.check_references import VALIDITY
from landfall_jobs.contracts.finding import Finding, hint
from landfall_jobs.contracts.finding import Path as At

Contract = dict[str, Any]


def check_together(
    folder: Path, contract: Contract, others: dict[str, Contract], names: Sequence[str], before: Sequence[Contract]
) -> list[Finding]:
    """Check the contract of a folder: `names` are all folders, `others` those whose contract can be read."""
    return [
        *_check_folder(folder, contract),
        *_check_combine(contract, others, names),
        *_check_shared(contract, before),
    ]


def _check_folder(folder: Path, contract: Contract) -> Iterable[Finding]:
    if contract["dataset"] != folder.name:
        message = f"dataset is '{contract['dataset']}', the folder '{folder.name}'; make them the same."
        yield Finding(("dataset",), message)
    for index, insight in enumerate(contract.get("insights", [])):
        if not (folder / insight["sql"]).is_file():
            yield Finding(("insights", index, "sql"), f"There is no file '{insight['sql']}' beside the contract.")


def _check_combine(contract: Contract, others: dict[str, Contract], names: Sequence[str]) -> Iterable[Finding]:
    for index, joined in enumerate(contract.get("combine", [])):
        yield from _check_pairs(("combine", index), contract, joined, ("on", "columns"), others, names)
        dataset = joined["dataset"]
        if "as_of" in joined and dataset in others and not _keeps_history(others[dataset]):
            message = f"{dataset} keeps no history; remove as_of, or have {dataset} keep it."
            yield Finding(("combine", index, "as_of"), message)
    for index, rule in enumerate(contract["rules"]):
        if "exists_in" in rule:
            path: At = ("rules", index, "exists_in")
            yield from _check_pairs(path, contract, rule["exists_in"], ("on",), others, names)


def _check_pairs(
    path: At,
    contract: Contract,
    joined: Contract,
    blocks: Sequence[str],
    others: dict[str, Contract],
    names: Sequence[str],
) -> Iterable[Finding]:
    """Check pairs of (column here, column there)."""
    dataset = joined["dataset"]
    if dataset not in names:
        meant = hint(dataset, names, "datasets").replace("its", "the")
        yield Finding((*path, "dataset"), f"'{dataset}' is no dataset; {meant}")
        return
    if dataset not in others:
        return
    known, own = _types(others[dataset]), _types(contract)
    for block in blocks:
        for here, there in joined[block].items():
            if there not in known:
                message = f"'{there}' is no column of {dataset}; {hint(there, list(known), 'columns')}"
                yield Finding((*path, block, here), message)
            elif block == "on" and here in own and _kind(own[here]) != _kind(known[there]):
                message = (
                    f"'{here}' is {own[here]}, '{there}' of {dataset} is {known[there]}; compare columns of one type."
                )
                yield Finding((*path, block, here), message)


def _types(contract: Contract) -> dict[str, str]:
    validity = VALIDITY if _keeps_history(contract) else {}
    return {column["name"]: column["type"] for column in contract["columns"]} | validity


def _kind(kind: str) -> str:
    """Numbers of any type may be equal."""
    return "number" if kind in ("int", "bigint", "double") else kind


def _keeps_history(contract: Contract) -> bool:
    return bool(contract["identity"]["on_later_version"] == "history")


def _check_shared(contract: Contract, before: Sequence[Contract]) -> Iterable[Finding]:
    """Give what only one dataset may claim."""
    table = contract.get("warehouse", {}).get("table")
    path = contract["arrival"]["path"]
    for other in before:
        if table is not None and other.get("warehouse", {}).get("table") == table:
            message = f"{other['dataset']} fills '{table}' already; name another table."
            yield Finding(("warehouse", "table"), message)
            break
    for other in before:
        if other["arrival"]["path"] == path:
            message = f"{other['dataset']} expects its files there already; a file belongs to one dataset."
            yield Finding(("arrival", "path"), message)
            break
