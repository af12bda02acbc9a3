# Databricks notebook source
# MAGIC %md
# MAGIC # Train a candidate and compare it with what is served
# MAGIC A candidate is trained on the earlier flights and judged on the later ones, beside the predictions that the
# MAGIC served model left in silver (`late_risk`) for the very same flights. Nothing is registered here: the job
# MAGIC `landfall-train` does that, by the rules of the dataset's contract. Use this to find out whether a change is
# MAGIC worth putting there.

# COMMAND ----------

dbutils.widgets.text("catalog", "main", "Catalog")
dbutils.widgets.text("holdout_share", "0.2", "Share of the latest flights to judge on")
dbutils.widgets.text("trees", "100", "Trees")
catalog = dbutils.widgets.get("catalog")
holdout_share = float(dbutils.widgets.get("holdout_share"))
trees = int(dbutils.widgets.get("trees"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is known before a flight departs
# MAGIC `dep_delay` and all that is measured later is left out: with it a model looks splendid, and is of no use.

# COMMAND ----------

known = spark.sql(f"""
    SELECT
        flights.time_hour,
        flights.carrier, flights.origin, flights.dest,
        flights.hour * 60 + flights.minute AS departure_minute,
        flights.sched_arr_time,
        dayofweek(flights.flight_date) AS weekday,
        flights.month,
        flights.distance,
        weather.temp, weather.humid, weather.wind_speed, weather.precip, weather.pressure, weather.visib,
        planes.seats, flights.year - planes.year AS plane_age,
        flights.late_risk AS served_risk,
        flights._model_version AS served_version,
        CASE WHEN flights.arr_delay > 15 THEN 1 ELSE 0 END AS late
    FROM {catalog}.silver.flights AS flights
    LEFT JOIN {catalog}.silver.weather AS weather
        ON flights.origin = weather.origin AND flights.time_hour = weather.time_hour
    LEFT JOIN {catalog}.silver.planes AS planes ON flights.tailnum = planes.tailnum AND planes.is_current
    WHERE flights.status = 'operated'
""").toPandas()
print(f"{len(known):,} flights that operated, {known['late'].mean():.1%} of them late")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Split by time
# MAGIC A random split would let the model see the evening of a day whose morning it is judged on.

# COMMAND ----------

known = known.sort_values("time_hour", kind="stable").reset_index(drop=True)
for name in ("carrier", "origin", "dest"):
    known[name] = known[name].astype("category")
border = known["time_hour"].iloc[int(len(known) * (1 - holdout_share))]
earlier, later = known[known["time_hour"] < border], known[known["time_hour"] >= border]
print(f"train on {len(earlier):,} flights before {border}, judge on {len(later):,} from then on")

# COMMAND ----------

import lightgbm as lgb
import numpy as np

features = [name for name in known.columns if name not in ("time_hour", "served_risk", "served_version", "late")]
settings = {"objective": "binary", "num_leaves": 63, "learning_rate": 0.08, "verbose": -1, "seed": 7, "num_threads": 2}
candidate = lgb.train(settings, lgb.Dataset(earlier[features], earlier["late"]), num_boost_round=trees)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Compare on the same later flights
# MAGIC AUC: how often a late flight got a higher risk than one on time. Log loss: how good the probabilities are. The
# MAGIC served model may have been trained on some of these flights, which flatters it; the candidate has seen none of
# MAGIC them.

# COMMAND ----------


def auc(late, risk):
    """Give the area under the ROC curve by ranks (Mann and Whitney 1947); ties count half."""
    ranks = risk.rank(method="average")
    positive = int(late.sum())
    return (ranks[late == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(late) - positive))


def log_loss(late, risk):
    """Give the mean negative log likelihood."""
    sure = risk.clip(1e-9, 1 - 1e-9)
    return float(-(late * np.log(sure) + (1 - late) * np.log(1 - sure)).mean())


later = later.assign(candidate=candidate.predict(later[features]), base_rate=earlier["late"].mean())
both = later[later["served_risk"].notna()]
rivals = {"candidate": "candidate", "served": "served_risk", "base rate": "base_rate"}
rows = [
    (name, len(both), float(auc(both["late"], both[column])), log_loss(both["late"], both[column]))
    for name, column in rivals.items()
    if len(both) > 0
]
comparison = spark.createDataFrame(rows, "model string, flights long, auc double, log_loss double")
display(comparison)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the candidate looks at

# COMMAND ----------

gains = sorted(zip(features, candidate.feature_importance("gain"), strict=True), key=lambda pair: -pair[1])
total = sum(gain for _, gain in gains)
display(spark.createDataFrame([(name, float(gain / total)) for name, gain in gains], "feature string, share double"))
