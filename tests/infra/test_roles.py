"""Who may do what: each system that the app talks to admits it, and nobody has more than his work asks for."""

import re

from .bicep_files import ROOT, at, bicep_files, mentions, module

OWNER_OF_HOST_BLOBS = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
ROLES = {
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    OWNER_OF_HOST_BLOBS: "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "d5a91429-5739-47e2-a06b-3470a27159e7": "EventGrid Data Sender",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "db58b8e5-c6ad-4a2a-8342-4190687cbf4a": "Storage Blob Delegator",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
}
READ, CHANGE = "Storage Blob Data Reader", "Storage Blob Data Contributor"


def grants() -> set[tuple[str, str, str, str]]:
    """(module, who, what, role), for each role assignment of Azure; loops are unrolled."""
    found = set()
    for file in bicep_files().values():
        if file.name == "modules/container-role.bicep":
            continue
        for call in file.calls():
            if call.path == "container-role.bicep":
                params = call.config["params"]
                role = ROLES[file.variables[params["roleId"]]]
                found.add((file.name, _who(params["principalId"]), params["containerName"], role))
        for resource in file.resources():
            if resource.type == "Microsoft.Authorization/roleAssignments":
                properties = resource.config["properties"]
                own = at(properties, "roleDefinitionId.operator.operands.operand_1")
                if own is not None:
                    found.add(
                        (file.name, _who(properties["principalId"]), resource.config["scope"], f"{own} of its own")
                    )
                    continue
                role = at(properties, "roleDefinitionId.function.parameters.resource_name_1")
                for one in resource.items or [role]:
                    found.add(
                        (
                            file.name,
                            _who(properties["principalId"]),
                            resource.config["scope"],
                            ROLES[file.variables[one]],
                        )
                    )
    return found


def _who(principal: object) -> str:
    if isinstance(principal, str):
        return principal
    return at(principal, "operator.operands.operand_1")


def test_all_grants_are_these():
    assert grants() == {
        ("modules/storage.bicep", "appPrincipalId", "landing", CHANGE),
        ("modules/storage.bicep", "appPrincipalId", "account", "Storage Blob Delegator"),
        ("modules/storage.bicep", "appPrincipalId", "lake", CHANGE),
        ("modules/storage.bicep", "appPrincipalId", "quarantine", READ),
        ("modules/host-storage.bicep", "appPrincipalId", "account", "Storage Blob Data Owner"),
        ("modules/host-storage.bicep", "appPrincipalId", "account", "Storage Queue Data Contributor"),
        ("modules/host-storage.bicep", "appPrincipalId", "account", "Storage Table Data Contributor"),
        ("modules/event-grid.bicep", "appPrincipalId", "landfall", "EventGrid Data Sender"),
        ("modules/event-grid.bicep", "arrivals", "dead-letters", CHANGE),
        ("modules/application-insights.bicep", "appPrincipalId", "insights", "Monitoring Metrics Publisher"),
        ("modules/databricks.bicep", "connector", "landing", READ),
        ("modules/databricks.bicep", "connector", "lake", CHANGE),
        ("modules/databricks.bicep", "connector", "quarantine", CHANGE),
        ("modules/synapse.bicep", "workspace", "lake", CHANGE),
        ("modules/data-factory.bicep", "factory", "landing", CHANGE),
        ("modules/data-factory.bicep", "appPrincipalId", "factory", "operator of its own"),
        ("modules/key-vault.bicep", "factoryPrincipalId", "vault", "Key Vault Secrets User"),
        ("modules/host-keys.bicep", "appPrincipalId", "vault", "Key Vault Secrets Officer"),
    }


def hook(name: str) -> str:
    return (ROOT / "infra" / "hooks" / f"{name}.ts").read_text()


def cosmos_admits() -> bool:
    roles = [item for item in module("cosmos").resources() if item.type.endswith("/sqlRoleAssignments")]
    return any(
        role.config["properties"]["principalId"] == "appPrincipalId"
        and module("cosmos").variables["dataContributor"] == "00000000-0000-0000-0000-000000000002"
        and role.config["properties"]["scope"].endswith("/dbs/${database.name}")
        for role in roles
    )


def app_has(file: str) -> bool:
    return any(where == f"modules/{file}.bicep" and who == "appPrincipalId" for where, who, _, _ in grants())


# What services.ts makes of the identity, and where that system admits it. Databricks and Synapse keep their own books.
ADMITTED = {
    "BlobServiceClient": lambda: app_has("storage"),
    "CosmosClient": cosmos_admits,
    "EventGridPublisherClient": lambda: app_has("event-grid"),
    "DataFactoryManagementClient": lambda: app_has("data-factory"),
    "createDatabricksClient": lambda: "'CAN_MANAGE_RUN'" in hook("configure-databricks"),
    "createStatementClient": lambda: "'CAN_USE'" in hook("configure-databricks"),
    "sql.ConnectionPool": lambda: "FROM EXTERNAL PROVIDER" in hook("migrate-warehouse"),
}


def test_every_system_that_the_app_talks_to_admits_its_identity():
    services = (ROOT / "src" / "shared" / "services.ts").read_text()
    clients = set(re.findall(r"new (\w*Client|sql\.ConnectionPool)\(", services))
    clients |= set(re.findall(r"\b(create\w+Client)\(", services))
    assert clients == set(ADMITTED)
    for client, admitted in ADMITTED.items():
        assert admitted(), f"nothing admits the app where {client} goes"


def test_main_gives_each_module_that_asks_for_it_the_apps_principal():
    asked = 0
    for call in bicep_files()["main.bicep"].calls():
        if "appPrincipalId" in call.config["params"]:
            asked += 1
            principal = call.config["params"]["appPrincipalId"]
            assert mentions(principal, "identity"), call.symbol
            assert mentions(principal, "principalId"), call.symbol
    assert asked == 7


# What each call of src/shared/data-factory/data-factory-client.ts asks for, by Azure's names of the operations.
ASKED_OF_THE_FACTORY = {
    "pipelines.get": "pipelines/read",
    "pipelines.listByFactory": "pipelines/read",
    "pipelines.createRun": "pipelines/createrun/action",
    "pipelineRuns.get": "pipelineruns/read",
    "pipelineRuns.queryByFactory": "querypipelineruns/action",
    "pipelineRuns.cancel": "pipelineruns/cancel/action",
    "activityRuns.queryByPipelineRun": "pipelineruns/queryactivityruns/action",
}


def test_the_apps_role_in_the_factory_is_what_its_client_does_and_changes_nothing():
    source = (ROOT / "src" / "shared" / "data-factory" / "data-factory-client.ts").read_text()
    assert set(re.findall(r"\bclient\.(\w+\.\w+)\(", source)) == set(ASKED_OF_THE_FACTORY)
    (role,) = [item for item in module("data-factory").resources() if item.type.endswith("/roleDefinitions")]
    (permissions,) = role.config["properties"]["permissions"]
    granted = {action.removeprefix("Microsoft.DataFactory/factories/") for action in permissions["actions"]}
    assert set(ASKED_OF_THE_FACTORY.values()) <= granted
    assert not [action for action in granted if re.search(r"write|delete|\*", action)]
    assert {action for action in granted if action.endswith("/action")} <= set(ASKED_OF_THE_FACTORY.values())


def test_the_hooks_run_with_the_same_identity_that_the_app_runs_with():
    (app,) = [item for item in module("function-app").resources() if item.type == "Microsoft.Web/sites"]
    assert app.config["identity"]["type"] == "UserAssigned"
    outputs = bicep_files()["main.bicep"].tree["outputs"]
    for name in ("APP_IDENTITY_NAME", "APP_IDENTITY_CLIENT_ID"):
        assert mentions(outputs[name], "identity")
