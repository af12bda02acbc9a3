"""The lake: files in Azure Blob Storage (or Azurite) by Shared Key or SAS, over its REST API."""

from __future__ import annotations

import base64
import email.utils
import fnmatch
import hashlib
import hmac
import http.client
import re
import urllib.parse
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from synapse_emulator.errors import SqlError

_URL = re.compile(r"^https://([a-z0-9-]+)\.(?:blob|dfs)\.core\.windows\.net/([^/]+)/?(.*)$", re.IGNORECASE)
_VERSION = "2021-12-02"


@dataclass(slots=True)
class Credential:
    """How to sign: an account's key, or the query of a SAS."""

    account: str = ""
    key: str = ""
    sas: str = ""


@dataclass(slots=True)
class Location:
    """A place in a container; `path` may end in a folder or hold wildcards."""

    base: str
    container: str
    path: str


@dataclass(slots=True)
class Lake:
    """Where accounts really are (`*` stands for any), and the key for those without another credential."""

    endpoints: dict[str, str] = field(default_factory=dict)
    account: str = ""
    key: str = ""

    def locate(self, url: str, line: int = 1) -> Location:
        """The location that a URL of COPY INTO names, or 105019 error for one that is not storage."""
        match = _URL.match(url)
        if match:
            account = match[1].lower()
            base = self.endpoints.get(account) or self.endpoints.get("*") or f"https://{account}.blob.core.windows.net"
            return Location(base.rstrip("/"), match[2], urllib.parse.unquote(match[3]))
        for base in self.endpoints.values():
            prefix = base.rstrip("/") + "/"
            if url.startswith(prefix):
                container, _, path = url[len(prefix) :].partition("/")
                return Location(prefix.rstrip("/"), container, urllib.parse.unquote(path))
        raise SqlError(
            105019,
            f"COPY INTO: '{url}' is not a location that can be read. Use "
            f"https://<account>.blob.core.windows.net/<container>/<path> "
            "or its dfs form.",
            line=line,
        )

    def credential(self, options: dict[str, str] | None) -> Credential:
        """The credential of a COPY INTO; managed identities become the account's key from the environment."""
        identity = (options or {}).get("IDENTITY", "").lower()
        secret = (options or {}).get("SECRET", "")
        if identity == "shared access signature":
            return Credential(sas=secret.lstrip("?"))
        if identity == "storage account key":
            return Credential(self.account, secret)
        return Credential(self.account, self.key)

    def files(self, place: Location, credential: Credential) -> list[str]:
        """The paths of the files that a location means, in order; hidden ones (`_`, `.`) only when named in full."""
        prefix = re.split(r"[*?\[]", place.path, maxsplit=1)[0]
        wildcard = prefix != place.path
        found = self._list(place, prefix if wildcard else place.path.rstrip("/"), credential)
        if not wildcard:
            exact = [path for path, size in found if path == place.path and size]
            if exact:
                return exact
            folder = place.path.rstrip("/") + "/" if place.path else ""
            return [
                path for path, size in found if size and path.startswith(folder) and not _hidden(path[len(folder) :])
            ]
        pattern = re.compile(_glob(place.path))
        return [
            path
            for path, size in found
            if size and pattern.fullmatch(path) and not _hidden(path[len(prefix.rpartition("/")[0]) :])
        ]

    def _list(self, place: Location, prefix: str, credential: Credential) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        marker = ""
        while True:
            query = {"restype": "container", "comp": "list", "prefix": prefix}
            if marker:
                query["marker"] = marker
            body = self._get(place, "", query, credential)
            tree = ET.fromstring(body)
            for blob in tree.iter("Blob"):
                size = int(blob.findtext("Properties/Content-Length") or 0)
                found.append((blob.findtext("Name") or "", size))
            marker = tree.findtext("NextMarker") or ""
            if not marker:
                return sorted(found)

    def read(self, place: Location, path: str, credential: Credential) -> bytes:
        """The bytes of a file."""
        return self._get(place, path, {}, credential)

    def _get(self, place: Location, path: str, query: dict[str, str], credential: Credential) -> bytes:
        url = urllib.parse.urlsplit(place.base)
        resource = f"{url.path}/{place.container}" + (f"/{urllib.parse.quote(path)}" if path else "")
        headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": _VERSION}
        text = urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        if credential.sas:
            text = "&".join(part for part in (text, credential.sas) if part)
        elif credential.key:
            headers["Authorization"] = _sign(credential, resource, query, headers)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.netloc, timeout=60)
        try:
            connection.request("GET", resource + (f"?{text}" if text else ""), headers=headers)
            response = connection.getresponse()
            body = response.read()
        except OSError as failure:
            raise SqlError(105019, f"COPY INTO: the storage at {place.base} cannot be reached: {failure}.") from failure
        finally:
            connection.close()
        if response.status >= 300:
            code = response.getheader("x-ms-error-code") or response.reason
            raise SqlError(
                105019,
                f"COPY INTO: reading {place.base}/{place.container}/{path or query.get('prefix', '')} failed with HTTP "
                f"{response.status} ({code}). Check the location and the CREDENTIAL.",
            )
        return body


def _hidden(path: str) -> bool:
    return any(part.startswith(("_", ".")) for part in path.split("/") if part)


def _glob(path: str) -> str:
    parts = [re.escape(p) if p != "*" else "[^/]*" for p in re.split(r"(\*)", path)]
    return "".join(parts) if "?" not in path and "[" not in path else fnmatch.translate(path)


def _sign(credential: Credential, resource: str, query: dict[str, str], headers: dict[str, str]) -> str:
    """Shared Key, as in "Authorize with Shared Key" of the Blob service's REST reference."""
    canonical_headers = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical_resource = f"/{credential.account}{resource}" + "".join(f"\n{k}:{query[k]}" for k in sorted(query))
    text = "GET" + "\n" * 12 + canonical_headers + canonical_resource
    try:
        key = base64.b64decode(credential.key)
    except ValueError as failure:
        raise SqlError(105019, "COPY INTO: the storage account key is not base64.") from failure
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    return f"SharedKey {credential.account}:{signature}"
