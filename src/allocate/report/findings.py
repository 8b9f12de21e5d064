"""What a study found, as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.findings import Findings
from allocate.report.html import document, heading_of, table

MOST_ROWS = 40  # of a table on the page; its CSV has them all


def findings_page(found: Findings) -> str:
    """Write the findings as HTML.

    Parameters
    ----------
    found
        Words and tables.
    """
    return document(found.title, _parts(found))


def _parts(found: Findings) -> Iterator[str]:
    for heading, lines in found.sections:
        words = escape("\n".join(lines))
        yield f"<h2>{escape(heading)}</h2>\n<pre>{words}</pre>"
    for heading, drawing in found.drawings.items():
        yield f"<h2>{escape(heading)}</h2>\n{drawing}"
    for name, frame in found.tables.items():
        yield f"<h2>{escape(heading_of(name))}</h2>"
        yield from _table(name, frame)


def _table(name: str, frame: pd.DataFrame) -> Iterator[str]:
    """Write the first rows of a table."""
    heads = [heading_of(str(column)) for column in frame.columns]
    rows = [[_cell(v) for v in row] for row in frame.head(MOST_ROWS).itertuples(index=False)]
    yield table(heads, rows, [is_numeric_dtype(frame[column]) for column in frame])
    if len(frame) > MOST_ROWS:
        yield f"<p>The first {MOST_ROWS} of {len(frame):,} rows; {escape(name)}.csv has all.</p>"


def _cell(value: object) -> str:
    """Write a cell; one that is not known is empty."""
    return "" if value is None or value != value else str(value)
