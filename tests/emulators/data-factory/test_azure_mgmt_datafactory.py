"""The emulator as Microsoft's SDK for Python sees it: another client than the app's, unchanged."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError, ServiceRequestError
from azure.mgmt.datafactory import DataFactoryManagementClient, models
from factory_address import ROOT, Address, StaticToken

WHERE = ("local", "landfall")
ALWAYS = {
    "last_updated_after": datetime(2020, 1, 1, tzinfo=UTC),
    "last_updated_before": datetime(2100, 1, 1, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def client(address: Address) -> DataFactoryManagementClient:
    made = address.client()
    parameter = models.GlobalParameterSpecification(type="String", value="here")
    made.factories.create_or_update(
        *WHERE, models.Factory(location="westeurope", global_parameters={"place": parameter})
    )
    return made


def ended(client: DataFactoryManagementClient, run_id: str) -> models.PipelineRun:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        run = client.pipeline_runs.get(*WHERE, run_id)
        if run.status not in ("Queued", "InProgress", "Canceling"):
            return run
        time.sleep(0.02)
    raise AssertionError(f"{run_id} had not ended after 30 s")


def pipeline(*activities: dict, **more: object) -> models.PipelineResource:
    """A pipeline of activities as JSON: the classes of 10.0.0 write their parent's type ("Container") for their own."""
    return models.PipelineResource({"properties": {"activities": list(activities), **more}})


def activity(name: str, kind: str, **properties: object) -> dict:
    return {"name": name, "type": kind, "typeProperties": properties}


def test_a_factory_is_made_found_and_keeps_its_global_parameters(client: DataFactoryManagementClient):
    factory = client.factories.get(*WHERE)
    assert factory.name == "landfall"
    assert factory.provisioning_state == "Succeeded"
    assert factory.global_parameters["place"].value == "here"
    with pytest.raises(ResourceNotFoundError):
        client.factories.get("local", "nowhere")


def test_a_pipeline_is_created_run_and_its_runs_are_queried(client: DataFactoryManagementClient):
    value = {"value": "@concat(pipeline().globalParameters.place, ' ', pipeline().parameters.n)", "type": "Expression"}
    made = pipeline(
        activity("set", "SetVariable", variableName="answer", value=value),
        parameters={"n": {"type": "Int", "defaultValue": 1}},
        variables={"answer": {"type": "String"}},
    )
    assert client.pipelines.create_or_update(*WHERE, "sets", made).name == "sets"
    assert "sets" in [one.name for one in client.pipelines.list_by_factory(*WHERE)]

    started = client.pipelines.create_run(*WHERE, "sets", parameters={"n": 7})
    run = ended(client, started.run_id)
    assert (run.status, run.parameters, run.pipeline_name) == ("Succeeded", {"n": "7"}, "sets")
    only = models.RunQueryFilter({"operand": "PipelineName", "operator": "Equals", "values": ["sets"]})
    found = client.pipeline_runs.query_by_factory(*WHERE, models.RunFilterParameters(filters=[only], **ALWAYS))
    assert [one.run_id for one in found.value] == [started.run_id]
    activities = client.activity_runs.query_by_pipeline_run(
        *WHERE, started.run_id, models.RunFilterParameters(**ALWAYS)
    )
    assert [(one.activity_name, one.status, one.output["value"]) for one in activities.value] == [
        ("set", "Succeeded", "here 7")
    ]


def test_a_failing_run_says_why_and_a_waiting_one_can_be_cancelled(client: DataFactoryManagementClient):
    fail = activity("fail", "Fail", message="the table is gone", errorCode="404")
    client.pipelines.create_or_update(*WHERE, "fails", pipeline(fail))
    run = ended(client, client.pipelines.create_run(*WHERE, "fails").run_id)
    assert run.status == "Failed"
    assert "the table is gone" in run.message

    client.pipelines.create_or_update(*WHERE, "waits", pipeline(activity("wait", "Wait", waitTimeInSeconds=600)))
    run_id = client.pipelines.create_run(*WHERE, "waits").run_id
    client.pipeline_runs.cancel(*WHERE, run_id, is_recursive=True)
    assert ended(client, run_id).status == "Cancelled"


def test_the_projects_own_documents_are_taken_and_listed(client: DataFactoryManagementClient):
    folders = (("linkedService", client.linked_services), ("dataset", client.datasets), ("pipeline", client.pipelines))
    for folder, group in folders:
        names = []
        for path in sorted((ROOT / "data-factory" / folder).glob("*.json")):
            document = json.loads(path.read_text())
            group.create_or_update(*WHERE, document["name"], {"properties": document["properties"]})
            names.append(document["name"])
        assert set(names) <= {one.name for one in group.list_by_factory(*WHERE)}
    copy = client.pipelines.get(*WHERE, "copy-reference-tables")
    assert [activity.type for activity in copy.activities] == ["Lookup", "ForEach"]


def test_a_trigger_is_started_and_stopped(client: DataFactoryManagementClient):
    client.pipelines.create_or_update(*WHERE, "nightly", pipeline(activity("wait", "Wait", waitTimeInSeconds=0)))
    recurrence = {"frequency": "Day", "interval": 1, "startTime": "2026-01-01T00:00:00Z", "timeZone": "UTC"}
    reference = {"pipelineReference": {"type": "PipelineReference", "referenceName": "nightly"}}
    schedule = {"type": "ScheduleTrigger", "pipelines": [reference], "typeProperties": {"recurrence": recurrence}}
    trigger = models.TriggerResource({"properties": schedule})
    client.triggers.create_or_update(*WHERE, "night", trigger)
    client.triggers.begin_start(*WHERE, "night").result()
    assert client.triggers.get(*WHERE, "night").properties.runtime_state == "Started"
    client.triggers.begin_stop(*WHERE, "night").result()
    assert client.triggers.get(*WHERE, "night").properties.runtime_state == "Stopped"


def test_a_wrong_token_and_an_unknown_authority_are_refused(address: Address):
    with pytest.raises(ClientAuthenticationError):
        address.client(StaticToken("another")).factories.get(*WHERE)
    stranger = Address(address.url, authority=True)
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        stranger.client().factories.get(*WHERE)
