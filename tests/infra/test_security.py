"""Every resource is safe by what it says itself, and every type of resource has had that thought."""

import json
import re

import pytest

from .bicep_files import INFRA, all_resources, at, bicep_files

STORAGE = {
    "properties.allowBlobPublicAccess": False,
    "properties.allowSharedKeyAccess": False,
    "properties.minimumTlsVersion": "TLS1_2",
    "properties.supportsHttpsTrafficOnly": True,
}
# What each resource must say: no public data, no TLS below 1.2, no shared key or password.
RULES = {
    "Microsoft.Storage/storageAccounts": STORAGE,
    "Microsoft.Storage/storageAccounts/blobServices/containers": {"properties.publicAccess": "None"},
    "Microsoft.DocumentDB/databaseAccounts": {
        "properties.disableLocalAuth": True,
        "properties.disableKeyBasedMetadataWriteAccess": True,
        "properties.minimalTlsVersion": "Tls12",
    },
    "Microsoft.EventGrid/topics": {
        "properties.disableLocalAuth": True,
        "properties.minimumTlsVersionAllowed": "1.2",
    },
    "Microsoft.Synapse/workspaces": {"properties.azureADOnlyAuthentication": True},
    "Microsoft.Synapse/workspaces/dedicatedSQLminimalTlsSettings": {"properties.minimalTlsVersion": "1.2"},
    "Microsoft.KeyVault/vaults": {
        "properties.enableRbacAuthorization": True,
        "properties.enablePurgeProtection": True,
    },
    "Microsoft.Insights/components": {"properties.DisableLocalAuth": True},
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
    "Microsoft.Web/sites": {
        "properties.httpsOnly": True,
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.siteConfig.scmMinTlsVersion": "1.2",
        "properties.siteConfig.ftpsState": "Disabled",
    },
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": {"properties.allow": False},
    "Microsoft.Databricks/workspaces": {"properties.parameters.enableNoPublicIp.value": True},
}
# Types that have no such switch, and why that is all right. A type in neither table fails.
EXCEPTIONS = {
    "Microsoft.Resources/resourceGroups": "holds no data",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "is an identity",
    "Microsoft.Authorization/roleAssignments": "is a role; test_roles.py looks at it",
    "Microsoft.Authorization/roleDefinitions": "is a role; test_roles.py looks at it",
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments": "is a role; test_roles.py looks at it",
    "Microsoft.Storage/storageAccounts/blobServices": "public access is the account's and the containers' to say",
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases": "access is the account's to say",
    "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers": "access is the account's to say",
    "Microsoft.EventGrid/systemTopics": "takes events from its source alone; it has no endpoint and no key",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "goes to a resource id, not to a URL with a key",
    "Microsoft.Synapse/workspaces/administrators": "is who administers, by Entra ID",
    "Microsoft.Synapse/workspaces/firewallRules": "admits addresses; Entra ID decides who gets in",
    "Microsoft.Synapse/workspaces/sqlPools": "access is the workspace's to say",
    "Microsoft.Databricks/accessConnectors": "is an identity",
    "Microsoft.DataFactory/factories": "is managed through Resource Manager only, which takes no keys",
    "Microsoft.AnalysisServices/servers": "knows Entra ID only, and has no setting for TLS",
    "Microsoft.Insights/diagnosticSettings": "is a rule for logs",
    "Microsoft.Web/serverfarms": "is a plan",
    "Microsoft.Web/sites/config": "is a list of settings; test_app.py and the test for secrets look at it",
}
RESOURCES = all_resources()


def name_of(resource) -> str:
    return f"{resource.file}:{resource.symbol}"


@pytest.mark.parametrize("resource", RESOURCES, ids=name_of)
def test_a_resource_is_closed_or_has_a_reason(resource):
    assert (resource.type in RULES) != (resource.type in EXCEPTIONS), f"{resource.type} is in no table, or in both"
    for path, value in RULES.get(resource.type, {}).items():
        assert at(resource.config, path) == value, path


def test_the_tables_speak_of_resources_that_there_are():
    assert {*RULES, *EXCEPTIONS} == {resource.type for resource in RESOURCES}


def test_publishing_by_password_is_off_for_both_ways():
    policies = [item for item in RESOURCES if item.type.endswith("/basicPublishingCredentialsPolicies")]
    assert sorted(item.config["name"] for item in policies) == ["ftp", "scm"]


def test_the_warehouse_gets_no_password():
    workspaces = [item for item in RESOURCES if item.type == "Microsoft.Synapse/workspaces"]
    assert workspaces
    for workspace in workspaces:
        assert "sqlAdministratorLoginPassword" not in workspace.config["properties"]


SECRETS = {
    "a function that reads keys": r"\b(listKeys|listAccountSas|listServiceSas|listSecrets|getSecret)\s*\(",
    "a connection string with a key": r"(?i)(accountkey|sharedaccesskey|password|pwd)\s*=\s*[^\s;'\"$]",
    "a shared access signature": r"(?i)[?&]sig=",
    "a private key": r"-----BEGIN",
    "a key in base64": r"[A-Za-z0-9+/]{43,}={1,2}(?![A-Za-z0-9])",
    # (AzureWebJobsSecretStorageType says where the host keeps its keys.)
    "a literal for a password": r"(?i)\b(?!AzureWebJobsSecretStorageType\b)\w*"
    r"(password|secret|apikey|accesskey|token)\w*['\"]?\s*:\s*['\"][^'\"$]+['\"]",
}
WRITTEN = [
    path
    for folder in (INFRA, INFRA.parent / ".github")
    for path in sorted(folder.rglob("*"))
    if path.suffix in {".bicep", ".bicepparam", ".ts", ".yml"}
] + [INFRA.parent / "azure.yaml"]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(INFRA.parent).as_posix())
def test_no_file_holds_a_secret_or_asks_for_a_key(path):
    text = path.read_text()
    assert {what: found[0] for what, pattern in SECRETS.items() if (found := re.search(pattern, text))} == {}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a function that reads keys", "value: account.listKeys().keys[0].value"),
        ("a connection string with a key", "'AccountName=a;AccountKey=abc'"),
        ("a key in base64", "'" + "Ab1/" * 21 + "Ab==" + "'"),
        ("a literal for a password", "sqlAdministratorLoginPassword: 'abc'"),
    ],
)
def test_the_search_for_secrets_finds_them(what, text):
    assert re.search(SECRETS[what], text)


def test_no_output_is_a_key():
    for file in bicep_files().values():
        for name, output in file.tree.get("outputs", {}).items():
            assert not re.search(r"(?i)primarykey|accesskey|password|secret(?!s?uri)", json.dumps(output)), name
