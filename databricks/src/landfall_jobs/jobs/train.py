"""Train: rows with a known outcome → a model, judged on a later holdout, registered; it may become the champion."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from landfall_jobs import arrivals, training_data
from landfall_jobs.context import Context
from landfall_jobs.contract import ModelSpec
from landfall_jobs.errors import JobError
from landfall_jobs.model.card import ModelCard
from landfall_jobs.model.challenge import Incumbent, challenge, challenge_key, late_scores
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.definition import definition_of, refuse_leaks
from landfall_jobs.model.leakage import feature_warnings
from landfall_jobs.model.promotion import promoted_earlier, put_into_use, roll_back
from landfall_jobs.model.registry import CHAMPION, ModelRegistry, registered_name
from landfall_jobs.model.training import NotTrainable, Origin, Split, split_rows, train_model
from landfall_jobs.references import missing_warnings
from landfall_jobs.timing import Phases

EXAMINED = "landfall_examined"


@dataclass
class Trial:
    """What all modes work with."""

    spark: SparkSession
    context: Context
    spec: ModelSpec
    definition: str
    helpers: ThreadPoolExecutor
    opening: Future[ModelRegistry]
    files: ChampionFiles
    phases: Phases
    warnings: list[dict[str, object]] = field(default_factory=list)
    alarm: Future[list[dict[str, object]]] | None = None

    @property
    def registry(self) -> ModelRegistry:
        """Give the registry, as soon as it is open."""
        with self.phases.phase("registry opened"):
            return self.opening.result()

    def hear_alarm(self) -> None:
        """Take the warnings about features, which were looked at beside the fit; nothing is promoted before."""
        if self.alarm is not None:
            with self.phases.phase("features"):
                self.warnings += self.alarm.result()

    def origin(self, data: str) -> Origin:
        """Give where a model of this run comes from."""
        return Origin(self.definition, data, self.context.contract_version, self.context.run_id)


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Train a first champion, challenge the one there is, or go back to the one before, as the context says.

    Rows that give no model, and a challenger that is not better, are results: the champion stays. Raises JobError when
    a feature is made of what is known only after the event.
    """
    spec = context.contract.model
    if spec is None:
        raise JobError(f"The contract of {context.dataset} declares no model: there is nothing to train.")
    refuse_leaks(context.contract, spec)
    with ThreadPoolExecutor(max_workers=2) as helpers:
        trial = Trial(
            spark=spark,
            context=arrivals.recall(context),
            spec=spec,
            definition=definition_of(context.contract, spec),
            helpers=helpers,
            opening=helpers.submit(_open_registry, registered_name(context.dataset, spec.name)),
            files=ChampionFiles(context.models(), spec.name),
            phases=Phases(),
        )
        result = MODES[context.training.mode](trial)
    return {"name": spec.name, **result, "warnings": trial.warnings, "seconds": trial.phases.seconds()}


def _open_registry(name: str) -> ModelRegistry:
    """Import MLflow and open its store, a matter of seconds, while rows are read and a model is fit."""
    from landfall_jobs.model.mlflow_registry import MlflowRegistry

    return MlflowRegistry(name)


def _first(trial: Trial) -> dict[str, Any]:
    """Train on silver and the batch, and put the model into use whatever was before: it had other features, or none."""
    with trial.phases.phase("rows"):
        rows, missing = training_data.rows_with_batch(trial.spark, trial.context, trial.spec)
    split = _split(trial, rows, missing, None)
    if isinstance(split, NotTrainable):
        return _kept(split.reason)
    with trial.phases.phase("fit"):
        origin = trial.origin(f"{training_data.data_versions(trial.context)} {trial.context.batch}")
        model = train_model(rows, trial.spec, split, origin).model
    trial.hear_alarm()
    with trial.phases.phase("registered"):
        registered = trial.registry.register(model, {})
        put_into_use(trial.registry, trial.files, registered, model, trial.context.run_id, {})
    return {
        **_trained(model.card),
        "promoted": True,
        "registry_version": registered.number,
        "metrics": model.card.metrics,
        "reason": "the first model on these features",
        "rescore": training_data.published_version(trial.context) is not None,
    }


def _challenge(trial: Trial) -> dict[str, Any]:
    """Train on published rows what may take the champion's place."""
    if trial.files.version() is None and trial.registry.find(CHAMPION) is None:
        return _kept("there is no champion to challenge; the next batch trains the first one")
    if training_data.published_version(trial.context) is None:
        return _kept("nothing is published")
    # Read while the registry opens: the app asks for a challenge only where something is new.
    reading = trial.helpers.submit(training_data.published_rows, trial.spark, trial.context, trial.spec)
    earlier = promoted_earlier(trial.registry, trial.files, trial.context.run_id)
    if earlier is not None:
        model, note = earlier
        return {**_trained(model.card), **note, "promoted": True, "rescore": True}
    registered = trial.registry.find(CHAMPION)
    if registered is None:
        return _kept("there is no champion to challenge; the next batch trains the first one")
    champion = trial.registry.load(registered)
    if champion.card.definition != trial.definition:
        return _kept("the champion was trained on other features; the next batch trains a model on the contract's")
    if trial.files.version() != champion.card.version:
        trial.files.write(champion)
        reason = f"the alias champion was moved in the registry, to version {registered.number}"
        return {**_kept(reason), "promoted": True, "rescore": True, "version": champion.card.version}
    origin = trial.origin(training_data.data_versions(trial.context))
    key = challenge_key(trial.spec, origin)
    known = champion.card.data == origin.data or trial.registry.recall(EXAMINED) == key
    if known and not trial.context.training.force:
        return _kept("unchanged")
    with trial.phases.phase("rows"):
        rows, missing = reading.result()
    split = _split(trial, rows, missing, champion.card.window["trained_to"])
    if isinstance(split, NotTrainable):
        return _kept(split.reason)
    champions_scores = trial.helpers.submit(late_scores, champion, rows, split)
    with trial.phases.phase("fit"):
        challenger = train_model(rows, trial.spec, split, origin)
    trial.hear_alarm()
    with trial.phases.phase("contest"):
        incumbent = Incumbent(registered, champion, champions_scores.result())
        outcome = challenge(trial.registry, trial.files, incumbent, challenger, trial.spec, split, trial.context.run_id)
    trial.registry.remember(EXAMINED, key)
    return {**_trained(challenger.model.card), **outcome, "rescore": outcome["promoted"]}


def _roll_back(trial: Trial) -> dict[str, Any]:
    return roll_back(trial.registry, trial.files, trial.definition, trial.context.run_id)


MODES = {"first": _first, "challenge": _challenge, "rollback": _roll_back}


def _split(trial: Trial, rows: pa.Table, missing: list[str], seen_until: str | None) -> Split | NotTrainable:
    trial.warnings += missing_warnings(missing)
    split = split_rows(rows, trial.spec, seen_until)
    if isinstance(split, Split):
        trial.alarm = trial.helpers.submit(feature_warnings, rows, trial.spec, split)
    return split


def _trained(card: ModelCard) -> dict[str, Any]:
    return {"trained": True, "version": card.version, "rows": card.rows, "window": card.window}


def _kept(reason: str) -> dict[str, Any]:
    return {"trained": False, "promoted": False, "rescore": False, "reason": reason}
