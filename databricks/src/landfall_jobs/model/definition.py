"""What a model's inputs are made of: followed through derived and joined columns."""

import hashlib
import json
import re

from landfall_jobs.contract import Contract, ModelSpec
from landfall_jobs.errors import JobError

_TEXTS = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"", re.DOTALL)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMES = re.compile(r"`([^`]+)`|\b([A-Za-z_]\w*)\b(?!\s*\()")


def columns_in(expression: str, contract: Contract) -> set[str]:
    """Give the columns that a Spark SQL expression is made of, and those that these are derived from.

    Texts, comments and names of functions (`hour(…)`) are no columns; case does not matter, as in Spark.
    """
    known = {name.casefold(): name for name in [*contract.names, *_joined(contract)]}
    derived = {column.name: column.expression for column in contract.derived}
    found: set[str] = set()
    pending = [expression]
    while pending:
        bare = _COMMENTS.sub(" ", _TEXTS.sub(" ", pending.pop()))
        for quoted, plain in _NAMES.findall(bare):
            name = known.get((quoted or plain).casefold())
            if name is None or name in found:
                continue
            found.add(name)
            if derived.get(name):
                pending.append(derived[name] or "")
    return found


def definition_of(contract: Contract, spec: ModelSpec) -> str:
    """Give a hash of all that the features and the target mean: a model of another definition must not be applied."""
    expressions = [spec.target, spec.train_where, *(feature.expression for feature in spec.features)]
    used = set().union(*(columns_in(expression, contract) for expression in expressions))
    joined = _joined(contract)
    parts = {
        "target": spec.target,
        "train_where": spec.train_where,
        "features": [[feature.name, feature.expression, feature.categorical] for feature in spec.features],
        "columns": sorted([c.name, c.type, c.expression] for c in contract.columns if c.name in used),
        "joined": sorted([name, *joined[name]] for name in used if name in joined),
    }
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def refuse_leaks(contract: Contract, spec: ModelSpec) -> None:
    """Raise JobError when a feature is made of what is known only after the event, which scoring could not have."""
    after = {column.name for column in contract.columns if column.known == "after"}
    for feature in spec.features:
        leaking = sorted(columns_in(feature.expression, contract) & after)
        if leaking:
            raise JobError(
                f"Feature {feature.name} of model {spec.name} is made of {', '.join(leaking)}, known only after the "
                "event. Take it out of the features, or correct `known` of the column."
            )


def _joined(contract: Contract) -> dict[str, tuple[str, str, str]]:
    """Give the columns that the references bring: (dataset, column there, how it is joined)."""
    return {
        name: (combination.dataset, there, json.dumps(combination.on))
        for combination in contract.combine
        for name, there in combination.columns
    }
