"""Where the tables of a case stand, so that a fault names a place as whoever typed it sees it.

Inside, a place is always ``packages.csv line 14``, whatever the case was read from. A fault is
translated once, on its way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from allocate.errors import BadInput, Fault

# Not inside a path or a longer name, so that what is translated already stays as it is.
PLACE = re.compile(r"(?<![\w/\\.-])(\w+)\.csv( line (\d+))?")
LINE = re.compile(r"\bline (\d+)\b")


@dataclass(frozen=True)
class Origin:
    """The form that a case came in.

    Parameters
    ----------
    file
        Name of the workbook; empty where each table has a file of its own.
    sources
        What a message calls each table, where it is not ``<table>.csv``.
    letters
        Letter of each column, by table; for those that stand in a workbook.
    """

    file: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether places are right as they stand."""
        return not self.file and not self.sources

    def tell(self, fault: Fault) -> Fault:
        """Name the place of a fault as it stands in the workbook or data package."""
        if self.plain:
            return fault
        column = fault.value.partition(" = ")[0]
        return replace(
            fault,
            place=PLACE.sub(lambda found: self._place(found, column), fault.place),
            value=fault.value if '"' in fault.value else self.words(fault.value),
            problem=self.words(fault.problem),
            remedy=self.words(fault.remedy),
        )

    def words(self, text: str) -> str:
        """Speak of sheets and rows in a sentence about a workbook."""
        text = PLACE.sub(lambda found: self._table(found[1]) + (found[2] or ""), text)
        return LINE.sub(r"row \1", text) if self.file else text

    def _table(self, table: str) -> str:
        if not self.file:
            return self.sources.get(table, f"{table}.csv")
        sheet = self.sources.get(table, "").removeprefix(self.file).strip() or table
        return f"the sheet {sheet}"

    def _place(self, found: re.Match[str], column: str) -> str:
        table, row = found[1], found[3]
        usual = f"{self.file} {table}" if self.file else f"{table}.csv"
        source = self.sources.get(table, usual)
        if row is None or table not in self.letters:
            return source + (found[2] or "")
        letter = self.letters[table].get(column)
        return f"{source}!{letter}{row}" if letter else f"{source} row {row}"

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Translate the faults that a block raises."""
        try:
            yield
        except BadInput as error:
            if self.plain:
                raise
            told = [self.tell(fault) for fault in error.faults]
            raise BadInput(error.where, told) from None
