"""Read what the train job reads, Delta tables in the lake, and fit LightGBM with its parameters: nothing else.

No registry, no comparison, no result, no engine. Prints seconds for read and fit, and the AUC on the later rows.
"""

import json
import os
import sys
import time

import deltalake
import duckdb
import lightgbm
import numpy as np

CATEGORIES = ("carrier", "origin", "dest")
FEATURES = [
    *CATEGORIES,
    *("departure_minute", "sched_arr_time", "month", "weekday", "distance", "temp", "dewp", "humid"),
    *("wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib", "plane_age", "seats"),
]
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "max_bin": 127,
    "cat_smooth": 20,
    "num_threads": 2,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
TREES, HOLDOUT = 100, 0.2


def read(db: duckdb.DuckDBPyConnection) -> dict[str, np.ndarray]:
    """Delta tables by delta-rs, joined by DuckDB, in order of time."""
    options = {
        "account_name": os.environ["AZURE_STORAGE_ACCOUNT_NAME"],
        "account_key": os.environ["AZURE_STORAGE_ACCOUNT_KEY"],
        "azure_storage_use_emulator": "true",
    }
    for name in ("flights", "weather", "planes"):
        table = deltalake.DeltaTable(f"az://lake/silver/{name}", storage_options=options)
        db.register(name, table.to_pyarrow_dataset().to_table())
    return db.sql(
        """
        SELECT f.carrier, f.origin, f.dest, f.hour * 60 + f.minute AS departure_minute, f.sched_arr_time, f.month,
          dayofweek(f.flight_date) AS weekday, f.distance, w.temp, w.dewp, w.humid, w.wind_dir, w.wind_speed,
          w.wind_gust, w.precip, w.pressure, w.visib, f.year - p.year AS plane_age, p.seats,
          (f.arr_delay > 15)::INT AS late, epoch(f.time_hour) AS at
        FROM flights f
        LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
        LEFT JOIN planes p ON p.tailnum = f.tailnum
        WHERE f.status = 'operated'
        ORDER BY f.time_hour, f.carrier, f.flight, f.origin
        """
    ).to_df()


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """The share of pairs in order, ties half."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[group]
    positives = labels.sum()
    return float((ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def main() -> None:
    """Entry point."""
    began = time.perf_counter()
    frame = read(duckdb.connect())
    for name in CATEGORIES:
        frame[name] = frame[name].astype("category").cat.codes
    values, late = frame[FEATURES].to_numpy(dtype=np.float64), frame["late"].to_numpy()
    seen = time.perf_counter()
    early = (frame["at"] <= np.quantile(frame["at"], 1 - HOLDOUT, method="lower")).to_numpy()
    data = lightgbm.Dataset(values[early], late[early], feature_name=FEATURES, categorical_feature=list(CATEGORIES))
    booster = lightgbm.train(PARAMETERS, data, TREES)
    fit = time.perf_counter()
    judged = auc(late[~early], np.asarray(booster.predict(values[~early])))
    json.dump({"rows": len(frame), "read": seen - began, "fit": fit - seen, "auc": judged}, sys.stdout)


if __name__ == "__main__":
    main()
