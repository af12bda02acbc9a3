# Databricks notebook source
# MAGIC %md
# MAGIC # Root cause: why did the mean arrival delay change?
# MAGIC Between two months: which carriers, airports and hours contributed how much, and which rows of which files are
# MAGIC behind it. `POST /api/explain` answers the same for any insight; here every step can be changed.

# COMMAND ----------

dbutils.widgets.text("catalog", "main", "Catalog")
dbutils.widgets.text("from_month", "1", "From month of 2013")
dbutils.widgets.text("to_month", "2", "To month of 2013")
catalog = dbutils.widgets.get("catalog")
from_month, to_month = int(dbutils.widgets.get("from_month")), int(dbutils.widgets.get("to_month"))

# COMMAND ----------

whole = spark.sql(
    f"""SELECT month, COUNT(*) AS flights, SUM(arr_delay) AS delay, COUNT(arr_delay) AS arrived,
        SUM(arr_delay) / COUNT(arr_delay) AS avg_arr_delay
    FROM {catalog}.silver.flights WHERE month IN (:from_month, :to_month) GROUP BY month""",
    args={"from_month": from_month, "to_month": to_month},
).toPandas()
display(whole)
means = whole.set_index("month")["avg_arr_delay"]
change = float(means[to_month] - means[from_month])
print(f"The mean arrival delay went from {means[from_month]:.2f} to {means[to_month]:.2f} minutes: {change:+.2f}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Who contributed how much
# MAGIC A mean changes because groups got later or earlier (*rate*) and because their shares of the flights changed
# MAGIC (*mix*). The symmetric split of Kitagawa, *Components of a Difference Between Two Rates* (JASA 50, 1955),
# MAGIC gives each group both parts, and all of them add up to the change.

# COMMAND ----------

import pandas as pd


def contributions(dimension):
    """Split the change over the values of a column; the parts add up to the change."""
    sums = spark.sql(
        f"""SELECT CAST({dimension} AS STRING) AS value, month, SUM(arr_delay) AS delay, COUNT(arr_delay) AS arrived
        FROM {catalog}.silver.flights WHERE month IN (:from_month, :to_month)
        GROUP BY {dimension}, month""",
        args={"from_month": from_month, "to_month": to_month},
    ).toPandas()
    wide = sums.pivot(index="value", columns="month", values=["delay", "arrived"]).fillna(0).astype(float)
    share = wide["arrived"] / wide["arrived"].sum()
    mean = wide["delay"] / wide["arrived"].where(wide["arrived"] > 0)
    mean = mean.T.bfill().ffill().T.fillna(0.0)  # A group that is there in one month only has no rate to change.
    average = (means[from_month] + means[to_month]) / 2
    return pd.DataFrame(
        {
            "rate": share.mean(axis=1) * (mean[to_month] - mean[from_month]),
            "mix": (mean.mean(axis=1) - average) * (share[to_month] - share[from_month]),
        }
    ).assign(contribution=lambda parts: parts["rate"] + parts["mix"])


def shown(parts):
    """Give the largest contributions first."""
    order = parts["contribution"].abs().sort_values(ascending=False).index
    return parts.loc[order].reset_index().round(3)


# COMMAND ----------

by_dimension = {dimension: contributions(dimension) for dimension in ("carrier", "origin", "hour")}
for dimension, parts in by_dimension.items():
    print(f"by {dimension}: {parts['contribution'].sum():+.6f} of {change:+.6f}")
    assert abs(parts["contribution"].sum() - change) < 1e-9, "the parts must add up to the whole"
    display(shown(parts).head(5))

# COMMAND ----------

# MAGIC %md
# MAGIC ## The days and flights behind the largest contribution

# COMMAND ----------

carrier = shown(by_dimension["carrier"])["value"].iloc[0]
days = spark.sql(
    f"""SELECT flight_date, COUNT(*) AS flights, SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
        ROUND(AVG(arr_delay), 1) AS avg_arr_delay, SUM(arr_delay) AS minutes
    FROM {catalog}.silver.flights WHERE carrier = :carrier AND month = :month
    GROUP BY flight_date ORDER BY minutes DESC NULLS LAST LIMIT 5""",
    args={"carrier": carrier, "month": to_month},
)
display(days)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Down to the lines of the files
# MAGIC `_file`, `_line` and `_batch` say where a row came from; bronze holds it as it was written there.

# COMMAND ----------

worst = spark.sql(
    f"""SELECT _file, _line, _batch, flight, origin, dest, time_hour, dep_delay, arr_delay
    FROM {catalog}.silver.flights WHERE carrier = :carrier AND month = :month
    ORDER BY arr_delay DESC NULLS LAST, _file, _line LIMIT 5""",
    args={"carrier": carrier, "month": to_month},
).toPandas()
display(worst)
source = spark.sql(
    f"SELECT * FROM {catalog}.bronze.flights WHERE _file = :file AND _line = :line AND _batch = :batch",
    args={"file": worst["_file"].iloc[0], "line": int(worst["_line"].iloc[0]), "batch": worst["_batch"].iloc[0]},
)
display(source)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What else differs between the months
# MAGIC Other files, another model or a batch that ran under other rules can move an insight, too. `GET
# MAGIC /api/runs/{batch}` has the books of each batch, with what was rejected and why.

# COMMAND ----------

behind = spark.sql(
    f"""SELECT month, _file, _batch, _model_version, COUNT(*) AS flights
    FROM {catalog}.silver.flights WHERE month IN (:from_month, :to_month)
    GROUP BY month, _file, _batch, _model_version ORDER BY month, _file""",
    args={"from_month": from_month, "to_month": to_month},
)
display(behind)
