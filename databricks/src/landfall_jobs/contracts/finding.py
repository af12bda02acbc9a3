"""Something wrong in a document, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path; `on_key` says that not the value there is at fault but its key."""

    path: Path
    message: str
    on_key: bool = False


def show(path: Path) -> str:
    """Give a path as people write it: `columns[1].type`."""
    if not path:
        return "the contract"
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def suggest(name: str, known: Sequence[str]) -> str | None:
    """Give the known name that somebody most likely meant, or None when none is near."""
    most = max(1, len(name) // 3)
    near = [(_edit_distance(name.lower(), candidate.lower()), candidate) for candidate in known]
    best = min(near, key=lambda pair: pair[0], default=(most + 1, ""))
    return best[1] if best[0] <= most else None


def hint(name: str, known: Sequence[str], kind: str) -> str:
    """Give what comes after "is not known": the name that was meant, or all that there are."""
    meant = suggest(name, known)
    if meant is not None:
        return f"did you mean '{meant}'?"
    return f"its {kind} are {', '.join(dict.fromkeys(known))}." if known else f"there are no {kind}."


def _edit_distance(a: str, b: str) -> int:
    """Count characters to insert, delete, replace or swap with their neighbour (optimal string alignment)."""
    rows = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            cost = int(a[i - 1] != b[j - 1])
            least = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                least = min(least, rows[i - 2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]
