"""A case or question written for other hands: a workbook, a data package, an LP or MPS file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from allocate.asked import prepare
from allocate.card import models, read_card
from allocate.core.program import Program
from allocate.core.written import as_lp, as_mps
from allocate.errors import BadInput, Fault
from allocate.files.described import write_datapackage
from allocate.files.look import write_workbook
from allocate.files.target import check_free, to_type, written_whole
from allocate.report.text import not_real
from allocate.study.change import apply
from allocate.study.scenario import Question
from allocate.study.scenario_file import read_scenario
from allocate.tables import Tables, read

PROGRAMS = {".lp": as_lp, ".mps": as_mps}
NOT_WRITTEN = (".csv", ".xls", ".xlsm", ".xlsb", ".ods", ".json", ".zip", ".toml", ".txt", ".pdf")


def write_template(model: str, out: Path) -> list[str]:
    """Write an empty workbook of a model's tables, made to be filled in.

    Parameters
    ----------
    model
        Model whose card says which tables there are.
    out
        An .xlsx file that does not exist yet.

    Returns
    -------
    list of str
        What was written, for the reader.

    Raises
    ------
    BadInput
        Where there is no such model, or the file cannot be written.
    """
    if model not in models():
        fault = Fault.unknown(model, "", "model", model, models())
        raise BadInput("the command line", [fault])
    if out.suffix.casefold() != ".xlsx":
        raise _unfit(out, "--out", "the template is a workbook", "Give it a name ending in .xlsx")
    card = read_card(model)
    with written_whole(out, file=True) as path:
        write_workbook(path, card, None, ["An empty case: fill it in, and ask about it."])
    return [
        f"Written to {out}: a sheet for each of {len(card.tables)} tables.",
        f"Fill it in, then: allocate check {to_type(out)}",
    ]


def export(where: str | Path, to: Path, level: str | None = None) -> list[str]:
    """Write a case as a workbook or data package, or a question as an LP or MPS file.

    Parameters
    ----------
    where
        A case in any form, or a scenario: then its case with the changes made.
    to
        A file ending in .xlsx, .lp or .mps, or a folder for a data package; it may not exist.
    level
        Level of the objective that an LP or MPS file minimises; the first if not given.

    Returns
    -------
    list of str
        What was written, for the reader.

    Raises
    ------
    BadInput
        For a question or case that cannot be understood, or a target that cannot be written.
    """
    ending = to.suffix.casefold()
    if ending in NOT_WRITTEN:
        remedy = "Name a file ending in .xlsx, .lp or .mps, or a folder for a data package"
        raise _unfit(to, "--to", f"{ending} is not written", remedy)
    if level is not None and ending not in PROGRAMS:
        problem = "a case has no levels: --level is for .lp and .mps"
        raise _unfit(to, "--level", problem, "Leave --level out, or write an .lp or .mps file")
    check_free(to, "--to")
    if ending in PROGRAMS:
        return _export_program(where, to, ending, level)
    question = read_scenario(where)
    tables = _changed(question)
    lines = _told(question, tables)
    if ending == ".xlsx":
        with written_whole(to, "--to", file=True) as path:
            write_workbook(path, tables.card, tables, lines)
    else:
        with written_whole(to, "--to") as folder:
            write_datapackage(folder, tables, to.name, " ".join(lines))
    left = [f"Not written, because the model does not know it: {item}" for item in tables.ignored]
    count = sum(tables.has(name) for name in tables.card.tables)
    return [f"Written to {to}: {count} tables.", *lines, *tables.notes, *left]


def _changed(question: Question) -> Tables:
    """Read the question's case and make its changes."""
    base = read(question.case, question.model)
    with base.origin.telling():
        return apply(base, question.changes, question.name)


def _told(question: Question, tables: Tables) -> list[str]:
    """Say which case this is, what is changed in it, and what in it is invented."""
    lines = [f"Case {tables.name}."]
    if question.changes:
        noun = "change" if len(question.changes) == 1 else "changes"
        lines = [
            f"Case {tables.name}, with {len(question.changes)} {noun} of {question.name} made."
        ]
    return [*lines, *not_real(tables)]


def _export_program(where: str | Path, to: Path, ending: str, level: str | None) -> list[str]:
    asked = prepare(where)
    program = asked.model.formulate(asked.instance, asked.question.levels).program
    if not isinstance(program, Program):
        problem = "bookings and possible winters are two stages, which these files cannot hold"
        raise _unfit(to, "--to", problem, "Write the case as a workbook or data package")
    names = [one.name for one in program.levels]
    if level is not None and level not in names:
        fault = Fault.unknown("--level", f'"{level}"', "level", level, names)
        raise BadInput("the command line", [fault])
    at = names.index(level) if level is not None else 0
    lines: Iterable[str] = PROGRAMS[ending](program, at)
    with (
        written_whole(to, "--to", file=True) as path,
        path.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.writelines(f"{line}\n" for line in lines)
    rows = sum(family.size for family in program.families)
    return [
        f"Written to {to}: level {names[at]} of {' > '.join(names)}.",
        f"{program.size:,} columns and {rows:,} rows, named by rule and id.",
    ]


def _unfit(target: Path, option: str, problem: str, remedy: str) -> BadInput:
    return BadInput(option, [Fault(str(target), "", problem, remedy)])
