"""Running a parsed batch: control of flow, variables, errors, transactions."""

from __future__ import annotations

import duckdb

from synapse_emulator.engine.failures import Cancelled, to_sql_error
from synapse_emulator.errors import SqlError
from synapse_emulator.run import bulk, copying, ddl, procedures, tables
from synapse_emulator.run.control import Break, control
from synapse_emulator.run.session import Session, aborted_error, assigned
from synapse_emulator.run.state import Unit
from synapse_emulator.translate import types as t
from synapse_emulator.translate.changes import Translated, translate
from synapse_emulator.translate.environment import Environment
from synapse_emulator.tsql import nodes as n

_MAX_NESTING = 32
_CHANGES = {n.Insert: "INSERT", n.Update: "UPDATE", n.Delete: "DELETE", n.Merge: "MERGE"}


class Interpreter:
    """Runs the statements of one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.unit = Unit(n.Block([]))

    def run_text(self, text: str, frame: dict[str, n.Expression] | None = None, *, nested: bool = False) -> None:
        """Parse and run a batch in a frame of variables of its own; raises SqlError."""
        session = self.session
        unit = session.parsed.get(text)
        self.run_unit(unit, frame if frame is not None else {}, nested=nested)

    def run_unit(self, unit: Unit, frame: dict[str, n.Expression], *, nested: bool = False) -> None:
        """Run a parsed batch in a new frame."""
        state = self.session.state
        if nested and state.nesting >= _MAX_NESTING:
            raise SqlError(
                217, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32)."
            )
        outer = self.unit
        self.unit = unit
        state.frames.append(frame)
        state.nesting += nested
        options = state.options.nocount, state.options.fmtonly
        try:
            self.block(unit.block)
        finally:
            state.nesting -= nested
            state.frames.pop()
            self.unit = outer
            if nested:
                state.options.nocount, state.options.fmtonly = options

    def block(self, block: n.Block) -> None:
        """The statements of a block, in order."""
        for statement in block.statements:
            self.statement(statement)

    def statement(self, node: n.Expression) -> None:
        """One statement; its failure aborts an open transaction."""
        session = self.session
        if session.cancelled:
            raise Cancelled
        state = session.state
        try:
            self._dispatch(node)
        except SqlError as error:
            if error.line <= 1:
                error.line = node.line
            state.error = error.number
            if state.in_transaction and not isinstance(node, (n.Block, n.If, n.While, n.Try)):
                state.aborted = True
            raise
        except duckdb.InterruptException:
            raise Cancelled from None
        except duckdb.Error as failure:
            told = to_sql_error(failure, node.line)
            state.aborted = state.in_transaction
            state.error = told.number
            raise told from failure

    def _dispatch(self, node: n.Expression) -> None:
        kind = type(node)
        session = self.session
        state = session.state
        if kind is n.Block:
            self.block(node)
        elif kind is n.If:
            self._if(node)
        elif kind is n.While:
            self._while(node)
        elif kind is n.Try:
            self._try(node)
        elif kind is n.Declare:
            self._declare(node)
        elif kind is n.SetVariable:
            self._set(node)
        elif kind is n.Command and control(session, node):
            return
        else:
            if state.aborted:
                raise aborted_error()
            self._work(node)

    def _work(self, node: n.Expression) -> None:
        kind = type(node)
        if kind is n.Query:
            self._query(node)
        elif kind in _CHANGES:
            self._change(node)
        elif kind is n.Execute:
            procedures.execute(self, node)
        elif kind is n.InsertBulk:
            bulk.announce(self.session, node)
            self.finish("DDL", None)
        elif kind is n.CopyInto:
            self.finish("INSERT", copying.copy_into(self.session, node))
        else:
            ddl.run(self, node)
            self.finish("DDL", None)

    def finish(self, command: str, count: int | None) -> None:
        """Set @@ROWCOUNT and @@ERROR and report a statement."""
        state = self.session.state
        state.rowcount = count or 0
        state.error = 0
        self.session.output.done(command, None if state.options.nocount else count)

    def translated(self, node: n.Expression) -> Translated:
        """The DuckDB text of a statement, from the unit's cache while tables and variable types are the same."""
        session = self.session
        state = session.state
        frame = state.frames[-1]
        temporary = tuple((name, tuple(info.columns)) for name, info in state.temporary.items())
        version = (
            session.catalogue.version,
            temporary,
            state.options.identity_insert,
            tuple((name, v.kind) for name, v in frame.items()),
        )
        cached = self.unit.translations.get(id(node))
        if cached is not None and cached[0] == version:
            found: Translated = cached[1]
            return found
        environment = Environment(session)
        made = translate(node, environment)
        if not environment.volatile:
            self.unit.translations[id(node)] = (version, made)
        return made

    # Queries and changes

    def _query(self, node: n.Query) -> None:
        body = node.body
        if isinstance(body, n.Select) and any(item.target for item in body.items):
            self._assign(node, body)
            return
        if isinstance(body, n.Select) and body.into is not None:
            tables.select_into(self, node, body)
            return
        count = self.session.stream(self.translated(node), node.line)
        self.finish("SELECT", count)

    def _assign(self, node: n.Query, select: n.Select) -> None:
        session = self.session
        if any(item.target is None for item in select.items):
            raise SqlError(
                141,
                "A SELECT statement that assigns a value to a variable must not be combined with "
                "data-retrieval operations.",
                severity=15,
                line=node.line,
            )
        made = self.translated(node)
        frame = session.state.frames[-1]
        targets = []
        for item in select.items:
            if item.target not in frame:
                raise SqlError(137, f'Must declare the scalar variable "{item.target}".', severity=15, line=node.line)
            targets.append(frame[item.target])
        names = [f"c{i}" for i in range(len(targets))]
        items = ", ".join(
            assigned((f"q.{c}", column[1]), v.kind) for c, column, v in zip(names, made.columns, targets, strict=True)
        )
        rows = session.run(
            f"SELECT {items} FROM ({made.sql}) AS q({', '.join(names)})", session.values(made), node.line
        )
        if rows:
            for variable, value in zip(targets, rows[-1], strict=True):
                variable.value = value
        session.state.rowcount = len(rows)

    def _change(self, node: n.Expression) -> None:
        if isinstance(node, n.Insert) and isinstance(node.source, n.Execute):
            raise SqlError(104467, "INSERT … EXEC is not supported in a dedicated SQL pool.", line=node.line)
        session = self.session
        made = self.translated(node)
        if session.state.options.fmtonly:
            return
        rows = session.run(made.sql, session.values(made), node.line)
        self.finish(_CHANGES[type(node)], rows[0][0] if rows else 0)

    # Control of flow

    def _if(self, node: n.If) -> None:
        if self.session.evaluate(node.condition, condition=True):
            self.statement(node.then)
        elif node.otherwise is not None:
            self.statement(node.otherwise)

    def _while(self, node: n.While) -> None:
        while self.session.evaluate(node.condition, condition=True):
            try:
                self.statement(node.body)
            except Break:
                return

    def _try(self, node: n.Try) -> None:
        session = self.session
        depth = len(session.state.frames)
        try:
            self.block(node.body)
        except SqlError as error:
            del session.state.frames[depth:]
            session.state.caught.append(error)
            try:
                self.block(node.handler)
            finally:
                session.state.caught.pop()

    def _declare(self, node: n.Declare) -> None:
        for name, spec, value in node.variables:
            kind = t.resolve(spec)
            frame = self.session.state.frames[-1]
            frame.pop(name, None)
            self.session.declare(name, kind)
            if value is not None:
                frame[name].value = self.session.evaluate(value, kind)

    def _set(self, node: n.SetVariable) -> None:
        frame = self.session.state.frames[-1]
        if node.name not in frame:
            raise SqlError(137, f'Must declare the scalar variable "{node.name}".', severity=15, line=node.line)
        value = node.value
        if node.op != "=":
            value = n.Binary(node.op[0], n.Variable(node.name, line=node.line), value, line=node.line)
        frame[node.name].value = self.session.evaluate(value, frame[node.name].kind)
        self.session.state.rowcount = 1
