"""How the code of a wheel task is found."""

from __future__ import annotations

import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[3] / "emulators" / "databricks" / "worker"))

import zygote_entry


def test_installed_packages_come_first() -> None:
    declared = next(entry for entry in distribution("pytest").entry_points if entry.name == "py.test")
    assert zygote_entry.find_entry_point("pytest", "py.test", []) is declared.load()


def test_a_project_file_declares_scripts_under_any_spelling_of_its_name(tmp_path: Path) -> None:
    declared = ["[project.scripts]", 'go = "json:dumps"', "[project.entry-points.jobs]", 'by = "json:loads"']
    (tmp_path / "pyproject.toml").write_text("\n".join(["[project]", 'name = "My.Pack"', *declared]))
    assert zygote_entry.find_entry_point("my_pack", "go", [tmp_path]).__name__ == "dumps"
    assert zygote_entry.find_entry_point("my-pack", "by", [Path("/nowhere"), tmp_path]).__name__ == "loads"


def test_without_metadata_the_package_is_a_module_and_the_entry_point_a_function() -> None:
    assert zygote_entry.find_entry_point("textwrap", "dedent", []).__name__ == "dedent"


def test_what_is_missing_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(zygote_entry.EntryPointNotFoundError, match="no module no_such_pack"):
        zygote_entry.find_entry_point("no-such-pack", "go", [tmp_path])
    with pytest.raises(zygote_entry.EntryPointNotFoundError, match="cannot be called"):
        zygote_entry.find_entry_point("string", "digits", [])


def test_an_import_error_inside_the_package_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_there.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        zygote_entry.find_entry_point("half_there", "main", [])
