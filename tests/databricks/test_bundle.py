import tomllib
from pathlib import Path

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


def test_the_wheel_never_requires_spark():
    package = tomllib.loads((BUNDLE / "pyproject.toml").read_text())["project"]
    assert not [name for name in package["dependencies"] if "spark" in name]
