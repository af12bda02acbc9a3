"""A factory for the tests with Microsoft's own SDK for Python."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from factory_address import ROOT, TOKEN, Address


def node() -> str:
    """The Node that the repository pins, else the one on the PATH."""
    pinned = ROOT / "node_modules" / ".bin" / "node"
    return str(pinned) if pinned.exists() else "node"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A factory in a process of its own, over https."""
    data = tmp_path_factory.mktemp("data-factory")
    process = subprocess.Popen(
        [node(), "emulators/data-factory/cli.ts", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, "DATA_FACTORY_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("listening on https://")
    yield Address(line.removeprefix("listening on "), str(data / "ca.pem"))
    process.terminate()
    assert process.wait(10) == 0
