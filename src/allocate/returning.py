"""Forms out to providers, and their returns back into a case."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import wrap

from allocate.asked import Asked, prepare
from allocate.columns import table
from allocate.errors import BadInput, Fault
from allocate.files.canonical import text
from allocate.files.form import Returned, read_form, write_form
from allocate.files.target import check_free, to_type, written_whole
from allocate.homecare.asking import Forms
from allocate.homecare.returned import Merged, merge
from allocate.tables import Tables

ENDINGS = (".xlsx", ".xlsm")


def write_forms(where: str | Path, folder: Path) -> list[str]:
    """Write one form a provider into a new folder.

    Parameters
    ----------
    where
        The case.
    folder
        Where to; it may not exist.

    Returns
    -------
    list of str
        What to tell the reader.

    Raises
    ------
    BadInput
        With every fault of the case, or where the folder cannot be written.
    """
    check_free(folder)
    asked = _case(where)
    forms = Forms(asked.tables, asked.instance)
    names = file_names(asked.instance.providers.ids)
    with written_whole(folder) as unfinished:
        for k, name in enumerate(names):
            write_form(forms.form(k), unfinished / name)
    return [
        f"{len(names):,} forms written to {folder}, one a provider, for case {asked.tables.name}.",
        "Put what comes back into one folder, and read it with",
        f"  allocate returns read FOLDER --case {to_type(where)} --out NEWCASE",
    ]


def file_names(ids: tuple[str, ...]) -> list[str]:
    """Name a file for each id: with nothing that a file system dislikes, and no two alike."""
    names: list[str] = []
    for item in ids:
        plain = re.sub(r"[^\w.-]+", "-", item).strip(".-") or "provider"
        name, count = plain, 1
        while name.casefold() in {other.casefold() for other in names}:
            count += 1
            name = f"{plain}-{count}"
        names.append(name)
    return [f"{name}.xlsx" for name in names]


def read_returns(folder: Path, where: str | Path, out: Path) -> list[str]:
    """Read returns and write the case anew with what they say.

    Parameters
    ----------
    folder
        Where the forms that came back are.
    where
        The case that they were written from; it stays as it is.
    out
        Folder of the new case; it may not exist.

    Returns
    -------
    list of str
        What changed, who has not answered, and what is odd.

    Raises
    ------
    BadInput
        With every fault of every return.
    """
    check_free(out)
    asked = _case(where)
    returns, left = _returns(folder, asked)
    merged = merge(asked.tables, asked.instance, returns)
    with asked.base.origin.telling():
        asked.model.build(merged.tables, asked.question)  # such as a new place that has no rate
    with written_whole(out) as unfinished:
        write_case(merged.tables, unfinished)
    return _told(merged, asked, out, left)


def write_case(tables: Tables, folder: Path) -> None:
    """Write every table of a case that has rows as CSV, in the one canonical way."""
    for name, words in tables.card.tables.items():
        if tables.has(name):
            path = folder / f"{name}.csv"
            path.write_text(text(tables[name], words), encoding="utf-8", newline="\n")


def _case(where: str | Path) -> Asked:
    """Read a case; a scenario that changes one is refused, as forms ask about what is."""
    asked = prepare(where)
    if asked.question.changes:
        problem = "is a scenario that changes its case"
        raise BadInput(str(where), [Fault(str(where), "", problem, "Name the case itself")])
    return asked


def _returns(folder: Path, asked: Asked) -> tuple[list[Returned], list[str]]:
    """Read every workbook of a folder; say which other files there are."""
    if not folder.is_dir():
        raise BadInput(str(folder), [Fault(str(folder), "", "no such folder", "Name a folder")])
    returns: list[Returned] = []
    faults: list[Fault] = []
    left: list[str] = []
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        if path.name.startswith(("~$", ".")):
            continue
        if path.suffix.casefold() not in ENDINGS:
            left.append(path.name)
            continue
        try:
            returns.append(read_form(path))
        except BadInput as error:
            faults += [Fault(path.name, f.value, f.problem, f.remedy) for f in error.faults]
    if not returns and not faults:
        problem = "holds no returns (.xlsx)"
        raise BadInput(str(folder), [Fault(str(folder), "", problem, "Put the returns into it")])
    if faults:
        try:  # tell what is wrong with the others too
            merge(asked.tables, asked.instance, returns)
        except BadInput as error:
            faults += error.faults
        raise BadInput(str(folder), faults)
    return returns, left


def _told(merged: Merged, asked: Asked, out: Path, left: list[str]) -> list[str]:
    """Write down what the returns did."""
    answered, silent = len(merged.answered), len(merged.silent)
    lines = [f"{answered:,} of {answered + silent:,} providers answered; written to {out}."]
    head = ["provider", "what", "was", "now", "change"]
    rows = [[c.provider, c.what, c.was, c.now, c.difference] for c in merged.changes]
    if rows:
        title = "What the returns changed, the most hours first:"
        lines += ["", title, *table(head, rows, left=(0, 1, 4))]
    else:
        lines += ["", "The returns changed nothing: they say what the case says."]
    for title, listed in (
        ("Have not answered, and stay as they were:", wrap(", ".join(merged.silent), 90)),
        ("Ask about these:", merged.oddities),
        ("Written out, because the case left it open for all:", merged.filled),
        ("Not read, because they are no workbooks:", left),
        ("Not copied, because the model does not know it:", asked.tables.ignored),
    ):
        if listed:
            lines += ["", title, *(f"  {line}" for line in listed)]
    return [
        *lines,
        "",
        f"Next: allocate check {out}",
        "To ask an old question of it, write a scenario that names both, and solve that:",
        '  extends = "the old question"',
        f'  case = "{out.as_posix()}"',
    ]
