"""Small checks for documents from outside: each says which field is missing or of the wrong kind."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from landfall_jobs.errors import JobError

T = TypeVar("T")


class Document:
    """A JSON object that names its own path in every complaint."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise JobError(f"{path} must be an object, not {_kind(value)}.")
        self.value = value
        self.path = path

    def get(self, name: str, kind: type[T]) -> T:
        """Give a required field; raise JobError when it is missing or of another kind."""
        found = self.optional(name, kind)
        if found is None:
            raise JobError(f"{self.path}.{name} is missing; it must be {_name(kind)}.")
        return found

    def optional(self, name: str, kind: type[T]) -> T | None:
        """Give a field or None; raise JobError when it is of another kind."""
        found = self.value.get(name)
        if found is None:
            return None
        wanted = (int, float) if kind is float else kind
        if not isinstance(found, wanted) or (isinstance(found, bool) and kind is not bool):
            raise JobError(f"{self.path}.{name} must be {_name(kind)}, not {_kind(found)}.")
        return cast(T, float(cast(float, found)) if kind is float else found)

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """Give a text that must be one of several; raise JobError when it is another, or missing without a default."""
        found = self.get(name, str) if default is None else self.optional(name, str) or default
        if found not in choices:
            raise JobError(f"{self.path}.{name} is {found!r}; it must be one of {', '.join(choices)}.")
        return found

    def part(self, name: str) -> "Document":
        """Give an object; one that is absent is empty."""
        return Document(self.optional(name, dict) or {}, f"{self.path}.{name}")

    def document(self, name: str) -> "Document":
        """Give a required object."""
        return Document(self.get(name, dict), f"{self.path}.{name}")

    def documents(self, name: str) -> list["Document"]:
        """Give a list of objects; an absent list is empty."""
        return [Document(item, f"{self.path}.{name}[{i}]") for i, item in enumerate(self.optional(name, list) or [])]

    def texts(self, name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Give a list of texts, which must be there unless there is a default."""
        found = self.get(name, list) if default is None else self.optional(name, list)
        return _texts(found, f"{self.path}.{name}") if found is not None else default or ()

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Give an object of texts as ordered pairs."""
        found = self.get(name, dict)
        _texts(list(found.values()), f"{self.path}.{name}")
        return tuple(found.items())


def _texts(found: list[Any], path: str) -> tuple[str, ...]:
    if not all(isinstance(item, str) for item in found):
        raise JobError(f"{path} must hold texts only.")
    return tuple(found)


def _name(kind: type) -> str:
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}.get(
        kind, "a list" if kind is list else "an object"
    )


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
