"""Lists folders, in a storage account by its signature, or on the local disk.

pyarrow's own file system does not combine a shared access signature with another host than Azure's.
Protocol: https://learn.microsoft.com/rest/api/storageservices/list-blobs
"""

from __future__ import annotations

import http.client
import os
import xml.etree.ElementTree as ET
from urllib.parse import quote, urlsplit

from sql_errors import StatementError


class StorageError(StatementError):
    """The catalog's storage does not answer as it should."""

    error_code = "INTERNAL_ERROR"


def folders(uri: str) -> list[str]:
    """Give the names of the folders directly below one; a folder that is not there has none."""
    if uri.startswith("abfss://"):
        return remote_folders(uri)
    path = uri.removeprefix("file://")
    if not os.path.isdir(path):
        return []
    return sorted(entry.name for entry in os.scandir(path) if entry.is_dir())


def remote_folders(uri: str) -> list[str]:
    """Give the folders below abfss://container@account.…/path, page by page."""
    parts = urlsplit(uri)
    container, _, host = parts.netloc.partition("@")
    account = host.partition(".")[0]
    prefix = parts.path.strip("/") + "/"
    endpoint = os.environ.get("AZURE_STORAGE_ENDPOINT") or f"https://{account}.blob.core.windows.net"
    found: list[str] = []
    marker = ""
    while True:
        query = (
            f"restype=container&comp=list&delimiter=%2F&prefix={quote(prefix, safe='')}&marker={quote(marker, safe='')}"
        )
        page = ET.fromstring(get(f"{endpoint}/{container}?{query}&{os.environ.get('AZURE_STORAGE_SAS_TOKEN', '')}"))
        names = (element.text or "" for element in page.iterfind("Blobs/BlobPrefix/Name"))
        found += [name.removeprefix(prefix).rstrip("/") for name in names]
        marker = page.findtext("NextMarker") or ""
        if not marker:
            return sorted(found)


def get(url: str) -> bytes:
    """Give the body; a container that is not there has an empty list."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=30)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        response = connection.getresponse()
        body = response.read()
    except OSError as error:
        raise StorageError(f"The storage of the catalog at {parts.netloc} cannot be reached: {error}") from error
    finally:
        connection.close()
    if response.status == 404:
        return b"<EnumerationResults/>"
    if response.status != 200:
        raise StorageError(f"Listing the catalog's storage failed with {response.status}: {body[:300].decode()}")
    return body
