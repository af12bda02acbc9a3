"""What the app reads and uses is what the modules make."""

import json
import re

from .bicep_files import ROOT, at, constant, module

CONFIG = (ROOT / "src" / "shared" / "config.ts").read_text()
NAMES = (ROOT / "src" / "shared" / "names.ts").read_text()
# Settings that Azure must not have: with them the app would use a key instead of its identity, or another folder.
LEFT_AWAY = {
    "STORAGE_ACCOUNT_KEY": "identity",
    "COSMOS_KEY": "identity",
    "DATABRICKS_TOKEN": "identity",
    "SYNAPSE_USER": "identity",
    "SYNAPSE_PASSWORD": "identity",
    "EVENT_GRID_TOPIC_KEY": "identity",
    "DATA_FACTORY_TOKEN": "identity",
    "POWER_BI_TOKEN": "identity",
    "ANALYSIS_SERVICES_TOKEN": "identity",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "Application Insights",
    "DATASETS_FOLDER": "the folder datasets of the package",
    "BATCH_FILE_LIMIT": "the default",
    "BATCH_BYTE_LIMIT": "the default",
}


def app_settings() -> dict:
    (settings,) = [item for item in module("function-app").resources() if item.config.get("name") == "appsettings"]
    return settings.config["properties"]


def read_settings() -> set[str]:
    """The settings that the app reads: env.NAME and (env, 'NAME' in config.ts, %NAME% in triggers."""
    names = set(re.findall(r"\benv\.([A-Z][A-Z0-9_]+)", CONFIG)) | set(re.findall(r"\(env, '(\w+)'", CONFIG))
    for trigger in (ROOT / "src" / "functions").glob("*.ts"):
        names |= set(re.findall(r"%([A-Z][A-Z0-9_]+)%", trigger.read_text()))
    return names


def test_the_reading_of_config_finds_what_local_settings_has():
    local = set(json.loads((ROOT / "local.settings.json").read_text())["Values"])
    assert local - read_settings() <= {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}


def test_every_setting_that_the_app_reads_is_set():
    assert read_settings() - set(app_settings()) == set(LEFT_AWAY) & read_settings()


def test_no_setting_is_set_that_would_replace_the_identity():
    assert not set(LEFT_AWAY) & set(app_settings())
    assert set(LEFT_AWAY) <= read_settings(), "LEFT_AWAY names what the app no longer reads"


def test_no_setting_is_set_that_nobody_reads():
    of_the_platform = re.compile(
        r"AzureWebJobs(Storage__|SecretStorage|DisableHomepage$)|APPLICATIONINSIGHTS_|AZURE_CLIENT_ID$"
    )
    assert {name for name in app_settings() if not of_the_platform.match(name)} <= read_settings()


def test_limits_of_ad_hoc_sql_are_numbers_as_text():
    for name in ("SQL_ROW_LIMIT", "SQL_BYTE_LIMIT", "SQL_WAIT_SECONDS", "SQL_TIMEOUT_SECONDS", "SYNAPSE_PORT"):
        assert re.fullmatch(r"[1-9]\d*", app_settings()[name]), name


def test_the_function_key_is_the_one_that_the_host_keeps_in_its_vault():
    settings = app_settings()
    assert settings["AzureWebJobsSecretStorageType"] == "keyvault"
    assert settings["AzureWebJobsSecretStorageKeyVaultUri"] == "hostKeysUri"
    assert settings["AzureWebJobsSecretStorageKeyVaultClientId"] == "identityClientId"
    reference = "@Microsoft.KeyVault(SecretUri=${hostKeysUri}secrets/host--functionKey--default)"
    assert settings["FUNCTION_KEY"] == reference
    assert "startsWith('@Microsoft.KeyVault(')" in CONFIG, "an unresolved reference must not be taken for a key"
    (app,) = [item for item in module("function-app").resources() if item.type == "Microsoft.Web/sites"]
    assert at(app.config, "properties.keyVaultReferenceIdentity") == "identityId"


def test_every_container_is_made():
    assert sorted(module("storage").variables["containers"]) == sorted(constant(NAMES, "CONTAINERS").values())


def test_every_cosmos_container_is_made_with_its_partition_key():
    made = {item["id"]: item["partitionKey"] for item in module("cosmos").variables["containers"]}
    assert made == {item["id"]: item["partitionKey"] for item in constant(NAMES, "COSMOS_CONTAINERS").values()}


def test_the_database_has_the_name_that_the_app_would_assume():
    (database,) = [item for item in module("cosmos").resources() if item.type.endswith("/sqlDatabases")]
    assert f"COSMOS_DATABASE ?? '{database.config['name']}'" in CONFIG


def test_the_lake_has_a_hierarchical_namespace():
    (account,) = [item for item in module("storage").resources() if item.symbol == "account"]
    assert at(account.config, "properties.isHnsEnabled") is True


def subscription() -> dict:
    (resource,) = [item for item in module("event-subscription").resources() if not item.existing]
    return resource.config["properties"]


def test_the_subscription_calls_a_function_that_the_app_registers():
    target = at(subscription(), "destination.properties.resourceId")
    name = target.rsplit("/", 1)[1]
    assert f"eventGrid('{name}'" in (ROOT / "src" / "functions" / f"{name}.ts").read_text()


def test_the_subscription_lets_through_what_the_app_takes_for_finished():
    source = (ROOT / "src" / "shared" / "events" / "blob-event.ts").read_text()
    sets = [re.search(rf"{name} = new Set\(\[(.*?)\]\)", source, re.S)[1] for name in ("FINISHED_WRITES", "DELETIONS")]
    finished = re.findall(r"'(\w+)'", "".join(sets))
    (operation,) = at(subscription(), "filter.advancedFilters")
    assert operation["key"] == "data.api"
    assert sorted(operation["values"]) == sorted(finished)


def test_the_subscription_is_as_the_local_stack_has_it():
    local = (ROOT / "scripts" / "provision" / "event-subscription.ts").read_text()
    here = subscription()
    retries = here["retryPolicy"]
    assert f"subjectBeginsWith: '{here['filter']['subjectBeginsWith']}'" in local
    assert f"includedEventTypes: {here['filter']['includedEventTypes']}" in local
    assert f"eventDeliverySchema: '{here['eventDeliverySchema']}'" in local
    assert f"maxDeliveryAttempts: {retries['maxDeliveryAttempts']}" in local
    assert f"eventTimeToLiveInMinutes: {retries['eventTimeToLiveInMinutes']}" in local
    container = at(here, "deadLetterWithResourceIdentity.deadLetterDestination.properties.blobContainerName")
    assert container == constant(NAMES, "CONTAINERS")["deadLetters"]
    assert f"blobContainerName: '{container}'" in local


def test_the_factory_has_the_global_parameters_of_its_documents():
    document = json.loads((ROOT / "data-factory" / "factory" / "landfall.json").read_text())
    (factory,) = [item for item in module("data-factory").resources() if item.type.endswith("/factories")]
    assert set(at(factory.config, "properties.globalParameters")) == set(document["properties"]["globalParameters"])
