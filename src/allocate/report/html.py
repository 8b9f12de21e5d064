"""Pages of HTML that need nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby

import pandas as pd

from allocate.report.numeric import is_filled, is_numeric

MOST_ROWS = 40  # of a table on the page; its CSV has them all

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; color: #222 }
table { border-collapse: collapse; margin: .6em 0 1.6em }
th, td { padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: left }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto } .wide td { white-space: nowrap } pre.wide { white-space: pre }
pre { white-space: pre-wrap; font-size: 13px } h1 { font-size: 1.6em }
h2 { margin-top: 1.8em } svg { max-width: 100%; height: auto } svg text { font-size: 13px }
.map { max-width: 640px; margin: 0 } p { margin: .3em 0 } .below { margin-left: 1.6em }
.inside { color: #8a4b08 }
"""


def document(title: str, parts: Iterable[str]) -> str:
    """Write a page.

    Parameters
    ----------
    title
        As text.
    parts
        Of the body, as HTML.
    """
    said = escape(title)
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">',
            f"<title>{said}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{said}</h1>",
            *parts,
            "</body>\n</html>\n",
        ]
    )


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[bool],
    *,
    wraps: bool = False,
) -> str:
    """Write a table, which scrolls where it is wider than the page.

    Parameters
    ----------
    heads, rows
        As text, (columns,) each.
    numbers
        Which columns are aligned to the right, (columns,).
    wraps
        Whether cells hold sentences, which are broken to fit the page.
    """
    kinds = [' class="number"' if number else "" for number in numbers]
    head = "".join(
        f"<th{kind}>{escape(told)}</th>" for told, kind in zip(heads, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{kind}>{escape(told)}</td>" for told, kind in zip(row, kinds, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="{"wraps" if wraps else "wide"}">\n<table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def section(title: str, lines: Iterable[str]) -> str:
    """Write a heading, and lines that are laid out as they stand."""
    words = escape("\n".join(lines))
    return f"<h2>{escape(title)}</h2>\n<pre>{words}</pre>"


def prose(title: str, lines: Iterable[str]) -> str:
    """Write a heading and lines: sentences as they fit the page, columns as they stand."""
    parts = [f"<h2>{escape(title)}</h2>"]
    for columns, run in groupby(lines, lambda line: "  " in line.strip()):
        if columns:
            parts.append(f'<pre class="wide">{escape(chr(10).join(run))}</pre>')
        else:
            parts += [f"<p{_indented(line)}>{escape(line.strip())}</p>" for line in run]
    return "\n".join(parts)


def _indented(line: str) -> str:
    return ' class="below"' if line.startswith(" ") else ""


def first_rows(name: str, frame: pd.DataFrame) -> Iterator[str]:
    """Write the heading and the first rows of a table that is kept as CSV beside the page.

    Parameters
    ----------
    name
        Of its file, without the ending.
    frame
        The table.
    """
    heads = [heading_of(str(column)) for column in frame.columns]
    rows = (
        [str(cell) if is_filled(cell) else "" for cell in row]
        for row in frame.head(MOST_ROWS).itertuples(index=False)
    )
    yield f"<h2>{escape(heading_of(name))}</h2>"
    yield table(heads, rows, [is_numeric(frame[column]) for column in frame])
    if len(frame) > MOST_ROWS:
        yield f"<p>The first {MOST_ROWS} of {len(frame):,} rows; {escape(name)}.csv has all.</p>"


def heading_of(name: str) -> str:
    """Return the name of a table or column as words."""
    return name.replace("_", " ").capitalize().replace("Nhs", "NHS")
