"""Small files by URI, wherever they are: abfss://container@account.dfs.core.windows.net/…, /Volumes/… or a local path.

Tables are Spark's business; this module is for contexts, results, pointers and the landed files themselves.
"""

import json
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import IO

from pyarrow import fs

from landfall_jobs import azure_blob

REMOTE = "abfss://"


def join(root: str, *parts: str) -> str:
    """Append path segments to a root."""
    return "/".join([root.rstrip("/"), *(part.strip("/") for part in parts)])


def read_bytes(uri: str) -> bytes:
    """Give the whole content; raise FileNotFoundError when there is none."""
    with open_stream(uri) as stream:
        return stream.read()


def open_stream(uri: str) -> IO[bytes]:
    """Open a file for reading from its beginning; raise FileNotFoundError when there is none."""
    if _is_remote(uri):
        files, path = _remote(uri)
        # By itself it would unpack what is called .gz.
        return files.open_input_stream(path, compression=None)
    return open(_local(uri), "rb")


def open_file(uri: str) -> IO[bytes]:
    """Open a file for reading at any place; raise FileNotFoundError when there is none."""
    if _is_remote(uri):
        files, path = _remote(uri)
        return files.open_input_file(path)
    return open(_local(uri), "rb")


def read_json(uri: str) -> object | None:
    """Give a JSON document, or None when there is none. An empty file counts as none: its writer was cut off."""
    try:
        content = read_bytes(uri)
    except FileNotFoundError:
        return None
    return json.loads(content) if content else None


def etag(uri: str) -> str | None:
    """Give a blob's eTag, without quotes, or None where files have none (a local path, a Volume).

    Raises FileNotFoundError when there is no file.
    """
    if not _is_remote(uri):
        os.stat(_local(uri))
        return None
    files, path = _remote(uri)
    with files.open_input_file(path) as file:
        found = file.metadata().get("ETag")
    return found.decode().removeprefix("W/").strip('"') if found else None


def write_bytes(uri: str, content: bytes) -> None:
    """Write a whole file: a reader sees either what was there before or all of it."""
    if _is_remote(uri):
        account = azure_blob.account_of_environment()
        if account is not None:
            container, path = _container_and_path(uri)
            azure_blob.put(account, container, path, content)
            return
        # Without a key the credentials are pyarrow's own; its streams show an empty blob before the whole one.
        files, path = _remote(uri)
        with files.open_output_stream(path) as stream:
            stream.write(content)
        return
    target = Path(_local(uri))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)


def write_json(uri: str, document: object) -> None:
    """Write a JSON document."""
    write_bytes(uri, json.dumps(document, ensure_ascii=False).encode())


def list_files(uri: str) -> list[str]:
    """Give the names of the files below a folder, relative to it; a folder that is not there has none."""
    files, path = _remote(uri) if _is_remote(uri) else (fs.LocalFileSystem(), _local(uri))
    found = files.get_file_info(fs.FileSelector(path, recursive=True, allow_not_found=True))
    prefix = path.rstrip("/") + "/"
    return sorted(info.path.removeprefix(prefix) for info in found if info.type == fs.FileType.File)


def delete_tree(uri: str) -> None:
    """Delete a folder and all in it; a folder that is not there is fine."""
    if not _is_remote(uri):
        shutil.rmtree(_local(uri), ignore_errors=True)
        return
    account = azure_blob.account_of_environment()
    container, path = _container_and_path(uri)
    for name in list_files(uri):
        blob = f"{path.rstrip('/')}/{name}".lstrip("/")
        if account is not None:
            azure_blob.delete(account, container, blob)
        else:
            _remote(uri)[0].delete_file(f"{container}/{blob}")


def _is_remote(uri: str) -> bool:
    return uri.startswith(REMOTE)


def _local(uri: str) -> str:
    return uri.removeprefix("file://")


def _container_and_path(uri: str) -> tuple[str, str]:
    authority, path = _split(uri)
    return authority.partition("@")[0], path


def _remote(uri: str) -> tuple[fs.FileSystem, str]:
    authority, path = _split(uri)
    container, _, host = authority.partition("@")
    account, _, domain = host.partition(".")
    return _azure(account, domain), f"{container}/{path}"


def _split(uri: str) -> tuple[str, str]:
    """Give authority and path. A blob's name may hold `#`, `?` and `%`: they mean nothing here, unlike in a URL."""
    authority, _, path = uri.removeprefix(REMOTE).partition("/")
    return authority, path.lstrip("/")


@lru_cache
def _azure(name: str, domain: str) -> fs.FileSystem:
    """Give the account's file system: with the environment's key where there is one, else the default credentials."""
    account = azure_blob.account_of_environment()
    if account is not None and account.emulated:
        return fs.AzureFileSystem(
            name,
            account_key=account.key,
            blob_storage_authority=account.authority,
            dfs_storage_authority=account.authority,
            blob_storage_scheme=account.scheme,
            dfs_storage_scheme=account.scheme,
        )
    return fs.AzureFileSystem(
        name,
        account_key=account.key if account else None,
        blob_storage_authority="." + domain.replace("dfs.", "blob.", 1),
        dfs_storage_authority="." + domain,
    )
