"""Workbooks and data packages made from a folder of CSV files, by none of the program's code."""

from __future__ import annotations

import csv
import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

NUMBER = re.compile(r"-?(0|[1-9]\d{0,13})(\.\d+)?$")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")


def value_of(text: str) -> Any:
    """What Excel makes of a cell that somebody types."""
    if NUMBER.match(text):
        return float(text) if "." in text else int(text)
    if found := DATE.match(text):
        return date(*(int(part) for part in found.groups()))
    return text or None


def as_book(case: Path) -> Workbook:
    """Type every CSV file of a folder into a sheet of its own."""
    book = Workbook()
    book.remove(book.active)
    for path in sorted(case.glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                sheet.append([value_of(text) for text in row])
    return book


def as_workbook(case: Path, path: Path) -> Path:
    """Save a folder as a workbook."""
    as_book(case).save(path)
    return path


def as_package(case: Path, folder: Path) -> Path:
    """Copy a folder, with its tables under data/ and the least descriptor that names them."""
    shutil.copytree(case, folder / "data")
    names = sorted(path.name for path in case.glob("*.csv"))
    resources = [{"name": name[:-4], "path": f"data/{name}"} for name in names]
    return described(folder, resources)


def described(folder: Path, resources: list[Any]) -> Path:
    """Write a descriptor."""
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"resources": resources}), encoding="utf-8")
    return path


def with_cached(path: Path, sheet: str, values: dict[str, Any]) -> Path:
    """Put a value beside formulas of a saved workbook, as Excel does and openpyxl does not."""
    book = load_workbook(path)
    number = book.sheetnames.index(sheet) + 1
    book.close()
    member = f"xl/worksheets/sheet{number}.xml"
    with zipfile.ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    text = parts[member].decode()
    for cell, value in values.items():
        pattern = rf'(<c r="{cell}"[^>]*?)(?: t="\w+")?(><f>[^<]*</f>)<v ?/?>(?:</v>)?'
        kind = ' t="str"' if isinstance(value, str) else ""
        text, count = re.subn(pattern, rf"\g<1>{kind}\g<2><v>{value}</v>", text)
        assert count == 1, f"no formula at {cell}"
    parts[member] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for item, content in parts.items():
            archive.writestr(item, content)
    return path
