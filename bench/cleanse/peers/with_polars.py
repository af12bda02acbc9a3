"""Cleanse with Polars: typed and judged while the text streams in; only rows whose key is not alone are sorted."""

import polars as pl
from flights import COLUMNS, INTEGERS, KEY, LENGTHS, NULLABLE, Task, as_books, main

ZERO_TO_2400 = (0, 2400)


def time_of_day(name: str) -> pl.Expr:
    column = pl.col(name)
    return column.is_between(*ZERO_TO_2400) & (column % 100 < 60)


def faults() -> list[tuple[str, pl.Expr]]:
    """Faults of form first; `type` counts before what follows from it."""
    types = [pl.col(f"text_{name}").is_not_null() & pl.col(name).is_null() for name in [*INTEGERS, "time_hour"]]
    nulls = [pl.col(n if k == "string" else f"text_{n}").is_null() for n, k in COLUMNS.items() if n not in NULLABLE]
    lengths = [pl.col(name).str.len_chars() > length for name, length in LENGTHS.items()]
    return [
        ("type", pl.any_horizontal(types)),
        ("not-null", pl.any_horizontal(nulls)),
        ("length", pl.any_horizontal(lengths)),
    ]


def rules() -> list[tuple[str, pl.Expr]]:
    """The contract's rules that quarantine; null counts as broken."""
    dep, arr, air = pl.col("dep_time"), pl.col("arr_time"), pl.col("air_time")
    good = [
        ("scheduled-time-exists", time_of_day("sched_dep_time") & time_of_day("sched_arr_time")),
        (
            "actual-time-exists",
            (dep.is_null() | time_of_day("dep_time")) & (arr.is_null() | time_of_day("arr_time")),
        ),
        ("date-exists", pl.col("flight_date").is_not_null()),
        (
            "arrival-needs-departure",
            dep.is_not_null() | (arr.is_null() & air.is_null() & pl.col("arr_delay").is_null()),
        ),
        ("distance-plausible", pl.col("distance").is_between(1, 10000)),
        ("speed-plausible", air.is_null() | ((air > 0) & (pl.col("distance") / (air / 60.0) <= 770))),
        (
            "delay-plausible",
            (pl.col("dep_delay").is_null() | pl.col("dep_delay").is_between(-180, 2880))
            & (pl.col("arr_delay").is_null() | pl.col("arr_delay").is_between(-240, 2880)),
        ),
    ]
    return [(name, ~condition.fill_null(False)) for name, condition in good]


def checked(task: Task) -> pl.LazyFrame:
    """Text to typed, derived and judged rows; `row` numbers them over all files."""
    landed = pl.scan_csv(
        task.files,
        schema=dict.fromkeys(COLUMNS, pl.String),
        null_values=["", "NA"],
        row_index_name="row",
        include_file_paths="file",
    )
    texts = [pl.col(name).alias(f"text_{name}") for name, kind in COLUMNS.items() if kind != "string"]
    time_hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False)
    typed = landed.with_columns(*texts, *(pl.col(n).cast(pl.Int32, strict=False) for n in INTEGERS), time_hour)
    derived = typed.with_columns(
        flight_date=pl.date("year", "month", "day"),
        date_key=pl.col("year") * 10000 + pl.col("month") * 100 + pl.col("day"),
        status=pl.when(pl.col("dep_time").is_null())
        .then(pl.lit("cancelled"))
        .when(pl.col("arr_delay").is_null())
        .then(pl.lit("diverted"))
        .otherwise(pl.lit("operated")),
    )
    reason = pl.coalesce(
        *(pl.when(condition).then(pl.lit(name)) for name, condition in [*faults(), *rules()]), pl.lit(None)
    )
    return derived.with_columns(reason=reason, content=pl.struct(*COLUMNS).hash(), key=pl.struct(*KEY).hash())


def verdicts_of(keyed: pl.DataFrame) -> pl.DataFrame:
    """Verdicts of rows that share their key with others: the last one wins."""
    winner = keyed.sort("row").group_by(KEY).agg(pl.col("row").last().alias("last"), pl.col("content").last())
    return (
        keyed.join(winner, on=KEY, how="inner", suffix="_last")
        .filter(pl.col("row") != pl.col("last"))
        .select(
            "row",
            verdict=pl.when(pl.col("content") == pl.col("content_last"))
            .then(pl.lit("duplicates"))
            .otherwise(pl.lit("superseded")),
        )
    )


def cleanse(task: Task) -> dict:
    good_columns = [*COLUMNS, "flight_date", "date_key", "status", "file", "row", "content"]
    rows = checked(task)
    everything = rows.select(*good_columns, "key", "reason").collect(engine="streaming")
    bad = everything.filter(pl.col("reason").is_not_null())
    good = everything.filter(pl.col("reason").is_null())
    del everything
    contested = good.filter(pl.col("key").is_duplicated())
    losers = verdicts_of(contested.select(*KEY, "row", "content"))
    kept = good.join(losers, on="row", how="anti", maintain_order="left")
    kept.select(good_columns).write_parquet(task.output / "good.parquet")
    # Rejects keep their text: only their files' lines are looked up again.
    texts = pl.scan_csv(
        task.files, schema=dict.fromkeys(COLUMNS, pl.String), row_index_name="row", include_file_paths="file"
    )
    texts.join(bad.select("row", "reason").lazy(), on="row", how="inner").sink_ndjson(task.output / "rejects.jsonl")
    read = good.height + bad.height
    by_verdict = dict(losers.group_by("verdict").len().iter_rows())
    verdicts = {"loaded": kept.height, "quarantined": bad.height, **by_verdict}
    assert sum(verdicts.values()) == read
    warned = kept.filter(pl.col("tailnum").is_null() & (pl.col("status") != "cancelled")).height
    return as_books(
        verdicts,
        dict(bad.group_by("reason").len().iter_rows()),
        {"tail-number-known": warned} if warned else {},
    )


main(cleanse)
