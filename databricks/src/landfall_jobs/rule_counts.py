"""How many rows of a batch break which rule, and what that comes to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from landfall_jobs.contract import Contract
from landfall_jobs.errors import JobError
from landfall_jobs.transforms.checks import SEPARATOR
from landfall_jobs.transforms.constraints import constraints_of


def share_limits(contract: Contract) -> dict[str, float]:
    """Give the rules and constraints that a share of the rows may break, with that share."""
    limits = {rule.name: rule.max_share for rule in contract.row_rules}
    for column in contract.columns:
        limits |= dict.fromkeys(constraints_of(column), column.constraints.max_share)
    return {name: share for name, share in limits.items() if share is not None}


@dataclass
class BrokenRules:
    """Rows by what they break: those that are loaded all the same, and those that are not.

    `violations` are sentences about limits that the batch is beyond: it must not be published.
    """

    warned: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def add(self, warned: str | None, failed: str | None, quarantined: str | None, rows: int) -> None:
        """Count rows that break the same rules, each of which is a list of names or None."""
        for counter, names in ((self.warned, warned), (self.failed, failed), (self.quarantined, quarantined)):
            for name in names.split(SEPARATOR) if names else ():
                counter[name] += rows

    def refuse_failures(self) -> None:
        """Raise JobError where rules are broken that no row may break."""
        if self.failed:
            broken = ", ".join(f"{_told(name)} ({rows} rows)" for name, rows in sorted(self.failed.items()))
            raise JobError(f"The batch breaks rules that no row may break: {broken}. Nothing was committed.")

    def judge_shares(self, limits: dict[str, float], read: int) -> None:
        """Note the rules that a larger share of the rows breaks than they allow."""
        for name, limit in limits.items():
            rows = self.warned[name] + self.quarantined[name]
            if read and rows / read > limit:
                self.violations.append(
                    f"{_told(name)}: {rows} of {read} rows break it, a share of {rows / read:.3f}; "
                    f"the contract allows {limit:g} (max_share)"
                )

    def warnings(self) -> list[dict[str, Any]]:
        """Give the rules that rows break which are loaded all the same."""
        return [{**_named(name), "rows": rows} for name, rows in sorted(self.warned.items()) if rows]


def _named(name: str) -> dict[str, str]:
    rule, _, column = name.partition(":")
    return {"rule": rule, "column": column} if column else {"rule": rule}


def _told(name: str) -> str:
    rule, _, column = name.partition(":")
    return f"{rule} of {column}" if column else rule
