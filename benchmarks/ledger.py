"""The ledger in ``README.md``: written from the runs kept in ``kept/``, and from nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.picture import picture
from benchmarks.runs import Row
from benchmarks.table import lines, markdown

HERE = Path(__file__).parent
KEPT = HERE / "kept"
START, END = "<!-- ledger: written by `python -m benchmarks ledger` -->", "<!-- end of ledger -->"


def keep(name: str, record: Row, folder: Path = KEPT) -> Path:
    """Keep a run under a name, in place of an earlier one; rows have their picture beside it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    text = json.dumps(record, separators=(",", ":")).replace('{"case"', '\n{"case"')
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    if "rows" in record:
        drawing = picture(record["rows"], record["seconds"])
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8", newline="\n")
    return path


def ledger(folder: Path = KEPT) -> str:
    """Write every run that is kept: where, with what, the command, and its tables."""
    parts = []
    for path in sorted(folder.glob("*.json")):
        run: Row = json.loads(path.read_text(encoding="utf-8"))
        used = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
        parts += [
            f"### {path.stem}",
            "",
            f"    {run['command']}",
            "",
            f"{run['month']}; {run['machine']}, load {run['load']} at the end; {used}",
            "",
            *_found(run, f"{folder.name}/{path.stem}.svg"),
            "",
        ]
    return "\n".join(parts)


def _found(run: Row, drawing: str) -> list[str]:
    """Write what came of a run: rows of solvers with their picture, or a table as it is."""
    if "rows" not in run:
        return markdown(run["table"])
    name = Path(drawing).stem
    return [*lines(run["rows"], run["seconds"]), "", f"![Gap over time: {name}]({drawing})"]


def update(readme: Path = HERE / "README.md", folder: Path = KEPT) -> None:
    """Put the ledger into a page, between its two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    text = f"{before}{START}\n\n{ledger(folder)}{END}{after}"
    readme.write_text(text, encoding="utf-8", newline="\n")
