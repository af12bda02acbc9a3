"""EXEC: dynamic text, stored procedures, and the system procedures that drivers call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_emulator.errors import SqlError
from synapse_emulator.run.state import Variable
from synapse_emulator.tds.rpc import Call, Parameter
from synapse_emulator.translate import types as t
from synapse_emulator.translate.types import SqlType, SqlValue
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.parser import Parser

if TYPE_CHECKING:
    from synapse_emulator.run.interpreter import Interpreter


def execute(interpreter: Interpreter, node: n.Execute) -> None:
    """EXEC ('text') or EXEC procedure."""
    session = interpreter.session
    if node.procedure is None:
        text = session.evaluate(node.text, t.nvarchar(t.MAX))
        if text:
            interpreter.run_text(text, nested=True)
        return
    call = Call(".".join(node.procedure), [])
    targets: list[str | None] = []
    frame = session.state.frames[-1]
    for name, value, output in node.args:
        kind: SqlType | None = None
        if isinstance(value, n.Variable) and value.name in frame:
            kind = frame[value.name].kind
            result = frame[value.name].value
        elif value is None:
            result = None
        else:
            translator = session.translator()
            from synapse_emulator.translate.scope import Scope

            kind = translator.expression(value, Scope())[1]
            result = session.evaluate(value)
        call.parameters.append(Parameter(name or "", kind or t.nvarchar(4000), result, output))
        targets.append(value.name if output and isinstance(value, n.Variable) else None)
    run_call(interpreter, call)
    for target, parameter in zip(targets, call.parameters, strict=True):
        if target is not None and target in frame:
            frame[target].value = parameter.value
    if node.result is not None and node.result in frame:
        frame[node.result].value = 0


def run_call(interpreter: Interpreter, call: Call) -> None:
    """A procedure; values of output parameters are left in the call."""
    name = call.procedure.lower().replace("[", "").replace("]", "").replace('"', "")
    bare = name.split(".")[-1]
    system = _SYSTEM.get(bare)
    if system is not None:
        system(interpreter, call)
        return
    catalogue = interpreter.session.catalogue
    found = catalogue.procedures.get(catalogue.key(tuple(name.split("."))))
    if found is None:
        raise SqlError(2812, f"Could not find stored procedure '{call.procedure}'.")
    unit = interpreter.session.parsed.get(found.text)
    module = unit.block.statements[0]
    frame = _bind(interpreter, module, call.parameters, found.name)
    from synapse_emulator.run.state import Unit

    inner = unit.translations.setdefault(-1, (None, Unit(module.body)))[1]
    try:
        interpreter.run_unit(inner, frame, nested=True)
    except SqlError as error:
        error.procedure = error.procedure or found.name
        raise
    for i, parameter in enumerate(call.parameters):
        name_of = parameter.name or module.parameters[i][0]
        parameter.value = frame[name_of].value


def _bind(interpreter: Interpreter, module: n.Module, given: list[Parameter], name: str) -> dict[str, Variable]:
    frame: dict[str, Variable] = {}
    by_name = {p.name: p for p in given if p.name}
    positional = [p for p in given if not p.name]
    declared = [p[0] for p in module.parameters]
    for extra in by_name:
        if extra not in declared:
            raise SqlError(8145, f"{extra} is not a parameter for procedure {name}.")
    if len(positional) > len(declared):
        raise SqlError(8144, f"Procedure or function {name} has too many arguments specified.")
    for i, (parameter, spec, default, _) in enumerate(module.parameters):
        kind = t.resolve(spec)
        argument = positional[i] if i < len(positional) else by_name.get(parameter)
        if argument is not None:
            frame[parameter] = Variable(kind, _coerce(interpreter, argument, kind))
        elif default is not None:
            frame[parameter] = Variable(kind, interpreter.session.evaluate(default, kind))
        else:
            raise SqlError(
                201, f"Procedure or function '{name}' expects parameter '{parameter}', which was not supplied."
            )
    return frame


def _coerce(interpreter: Interpreter, argument: Parameter, kind: SqlType) -> SqlValue:
    if argument.value is None or argument.kind == kind or (argument.kind.is_string and kind.is_string):
        value = argument.value
        return value[: kind.length] if isinstance(value, str) and kind.length > 0 else value
    from synapse_emulator.run.session import assigned

    session = interpreter.session
    sql = assigned((f"CAST($v AS {argument.kind.duck()})", argument.kind), kind)
    return session.run(f"SELECT {sql}", {"v": argument.value})[0][0]


# sp_executesql, sp_prepare and their kin


def _text(call: Call, index: int) -> str:
    if index >= len(call.parameters):
        raise SqlError(201, f"Procedure '{call.procedure}' expects more parameters.")
    value = call.parameters[index].value
    return "" if value is None else str(value)


def _run_parameterised(interpreter: Interpreter, text: str, declaration: str, given: list[Parameter]) -> None:
    declared = _declaration(declaration)
    frame: dict[str, Variable] = {}
    positional = [p for p in given if not p.name]
    named = {p.name: p for p in given if p.name}
    for i, (name, kind) in enumerate(declared):
        argument = named.get(name) or (positional[i] if i < len(positional) else None)
        if argument is None:
            raise SqlError(
                8178,
                f"The parameterized query '({declaration}){text[:60]}' expects the parameter '{name}', "
                f"which was not supplied.",
            )
        frame[name] = Variable(kind, _coerce(interpreter, argument, kind))
    interpreter.run_text(text, frame, nested=True)
    for i, (name, _) in enumerate(declared):
        argument = named.get(name) or (positional[i] if i < len(positional) else None)
        if argument is not None and name in frame:
            argument.value = frame[name].value


def _declaration(text: str) -> list[tuple[str, SqlType]]:
    parser = Parser(text)
    found = []
    while parser.token.kind == "var":
        name = parser.next().text.lower()
        parser.take("AS")
        kind = t.resolve(parser.type_spec())
        _ = parser.take("OUTPUT") or parser.take("OUT")
        found.append((name, kind))
        if not parser.take(","):
            break
    return found


def _executesql(interpreter: Interpreter, call: Call) -> None:
    declaration = _text(call, 1) if len(call.parameters) > 1 else ""
    _run_parameterised(interpreter, _text(call, 0), declaration, call.parameters[2:])


def _store(interpreter: Interpreter, text: str, declaration: str) -> int:
    state = interpreter.session.state
    handle = state.next_handle
    state.next_handle += 1
    state.prepared[handle] = (text, declaration)
    return handle


def _prepare(interpreter: Interpreter, call: Call) -> None:
    text, declaration = _text(call, 2), _text(call, 1)
    interpreter.session.parsed.get(text)
    call.parameters[0].value = _store(interpreter, text, declaration)


def _prepexec(interpreter: Interpreter, call: Call) -> None:
    text, declaration = _text(call, 2), _text(call, 1)
    call.parameters[0].value = _store(interpreter, text, declaration)
    _run_parameterised(interpreter, text, declaration, call.parameters[3:])


def _execute_handle(interpreter: Interpreter, call: Call) -> None:
    handle = call.parameters[0].value
    found = interpreter.session.state.prepared.get(handle)
    if found is None:
        raise SqlError(8179, f"Could not find prepared statement with handle {handle}.")
    _run_parameterised(interpreter, found[0], found[1], call.parameters[1:])


def _unprepare(interpreter: Interpreter, call: Call) -> None:
    interpreter.session.state.prepared.pop(call.parameters[0].value, None)


def _reset(interpreter: Interpreter, call: Call) -> None:
    interpreter.session.reset()


def _tables(interpreter: Interpreter, call: Call) -> None:
    pattern = next((p.value for p in call.parameters if p.name in ("", "@table_name")), None)
    text = (
        "SELECT TABLE_CATALOG AS TABLE_QUALIFIER, TABLE_SCHEMA AS TABLE_OWNER, TABLE_NAME, "
        "CASE TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE, CAST(NULL AS varchar(254)) AS REMARKS "
        "FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE @n ORDER BY 4, 1, 2, 3"
    )
    interpreter.run_text(text, {"@n": Variable(t.nvarchar(384), pattern or "%")}, nested=True)


_SYSTEM = {
    "sp_executesql": _executesql,
    "sp_prepare": _prepare,
    "sp_prepexec": _prepexec,
    "sp_execute": _execute_handle,
    "sp_unprepare": _unprepare,
    "sp_reset_connection": _reset,
    "sp_tables": _tables,
}
