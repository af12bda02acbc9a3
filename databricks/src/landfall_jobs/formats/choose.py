"""The format of a contract."""

from landfall_jobs.contract import Contract
from landfall_jobs.formats.access_log import PATTERNS, AccessLogFormat
from landfall_jobs.formats.corrected_rows import CORRECTED_IN_JSON, CorrectableFormat, CorrectedRowsFormat
from landfall_jobs.formats.csv_format import CsvFormat
from landfall_jobs.formats.excel_format import ExcelFormat
from landfall_jobs.formats.format import Format
from landfall_jobs.formats.header import normal
from landfall_jobs.formats.json_document import JsonDocumentFormat
from landfall_jobs.formats.json_lines import JsonLinesFormat
from landfall_jobs.formats.json_rows import Flattening, parse_path
from landfall_jobs.formats.media_format import MediaFormat
from landfall_jobs.formats.opening import Packing
from landfall_jobs.formats.parquet_format import ParquetFormat
from landfall_jobs.formats.pattern_lines import PatternFormat, check_pattern
from landfall_jobs.formats.w3c_log import W3cLogFormat
from landfall_jobs.formats.xml_document import XmlFormat


def format_of(contract: Contract, lake: str | None = None) -> Format:
    """Give the format in which a dataset's files land; raise JobError when its pattern is none.

    `lake` is where thumbnails are kept; without it none are.
    """
    landed = _landed(contract, lake)
    kind = contract.arrival.format
    if kind not in CORRECTED_IN_JSON:
        return landed
    return CorrectableFormat(landed.columns, landed, _corrected(contract), kind)


def _landed(contract: Contract, lake: str | None) -> Format:
    arrival = contract.arrival
    columns = tuple((column.name, column.source) for column in contract.read)
    packing = Packing(arrival.compression, arrival.encoding)
    optional = frozenset(c.name for c in contract.read if c.evolved or contract.drift.missing_columns == "ignore")
    match arrival.format:
        case "csv":
            return CsvFormat(columns, packing, arrival.delimiter, arrival.header, optional=optional)
        case "jsonl":
            return JsonLinesFormat(columns, packing, _flattening(contract), _types(contract))
        case "json":
            records = parse_path(arrival.records) if arrival.records else ()
            return JsonDocumentFormat(columns, packing, _flattening(contract), records, _types(contract))
        case "xml":
            return XmlFormat(columns, packing, _flattening(contract), parse_path(arrival.records or ""))
        case "parquet":
            return ParquetFormat(columns, _flattening(contract).paths, optional=optional)
        case "avro":
            # Imported where such files come: the others need not have its library.
            from landfall_jobs.formats.avro_format import AvroFormat

            return AvroFormat(columns, _flattening(contract), optional=optional)
        case "excel":
            return ExcelFormat(columns, _types(contract), arrival.sheet, arrival.header_row, optional=optional)
        case "media":
            sizes = (arrival.thumbnail_pixels, arrival.text_characters)
            return MediaFormat(columns, *sizes, lake, f"thumbnails/{contract.dataset}")
        case "text":
            check_pattern(arrival.pattern)
            return PatternFormat(columns, packing, arrival.pattern)
        case "access-log" if arrival.layout == "w3c":
            return W3cLogFormat(columns, packing)
        case "access-log":
            return AccessLogFormat(columns, packing, PATTERNS[arrival.layout])
    raise AssertionError(f"{arrival.format} is no format; parse_contract lets none such through.")


def _corrected(contract: Contract) -> CorrectedRowsFormat:
    """Give the format of rows that were given out as JSON: keys are those of the file, of a workbook its headings."""
    columns = tuple((column.name, column.source) for column in contract.read)
    flattening = _flattening(contract)
    if contract.arrival.format == "excel":
        flattening = Flattening(tuple((source,) for _, source in columns))
        spelled = {normal(name): source for name, source in columns} | {normal(source): source for _, source in columns}
    else:
        spelled = {normal(path[0]): path[0] for path in (*flattening.explode, *flattening.paths)}
    return CorrectedRowsFormat(columns, Packing(), flattening, spelled=spelled)


def _flattening(contract: Contract) -> Flattening:
    paths = tuple(parse_path(column.source) for column in contract.read)
    return Flattening(paths, tuple(parse_path(path) for path in contract.arrival.explode))


def _types(contract: Contract) -> tuple[str, ...]:
    return tuple(column.type for column in contract.read)
