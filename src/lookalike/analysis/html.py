"""HTML reports in one file that works offline."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #18794e; --bad: #b3261e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { white-space: nowrap; }
.scroll { overflow-x: auto; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: .6rem 0 1.2rem; padding: 0; list-style: none; }
.tiles li { width: 7rem; font-size: 12px; overflow-wrap: anywhere; }
.tiles img { width: 7rem; height: 7rem; object-fit: contain; background: #fff; }
.map { width: 100%; height: auto; background: var(--soft); border: 1px solid var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; }
canvas.turn { aspect-ratio: 1; touch-action: none; cursor: grab; }
.bar { background: var(--soft); height: .8rem; }
.bar span { display: block; height: 100%; background: #4a7dc4; }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A complete page."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{''.join(parts)}</body></html>\n"
    )


def heading(text: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Wide tables scroll."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{"n" if place else ""}">{escape(cell)}</td>' for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def tiles(pictures: Iterable[tuple[bytes | None, str]]) -> str:
    """A row of photos with captions."""
    items = "".join(f"<li>{picture(data, words)}{escape(words)}</li>" for data, words in pictures)
    return f'<ul class="tiles">{items}</ul>'


def picture(data: bytes | None, words: str) -> str:
    """An embedded photo."""
    if not data:
        return ""
    return f'<img alt="{escape(words)}" src="{address(data)}">'


def address(data: bytes) -> str:
    """A photo as a data: URL."""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
