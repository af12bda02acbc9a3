"""The jobs and the storage module against Azurite, with the URLs that Azure has."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from job_lake import Lake
from landfall_jobs import storage
from pyarrow import fs

REPOSITORY = Path(__file__).parents[2]
LANDED = "orders/May #1, 50%?.csv"
ACCOUNT = "devstoreaccount1"
# The key that every emulator of Azure Storage has: published, and of no use elsewhere.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="module")
def azurite(tmp_path_factory):
    """An Azurite of its own with three containers, and the environment that points to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    main = REPOSITORY / "node_modules/azurite/dist/src/blob/main.js"
    folder = str(tmp_path_factory.mktemp("azurite"))
    options = ["--skipApiVersionCheck", "--blobPort", str(port), "--location", folder, "--silent"]
    process = subprocess.Popen(["node", str(main), *options])
    try:
        _wait_for(port, process)
        authority = f"127.0.0.1:{port}"
        files = fs.AzureFileSystem(
            ACCOUNT,
            account_key=KEY,
            blob_storage_authority=authority,
            dfs_storage_authority=authority,
            blob_storage_scheme="http",
            dfs_storage_scheme="http",
        )
        for container in ("landing", "lake", "quarantine"):
            files.create_dir(container)
        yield {
            "AZURE_STORAGE_USE_EMULATOR": "true",
            "AZURITE_BLOB_STORAGE_URL": f"http://{authority}",
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        }
    finally:
        # Not SIGTERM: Azurite then waits for connections that pyarrow keeps open.
        process.kill()
        process.wait(10)


def _wait_for(port, process):
    # It takes three seconds, and several times that beside other tests.
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "Azurite did not start"
        time.sleep(0.1)
    raise AssertionError("Azurite does not answer")


@pytest.fixture
def remote(azurite, monkeypatch):
    """The lake in Azurite, for this process."""
    storage._azure.cache_clear()
    for name, value in azurite.items():
        monkeypatch.setenv(name, value)
    yield Lake(*(f"abfss://{c}@{ACCOUNT}.dfs.core.windows.net" for c in ("landing", "lake", "quarantine")))
    storage._azure.cache_clear()


def test_a_file_is_written_whole_replaced_listed_and_deleted(remote):
    uri = storage.join(remote.root, "a folder", "é+%.json")
    assert storage.read_json(uri) is None
    for document in ({"n": 1}, {"n": 2, "text": "ü"}):
        storage.write_json(uri, document)
        assert storage.read_json(uri) == document
    assert storage.list_files(storage.join(remote.root, "a folder")) == ["é+%.json"]
    storage.delete_tree(storage.join(remote.root, "a folder"))
    assert storage.list_files(storage.join(remote.root, "a folder")) == []
    found = storage._azure(ACCOUNT, "dfs.core.windows.net").get_file_info(fs.FileSelector("lake", recursive=True))
    assert not [info.path for info in found if "a folder" in info.path], "no marker of the folder is left"


NAMES = ["two words.csv", "a#b.csv", "a?b=1.csv", "100%.csv", "a%20b.csv", 'it\'s "it".csv', "Zoë 漢字 +&.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_blob_is_found_by_its_name_whatever_is_in_it(remote, name):
    uri = storage.join(remote.landing, "a folder#1", name)
    storage.write_bytes(uri, name.encode())
    assert storage.read_bytes(uri) == name.encode()
    assert name in storage.list_files(storage.join(remote.landing, "a folder#1"))
    assert storage.etag(uri)
    storage.delete_tree(storage.join(remote.landing, "a folder#1"))
    with pytest.raises(FileNotFoundError):
        storage.etag(uri)


PACKED = gzip.compress(b"text", mtime=0)


@pytest.mark.parametrize("content", [PACKED, PACKED[:-4], b"not packed"], ids=["packed", "cut off", "not packed"])
def test_a_blob_comes_as_it_is_whatever_its_name_promises(remote, content):
    uri = storage.join(remote.landing, "a.csv.gz")
    storage.write_bytes(uri, content)
    assert storage.read_bytes(uri) == content


def test_an_etag_stays_until_the_blob_is_written_again(remote):
    uri = storage.join(remote.landing, "a.csv")
    storage.write_bytes(uri, b"1")
    first = storage.etag(uri)
    assert first == storage.etag(uri)
    assert first.strip('"') == first
    storage.write_bytes(uri, b"1")
    assert storage.etag(uri) != first


def test_an_empty_blob_that_a_killed_writer_left_counts_as_none(remote):
    uri = storage.join(remote.root, "cut-off.json")
    storage.write_bytes(uri, b"")
    assert storage.read_json(uri) is None


def test_a_write_that_the_service_refuses_says_why(remote):
    with pytest.raises(OSError, match="ContainerNotFound"):
        storage.write_bytes(f"abfss://nowhere@{ACCOUNT}.dfs.core.windows.net/x", b"1")


def _launcher(folder, step):
    """What an installed entry point is; pyspark takes a main module without a file for a doctest."""
    script = folder / f"{step}.py"
    script.write_text(f"from landfall_jobs.cli import {step}\n\n{step}()\n")
    return script


def test_the_entry_points_run_in_a_process_of_their_own_against_the_lake(remote, orders, azurite, tmp_path):
    """Sail reads its storage settings once a process, so this test gives it a fresh one, as the app does."""
    remote.land(LANDED, "id,remark,price,paid,day,at\n1,a,1,,,\n1,a,1,,,\nx,b,1,,,\n")
    orders["insights"] = [
        {"name": "notes", "key": ["note"], "statement": "SELECT note, COUNT(*) AS n FROM orders GROUP BY note"}
    ]
    results = {}
    for step in ("cleanse", "cleanse", "score", "insights"):
        context = remote.context(step, orders, 1, [LANDED])
        uri = context["result_uri"].replace("result", "context")
        storage.write_json(uri, context)
        command = [sys.executable, str(_launcher(tmp_path, step)), "--context-uri", uri]
        environment = {k: v for k, v in os.environ.items() if "SPARK" not in k}
        environment["PYTHONPATH"] = str(REPOSITORY / "databricks/src")
        done = subprocess.run(command, env={**environment, **azurite}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        results[step] = json.loads(done.stdout)
        assert storage.read_json(context["result_uri"]) == results[step]
    assert results["cleanse"]["totals"]["loaded"] == 1, "the second attempt has the results of the first"
    assert [r["raw"] for r in remote.rejects(results["cleanse"])] == ["x,b,1,,,"]
    (insight,) = results["insights"]["insights"]
    assert storage.read_bytes(insight["uri"]) == b'{"note":"a","n":1}\n'


def test_an_entry_point_that_fails_exits_with_a_message(remote, azurite, tmp_path):
    uri = storage.join(remote.root, "runs", "none.json")
    command = [sys.executable, str(_launcher(tmp_path, "cleanse")), f"--context-uri={uri}"]
    environment = {**os.environ, **azurite, "PYTHONPATH": str(REPOSITORY / "databricks/src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"cleanse failed: There is no context at {uri}." in done.stderr
