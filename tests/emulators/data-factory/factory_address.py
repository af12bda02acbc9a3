"""Where a factory is, and how Microsoft's SDK for Python reaches it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from azure.core.credentials import AccessToken
from azure.mgmt.datafactory import DataFactoryManagementClient

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "a-token-of-this-test"


@dataclass(frozen=True)
class StaticToken:
    """A credential that needs no identity provider."""

    token: str = TOKEN

    def get_token(self, *scopes: str, **_options: object) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


@dataclass(frozen=True)
class Address:
    """Where the factory is, and whose certificates are to be trusted."""

    url: str
    authority: str

    def client(self, credential: StaticToken | None = None) -> DataFactoryManagementClient:
        """The vendor's client, unmodified."""
        return DataFactoryManagementClient(
            credential or StaticToken(),
            "00000000-0000-0000-0000-000000000001",
            base_url=self.url,
            credential_scopes=["https://management.azure.com/.default"],
            connection_verify=self.authority,
            retry_total=0,
        )
