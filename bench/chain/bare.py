"""The data work of the chain as one bare script on DuckDB and LightGBM: no events, no ledger, no services, no recovery.

Usage: bare.py FLIGHTS_FOLDER REFERENCE_FOLDER OUTPUT_FOLDER
"""

import json
import sys
from pathlib import Path

import duckdb
import lightgbm
import numpy as np

KEY = "carrier, flight, origin, time_hour"
CATEGORIES = ("carrier", "origin", "dest")
FEATURES = [
    *CATEGORIES,
    *("departure_minute", "sched_arr_time", "month", "weekday", "distance", "temp", "dewp", "humid"),
    *("wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib", "plane_age", "seats"),
]
INTEGERS = [
    *("year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"),
    *("flight", "air_time", "distance", "hour", "minute"),
]


def cleanse(db: duckdb.DuckDBPyConnection, flights: Path, output: Path) -> None:
    """Raw text to bronze, typed and checked rows to silver, without duplicates."""
    db.execute(
        f"CREATE TABLE bronze AS SELECT *, row_number() OVER () AS line "
        f"FROM read_csv('{flights}/*.csv', all_varchar=true, filename=true)"
    )
    db.execute(f"COPY bronze TO '{output}/bronze.parquet'")
    typed = ", ".join(f"TRY_CAST(nullif({name}, 'NA') AS INT) AS {name}" for name in INTEGERS)
    db.execute(
        f"""
        CREATE TABLE silver AS
        WITH typed AS (
          SELECT {typed}, carrier, nullif(tailnum, 'NA') AS tailnum, origin, dest,
            TRY_CAST(time_hour AS TIMESTAMPTZ) AS time_hour, filename, line
          FROM bronze
        )
        SELECT *, make_date(year, month, day) AS flight_date,
          CASE WHEN dep_time IS NULL THEN 'cancelled' WHEN arr_delay IS NULL THEN 'diverted' ELSE 'operated' END
            AS status
        FROM typed
        WHERE sched_dep_time BETWEEN 0 AND 2400 AND sched_dep_time % 100 < 60 AND distance BETWEEN 1 AND 10000
          AND (dep_delay IS NULL OR dep_delay BETWEEN -180 AND 2880)
        QUALIFY row_number() OVER (PARTITION BY {KEY} ORDER BY line DESC) = 1
        """
    )
    db.execute(f"COPY silver TO '{output}/silver.parquet'")


def score(db: duckdb.DuckDBPyConnection, reference: Path, output: Path) -> None:
    """Joins weather and planes, trains on January as the chain does, scores every flight."""
    for table in ("weather", "planes", "airlines", "airports"):
        db.execute(f"CREATE TABLE {table} AS FROM read_csv('{reference}/{table}.csv', nullstr='NA')")
    combined = db.sql(
        """
        SELECT f.*, f.hour * 60 + f.minute AS departure_minute, dayofweek(flight_date) AS weekday,
          w.temp, w.dewp, w.humid, w.wind_dir, w.wind_speed, w.wind_gust, w.precip, w.pressure, w.visib,
          p.seats, f.year - p.year AS plane_age
        FROM silver f
        LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
        LEFT JOIN planes p ON p.tailnum = f.tailnum
        """
    ).to_arrow_table()
    frame = combined.to_pandas()
    for name in CATEGORIES:
        frame[name] = frame[name].astype("category").cat.codes
    values = frame[FEATURES].to_numpy(dtype=np.float64)
    january = ((frame.month == 1) & (frame.status == "operated")).to_numpy()
    late = (frame.arr_delay > 15).to_numpy(dtype=np.float64)
    data = lightgbm.Dataset(values[january], late[january], feature_name=FEATURES, categorical_feature=list(CATEGORIES))
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 63, "learning_rate": 0.1, "verbose": -1, "num_threads": 2}, data, 150
    )
    scored = combined.append_column("late_risk", [booster.predict(values)])
    db.register("scored", scored)
    db.execute(f"COPY scored TO '{output}/scored.parquet'")
    db.execute("CREATE TABLE fact_flight AS SELECT * FROM scored")


def insights(db: duckdb.DuckDBPyConnection, output: Path) -> None:
    """The four insights, as JSON."""
    groupings = {
        "route-risk": "origin, dest, hour",
        "carrier-punctuality": "carrier, year, month",
        "airport-day": "origin, flight_date",
        "aircraft-punctuality": "manufacturer, model",
    }
    for name, keys in groupings.items():
        rows = db.sql(
            f"""
            SELECT {keys}, count(*) AS flights, avg(late_risk) AS risk, avg(dep_delay) AS dep_delay,
              avg(arr_delay) AS arr_delay, count(*) FILTER (status = 'cancelled') AS cancelled
            FROM fact_flight LEFT JOIN (SELECT tailnum, manufacturer, model FROM planes) USING (tailnum)
            GROUP BY {keys}
            """
        ).to_arrow_table()
        (output / f"{name}.json").write_text(json.dumps(rows.to_pylist(), default=str))


def main() -> None:
    """Entry point."""
    flights, reference, output = map(Path, sys.argv[1:])
    db = duckdb.connect(str(output / "warehouse.duckdb"))
    cleanse(db, flights, output)
    score(db, reference, output)
    insights(db, output)
    db.close()


if __name__ == "__main__":
    main()
