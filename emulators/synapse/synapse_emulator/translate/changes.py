"""INSERT, UPDATE, DELETE and MERGE as DuckDB text."""

from __future__ import annotations

from dataclasses import dataclass

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.casts import cast
from synapse_emulator.translate.environment import Environment
from synapse_emulator.translate.functions import Value
from synapse_emulator.translate.queries import QueryTranslator
from synapse_emulator.translate.scope import OutputColumn, Scope, Source, TableInfo, quote
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n


@dataclass(slots=True)
class Translated:
    """DuckDB text, the names whose values it needs (name to parameter), and the result columns."""

    sql: str
    parameters: dict[str, str]
    columns: list[OutputColumn]


class Translator(QueryTranslator):
    """Any statement that reads or changes rows."""

    def insert(self, node: n.Insert) -> str:
        """INSERT … SELECT or VALUES."""
        table = self._writable(node.table, node.line)
        targets = self.insert_targets(table, node.columns, node.line)
        names = ", ".join(quote(c[0]) for c in targets)
        if node.source is None:
            return f"INSERT INTO {table.sql} DEFAULT VALUES"
        if isinstance(node.source, list):
            rows = [self._values(row, targets, node) for row in (node.source, *node.more)]
            if node.more or "DEFAULT" in rows[0]:
                lists = ", ".join(f"({', '.join(row)})" for row in rows)
                return f"INSERT INTO {table.sql} ({names}) VALUES {lists}"
            return f"INSERT INTO {table.sql} ({names}) SELECT {', '.join(rows[0])}"
        sql, columns = self.query_text(node.source, None)
        _match_count(len(columns), len(targets), bool(node.columns), node.line)
        return f"INSERT INTO {table.sql} ({names}) {self.assigned_query(sql, columns, targets)}"

    def _values(self, row: list[n.Expression], targets: list[OutputColumn], node: n.Insert) -> list[str]:
        _match_count(len(row), len(targets), bool(node.columns), node.line, values=True)
        scope = Scope()
        return [self._assigned(value, target[1], scope) for value, target in zip(row, targets, strict=True)]

    def assigned_query(self, sql: str, columns: list[OutputColumn], targets: list[OutputColumn]) -> str:
        """A query whose columns are converted as an assignment to `targets` would."""
        inner = [f"c{i}" for i in range(len(columns))]
        converted = [
            assign((f"q.{name}", column[1]), target[1])
            for name, column, target in zip(inner, columns, targets, strict=True)
        ]
        if all(text == f"q.{name}" for text, name in zip(converted, inner, strict=True)):
            return sql
        return f"SELECT {', '.join(converted)} FROM ({sql}) AS q({', '.join(inner)})"

    def insert_targets(self, table: TableInfo, names: list[str], line: int) -> list[OutputColumn]:
        """The columns that an INSERT fills; an identity column only when named with IDENTITY_INSERT on."""
        known = {c[0].lower(): c for c in table.columns}
        if not names:
            return [c for c in table.columns if c[0] != table.identity]
        found = []
        for name in names:
            if name.lower() not in known:
                raise SqlError(207, f"Invalid column name '{name}'.", line=line)
            found.append(known[name.lower()])
        if len({c[0] for c in found}) != len(found):
            raise SqlError(
                264,
                "The column name is specified more than once in the SET clause or column list of an INSERT.",
                line=line,
            )
        if table.identity in [c[0] for c in found] and not self.env.value(
            f"identity_insert:{table.schema}.{table.name}".lower()
        ):
            raise SqlError(
                544,
                f"Cannot insert explicit value for identity column in table '{table.name}' when "
                f"IDENTITY_INSERT is set to OFF.",
                line=line,
            )
        return found

    def update(self, node: n.Update) -> str:
        """UPDATE, by row ids when it has a FROM."""
        scope = Scope()
        prefix = self.ctes_text(node.ctes, scope)
        inner = Scope(scope)
        source_sql, target = self._target(node, inner)
        table = target.table
        assert table is not None
        sets = []
        for name, op, value in node.changes:
            column = target.find(name[-1])
            if column is None:
                raise SqlError(207, f"Invalid column name '{name[-1]}'.", line=node.line)
            if column[0] == table.identity:
                raise SqlError(8102, f"Cannot update identity column '{column[0]}'.", line=node.line)
            if op != "=":
                value = n.Binary(op[0], n.Column(name, line=node.line), value, line=node.line)
            sets.append((column[0], self._assigned(value, column[1], inner)))
        where = f" WHERE {self.condition(node.where, inner)}" if node.where is not None else ""
        alias = quote(target.emitted)
        if node.source is None and not node.ctes:
            listed = ", ".join(f"{quote(c)} = {v}" for c, v in sets)
            return f"UPDATE {table.sql} AS {alias} SET {listed}{where}"
        values = ", ".join(f"{v} AS v{i}" for i, (_, v) in enumerate(sets))
        listed = ", ".join(f"{quote(c)} = q.v{i}" for i, (c, _) in enumerate(sets))
        rows = f"{prefix}SELECT DISTINCT ON ({alias}.rowid) {alias}.rowid AS rid, {values} FROM {source_sql}{where}"
        return f"UPDATE {table.sql} AS target__ SET {listed} FROM ({rows}) AS q WHERE target__.rowid = q.rid"

    def delete(self, node: n.Delete) -> str:
        """DELETE, by row ids when it has a FROM."""
        scope = Scope()
        prefix = self.ctes_text(node.ctes, scope)
        inner = Scope(scope)
        source_sql, target = self._target(node, inner)
        table = target.table
        assert table is not None
        if node.where is None and node.source is None:
            return f"DELETE FROM {table.sql}"
        where = f" WHERE {self.condition(node.where, inner)}" if node.where is not None else ""
        rows = f"{prefix}SELECT {quote(target.emitted)}.rowid FROM {source_sql}{where}"
        return f"DELETE FROM {table.sql} WHERE rowid IN ({rows})"

    def _target(self, node: n.Update | n.Delete, scope: Scope) -> tuple[str, Source]:
        """The FROM text and the source in it that is changed."""
        if node.source is None:
            sql = self.source_text(n.TableName(node.target, line=node.line), scope)
            target = scope.sources[0]
        else:
            sql = self.source_text(node.source, scope)
            matching = [
                s for s in scope.sources if s.alias.lower() == node.target[-1].lower() and len(node.target) == 1
            ]
            if not matching:
                table = self.env.table(node.target, node.line)
                matching = [s for s in scope.sources if s.table is not None and s.table.sql == table.sql]
            if not matching:
                extra = self.source_text(n.TableName(node.target, line=node.line), scope)
                sql = f"{extra} CROSS JOIN {sql}"
                matching = [scope.sources[-1]]
            target = matching[0]
        if target.table is None or target.table.kind != "table":
            raise SqlError(
                4406, f"Update or delete of '{target.alias}' failed because it is not a table.", line=node.line
            )
        return sql, target

    def merge(self, node: n.Merge) -> str:
        """MERGE; the clauses keep their order."""
        outer = Scope()
        prefix = self.ctes_text(node.ctes, outer)
        scope = Scope(outer)
        target_sql = self.source_text(n.TableName(node.target, node.alias, line=node.line), scope)
        table = self._writable(node.target, node.line)
        target = scope.sources[0]
        if table.distribution not in (None, "HASH") and any(when.action == "insert" for when in node.whens):
            raise SqlError(
                104467,
                "MERGE … WHEN NOT MATCHED … THEN INSERT needs a target that is distributed by HASH.",
                line=node.line,
            )
        source_sql = self.source_text(node.source, scope)
        parts = [f"{prefix}MERGE INTO {target_sql} USING {source_sql} ON {self.condition(node.condition, scope)}"]
        for when in node.whens:
            parts.append(self._when(when, scope, target, table))
        return " ".join(parts)

    def _when(self, when: n.MergeWhen, scope: Scope, target: Source, table: TableInfo) -> str:
        words = {"matched": "MATCHED", "target": "NOT MATCHED", "source": "NOT MATCHED BY SOURCE"}[when.on]
        extra = f" AND {self.condition(when.condition, scope)}" if when.condition is not None else ""
        start = f"WHEN {words}{extra} THEN "
        if when.action == "delete":
            return start + "DELETE"
        if when.action == "insert":
            targets = self.insert_targets(table, when.columns, when.line)
            _match_count(len(when.values), len(targets), bool(when.columns), when.line, values=True)
            values = [self._assigned(v, c[1], scope) for v, c in zip(when.values, targets, strict=True)]
            return f"{start}INSERT ({', '.join(quote(c[0]) for c in targets)}) VALUES ({', '.join(values)})"
        sets = []
        for name, value in zip(when.columns, when.values, strict=True):
            column = target.find(name)
            if column is None:
                raise SqlError(207, f"Invalid column name '{name}'.", line=when.line)
            sets.append(f"{quote(column[0])} = {self._assigned(value, column[1], scope)}")
        return f"{start}UPDATE SET {', '.join(sets)}"

    def _writable(self, name: n.Name, line: int) -> TableInfo:
        table = self.env.table(name, line)
        if table.kind != "table":
            raise SqlError(4406, f"Update or insert of view or function '{table.name}' failed.", line=line)
        return table

    def _assigned(self, node: n.Expression, kind: SqlType | None, scope: Scope) -> str:
        if isinstance(node, n.Literal) and node.kind == "default":
            return "DEFAULT"
        return assign(self.expression(node, scope), kind)


def assign(value: Value, target: SqlType | None) -> str:
    """A value converted to a column's type where DuckDB's own assignment would differ from T-SQL's."""
    sql, kind = value
    if kind is None or target is None or kind == target:
        return sql
    if kind.is_string and target.is_string:
        return sql
    if (
        kind.is_string
        or target.is_string
        or kind.is_temporal != target.is_temporal
        or target.is_binary != kind.is_binary
    ):
        wide = SqlType(target.name, -1) if target.is_string else target
        constant = sql[1:-1].replace("''", "'") if sql.startswith("'") and kind.is_string else None
        return cast(sql, kind, wide, constant=constant)
    if target.is_int and (kind.is_float or kind.is_exact):
        return cast(sql, kind, target)
    return sql


def _match_count(have: int, want: int, listed: bool, line: int, *, values: bool = False) -> None:
    if have == want:
        return
    if not listed:
        raise SqlError(213, "Column name or number of supplied values does not match table definition.", line=line)
    if values:
        more = have < want
        raise SqlError(
            109 if more else 110,
            f"There are {'more' if more else 'fewer'} columns in the INSERT statement than values "
            f"specified in the VALUES clause.",
            line=line,
        )
    more = have < want
    raise SqlError(
        120 if more else 121,
        f"The select list for the INSERT statement contains {'fewer' if more else 'more'} items than the insert list.",
        line=line,
    )


def translate(node: n.Expression, env: Environment) -> Translated:
    """A statement that reads or changes rows."""
    translator = Translator(env)
    columns: list[OutputColumn] = []
    if isinstance(node, n.Query):
        sql, columns = translator.query_text(node, None)
    elif isinstance(node, n.Insert):
        sql = translator.insert(node)
    elif isinstance(node, n.Update):
        sql = translator.update(node)
    elif isinstance(node, n.Delete):
        sql = translator.delete(node)
    else:
        sql = translator.merge(node)
    return Translated(sql, {name: env.keys[name] for name in translator.used}, columns)
