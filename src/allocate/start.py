"""The start: the plan and prices of an earlier answer, for another question of the same model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from allocate import registry
from allocate.answered import as_frame, no_result, read_record
from allocate.core.guess import Guess
from allocate.core.priced import put_back
from allocate.core.program import Program
from allocate.errors import BadInput, Fault
from allocate.files.csvs import split
from allocate.price_list import PriceList, read_prices
from allocate.result import Result

CERTIFICATE = "certificate.json"
SOLVE = "Solve that question again, and start from the new answer"


@dataclass(frozen=True)
class Start:
    """What an earlier answer leaves to a later one. It is used, and never believed.

    Parameters
    ----------
    tables
        Those of its answer tables that say what was chosen, cells as text.
    prices
        What its certificate charges, by the name of the level.
    record
        What ``result.json`` says of it: scenario, case, and the SHA-256 of each file read.
    """

    tables: Mapping[str, pd.DataFrame]
    prices: Mapping[str, PriceList]
    record: Mapping[str, Any]

    def guesses(self, model: registry.Model, draft: registry.Draft) -> list[Guess]:
        """Put it onto the columns and rows of a question's program, one guess a level.

        None where the program is of a form that starts from nothing.

        Parameters
        ----------
        model, draft
            Of the question.
        """
        program = draft.program
        if not isinstance(program, Program):
            return []
        chosen = model.chosen_columns(draft, self.tables)
        none = PriceList()
        return [
            Guess(chosen, *put_back(program, self.prices.get(level.name, none)))
            for level in program.levels
        ]


def read_start(earlier: str | Path | Result | Start, model: str) -> Start:
    """Read what an earlier answer leaves.

    Parameters
    ----------
    earlier
        A folder that ``allocate solve --out`` wrote, the result itself, or what was read already.
    model
        Of the question that starts from it.

    Raises
    ------
    BadInput
        Where it is none, answers a question of another model, has no plan, or is damaged.
    """
    if isinstance(earlier, Start):
        return earlier
    wanted = {f"{table}.csv": columns for table, columns in registry.model(model).PLAN.items()}
    if not wanted:
        fault = Fault("--start", "", f"is of no help to {model}", "Leave it out")
        raise BadInput("the command line", [fault])
    if isinstance(earlier, Result):
        where, record, texts = "the result to start from", earlier.record, earlier.texts()
        files = {name: texts[name].encode() for name in (*wanted, CERTIFICATE) if name in texts}
    else:
        where, record = str(earlier), read_record(Path(earlier))
        paths = [Path(earlier) / name for name in (*wanted, CERTIFICATE)]
        files = {path.name: path.read_bytes() for path in paths if path.is_file()}
    if "model" not in record:
        raise no_result(where)
    _check(where, record, model)
    faults: list[Fault] = []
    tables = {
        name.removesuffix(".csv"): _table(name, files.get(name, b""), columns, faults)
        for name, columns in wanted.items()
    }
    prices = _prices(files.get(CERTIFICATE, b""), faults)
    if faults:
        raise BadInput(where, faults)
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    told = {"scenario": record["scenario"], "case": record["case"], "files": hashes}
    return Start(tables, prices, told)


def start_of_any(folder: Path, model: str) -> Start | None:
    """Read what an answer leaves; None for a model that starts from nothing.

    Parameters
    ----------
    folder, model
        As of ``read_start``.

    Raises
    ------
    BadInput
        As it does.
    """
    return read_start(folder, model) if registry.model(model).PLAN else None


def _check(where: str, record: Mapping[str, Any], model: str) -> None:
    """Refuse an answer of another model, or one without a plan."""
    if record["model"] != model:
        problem = f"answers a question of another model; this one is of {model}"
        remedy = f"Start from an answer of {model}"
        raise BadInput(where, [Fault(where, f'model = "{record["model"]}"', problem, remedy)])
    if not record["levels"]:
        problem = f"has no plan to start from: {record.get('why_stopped', record['status'])}"
        raise BadInput(where, [Fault(where, "", problem, "Start from an answer that has one")])


def _table(name: str, raw: bytes, columns: Sequence[str], faults: list[Fault]) -> pd.DataFrame:
    """Read an answer table; note what it lacks."""
    frame = as_frame(split(raw, name, name))
    lacking = [column for column in columns if column not in frame]
    if lacking:
        problem = f"is missing, or has no column {lacking[0]}"
        faults.append(Fault(name, "", problem, SOLVE))
    return frame


def _prices(raw: bytes, faults: list[Fault]) -> dict[str, PriceList]:
    """Read the prices of a certificate; note that they cannot be read."""
    try:
        return {str(told["name"]): read_prices(told) for told in json.loads(raw)["levels"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        faults.append(Fault(CERTIFICATE, "", "is missing or damaged", SOLVE))
        return {}
