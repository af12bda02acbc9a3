"""What a compiler would say: everything parses, parameters and outputs fit, and each file is used."""

import re

import pytest

from .bicep_files import INFRA, ROOT, bicep_files

FILES = bicep_files()
# Deployed by a hook after the app (infra/hooks/after-deploy.ts), and by no other file.
BY_HOOK = {"modules/event-subscription.bicep"}


def called(file: str, path: str) -> str:
    return ((INFRA / file).parent / path).resolve().relative_to(INFRA).as_posix()


@pytest.mark.parametrize("file", FILES)
def test_a_file_says_first_what_it_is_for(file):
    assert FILES[file].text.startswith("// ")


@pytest.mark.parametrize("file", FILES)
def test_each_called_module_exists_and_gets_the_parameters_that_it_declares(file):
    for call in FILES[file].calls():
        target = FILES[called(file, call.path)]
        given = set(call.config["params"])
        needed = {name for name, parameter in target.parameters.items() if parameter["default"] is None}
        assert given <= set(target.parameters), f"{call.symbol}: unknown {given - set(target.parameters)}"
        assert needed <= given, f"{call.symbol}: missing {needed - given}"


@pytest.mark.parametrize("file", FILES)
def test_each_output_that_is_asked_for_is_one_of_the_module(file):
    paths = {call.symbol: called(file, call.path) for call in FILES[file].calls()}
    for symbol, output in re.findall(r"\b(\w+)\.outputs\.(\w+)", FILES[file].text):
        assert output in FILES[paths[symbol]].tree["outputs"], f"{symbol}.outputs.{output}"


@pytest.mark.parametrize("file", FILES)
def test_each_parameter_and_variable_is_used(file):
    for name in [*FILES[file].parameters, *FILES[file].variables]:
        assert len(re.findall(rf"\b{name}\b", FILES[file].text)) > 1, name


@pytest.mark.parametrize("file", FILES)
def test_each_parent_and_scope_is_a_symbol_of_the_file(file):
    tree = FILES[file].tree
    symbols = {*tree.get("resources", {}), *tree.get("modules", {})}
    for resource in FILES[file].resources():
        for key in ("parent", "scope"):
            if key in resource.config:
                assert resource.config[key] in symbols, f"{resource.symbol}.{key}"
        assert ("parent" in resource.config) == (resource.type.count("/") > 1), resource.symbol


def test_every_module_is_deployed():
    used = {called(file, call.path) for file in FILES for call in FILES[file].calls()}
    assert used | BY_HOOK | {"main.bicep"} == set(FILES)


def test_the_values_of_an_environment_name_the_parameters_of_main():
    values = (INFRA / "main.bicepparam").read_text()
    assert "using 'main.bicep'" in values
    given = re.findall(r"^param (\w+) = ", values, re.M)
    assert sorted(given) == sorted(FILES["main.bicep"].parameters)


def test_what_the_hooks_ask_for_is_an_output_of_main_or_azds_own():
    asked = set()
    for hook in (INFRA / "hooks").glob("*.ts"):
        asked |= set(re.findall(r"\bsetting\('(\w+)'\)", hook.read_text()))
    assert asked, "the hooks ask for nothing?"
    assert asked - {"AZURE_SUBSCRIPTION_ID"} <= set(FILES["main.bicep"].tree["outputs"])


def test_the_subscription_gets_its_parameters_from_the_hook():
    hook = (ROOT / "infra" / "hooks" / "after-deploy.ts").read_text()
    given = set(re.findall(r"`(\w+)=\$\{", hook))
    assert given == set(FILES["modules/event-subscription.bicep"].parameters)
