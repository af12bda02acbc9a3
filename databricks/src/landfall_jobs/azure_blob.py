"""Put Blob and Delete Blob with an account key, where pyarrow's file system does more than is wanted.

Its writer shows an empty blob before the whole one, and its deleting leaves marker blobs for folders behind, on which
Sail's overwrite fails. One request here replaces a blob whole, or deletes it.

Protocol: https://learn.microsoft.com/rest/api/storageservices/put-blob, …/delete-blob, …/authorize-with-shared-key
"""

import base64
import hashlib
import hmac
import http.client
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

VERSION = "2021-12-02"


@dataclass(frozen=True)
class Account:
    """A storage account with its key. An emulated one has the account in the path instead of in the host's name."""

    name: str
    key: str
    scheme: str
    authority: str
    emulated: bool


def account_of_environment() -> Account | None:
    """Give the account of AZURE_STORAGE_ACCOUNT_NAME and _KEY (at AZURITE_BLOB_STORAGE_URL if set), or None."""
    name, key = os.environ.get("AZURE_STORAGE_ACCOUNT_NAME"), os.environ.get("AZURE_STORAGE_ACCOUNT_KEY")
    if not name or not key:
        return None
    endpoint = os.environ.get("AZURITE_BLOB_STORAGE_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        return Account(name, key, parts.scheme, parts.netloc, emulated=True)
    return Account(name, key, "https", f"{name}.blob.core.windows.net", emulated=False)


def put(account: Account, container: str, path: str, content: bytes) -> None:
    """Write a blob; raise OSError with the service's answer when it refuses."""
    headers = {"content-type": "application/octet-stream", "x-ms-blob-type": "BlockBlob"}
    status, answer = _request(account, "PUT", container, path, headers, content)
    if status != 201:
        raise OSError(f"Writing {container}/{path} failed with {status}: {answer}")


def delete(account: Account, container: str, path: str) -> None:
    """Delete a blob, which may be gone already; raise OSError with the service's answer when it refuses."""
    status, answer = _request(account, "DELETE", container, path, {}, b"")
    if status not in (202, 404):
        raise OSError(f"Deleting {container}/{path} failed with {status}: {answer}")


def _request(
    account: Account, method: str, container: str, path: str, headers: dict[str, str], content: bytes
) -> tuple[int, str]:
    resource = f"/{container}/{quote(path)}"
    target = f"/{account.name}{resource}" if account.emulated else resource
    dated = {
        **headers,
        "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
        "x-ms-version": VERSION,
    }
    signature = _signature(account, method, target, dated, len(content))
    kind = http.client.HTTPSConnection if account.scheme == "https" else http.client.HTTPConnection
    connection = kind(account.authority, timeout=60)
    try:
        authorized = {**dated, "authorization": f"SharedKey {account.name}:{signature}"}
        connection.request(method, target, body=content or None, headers=authorized)
        response = connection.getresponse()
        return response.status, response.read()[:500].decode()
    finally:
        connection.close()


def _signature(account: Account, method: str, target: str, headers: dict[str, str], length: int) -> str:
    canonical_headers = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-ms-"))
    # Method, Content-Encoding, -Language, -Length, -MD5, -Type, Date, If-Modified-Since, -Match, -None-Match,
    # -Unmodified-Since, Range; then the x-ms headers and the resource.
    size, kind = str(length) if length else "", headers.get("content-type", "")
    text = f"{method}\n\n\n{size}\n\n{kind}\n\n\n\n\n\n\n{canonical_headers}/{account.name}{target}"
    digest = hmac.new(base64.b64decode(account.key), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
