"""Finds and calls a task's code: an entry point of a wheel, or a Python file."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import runpy
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class EntryPointNotFoundError(Exception):
    """The task names code that is not there; the message says where it was looked for."""


def call(task: dict[str, object], spark: SparkSession) -> None:
    """Run the task's code as a program would run: its own `sys.argv`, and the module name `__main__` for a file.

    As on Databricks the value that an entry point returns is ignored: only an exception or a non-zero `SystemExit`
    fails the task. A Python file finds `spark` among its globals and its own folder on `sys.path`.
    """
    arguments = [str(argument) for argument in task["argv"]]
    if task["kind"] == "python_file":
        path = str(task["python_file"])
        sys.argv = [path, *arguments]
        sys.path.insert(0, os.path.dirname(path))
        runpy.run_path(path, init_globals={"spark": spark}, run_name="__main__")
        return
    package, name = str(task["package_name"]), str(task["entry_point"])
    folders = [Path(str(folder)) for folder in task["project_folders"]]
    sys.argv = [name, *arguments]
    find_entry_point(package, name, folders)()


def find_entry_point(package: str, name: str, folders: list[Path]) -> Callable[[], object]:
    """Look the entry point up: installed metadata, then a `pyproject.toml` in `folders`, then `package.name()`."""
    reference = from_metadata(package, name) or from_projects(package, name, folders)
    if reference is None:
        reference = f"{package.replace('-', '_')}:{name}"
    module_name, _, attributes = reference.partition(":")
    try:
        found: object = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name + ".").startswith(error.name + "."):
            raise
        raise not_found(package, name, folders, f"no module {error.name}") from error
    for attribute in attributes.split(".") if attributes else []:
        if not hasattr(found, attribute):
            raise not_found(package, name, folders, f"{module_name} has no {attribute}")
        found = getattr(found, attribute)
    if not callable(found):
        raise not_found(package, name, folders, f"{reference} cannot be called")
    return found


def not_found(package: str, name: str, folders: list[Path], cause: str) -> EntryPointNotFoundError:
    """The error for a missing entry point, with what to do."""
    looked = ", ".join(str(folder) for folder in folders) or "no folder"
    return EntryPointNotFoundError(
        f"Entry point {name!r} of package {package!r} was not found: {cause}. Looked in installed packages, in"
        f" pyproject.toml of {looked}, and for the function {package.replace('-', '_')}.{name}. Give the emulator the"
        " folder of the job code with --pythonpath, and check [project.scripts]."
    )


def from_metadata(package: str, name: str) -> str | None:
    """The reference `module:function` that an installed distribution declares, scripts first."""
    try:
        declared = [entry for entry in importlib.metadata.distribution(package).entry_points if entry.name == name]
    except importlib.metadata.PackageNotFoundError:
        return None
    declared.sort(key=lambda entry: entry.group not in ("console_scripts", package))
    return declared[0].value.split("[")[0].strip() if declared else None


def from_projects(package: str, name: str, folders: list[Path]) -> str | None:
    """The reference that the project file of a package of this name declares."""
    for folder in folders:
        path = folder / "pyproject.toml"
        if not path.is_file():
            continue
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
        if normalised(str(project.get("name", ""))) != normalised(package):
            continue
        groups = [project.get("scripts", {}), *project.get("entry-points", {}).values()]
        for group in groups:
            if name in group:
                return str(group[name]).split("[")[0].strip()
    return None


def normalised(name: str) -> str:
    """A distribution's name as packaging tools compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
