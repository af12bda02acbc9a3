"""The emulator as Databricks' own SDK for Python sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, PermissionDenied, ResourceDoesNotExist
from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service import jobs

SHORT = timedelta(seconds=20)


def wheel(entry_point: str, *parameters: str, **more: object) -> jobs.Task:
    return jobs.Task(
        task_key=entry_point,
        python_wheel_task=jobs.PythonWheelTask(
            package_name="sample_jobs", entry_point=entry_point, parameters=list(parameters)
        ),
        **more,
    )


def test_a_job_is_created_run_and_waited_for(client: WorkspaceClient) -> None:
    job = client.jobs.create(
        name="sdk",
        tasks=[wheel("count"), wheel("leave", "{{job.parameters.code}}", depends_on=[jobs.TaskDependency("count")])],
        parameters=[jobs.JobParameterDefinition(name="code", default="0")],
    )
    run = client.jobs.run_now_and_wait(job.job_id, timeout=SHORT)
    assert run.state.result_state is jobs.RunResultState.SUCCESS
    assert run.status.termination_details.code is jobs.TerminationCodeCode.SUCCESS
    assert run.run_type is jobs.RunType.JOB_RUN
    assert [task.task_key for task in run.tasks] == ["count", "leave"]
    output = client.jobs.get_run_output(run.tasks[0].run_id)
    assert output.logs == "counted 1000 UTC\n"
    assert output.metadata.run_id == run.tasks[0].run_id


def test_terminated_is_not_success(client: WorkspaceClient) -> None:
    run = client.jobs.submit_and_wait(
        tasks=[jobs.SubmitTask(task_key="a", python_wheel_task=wheel("fail").python_wheel_task)], timeout=SHORT
    )
    assert run.state.life_cycle_state is jobs.RunLifeCycleState.TERMINATED
    assert run.state.result_state is jobs.RunResultState.FAILED
    output = client.jobs.get_run_output(run.tasks[0].run_id)
    assert output.error == "ValueError: the boat is leaking"
    assert "in fail" in output.error_trace


def test_what_is_missing_is_not_found(client: WorkspaceClient) -> None:
    with pytest.raises(ResourceDoesNotExist, match="Run 12 does not exist"):
        client.jobs.get_run(12)
    with pytest.raises(ResourceDoesNotExist, match="Job 12 does not exist"):
        client.jobs.get(12)
    with pytest.raises(InvalidParameterValue, match="Job 12 does not exist"):
        client.jobs.run_now(12)
    with pytest.raises(NotFound):
        client.clusters.get("none")


def test_a_wrong_token_is_denied(workspace_url: str) -> None:
    with pytest.raises(PermissionDenied):
        list(WorkspaceClient(host=workspace_url, token="dapi-3", auth_type="pat").jobs.list())


def test_a_token_is_one_run(client: WorkspaceClient) -> None:
    job_id = client.jobs.create(name="token", tasks=[wheel("count")]).job_id
    first = client.jobs.run_now(job_id, idempotency_token="once")
    again = client.jobs.run_now(job_id, idempotency_token="once")
    assert first.run_id == again.run_id
    assert first.result(SHORT).state.result_state is jobs.RunResultState.SUCCESS


def test_cancel_is_waited_for(client: WorkspaceClient) -> None:
    waiter = client.jobs.submit(
        tasks=[
            jobs.SubmitTask(task_key="a", python_wheel_task=wheel("nap", "/dev/null", "60").python_wheel_task),
        ]
    )
    run = client.jobs.cancel_run_and_wait(waiter.run_id, timeout=SHORT)
    assert run.state.result_state is jobs.RunResultState.CANCELED
    assert run.state.user_cancelled_or_timedout
    client.jobs.delete_run(run.run_id)
    assert run.run_id not in [each.run_id for each in client.jobs.list_runs()]


def test_lists_go_over_all_pages(client: WorkspaceClient) -> None:
    ids = [client.jobs.create(name="paged", tasks=[wheel("count")]).job_id for _ in range(5)]
    assert [job.job_id for job in client.jobs.list(name="paged", limit=2)] == ids[::-1]
    job = next(client.jobs.list(name="paged", expand_tasks=True))
    assert job.settings.tasks[0].python_wheel_task.package_name == "sample_jobs"
    client.jobs.update(ids[0], new_settings=jobs.JobSettings(name="renamed"))
    assert client.jobs.get(ids[0]).settings.name == "renamed"
    client.jobs.reset(ids[0], jobs.JobSettings(name="reset", tasks=[wheel("fail")]))
    assert [task.task_key for task in client.jobs.get(ids[0]).settings.tasks] == ["fail"]


def test_a_failed_run_is_repaired(client: WorkspaceClient, tmp_path) -> None:
    job_id = client.jobs.create(name="repair", tasks=[wheel("flaky", str(tmp_path / "tries"), "2")]).job_id
    run = client.jobs.run_now_and_wait(job_id, timeout=SHORT)
    assert run.state.result_state is jobs.RunResultState.FAILED
    repaired = client.jobs.repair_run_and_wait(run.run_id, rerun_all_failed_tasks=True, timeout=SHORT)
    assert repaired.run_id == run.run_id
    assert repaired.state.result_state is jobs.RunResultState.SUCCESS
    history = client.jobs.get_run(run.run_id, include_history=True).repair_history
    assert [each.type for each in history] == [jobs.RepairHistoryItemType.ORIGINAL, jobs.RepairHistoryItemType.REPAIR]


def test_what_cannot_run_here_is_refused_with_a_reason(client: WorkspaceClient) -> None:
    task = jobs.Task(task_key="n", notebook_task=jobs.NotebookTask(notebook_path="/a"))
    with pytest.raises(InvalidParameterValue, match="does not run notebook_task"):
        client.jobs.create(tasks=[task])


def test_the_client_knows_who_it_is(client: WorkspaceClient) -> None:
    assert client.current_user.me().user_name == "developer@localhost"
