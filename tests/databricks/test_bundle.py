import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from databricks.sdk.service.jobs import JobSettings

BUNDLE = Path(__file__).parents[2] / "databricks"


def jobs():
    found = {}
    for path in sorted((BUNDLE / "resources").glob("*.job.yml")):
        found |= yaml.safe_load(path.read_text())["resources"]["jobs"]
    return found


def test_every_entry_point_of_the_wheel_is_a_job_that_takes_its_context():
    package = tomllib.loads((BUNDLE / "pyproject.toml").read_text())["project"]
    tasks = {}
    for job in jobs().values():
        settings = JobSettings.from_dict(job)
        (task,) = settings.tasks
        assert settings.name == f"landfall-{task.python_wheel_task.entry_point}"
        assert [parameter.name for parameter in settings.parameters] == ["context_uri"]
        assert settings.queue.enabled
        assert task.max_retries == 2
        assert settings.timeout_seconds == 7200
        assert task.environment_key in {environment.environment_key for environment in settings.environments}
        tasks[task.python_wheel_task.entry_point] = task.python_wheel_task
    assert set(tasks) == set(package["scripts"])
    for task in tasks.values():
        assert task.package_name == package["name"]
        assert task.named_parameters == {"context-uri": "{{job.parameters.context_uri}}"}


def test_a_job_gets_the_libraries_that_it_imports_and_no_others():
    files = {"fastavro", "openpyxl", "pillow", "pypdf", "tinytag"}
    wanted = {"cleanse": files, "insights": set(), "score": {"lightgbm"}, "rescore": {"lightgbm"}}
    wanted["train"] = {"lightgbm", "mlflow-skinny"}
    for job in jobs().values():
        (environment,) = JobSettings.from_dict(job).environments
        libraries = {name.partition("==")[0].partition("[")[0] for name in environment.spec.dependencies[1:]}
        assert libraries == wanted[JobSettings.from_dict(job).tasks[0].task_key]


@pytest.mark.parametrize("job", ["cleanse", "score", "rescore", "insights"])
def test_only_training_pays_for_importing_the_registry(job):
    """MLflow takes a second or two to import: more than all else in scoring a small batch."""
    program = f"import sys, landfall_jobs.jobs.{job}; print(*(m for m in ('mlflow', 'sqlalchemy') if m in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(BUNDLE / "src")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_wheel_never_requires_spark():
    package = tomllib.loads((BUNDLE / "pyproject.toml").read_text())["project"]
    assert not [name for name in package["dependencies"] if "spark" in name]
