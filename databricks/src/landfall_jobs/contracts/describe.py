"""What the schema says is wrong, for a person."""

from collections.abc import Iterable
from typing import Any

from jsonschema import ValidationError

from landfall_jobs.contracts.finding import Finding, Path, hint, show, suggest

_KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}


def describe_errors(errors: Iterable[ValidationError]) -> list[Finding]:
    """Give what is wrong; a `oneOf` counts as one error, whatever its branches say."""
    return [finding for error in errors for finding in _describe(error, tuple(error.absolute_path))]


def _describe(error: ValidationError, path: Path) -> list[Finding]:
    where, given, limit, keyword = show(path), error.instance, error.validator_value, str(error.validator)
    if keyword == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        return [
            Finding((*path, key), f"'{key}' is not a key of {where}; {hint(key, known, 'keys')}", on_key=True)
            for key in given
            if key not in known
        ]
    if keyword == "required":
        # One error for each missing key; which one stands in its message only.
        missing = next(key for key in limit if error.message.startswith(repr(key)))
        return [Finding(path, f"{where} lacks '{missing}'; add it.")]
    if keyword == "uniqueItems":
        twice = next(i for i, item in enumerate(given) if item in given[:i])
        return [Finding((*path, twice), f"{where} names {_shown(given[twice])} twice.")]
    return [Finding(path, _sentence(keyword, where, given, limit, error.schema))]


def _sentence(keyword: str, where: str, given: object, limit: Any, schema: Any) -> str:  # noqa: ANN401
    if keyword == "enum":
        meant = suggest(given, limit) if isinstance(given, str) else None
        fix = "" if meant is None else f" Did you mean '{meant}'?"
        return f"{where} is {_shown(given)}; it must be {'one of ' if len(limit) > 1 else ''}{', '.join(limit)}.{fix}"
    if keyword == "type":
        return f"{where} must be {_KINDS[limit]}; it is {_shown(given)}."
    if keyword in ("pattern", "oneOf"):
        return f"{where} is {_shown(given)}; it must be {schema.get('description') or schema.get('pattern')}."
    if keyword == "minLength":
        return f"{where} must not be empty."
    if keyword == "maxLength":
        return f"{where} must be no longer than {limit} characters."
    if keyword in ("minItems", "minProperties"):
        return f"{where} must have at least {limit} {'entry' if limit == 1 else 'entries'}."
    if keyword in _BOUNDS:
        return f"{where} is {_shown(given)}; it must be {_BOUNDS[keyword]} {limit}."
    raise ValueError(f"The schema uses the keyword {keyword}, which has no description here.")


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"{value:.15g}"
