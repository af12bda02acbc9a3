"""Cleanse with DuckDB: text into a table on disk, judged in one pass; only rows whose key is not alone are sorted."""

import duckdb
from flights import COLUMNS, INT_FORM, KEY, LENGTHS, NULLABLE, TIME_FORM, Task, as_books, main

NAMES, KEYS = ", ".join(COLUMNS), ", ".join(KEY)
TYPED = [name for name, kind in COLUMNS.items() if kind != "string"]


def typed(name: str) -> str:
    """Gives the value of a text. DuckDB rounds '12.5' and trims ' 5' where it casts, so the form is checked."""
    kind = COLUMNS[name]
    if kind == "string":
        return name
    form, target = (INT_FORM, "INT") if kind == "int" else (TIME_FORM, "TIMESTAMPTZ")
    return f"CASE WHEN regexp_full_match({name}, '{form}') THEN TRY_CAST({name} AS {target}) END AS {name}"


def time_of_day(name: str) -> str:
    return f"({name} BETWEEN 0 AND 2400 AND {name} % 100 < 60)"


def faults() -> dict[str, str]:
    """What is wrong with a row, in the order in which it counts."""
    good = {
        "scheduled-time-exists": f"{time_of_day('sched_dep_time')} AND {time_of_day('sched_arr_time')}",
        "actual-time-exists": (
            f"(dep_time IS NULL OR {time_of_day('dep_time')}) AND (arr_time IS NULL OR {time_of_day('arr_time')})"
        ),
        "date-exists": "flight_date IS NOT NULL",
        "arrival-needs-departure": (
            "dep_time IS NOT NULL OR (arr_time IS NULL AND air_time IS NULL AND arr_delay IS NULL)"
        ),
        "distance-plausible": "distance BETWEEN 1 AND 10000",
        "speed-plausible": "air_time IS NULL OR (air_time > 0 AND distance / (air_time / 60.0) <= 770)",
        "delay-plausible": (
            "(dep_delay IS NULL OR dep_delay BETWEEN -180 AND 2880)"
            " AND (arr_delay IS NULL OR arr_delay BETWEEN -240 AND 2880)"
        ),
    }
    return {
        "type": " OR ".join(f"({name} IS NULL AND text_{name} IS NOT NULL)" for name in TYPED),
        "not-null": " OR ".join(f"{name} IS NULL" for name in COLUMNS if name not in NULLABLE),
        "length": " OR ".join(f"length({name}) > {length}" for name, length in LENGTHS.items()),
        **{name: f"NOT coalesce({condition}, false)" for name, condition in good.items()},
    }


def cleanse(task: Task) -> dict:
    db = duckdb.connect(str(task.output / "work.duckdb"))
    kinds = dict.fromkeys(COLUMNS, "VARCHAR")
    db.execute(
        f"CREATE TABLE landed AS FROM read_csv({task.files}, header = true, filename = 'file', auto_detect = false,"
        f" delim = ',', quote = '\"', nullstr = ['', 'NA'], columns = {kinds})"
    )
    # A table's rowid is the order in which its rows were read: files one after the other, each from its first line.
    db.execute(
        f"""
        CREATE TABLE checked AS
        WITH typed AS (
          SELECT {", ".join(map(typed, COLUMNS))}, {", ".join(f"{name} AS text_{name}" for name in TYPED)},
            file, rowid AS row
          FROM landed
        ), derived AS (
          SELECT *, TRY(make_date(year, month, day)) AS flight_date, year * 10000 + month * 100 + day AS date_key,
            CASE WHEN dep_time IS NULL THEN 'cancelled' WHEN arr_delay IS NULL THEN 'diverted' ELSE 'operated' END
              AS status
          FROM typed
        )
        SELECT {NAMES}, flight_date, date_key, status, file, row, hash({NAMES}) AS content,
          CASE {" ".join(f"WHEN {condition} THEN '{name}'" for name, condition in faults().items())} END AS reason
        FROM derived
        """
    )
    db.execute(
        f"""
        CREATE TABLE losers AS
        WITH contested AS (
          SELECT hash({KEYS}) AS key FROM checked WHERE reason IS NULL GROUP BY key HAVING count(*) > 1
        ), ranked AS (
          SELECT row, content, row_number() OVER latest AS rank, first_value(content) OVER latest AS last
          FROM checked SEMI JOIN contested ON hash({KEYS}) = contested.key
          WHERE reason IS NULL
          WINDOW latest AS (PARTITION BY {KEYS} ORDER BY row DESC)
        )
        SELECT row, CASE WHEN content = last THEN 'duplicates' ELSE 'superseded' END AS verdict
        FROM ranked WHERE rank > 1
        """
    )
    db.execute(
        f"COPY (SELECT * EXCLUDE reason FROM checked ANTI JOIN losers USING (row) WHERE reason IS NULL)"
        f" TO '{task.output / 'good.parquet'}'"
    )
    db.execute(
        f"COPY (SELECT landed.*, row, reason FROM landed JOIN checked ON landed.rowid = row WHERE reason IS NOT NULL)"
        f" TO '{task.output / 'rejects.jsonl'}' (FORMAT json)"
    )
    return books(db)


def books(db: duckdb.DuckDBPyConnection) -> dict:
    reasons = dict(db.sql("SELECT reason, count(*) FROM checked WHERE reason IS NOT NULL GROUP BY ALL").fetchall())
    verdicts = dict(db.sql("SELECT verdict, count(*) FROM losers GROUP BY ALL").fetchall())
    [(read, warned)] = db.sql(
        "SELECT count(*), count(*) FILTER (reason IS NULL AND tailnum IS NULL AND status <> 'cancelled') FROM checked"
    ).fetchall()
    verdicts["quarantined"] = sum(reasons.values())
    verdicts["loaded"] = read - sum(verdicts.values())
    return as_books(verdicts, reasons, {"tail-number-known": warned} if warned else {})


main(cleanse)
