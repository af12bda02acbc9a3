# Databricks notebook source
# MAGIC %md
# MAGIC # Explore what has landed
# MAGIC The lake's tables, how full they are, and what the flights look like. Works on Databricks and, by `npm run
# MAGIC notebook -- explore`, on the local stack.

# COMMAND ----------

dbutils.widgets.text("catalog", "main", "Catalog")
catalog = dbutils.widgets.get("catalog")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The tables
# MAGIC Silver holds each dataset cleansed and scored, gold one table for each insight, bronze the rows as they came.

# COMMAND ----------

tables = [
    (schema, row["tableName"])
    for schema in ("bronze", "silver", "gold")
    for row in spark.sql(f"SHOW TABLES IN {catalog}.{schema}").collect()
    if not row["isTemporary"]  # the session's own views are listed too
]
sizes = spark.createDataFrame(
    [(schema, name, spark.table(f"{catalog}.{schema}.{name}").count()) for schema, name in sorted(tables)],
    "schema string, table string, rows long",
)
display(sizes)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Where the rows came from
# MAGIC Every row carries the file and the line that brought it, and the batch that loaded it.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT _file, _batch, COUNT(*) AS flights, MIN(flight_date) AS first_day, MAX(flight_date) AS last_day
# MAGIC FROM main.silver.flights
# MAGIC GROUP BY _file, _batch
# MAGIC ORDER BY _file

# COMMAND ----------

# MAGIC %md
# MAGIC ## How complete the columns are
# MAGIC A share of nulls that jumps from one file to the next is the first sign that a source has changed.

# COMMAND ----------

from pyspark.sql import functions as F

flights = spark.table(f"{catalog}.silver.flights")
columns = ["dep_delay", "arr_delay", "tailnum", "air_time"]
shares = [(F.sum(F.col(name).isNull().cast("int")) / F.count(F.lit(1))).alias(name) for name in columns]
nulls = flights.groupBy("_file").agg(*shares).orderBy("_file")
display(nulls)

# COMMAND ----------

# MAGIC %md
# MAGIC ## When flights are late
# MAGIC Delays build up over the day: a late aircraft makes its next flights late.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT
# MAGIC     hour,
# MAGIC     COUNT(*) AS flights,
# MAGIC     ROUND(AVG(arr_delay), 1) AS avg_arr_delay,
# MAGIC     ROUND(AVG(CASE WHEN arr_delay > 15 THEN 1.0 ELSE 0.0 END), 3) AS late_15_share
# MAGIC FROM main.silver.flights
# MAGIC WHERE status = 'operated'
# MAGIC GROUP BY hour
# MAGIC ORDER BY hour

# COMMAND ----------

by_hour = _sqldf.toPandas()
worst = by_hour.sort_values("late_15_share").iloc[-1]
print(f"The worst hour to depart is {int(worst['hour'])}:00, {worst['late_15_share']:.0%} arrive over 15 minutes late.")
