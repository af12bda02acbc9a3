"""MLflow's client, imported quietly: it takes a second or two, so only what trains asks for it.

Where its store and registry are, the environment says: MLFLOW_TRACKING_URI and, where it differs, MLFLOW_REGISTRY_URI
(`databricks` and `databricks-uc` on Databricks; a file such as sqlite:////path/mlflow.db on one machine). Run as a
module it makes that file, which takes a few seconds, or brings it up to date.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

# A job tells nobody that it runs, and has no network on a laptop in a train.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import mlflow
import mlflow.lightgbm
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

from landfall_jobs.errors import JobError
from landfall_jobs.model.engine import lightgbm

if sys.platform != "win32":  # There, one process at a time is to begin with an empty file.
    import fcntl

logging.getLogger("mlflow").setLevel(logging.WARNING)
logging.getLogger("alembic").setLevel(logging.WARNING)

SQLITE = "sqlite:///"
REQUIREMENT = f"lightgbm=={lightgbm.__version__}"
# Saving a model compares this with what is installed, for which MLflow lists all packages, half a second once a
# process: better before anybody waits, and in what a warm worker has loaded.
warn_dependency_requirement_mismatches([REQUIREMENT])

__all__ = ["REQUIREMENT", "MlflowClient", "MlflowException", "artifact_root", "connect", "mlflow", "on_databricks"]


def connect() -> MlflowClient:
    """Give a client of the environment's store; raise JobError when none is named."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri is None and "DATABRICKS_RUNTIME_VERSION" not in os.environ:
        raise JobError(
            "MLFLOW_TRACKING_URI is not set: models have nowhere to be registered. Set it to databricks, to a server's "
            "URL, or to a file such as sqlite:////path/mlflow.db."
        )
    with _alone(Path(uri.removeprefix(SQLITE))) if uri is not None and uri.startswith(SQLITE) else nullcontext():
        client = MlflowClient(tracking_uri=uri, registry_uri=os.environ.get("MLFLOW_REGISTRY_URI"))
        client.search_registered_models(max_results=1)  # Opens the registry, which it otherwise does when first asked.
    return client


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Keep other processes out: two that make the same file at once get in each other's way, and one of them fails."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{database}.lock", "w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def artifact_root() -> str | None:
    """Give where models are kept: MLFLOW_ARTIFACT_ROOT, or beside an sqlite file; None leaves it to the server."""
    root = os.environ.get("MLFLOW_ARTIFACT_ROOT")
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if root is None and uri.startswith(SQLITE):
        return (Path(uri.removeprefix(SQLITE)).resolve().parent / "artifacts").as_uri()
    return root


def on_databricks() -> bool:
    """Tell whether runs are kept by a workspace, where experiments are named by path."""
    return os.environ.get("MLFLOW_TRACKING_URI", "databricks").startswith("databricks")


if __name__ == "__main__":
    connect()
