"""Models in MLflow's registry: Unity Catalog's, a server's, or a file's.

A version is logged as a native Booster, with its card beside it, in a run that carries the model's version as a tag; a
run is FINISHED only with all of it. So an attempt after a kill finds the run, or the version, of the one before.
"""

import json
import os
import tempfile
from pathlib import Path

from landfall_jobs.errors import JobError
from landfall_jobs.model.card import ModelCard, TrainedModel, card_document, parse_card
from landfall_jobs.model.engine import lightgbm
from landfall_jobs.model.mlflow_engine import (
    REQUIREMENT,
    MlflowException,
    artifact_root,
    connect,
    mlflow,
    on_databricks,
)
from landfall_jobs.model.registry import CHAMPION, NOTE, PREVIOUS, PROMOTED_BY, REPLACED, VERSION, Registered

ARTIFACT, CARD, BOOSTER = "model", "card.json", "model.lgb"
MISSING = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What MLflow answers where there is no such model, or where a model has no such alias."""


class MlflowRegistry:
    """The versions of one model."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client = connect()

    def register(self, model: TrainedModel, tags: dict[str, str]) -> Registered:
        """Log and register a version, or find the one of an earlier attempt; set its tags."""
        self._ensure_model()
        runs = self._runs(model.card) or [self._log(model)]
        number = self._number(runs) or self._create_version(runs[0])
        for key, value in {VERSION: model.card.version, **tags}.items():
            self._client.set_model_version_tag(self._name, number, key, value)
        return Registered(number, dict(self._client.get_model_version(self._name, number).tags))

    def tag(self, registered: Registered, key: str, value: str) -> None:
        """Set a tag of a version."""
        self._client.set_model_version_tag(self._name, registered.number, key, value)

    def find(self, alias: str) -> Registered | None:
        """Give the version that an alias is on, or None."""
        try:
            found = self._client.get_model_version_by_alias(self._name, alias)
        except MlflowException as error:
            if error.error_code in MISSING:
                return None
            raise
        return Registered(str(found.version), dict(found.tags))

    def load(self, registered: Registered) -> TrainedModel:
        """Download a version's model and card; raise JobError when it has none, being no model of these jobs."""
        uri = f"models:/{self._name}/{registered.number}"
        with tempfile.TemporaryDirectory() as folder:
            root = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
            if not (root / CARD).exists():
                raise JobError(f"{uri} has no {CARD}: it was not registered by the train job. Move the alias back.")
            card = parse_card(json.loads((root / CARD).read_text()))
            return TrainedModel((root / BOOSTER).read_text(), card)

    def promote(self, registered: Registered, by: str, note: str) -> None:
        """Move the aliases. What they are to be stands in tags first, so that an attempt after a kill ends alike."""
        champion = self.find(CHAMPION)
        if champion is None or champion.tags.get(PROMOTED_BY) != by:
            replaced = champion.number if champion is not None else ""
            for key, value in ((REPLACED, replaced), (NOTE, note), (PROMOTED_BY, by)):
                self.tag(registered, key, value)
            self._client.set_registered_model_alias(self._name, CHAMPION, registered.number)
        else:
            replaced = champion.tags.get(REPLACED, "")
        if replaced and replaced != registered.number:
            self._client.set_registered_model_alias(self._name, PREVIOUS, replaced)

    def remember(self, key: str, value: str) -> None:
        """Set a tag of the registered model."""
        self._client.set_registered_model_tag(self._name, key, value)

    def recall(self, key: str) -> str | None:
        """Give a tag of the registered model."""
        return self._client.get_registered_model(self._name).tags.get(key)

    def _ensure_model(self) -> None:
        try:
            self._client.create_registered_model(self._name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _experiment(self) -> str:
        default = f"/Shared/{self._name}" if on_databricks() else self._name
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", default)
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return found.experiment_id
        try:
            return self._client.create_experiment(name, artifact_location=_below(artifact_root(), self._name))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
            return self._experiment()

    def _runs(self, card: ModelCard) -> list[str]:
        """Give the finished runs that hold this very model."""
        filter = f"tags.{VERSION} = '{card.version}' AND attributes.status = 'FINISHED'"
        return [run.info.run_id for run in self._client.search_runs([self._experiment()], filter)]

    def _log(self, model: TrainedModel) -> str:
        card = model.card
        run = self._client.create_run(self._experiment(), run_name=card.version, tags={VERSION: card.version})
        run_id = run.info.run_id
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, ARTIFACT)
            mlflow.lightgbm.save_model(
                lightgbm.Booster(model_str=model.text),
                str(root),
                signature=_signature(card),
                pip_requirements=[REQUIREMENT],
            )
            # As it was trained: the Booster's own file says the parameters of saving, too.
            (root / BOOSTER).write_text(model.text)
            (root / CARD).write_text(json.dumps(card_document(card)))
            self._client.log_artifacts(run_id, str(root), ARTIFACT)
        for name, value in card.metrics.items():
            self._client.log_metric(run_id, name, value)
        self._client.set_terminated(run_id)
        return run_id

    def _number(self, runs: list[str]) -> str | None:
        """Give the version that was registered from one of the runs."""
        versions = self._client.search_model_versions(f"name='{self._name}'")
        return next((str(version.version) for version in versions if version.run_id in runs), None)

    def _create_version(self, run_id: str) -> str:
        source = f"{self._client.get_run(run_id).info.artifact_uri}/{ARTIFACT}"
        return str(self._client.create_model_version(self._name, source=source, run_id=run_id).version)


def _below(root: str | None, name: str) -> str | None:
    return f"{root.rstrip('/')}/{name}" if root else None


def _signature(card: ModelCard) -> "mlflow.models.ModelSignature":
    """Unity Catalog takes no model without one. Categories come as their codes, nulls as NaN."""
    from mlflow.types import ColSpec, Schema

    inputs = Schema([ColSpec("double", name) for name in card.features])
    return mlflow.models.ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double")]))
