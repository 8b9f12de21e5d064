"""A folder of CSV files, one a table."""

from __future__ import annotations

from pathlib import Path

from allocate.files.csvs import read_csv
from allocate.files.sheet import Book


def read_folder(folder: Path) -> Book:
    """Read every ``<table>.csv`` of a folder."""
    paths = sorted(path for path in folder.glob("*.[cC][sS][vV]") if path.is_file())
    sheets = tuple(read_csv(path, path.name, path.stem) for path in paths)
    return Book(folder.resolve().name, folder, sheets)
