"""The format of a contract."""

from landfall_jobs.contract import Contract
from landfall_jobs.formats.csv_format import CsvFormat
from landfall_jobs.formats.format import Format
from landfall_jobs.formats.json_lines import JsonLinesFormat
from landfall_jobs.formats.json_rows import Flattening, parse_path
from landfall_jobs.formats.opening import Packing


def format_of(contract: Contract) -> Format:
    """Give the format in which a dataset's files land."""
    arrival = contract.arrival
    columns = tuple((column.name, column.source) for column in contract.landed)
    packing = Packing(arrival.compression, arrival.encoding)
    match arrival.format:
        case "csv":
            return CsvFormat(columns, packing, arrival.delimiter, arrival.header)
        case "jsonl":
            return JsonLinesFormat(columns, packing, _flattening(contract), _types(contract))
    raise AssertionError(f"{arrival.format} is no format; parse_contract lets none such through.")


def _flattening(contract: Contract) -> Flattening:
    paths = tuple(parse_path(column.source) for column in contract.landed)
    return Flattening(paths, tuple(parse_path(path) for path in contract.arrival.explode))


def _types(contract: Contract) -> tuple[str, ...]:
    return tuple(column.type for column in contract.landed)
