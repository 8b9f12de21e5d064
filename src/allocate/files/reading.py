"""Which form a case has, and where it is found."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from allocate.errors import BadInput, Fault
from allocate.files.columns import plain
from allocate.files.datapackage import DESCRIPTOR, read_datapackage
from allocate.files.folder import read_folder
from allocate.files.sheet import Book
from allocate.files.workbook import is_workbook, read_workbook


def is_case(path: Path) -> bool:
    """Whether a path may be a case: a folder, a workbook, or the descriptor of a data package."""
    return path.is_dir() or (path.is_file() and (path.name == DESCRIPTOR or is_workbook(path)))


def case_name(path: Path) -> str:
    """Name of a case: the same whatever form it comes in."""
    path = path.resolve()
    if path.name == DESCRIPTOR:
        return path.parent.name
    return path.name if path.is_dir() else path.stem


def table_names(path: Path) -> set[str]:
    """Names of the tables that a case seems to have; what is wrong with it is told when it is read.

    Parameters
    ----------
    path
        A folder, a workbook, or the descriptor of a data package.
    """
    if is_workbook(path):
        from openpyxl import load_workbook  # costs 0.2 s: loaded only where there is one to read

        with suppress(Exception), closing(load_workbook(path, read_only=True)) as book:
            return {plain(name) for name in book.sheetnames}
        return set()
    folder = path if path.is_dir() else path.parent
    return {plain(file.stem) for file in folder.glob("*.csv")}


def read_book(path: Path) -> Book:
    """Read a case in whatever form it has: CSV files, a workbook, or a data package.

    Raises
    ------
    BadInput
        Where there is nothing to read, or the whole cannot be opened.
    """
    if path.is_dir():
        descriptor = path / DESCRIPTOR
        return read_datapackage(descriptor) if descriptor.is_file() else read_folder(path)
    if path.is_file() and path.name == DESCRIPTOR:
        return read_datapackage(path)
    if path.is_file() and is_workbook(path):
        return read_workbook(path)
    if path.exists():
        problem = "is neither a folder, nor a workbook, nor a datapackage.json"
        raise BadInput(
            str(path), [Fault(str(path), "", problem, "Name a case in one of the three")]
        )
    raise BadInput(str(path), [Fault(str(path), "", "no such folder or file", "Name a case")])
