"""azure.yaml and the workflows parse, and speak only of files that exist."""

import json
import re

import pytest
import yaml

from .bicep_files import INFRA, ROOT, bicep_files, mentions

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
AZURE = yaml.safe_load((ROOT / "azure.yaml").read_text())


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())


def commands(document: object) -> list[str]:
    if isinstance(document, dict):
        own = [document["run"]] if isinstance(document.get("run"), str) else []
        return own + [found for value in document.values() for found in commands(value)]
    return [found for value in document for found in commands(value)] if isinstance(document, list) else []


@pytest.mark.parametrize("path", [ROOT / "azure.yaml", *WORKFLOWS], ids=lambda path: path.name)
def test_commands_name_files_and_scripts_that_exist(path):
    scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
    run = commands(yaml.safe_load(path.read_text()))
    assert run
    for command in run:
        for file in re.findall(r"(?:node|--file) (\S+)", command):
            assert (ROOT / file).is_file(), file
        for script in re.findall(r"npm run (\S+)", command):
            assert script in scripts, script


def test_azd_finds_the_template_and_the_app():
    assert (ROOT / AZURE["infra"]["path"] / f"{AZURE['infra']['module']}.bicep").is_file()
    assert (INFRA / "main.bicepparam").is_file()
    (service,) = AZURE["services"]
    sites = [item for item in bicep_files()["modules/function-app.bicep"].resources() if item.symbol == "app"]
    assert mentions(sites[0].config["tags"], service)


def test_azd_publishes_the_folder_that_the_hook_lays_out():
    staged = re.search(r"STAGED = join\((.*?)\)", (INFRA / "hooks" / "stage-app.ts").read_text())[1]
    assert AZURE["services"]["app"]["project"] == "/".join(re.findall(r"'([^']+)'", staged))


def test_each_hook_runs_on_both_kinds_of_systems():
    for name, hook in AZURE["hooks"].items():
        assert hook["posix"]["run"] == hook["windows"]["run"], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_uses_no_secret_and_says_what_it_may(path):
    assert "secrets." not in path.read_text()
    permissions = yaml.safe_load(path.read_text())["permissions"]
    assert permissions["contents"] == "read"


def test_deploying_proves_itself_by_oidc_and_tests_first():
    deploy = workflow("deploy")
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    run = commands(deploy)
    assert any("--federated-credential-provider github" in command for command in run)
    assert run.index("npm test") < run.index("azd up --no-prompt")


def test_ci_runs_the_readmes_test_command():
    assert "npm test" in commands(workflow("ci"))


def test_ci_compiles_everything_that_no_other_file_calls():
    built = {file for command in commands(workflow("ci")) for file in re.findall(r"--file (\S+)", command)}
    assert {"infra/main.bicep", "infra/main.bicepparam", "infra/modules/event-subscription.bicep"} <= built
