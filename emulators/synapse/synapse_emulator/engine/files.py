"""Reading the files of COPY INTO, and checking a Parquet file against the columns that it is loaded into."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n

_INT_WIDTH = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}


@dataclass(slots=True)
class Field:
    """A column to fill from field `number` (from 0); `default` is DuckDB text for NULL."""

    name: str
    kind: SqlType
    number: int
    default: str | None


def read_parquet(data: bytes, path: str) -> pa.Table:
    """A Parquet file as a table, dictionaries decoded."""
    try:
        table = pq.read_table(io.BytesIO(data), pre_buffer=False)
    except (pa.ArrowException, OSError) as failure:
        raise SqlError(
            106000, f"106000;COPY INTO: the file '{path}' is not a Parquet file that can be read: {failure}"
        ) from failure
    for i, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(i, column.name, table.column(i).cast(column.type.value_type))
    return table


def read_csv(data: bytes, path: str, options: dict[str, n.Expression]) -> pa.Table:
    """A CSV file as a table of strings; an empty field is NULL."""
    if str(options.get("COMPRESSION", "")).upper() == "GZIP" or path.endswith(".gz"):
        data = gzip.decompress(data)
    encoding = "utf16" if str(options.get("ENCODING", "UTF8")).upper() == "UTF16" else "utf8"
    skip = max(int(options.get("FIRSTROW", 1)) - 1, 0)
    delimiter = _character(str(options.get("FIELDTERMINATOR", ",")))
    quote = str(options.get("FIELDQUOTE", '"')) or False
    try:
        table = _strings(data, encoding, delimiter, quote)
    except (pa.ArrowException, ValueError) as failure:
        raise SqlError(13812, f"COPY INTO: the CSV file '{path}' cannot be read: {failure}") from failure
    return table.slice(skip)


def _strings(data: bytes, encoding: str, delimiter: str, quote: str | bool) -> pa.Table:
    read = pa_csv.ReadOptions(autogenerate_column_names=True, encoding=encoding, block_size=1 << 22)
    parse = pa_csv.ParseOptions(delimiter=delimiter, quote_char=quote, newlines_in_values=True)
    with pa_csv.open_csv(io.BytesIO(data), read_options=read, parse_options=parse) as probe:
        names = probe.schema.names
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    return pa_csv.read_csv(io.BytesIO(data), read_options=read, parse_options=parse, convert_options=convert)


def _character(text: str) -> str:
    if text.lower().startswith("0x"):
        return bytes.fromhex(text[2:]).decode("latin-1")
    return {"\\t": "\t", "\\n": "\n"}.get(text, text)


def check_parquet(table: pa.Table, fields: list[Field], path: str) -> None:
    """106000, naming file and column, when a Parquet column does not load into its target's type."""
    for field in fields:
        source = table.schema.field(field.number)
        if not _loads(source.type, field.kind):
            raise SqlError(
                106000,
                f"106000;HdfsBridge::recordReaderFillBuffer - COPY INTO: file '{path}', field "
                f"{field.number + 1} ('{source.name}') is "
                f"{source.type} in the Parquet file and cannot be loaded into column '{field.name}' of "
                f"type {field.kind}.",
            )


def _loads(source: pa.DataType, target: SqlType) -> bool:
    if pa.types.is_null(source):
        return True
    if pa.types.is_boolean(source):
        return target.name == "bit"
    if pa.types.is_integer(source):
        width = source.bit_width * (2 if pa.types.is_unsigned_integer(source) and source.bit_width > 8 else 1)
        return target.name in _INT_WIDTH and width <= _INT_WIDTH[target.name]
    if pa.types.is_floating(source):
        return target.name == "float" or (target.name == "real" and source.bit_width <= 32)
    if pa.types.is_decimal(source):
        scale = target.scale if target.name == "decimal" else 4
        precision = {"money": 19, "smallmoney": 10}.get(target.name, target.precision)
        return target.is_exact and source.scale <= scale and source.precision - source.scale <= precision - scale
    if pa.types.is_string(source) or pa.types.is_large_string(source) or pa.types.is_string_view(source):
        return target.is_string or target.name == "uniqueidentifier"
    if pa.types.is_binary(source) or pa.types.is_large_binary(source) or pa.types.is_fixed_size_binary(source):
        return target.is_binary or target.is_string
    if pa.types.is_date(source):
        return target.name == "date" or target.is_stamp
    if pa.types.is_timestamp(source):
        return target.is_stamp
    return pa.types.is_time(source) and target.name == "time"
