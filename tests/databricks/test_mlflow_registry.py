import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import lightgbm
import numpy as np
import pytest
from landfall_jobs import storage
from landfall_jobs.errors import JobError
from landfall_jobs.model.card import ModelCard, TrainedModel
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.mlflow_registry import MlflowRegistry
from landfall_jobs.model.registry import CHAMPION, PREVIOUS, Registered, registered_name

SOURCE = Path(__file__).parents[2] / "databricks/src"
CARD = ModelCard(
    name="is-paid",
    version="v1",
    features=("price", "note"),
    categories={"note": ("ink", "pen")},
    metrics={"auc": 0.7},
    rows={"train": 9},
    window={"from": "2026-01-01T00:00:00Z"},
    definition="d1",
    data="orders@1",
    contract_version="c1",
    trained_by="r1",
)


@pytest.fixture(scope="module")
def text():
    """A small model of two features, as LightGBM writes it."""
    draw = np.random.default_rng(1).random((500, 2))
    data = lightgbm.Dataset(draw, draw[:, 0] > 0.5)
    return lightgbm.train({"objective": "binary", "verbosity": -1}, data, 3).model_to_string()


@pytest.fixture
def models():
    return MlflowRegistry(f"main.test.m{uuid4().hex[:8]}")


def test_a_version_comes_back_as_it_was_registered(models, text):
    registered = models.register(TrainedModel(text, CARD), {"colour": "red"})
    assert (registered.number, registered.version, registered.tags["colour"]) == ("1", "v1", "red")
    assert models.load(registered) == TrainedModel(text, CARD)


def test_a_version_is_not_registered_twice_and_keeps_its_tags(models, text):
    models.register(TrainedModel(text, CARD), {"a": "1"})
    again = models.register(TrainedModel(text, CARD), {"b": "2"})
    assert (again.number, again.tags["a"], again.tags["b"]) == ("1", "1", "2")
    assert models.register(TrainedModel(text, replace(CARD, version="v2")), {}).number == "2"


def test_aliases_are_missing_until_a_version_is_promoted_and_the_one_before_is_kept(models, text):
    assert models.find(CHAMPION) is None
    first, second = (models.register(TrainedModel(text, replace(CARD, version=v)), {}) for v in ("v1", "v2"))
    assert models.find(CHAMPION) is None
    models.promote(first, "r1", "{}")
    assert (models.find(CHAMPION).version, models.find(PREVIOUS)) == ("v1", None)
    for _ in range(2):
        models.promote(second, "r2", "{}")
        assert (models.find(CHAMPION).version, models.find(PREVIOUS).version) == ("v2", "v1")


def test_mlflow_itself_can_load_and_apply_a_version(models, text):
    from landfall_jobs.model.mlflow_engine import mlflow

    models.register(TrainedModel(text, CARD), {})
    booster = mlflow.lightgbm.load_model(f"models:/{models._name}/1")
    assert booster.model_to_string().startswith("tree\n")
    assert booster.predict(np.array([[0.9, 1.0]]))[0] > booster.predict(np.array([[0.1, 1.0]]))[0]
    signature = mlflow.models.get_model_info(f"models:/{models._name}/1").signature
    assert signature.inputs.input_names() == ["price", "note"]


def test_a_version_that_the_jobs_did_not_register_is_refused(models, text):
    models.register(TrainedModel(text, CARD), {})
    run = models._client.create_run(models._experiment())
    models._client.log_text(run.info.run_id, "no model", "model/readme.txt")
    foreign = models._client.create_model_version(models._name, f"{run.info.artifact_uri}/model", run.info.run_id)
    with pytest.raises(JobError, match=r"has no card\.json: it was not registered by the train job"):
        models.load(Registered(str(foreign.version), {}))


def test_what_is_remembered_is_recalled(models, text):
    models.register(TrainedModel(text, CARD), {})
    assert models.recall("k") is None
    models.remember("k", "v")
    assert models.recall("k") == "v"


def test_the_name_has_three_levels_which_the_environment_may_set(monkeypatch):
    monkeypatch.delenv("LANDFALL_MODEL_SCHEMA", raising=False)
    assert registered_name("flights", "late-arrival") == "main.ml.flights_late-arrival"
    monkeypatch.setenv("LANDFALL_MODEL_CATALOG", "prod")
    monkeypatch.setenv("LANDFALL_MODEL_SCHEMA", "models")
    assert registered_name("flights", "late-arrival") == "prod.models.flights_late-arrival"


def test_two_processes_may_begin_with_an_empty_store_at_once(tmp_path):
    # A file, since pyspark, which MLflow asks for a session, takes a main module without one for a doctest.
    program = tmp_path / "program.py"
    program.write_text(
        "from landfall_jobs.model.mlflow_registry import MlflowRegistry\n"
        "registry = MlflowRegistry('main.ml.shared')\n"
        "registry._ensure_model()\n"
        "print(registry._experiment())\n"
    )
    store = f"sqlite:///{tmp_path}/new/mlflow.db"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "MLFLOW_TRACKING_URI": store}
    both = [
        subprocess.Popen(
            [sys.executable, program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert answers[0][0] == answers[1][0]


def test_the_copy_that_scores_is_whole_or_the_one_before(tmp_path, text, monkeypatch):
    files = ChampionFiles(str(tmp_path), "is-paid")
    assert files.read() is None
    files.write(TrainedModel(text, CARD))
    real = storage.write_json
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write_json", lambda uri, value: real(uri, value) if "card" in uri else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            files.write(TrainedModel(text, replace(CARD, version="v2")))
    assert files.read() == TrainedModel(text, CARD)
    files.write(TrainedModel(text, replace(CARD, version="v2")))
    assert (files.version(), files.read().card.version) == ("v2", "v2")


def test_a_copy_that_an_older_package_wrote_counts_as_none(tmp_path):
    storage.write_json(f"{tmp_path}/is-paid/champion.json", {"version": "old"})
    storage.write_json(f"{tmp_path}/is-paid/old/metadata.json", {"features": ["price"]})
    assert ChampionFiles(str(tmp_path), "is-paid").read() is None
