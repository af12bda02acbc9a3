"""Keys for which rows of a batch must be compared: with each other, or with what other files brought."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import identity, staging, storage
from landfall_jobs.context import Context
from landfall_jobs.session import most_tasks
from landfall_jobs.transforms.checks import type_rows
from landfall_jobs.transforms.verdicts import PART, contested_keys, key_hashes

PART_BYTES = 384 << 20
"""Landed bytes whose keys are counted at once: some millions of rows, which take some hundred megabytes."""


def find_contested(spark: SparkSession, context: Context, landed: DataFrame) -> DataFrame | None:
    """Give the keys for which rows must be compared, stored; None where there are none, or all versions are told."""
    contract = context.contract
    if not contract.key or contract.keeps_history:
        return None
    parts = key_parts(context)
    hashes = key_hashes(type_rows(landed, contract), contract, parts)
    there = identity.known_keys(spark, context)
    known = None if there is None else key_hashes(there, contract, parts)
    if parts == 1:
        stored = staging.store(spark, contested_keys(hashes, known), context.staging("contested-keys"))
    else:
        stored = _by_parts(spark, context, parts, hashes, known)
    return stored if stored.limit(1).count() else None


def key_parts(context: Context) -> int:
    """Tell in how many parts keys are counted: one on a cluster, which puts on disk what its memory does not hold."""
    return 1 if most_tasks() is None else 1 + sum(file.size for file in context.files) // PART_BYTES


def _by_parts(
    spark: SparkSession, context: Context, parts: int, hashes: DataFrame, known: DataFrame | None
) -> DataFrame:
    """Count the keys part by part, so that no more than one part of them is in memory."""
    apart = staging.store(spark, hashes, context.staging("keys"), partition_by=PART)
    known_apart = None
    if known is not None:
        known_apart = staging.store(spark, known, context.staging("known-keys"), partition_by=PART)
    uri = context.staging("contested-keys")
    storage.delete_tree(uri)
    for part in range(parts):
        of_part = F.col(PART) == part
        known_part = None if known_apart is None else known_apart.where(of_part)
        stored = staging.add(spark, contested_keys(apart.where(of_part), known_part), uri)
    return stored
