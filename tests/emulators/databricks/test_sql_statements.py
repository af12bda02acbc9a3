"""The Statement Execution API, with Databricks' own SDK as its client."""

from __future__ import annotations

import urllib.request

import pyarrow as pa
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound
from databricks.sdk.service import sql

WAREHOUSE = "5f1d2c3b4a596877"


def run(client: WorkspaceClient, statement: str, **options):
    return client.statement_execution.execute_statement(
        statement=statement, warehouse_id=WAREHOUSE, **{"wait_timeout": "30s", **options}
    )


def test_sdk_lists_and_starts_the_warehouse(client: WorkspaceClient):
    assert [warehouse.id for warehouse in client.warehouses.list()] == [WAREHOUSE]
    started = client.warehouses.start(WAREHOUSE).result()
    assert started.state == sql.State.RUNNING


def test_sdk_reads_rows_columns_and_parameters(client: WorkspaceClient):
    response = run(
        client,
        "SELECT id, :word AS word FROM range(3) WHERE id >= :least ORDER BY id",
        parameters=[
            sql.StatementParameterListItem(name="word", value="a'b"),
            sql.StatementParameterListItem(name="least", value="1", type="INT"),
        ],
    )
    assert response.status.state == sql.StatementState.SUCCEEDED
    assert [(column.name, column.type_name.value) for column in response.manifest.schema.columns] == [
        ("id", "LONG"),
        ("word", "STRING"),
    ]
    assert response.result.data_array == [["1", "a'b"], ["2", "a'b"]]


def test_sdk_sees_a_failed_statement_as_a_state_and_a_refused_one_as_an_error(client: WorkspaceClient):
    failed = run(client, "SELECT * FROM main.silver.nowhere")
    assert failed.status.state == sql.StatementState.FAILED
    assert failed.status.error.error_code == sql.ServiceErrorCode.BAD_REQUEST
    with pytest.raises(BadRequest, match="wait_timeout"):
        run(client, "SELECT 1", wait_timeout="1s")
    with pytest.raises(NotFound):
        client.statement_execution.get_statement("01ef0000-0000-1000-0000-000000000000")


def test_sdk_downloads_arrow_by_external_links(client: WorkspaceClient):
    response = run(
        client,
        "SELECT id, CAST(id AS DECIMAL(9, 2)) AS d FROM range(5) ORDER BY id",
        disposition=sql.Disposition.EXTERNAL_LINKS,
        format=sql.Format.ARROW_STREAM,
        row_limit=4,
    )
    (link,) = response.result.external_links
    with urllib.request.urlopen(link.external_link) as download:
        table = pa.ipc.open_stream(download.read()).read_all()
    assert table.column("id").to_pylist() == [0, 1, 2, 3]
    assert response.manifest.truncated


def test_sdk_polls_and_cancels(client: WorkspaceClient):
    endless = "SELECT sum(a.id * b.id) FROM range(10000000) a CROSS JOIN range(10000000) b"
    started = run(client, endless, wait_timeout="0s")
    client.statement_execution.cancel_execution(started.statement_id)
    ended = client.statement_execution.get_statement(started.statement_id)
    assert ended.status.state == sql.StatementState.CANCELED
    assert run(client, "SELECT 7").result.data_array == [["7"]]
