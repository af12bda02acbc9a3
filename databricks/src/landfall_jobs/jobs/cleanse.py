"""Cleanse: landed files → bronze as they are → typed, checked, deduplicated rows in staging, rejects in quarantine."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import arrivals, books, drift, identity, lineage, silver, staging, storage, tables, type_changes
from landfall_jobs.batch_rules import judge_batch
from landfall_jobs.contested import find_contested
from landfall_jobs.context import Context, LandedFile
from landfall_jobs.formats.choose import format_of
from landfall_jobs.formats.reading import Reading, read_notes
from landfall_jobs.quarantine import COUNTS_SCHEMA, Quarantine, files_at_once, write_rejects
from landfall_jobs.references import missing_warnings
from landfall_jobs.row_rules import judge_existence, judge_uniqueness, judge_versions
from landfall_jobs.rule_counts import BrokenRules, share_limits
from landfall_jobs.session import most_tasks
from landfall_jobs.table_schema import conform
from landfall_jobs.timing import Phases
from landfall_jobs.transforms.checks import check_rows
from landfall_jobs.transforms.verdicts import CONTESTED, QUARANTINED, judge_rows, sort_out

FEWEST_PARTITIONS = 32
"""What a cluster can be expected to do at the same time."""
PARTITION_BYTES = 16 << 20


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Cleanse a batch; raise JobError when a `fail` rule breaks or a row would be lost.

    A file that turns out to have changed after all is done was not read as announced: all is done again without it. A
    file that cannot be read is left out too, with the reason.
    """
    phases = Phases()
    with phases.phase("restored"):
        restored_from = silver.restore(spark, context)
        silver.check_identity(spark, context)
    context = arrivals.look(context)
    contract = context.contract
    while True:
        try:
            with phases.phase("bronze"):
                context = _write_bronze(spark, context)
            result = _cleanse(spark, context, phases)
        except _Changed as changed:
            seen = arrivals.look(context).rejecting(type_changes.refusals(changed.drifted))
            seen = seen.drifting(seen.contract, changed.drifted)
        except Exception:
            seen = arrivals.look(context)
            if seen.files == context.files:
                raise
        else:
            seen = arrivals.look(context)
            if seen.files == context.files:
                break
        context = seen.starting_over(contract)
    arrivals.note(context)
    return {**result, "restored_from": restored_from, "seconds": phases.seconds()}


class _Changed(Exception):
    """Files are to be rejected, since the type of a column has changed in them."""

    def __init__(self, drifted: tuple[drift.Drifted, ...]) -> None:
        super().__init__("the types of columns have changed")
        self.drifted = drifted


def _cleanse(spark: SparkSession, context: Context, phases: Phases) -> dict[str, Any]:
    """Cleanse the files of the context, which are in bronze, whatever an attempt before has written."""
    landed = tables.read(spark, context.bronze()).where(F.col(lineage.BATCH) == context.batch)
    checked, missing = judge_existence(spark, context, check_rows(landed, context.contract))
    with phases.phase("keys"):
        contested = find_contested(spark, context, landed)
    with phases.phase("cleansed"):
        if context.contract.keeps_history:
            staged = identity.stage_versions(spark, context, judge_versions(spark, context, checked))
        else:
            staged = _stage(spark, context, checked, contested)
    with phases.phase("returned"):
        returned = identity.stage_returns(spark, context, staged)
    with phases.phase("books"):
        ledger, rules = _balance(context, landed, staged)
        staging.ensure_file(checked, context.cleansed())
    with phases.phase("batch rules"):
        judgement = judge_batch(context, staged, {book.path: book.read for book in ledger})
    with phases.phase("quarantine"):
        storage.delete_tree(context.quarantined())
        storage.delete_tree(context.originals())
        quarantined = sum(book.count(QUARANTINED) for book in ledger)
        if quarantined:
            books.enter_reasons(ledger, _quarantine(context, staged))
    if any(reason.rule == "type" for book in ledger for reason in book.reasons):
        with phases.phase("types"):
            contract, told = type_changes.take_remainders(context.contract, landed, staged, context.batch)
        if told:
            return _cleanse(spark, context.drifting(contract, told), phases)
        with phases.phase("types"):
            changed = tuple(type_changes.find_type_changes(context.contract, landed, staged))
        if changed and context.contract.drift.changed_types == "reject":
            raise _Changed(changed)
        context = context.drifting(context.contract, changed)
    return {
        **books.report(ledger, context),
        "returned": returned,
        "warnings": [*rules.warnings(), *judgement.warnings, *missing_warnings(missing, "nothing is looked for in it")],
        "violations": [*rules.violations, *judgement.violations],
        "profiles": judgement.profiles,
        "drift": drift.report(context.drifted),
        "evolved": drift.report_columns(context.contract),
        "staged": context.cleansed(),
        "quarantine": context.quarantined() if quarantined else None,
    }


def _stage(spark: SparkSession, context: Context, checked: DataFrame, contested: DataFrame | None) -> DataFrame:
    """Stage the rows by verdict; where columns must be unique, once more with what repeats others."""
    uri = context.staging("cleansed")
    if not context.contract.unique_rules:
        return _sort_out(spark, context, checked, contested, uri)
    judged = _sort_out(spark, context, checked, contested, context.staging("judged"))
    return staging.store(spark, judge_uniqueness(spark, context, judged), uri, partition_by=lineage.VERDICT)


def _sort_out(
    spark: SparkSession, context: Context, checked: DataFrame, contested: DataFrame | None, uri: str
) -> DataFrame:
    """Stage the rows by verdict: most of them at once, then those that had to be compared."""
    staged = staging.store(spark, sort_out(checked, contested, context.contract), uri, partition_by=lineage.VERDICT)
    if contested is None:
        return staged
    rows = staged.where(F.col(lineage.VERDICT) == CONTESTED).drop(lineage.VERDICT)
    judged = judge_rows(rows, identity.known(spark, context, rows), context.contract)
    return staging.move_part(spark, judged, uri, lineage.VERDICT, CONTESTED)


def _write_bronze(spark: SparkSession, context: Context) -> Context:
    """Append the rows as they landed; give the context without the files that cannot be read, and with new columns.

    What an earlier attempt at this batch wrote goes first. Where a file cannot be read, or only in part, all is done
    again without it; where files bring columns that the contract takes in, with these.
    """
    notes = context.staging("notes")
    while True:
        is_there = tables.exists(context.bronze())
        if is_there:
            of_batch = F.col(lineage.BATCH) == context.batch
            if tables.read(spark, context.bronze()).where(of_batch).limit(1).count():
                tables.delete(spark, context.bronze(), f"{lineage.BATCH} = {tables.text(context.batch)}")
        storage.delete_tree(notes)
        rows = _read_landed(spark, context, notes).withColumn(lineage.BATCH, F.lit(context.batch))
        if is_there:
            rows = conform(spark, context.bronze(), rows)
        tables.append(rows, context.bronze(), partition_by=lineage.BATCH)
        found = read_notes(notes)
        reasons = found.unreadable | drift.refusals(context.contract, found.extra)
        if reasons:
            refused = drift.refused_columns(context.contract, found.extra)
            context = arrivals.look(context).rejecting(reasons).drifting(context.contract, refused)
            continue
        contract, drifted = drift.evolve(context.contract, found.extra, context.batch)
        if contract is context.contract:
            return context.drifting(contract, (*drifted, *drift.missing_columns(contract, found.absent)))
        # Those that the contract has no room for are told when the files are read again.
        context = context.drifting(contract, tuple(told for told in drifted if told.action == drift.EVOLVED))


def _read_landed(spark: SparkSession, context: Context, notes: str) -> DataFrame:
    manifest = pa.table(
        {
            "uri": [storage.join(context.landing, file.path) for file in context.files],
            "path": [file.path for file in context.files],
            "landed_at": [file.landed_at for file in context.files],
        }
    )
    format = format_of(context.contract, context.lake)
    # Rows that are none come as a list: Spark Connect takes no schema from an empty table.
    files = spark.createDataFrame(manifest if context.files else [], "uri string, path string, landed_at string")
    reading = Reading(format, notes, drift.extras_of(context.contract))
    partitions = _partitions(context.files)
    if partitions > 1:
        files = files.repartition(partitions)
    return files.mapInArrow(reading.read_files, format.spark_schema())


def _partitions(files: Sequence[LandedFile]) -> int:
    """Tell into how many parts the files go: each its own, unless they are many and small.

    Each part becomes a file of bronze and a task, of which a thousand cost more than the rows in them.
    """
    wanted = max(FEWEST_PARTITIONS, sum(file.size for file in files) // PARTITION_BYTES)
    return min(len(files), wanted, most_tasks() or wanted)


def _balance(context: Context, landed: DataFrame, staged: DataFrame) -> tuple[list[books.FileBook], BrokenRules]:
    read = {row[0]: row[1] for row in landed.groupBy(lineage.FILE).count().collect()}
    # What quarantined rows break has many combinations: it is counted only where there is a limit.
    limits = share_limits(context.contract)
    broken = [lineage.BROKEN] if limits else []
    grouping = [lineage.FILE, lineage.VERDICT, lineage.WARNED, lineage.FAILED, *broken]
    verdicts: dict[tuple[str, str], int] = {}
    rules = BrokenRules()
    for file, verdict, warned, failed, *quarantined, rows in staged.groupBy(*grouping).count().collect():
        verdicts[file, verdict] = verdicts.get((file, verdict), 0) + rows
        rules.add(warned, failed, quarantined[0] if quarantined else None, rows)
    rules.refuse_failures()
    rules.judge_shares(limits, sum(read.values()))
    return books.open_books(context, read, verdicts), rules


def _quarantine(context: Context, staged: DataFrame) -> list[tuple[str, books.Reason]]:
    quarantine = Quarantine(
        landing=context.landing,
        folder=context.quarantined(),
        originals=context.originals(),
        batch=context.batch,
        contract_version=context.contract_version,
        contract=context.contract,
        format=format_of(context.contract),
        etags={file.path: file.etag for file in context.files},
        files_at_once=files_at_once(file.size for file in context.files),
    )
    reject = F.struct(*lineage.place(context.contract)[1:], lineage.LINES, lineage.BROKEN)
    rejects = (
        staged.where(F.col(lineage.VERDICT) == QUARANTINED)
        # One row a file, so that a file has one writer whatever the partitions are: Sail spreads a repartition(column).
        .groupBy(F.col(lineage.FILE).alias("path"))
        .agg(F.collect_list(reject).alias("rejects"))
    )
    counts = rejects.mapInArrow(partial(write_rejects, quarantine), COUNTS_SCHEMA).collect()
    return [(row["path"], books.Reason(row["rule"], row["rows"], row["example"])) for row in counts]
