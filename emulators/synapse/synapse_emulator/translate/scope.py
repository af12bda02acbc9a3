"""Which tables and columns a name can mean at a place in a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql.nodes import Name

OutputColumn = tuple[str, SqlType | None]


@dataclass(slots=True)
class TableInfo:
    """What the catalogue knows of a table or view: its DuckDB name and columns."""

    sql: str
    schema: str
    name: str
    columns: list[OutputColumn]
    kind: str = "table"
    identity: str | None = None
    distribution: str | None = None


class Catalogue(Protocol):
    """What the translator asks of the catalogue."""

    def table(self, name: Name, line: int) -> TableInfo:
        """The table or view, or 208."""
        ...


@dataclass(slots=True)
class Source:
    """A table in FROM under the alias that the DuckDB text gives it."""

    alias: str
    emitted: str
    columns: list[OutputColumn]
    table: TableInfo | None = None
    aliased: bool = False

    def matches(self, qualifier: Name) -> bool:
        """Whether `a`, `s.a` or `d.s.a` names this source."""
        if qualifier[-1].lower() != self.alias.lower():
            return False
        if len(qualifier) == 1:
            return True
        return self.table is not None and not self.aliased and qualifier[-2].lower() in ("", self.table.schema.lower())

    def find(self, column: str) -> OutputColumn | None:
        """The column of that name, whatever its case."""
        wanted = column.lower()
        return next((found for found in self.columns if found[0].lower() == wanted), None)


@dataclass(slots=True)
class Scope:
    """The sources of one SELECT, inside those of the query around it."""

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    ctes: dict[str, tuple[str, list[OutputColumn]]] = field(default_factory=dict)
    aliases: dict[str, OutputColumn] = field(default_factory=dict)

    def cte(self, name: str) -> tuple[str, list[OutputColumn]] | None:
        """A common table expression in force."""
        found = self.ctes.get(name.lower())
        return found if found or self.parent is None else self.parent.cte(name)

    def used_aliases(self) -> set[str]:
        """Aliases that an inner source must not take."""
        used = {source.emitted.lower() for source in self.sources}
        return used | self.parent.used_aliases() if self.parent else used

    def add(self, source: Source) -> Source:
        """Add a source, giving it a free alias in the DuckDB text; 1013 when two are exposed alike."""
        if any(source.alias.lower() == s.alias.lower() and _same(source, s) for s in self.sources):
            raise SqlError(
                1013,
                f'The objects "{source.alias}" and "{source.alias}" in the FROM clause have the same exposed names. '
                "Use correlation names to distinguish them.",
            )
        used, base, number = self.used_aliases(), source.emitted, 2
        while source.emitted.lower() in used:
            source.emitted = f"{base}_{number}"
            number += 1
        self.sources.append(source)
        return source

    def resolve(self, parts: Name, line: int) -> tuple[str, SqlType | None]:
        """DuckDB text and type of a column reference; 207, 209 or 4104 when there is none."""
        scope: Scope | None = self
        qualifier, column = parts[:-1], parts[-1]
        while scope is not None:
            candidates = [s for s in scope.sources if not qualifier or s.matches(qualifier)]
            hits = [(s, found) for s in candidates if (found := s.find(column)) is not None]
            if len(hits) > 1:
                raise SqlError(209, f"Ambiguous column name '{column}'.", line=line)
            if hits:
                source, found = hits[0]
                return f"{quote(source.emitted)}.{quote(found[0])}", found[1]
            if qualifier and candidates:
                raise SqlError(207, f"Invalid column name '{column}'.", line=line)
            scope = scope.parent
        if qualifier:
            raise SqlError(4104, f'The multi-part identifier "{".".join(parts)}" could not be bound.', line=line)
        raise SqlError(207, f"Invalid column name '{column}'.", line=line)

    def expand(self, qualifier: Name, line: int) -> Iterable[tuple[Source, OutputColumn]]:
        """The columns of `*` or `t.*`."""
        sources = [s for s in self.sources if not qualifier or s.matches(qualifier)]
        if not sources:
            if qualifier:
                raise SqlError(
                    107,
                    f"The column prefix '{'.'.join(qualifier)}' does not match with a table name or alias.",
                    line=line,
                )
            raise SqlError(263, "Must specify table to select from.", line=line)
        return [(source, column) for source in sources for column in source.columns]


def _same(one: Source, other: Source) -> bool:
    if one.table is None or other.table is None or one.aliased or other.aliased:
        return True
    return one.table.schema.lower() == other.table.schema.lower()


def quote(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A DuckDB string."""
    return "'" + text.replace("'", "''") + "'"
