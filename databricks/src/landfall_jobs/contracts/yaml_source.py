"""YAML 1.2 (core schema) with the place of every value. PyYAML speaks 1.1, where `on` is true and 12:30 a number."""

import math
import re
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from landfall_jobs.contracts.finding import Finding

_NULL = re.compile(r"^(?:~|[Nn]ull|NULL)?$")
_BOOLEAN = re.compile(r"^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$")
_INTEGER = re.compile(r"^[-+]?[0-9]+$")
_OCTAL = re.compile(r"^0o[0-7]+$")
_HEXADECIMAL = re.compile(r"^0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_INFINITY = re.compile(r"^[-+]?\.(?:inf|Inf|INF)$")
_NOT_A_NUMBER = re.compile(r"^\.(?:nan|NaN|NAN)$")


@dataclass(frozen=True)
class Place:
    """A place in a text, counted from 1."""

    line: int
    column: int


class NotYaml(Exception):
    """The text is not YAML, or names a key twice."""

    def __init__(self, errors: list[tuple[Place, str]]) -> None:
        super().__init__("; ".join(message for _, message in errors))
        self.errors = errors


class _Loader(yaml.SafeLoader):
    """Composes nodes without resolving what a plain scalar means."""


_Loader.yaml_implicit_resolvers = {}


class YamlSource:
    """A YAML text: its value, and where in it each part stands. Raises NotYaml."""

    def __init__(self, text: str) -> None:
        try:
            self._root = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            raise NotYaml([(place, f"This is not YAML: {error.problem}.")]) from error
        except yaml.reader.ReaderError as error:
            place = Place(text.count("\n", 0, error.position) + 1, 1)
            raise NotYaml([(place, f"This is not YAML: {error.reason}.")]) from error
        twice: list[tuple[Place, str]] = []
        self.value = None if self._root is None else _value(self._root, twice)
        if twice:
            raise NotYaml(twice)

    def place(self, finding: Finding) -> Place:
        """Give the place of what a finding is about; of a value that is left empty, that of its key."""
        node = self._root
        found = _start(node) or Place(1, 1)
        for index, part in enumerate(finding.path):
            key: Node | None = None
            if isinstance(node, MappingNode):
                pairs = [pair for pair in node.value if pair[0].value == str(part)]
                key, node = pairs[0] if pairs else (None, None)
            elif isinstance(node, SequenceNode) and isinstance(part, int):
                node = node.value[part]
            else:
                return found
            last = index == len(finding.path) - 1
            found = (_start(key) if last and finding.on_key else _start(node) or _start(key)) or found
        return found


def _start(node: Node | None) -> Place | None:
    if node is None or (isinstance(node, ScalarNode) and node.style is None and not node.value):
        return None
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _value(node: Node, twice: list[tuple[Place, str]]) -> object:
    if isinstance(node, ScalarNode):
        return node.value if node.style else _plain(node.value)
    if isinstance(node, SequenceNode):
        return [_value(item, twice) for item in node.value]
    found: dict[str, object] = {}
    for key, item in node.value:
        name = str(key.value)
        if name in found:
            twice.append((_start(key) or Place(1, 1), f"'{name}' is given twice; keep one."))
        found[name] = _value(item, twice)
    return found


def _plain(text: str) -> object:
    """Give what a scalar without quotes means."""
    if _NULL.match(text):
        return None
    if _BOOLEAN.match(text):
        return text.lower() == "true"
    if _INTEGER.match(text):
        return int(text)
    if _OCTAL.match(text) or _HEXADECIMAL.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    if _INFINITY.match(text):
        return -math.inf if text.startswith("-") else math.inf
    return math.nan if _NOT_A_NUMBER.match(text) else text
