"""Put Blob with an account key: one request, so that a blob is replaced whole or not at all.

Protocol: https://learn.microsoft.com/rest/api/storageservices/put-blob and …/authorize-with-shared-key
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
    resource = f"/{container}/{quote(path)}"
    target = f"/{account.name}{resource}" if account.emulated else resource
    headers = {
        "content-type": "application/octet-stream",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
        "x-ms-version": VERSION,
    }
    headers["authorization"] = f"SharedKey {account.name}:{_signature(account, target, headers, len(content))}"
    kind = http.client.HTTPSConnection if account.scheme == "https" else http.client.HTTPConnection
    connection = kind(account.authority, timeout=60)
    try:
        connection.request("PUT", target, body=content, headers=headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 201:
            raise OSError(f"Writing {container}/{path} failed with {response.status}: {answer[:500].decode()}")
    finally:
        connection.close()


def _signature(account: Account, target: str, headers: dict[str, str], length: int) -> str:
    canonical_headers = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-ms-"))
    # Method, Content-Encoding, -Language, -Length, -MD5, -Type, Date, If-Modified-Since, -Match, -None-Match,
    # -Unmodified-Since, Range; then the x-ms headers and the resource.
    size = str(length) if length else ""
    text = f"PUT\n\n\n{size}\n\n{headers['content-type']}\n\n\n\n\n\n\n{canonical_headers}/{account.name}{target}"
    digest = hmac.new(base64.b64decode(account.key), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
