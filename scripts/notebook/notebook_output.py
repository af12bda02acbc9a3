"""What a notebook shows: to the terminal as it runs, and to a page that can be kept."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

from notebook_cells import Cell

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 50
STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1f}
pre{background:#f4f4f6;padding:.8rem;overflow-x:auto;border-radius:6px}table{border-collapse:collapse;font-size:13px}
td,th{border:1px solid #d5d5da;padding:.2rem .5rem;text-align:left}.error{color:#a3001b}
@media(prefers-color-scheme:dark){
body{background:#17171a;color:#e7e7ea}pre{background:#232328}td,th{border-color:#3c3c44}.error{color:#ff8f9b}}"""


class Output:
    """Collects what cells show."""

    def __init__(self, title: str, say: Callable[[str], None]) -> None:
        self.title = title
        self.say = say
        self.parts: list[str] = []

    def cell(self, cell: Cell) -> None:
        """Show the cell itself."""
        if cell.language == "md":
            self.say(f"\n{cell.text}\n")
            self.parts.append(markdown(cell.text))
        else:
            self.parts.append(f"<pre><code>{html.escape(cell.text)}</code></pre>")

    def text(self, text: str) -> None:
        """Show what a cell printed."""
        self.say(text.rstrip("\n"))
        self.parts.append(f"<pre>{html.escape(text)}</pre>")

    def error(self, text: str) -> None:
        """Show why a cell failed."""
        self.say(text)
        self.parts.append(f'<pre class="error">{html.escape(text)}</pre>')

    def table(self, rows: pd.DataFrame) -> None:
        """Show the first rows of a table."""
        kept = rows.head(MOST_ROWS)
        more = f"… {len(rows) - MOST_ROWS} more rows" if len(rows) > MOST_ROWS else ""
        self.say(kept.to_string(index=False) + ("\n" + more if more else ""))
        self.parts.append(kept.to_html(index=False, border=0) + more)

    def page(self) -> str:
        """Give all as one HTML page that needs nothing else."""
        title = html.escape(self.title)
        head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        body = "".join(self.parts)
        return f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>'


def markdown(text: str) -> str:
    """Give headings and paragraphs; the notebooks use no more of Markdown than these."""
    blocks: list[str] = []
    paragraph: list[str] = []

    def end() -> None:
        if paragraph:
            blocks.append(f"<p>{html.escape(' '.join(paragraph))}</p>")
            paragraph.clear()

    for line in text.splitlines():
        level = len(line) - len(line.lstrip("#"))
        if level:
            end()
            blocks.append(f"<h{level}>{html.escape(line[level:].strip())}</h{level}>")
        elif line.strip():
            paragraph.append(line.strip())
        else:
            end()
    end()
    return "".join(blocks)
