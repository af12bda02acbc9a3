"""A workspace for the tests with Databricks' own SDK."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = Path(__file__).parent / "bundle"


def node() -> str:
    """The Node that the repository pins, else the one on the PATH."""
    pinned = ROOT / "node_modules" / ".bin" / "node"
    return str(pinned) if pinned.exists() else "node"


@pytest.fixture(scope="session")
def workspace_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A workspace in a process of its own."""
    options = {
        "--port": "0",
        "--data": str(tmp_path_factory.mktemp("databricks")),
        "--python": sys.executable,
        "--pythonpath": str(BUNDLE / "src"),
        "--bundle-root": str(BUNDLE),
    }
    process = subprocess.Popen(
        [node(), "emulators/databricks/cli.ts", *(part for option in options.items() for part in option)],
        cwd=ROOT,
        env={**os.environ, "DATABRICKS_TOKEN": "dapi-1,dapi-2"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("listening on ")
    yield line.removeprefix("listening on ")
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def client(workspace_url: str) -> WorkspaceClient:
    """The vendor's client, unmodified."""
    return WorkspaceClient(host=workspace_url, token="dapi-2", auth_type="pat")
