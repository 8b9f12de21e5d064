"""What a study found: sections of words, and tables that anybody can sort and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

Section = tuple[str, Sequence[str]]


@dataclass(frozen=True)
class Findings:
    """What a study found.

    Parameters
    ----------
    title
        What was asked.
    sections
        Titles and lines.
    tables
        Tidy tables, by file name without its ending.
    drawings
        Pictures for the page as SVG, by their titles.
    """

    title: str
    sections: Sequence[Section]
    tables: Mapping[str, pd.DataFrame]
    drawings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        blocks = [self.title]
        for title, lines in self.sections:
            blocks.append("\n".join([title, *(f"  {line}" for line in lines)]))
        return "\n\n".join(blocks)

    def write(self, folder: Path) -> None:
        """Write the words as ``summary.txt`` and ``report.html``, and each table as CSV.

        Parameters
        ----------
        folder
            Where to; what an earlier run of the same study wrote there is written anew.
        """
        from allocate.report.findings import findings_page

        texts = {"summary.txt": f"{self}\n", "report.html": findings_page(self)}
        for name, table in self.tables.items():
            texts[f"{name}.csv"] = table.to_csv(index=False, lineterminator="\n")
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
