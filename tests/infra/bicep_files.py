"""The Bicep files of infra/, parsed: symbols come out as plain text, just as strings do."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pycep import BicepParser

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"


@dataclass(frozen=True)
class Resource:
    """A resource of a file, its loop or condition taken off."""

    file: str
    symbol: str
    type: str
    existing: bool
    config: dict
    item: str | None
    items: object


@dataclass(frozen=True)
class Call:
    """A module that a file calls."""

    file: str
    symbol: str
    path: str
    config: dict


@dataclass(frozen=True)
class File:
    name: str
    text: str
    tree: dict

    @property
    def parameters(self) -> dict:
        return self.tree.get("parameters", {})

    @property
    def variables(self) -> dict:
        return {name: variable["value"] for name, variable in self.tree.get("variables", {}).items()}

    def resources(self) -> Iterator[Resource]:
        for symbol, resource in self.tree.get("resources", {}).items():
            loop = resource["config"].get("loop_type")
            detail = loop["detail"] if loop else {}
            item = detail.get("item_name")
            items = self.variables[detail["array_name"]] if loop else None
            yield Resource(
                self.name, symbol, resource["type"], resource["existing"], _inner(resource["config"]), item, items
            )

    def calls(self) -> Iterator[Call]:
        for symbol, module in self.tree.get("modules", {}).items():
            yield Call(self.name, symbol, module["detail"]["path"], _inner(module["config"]))


def _inner(config: dict) -> dict:
    while "config" in config and ("condition" in config or "loop_type" in config):
        config = config["config"]
    return config


@lru_cache
def bicep_files() -> dict[str, File]:
    """All files by their path below infra/."""
    files = {}
    for path in sorted(INFRA.rglob("*.bicep")):
        name, text = path.relative_to(INFRA).as_posix(), path.read_text()
        files[name] = File(name, text, BicepParser().parse(text=text))
    return files


def module(name: str) -> File:
    """A module by its name."""
    return bicep_files()[f"modules/{name}.bicep"]


def all_resources() -> list[Resource]:
    """Every resource that is made, of all files; those that are only referred to are left out."""
    return [resource for file in bicep_files().values() for resource in file.resources() if not resource.existing]


def at(tree: object, path: str) -> object:
    """What stands at a dotted path, or None."""
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def mentions(tree: object, word: str) -> bool:
    """Whether a symbol or a string stands anywhere in a tree."""
    return re.search(rf'"{re.escape(word)}"', json.dumps(tree)) is not None


def constant(source: str, name: str) -> dict:
    """An object of src/shared/names.ts (`export const NAME = { … } as const`), which is JSON but for its quotes."""
    body = re.search(rf"export const {name} = (\{{.*?\}}) as const;", source, re.S)
    assert body, f"src/shared/names.ts has no {name}"
    quoted = re.sub(r"(\w+):", r'"\1":', body[1].replace("'", '"'))
    return json.loads(re.sub(r",(\s*\})", r"\1", quoted))
