"""Insights as JSON Lines: one document a row, in order of its key."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.contract import Insight
from landfall_jobs.errors import JobError


def check_key(rows: pa.Table, insight: Insight) -> pa.Table:
    """Give the rows in order of the key; raise JobError when it is missing, null or not unique."""
    absent = [name for name in insight.key if name not in rows.schema.names]
    if absent:
        raise JobError(f"Insight {insight.name} has no column {', '.join(absent)}, which its key names.")
    null = [name for name in insight.key if rows.column(name).null_count]
    if null:
        raise JobError(f"Insight {insight.name}: {', '.join(null)} is null in some rows, yet belongs to the key.")
    keys = rows.select(list(insight.key)).group_by(list(insight.key)).aggregate([([], "count_all")])
    if keys.num_rows != rows.num_rows:
        double = keys.filter(pc.field("count_all") > 1).slice(0, 1).to_pylist()[0]
        example = ", ".join(f"{name}={double[name]}" for name in insight.key)
        raise JobError(f"Insight {insight.name} has {double['count_all']} rows for one key ({example}).")
    return rows.sort_by([(name, "ascending") for name in insight.key])


def to_json_lines(rows: pa.Table) -> bytes:
    """Give the documents: dates and times as ISO 8601 (UTC, Z), NaN as null, arrays and structs nested."""
    lines = (json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":")) for row in rows.to_pylist())
    return "".join(line + "\n" for line in lines).encode()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
