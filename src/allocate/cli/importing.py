"""``allocate import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocate.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@app.command("import")
def import_(
    extract: Annotated[
        Path, typer.Argument(help="Extract of a social care system, .csv or .xlsx: a row a line.")
    ],
    out: Annotated[Path, typer.Option(help="Case folder to write; it may not exist yet.")],
    map_file: Annotated[
        Path,
        typer.Option(
            "--map", help="Which column is what. Where there is none, a dialogue makes it."
        ),
    ] = Path("map.toml"),
    places: Annotated[
        Path | None,
        typer.Option(
            help="Folder with place_areas.csv and lookup.csv. Without it: `places` beside the map."
        ),
    ] = None,
    salt: Annotated[
        Path | None,
        typer.Option(
            help="Secret that people's ids are hashed with; made where there is none. "
            "Without it: .config/allocate/salt in your home folder."
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(help="Date that starts, ends and waits are judged by. Without it: today."),
    ] = None,
) -> None:
    """Turn a social care system's extract into a case, without a name in it.

    Example:  allocate import lines.csv --map map.toml --places places --out case
    """
    from datetime import date

    from allocate.cli.dates import as_day
    from allocate.files.target import check_free, to_type
    from allocate.intake.importing import import_extract
    from allocate.intake.salt import default_salt

    check_free(out)
    places = map_file.parent / "places" if places is None else places
    salt = default_salt() if salt is None else salt
    if not map_file.exists():
        _make_map(extract, map_file, salt)
    day = date.today() if on is None else as_day("--on", on)
    imported = import_extract(extract, map_file, places=places, salt=salt, on=day)
    typer.echo(imported.write(out))
    typer.echo(f"Written to {out}. Next: allocate check {to_type(out)}")


def _make_map(extract: Path, map_file: Path, salt_file: Path) -> None:
    """Ask what is what and write the map, so that no answer is lost if the extract has faults."""
    import sys

    from allocate.errors import BadInput, Fault
    from allocate.intake.dialogue import make_map, write_map
    from allocate.intake.extract import read_extract
    from allocate.intake.guess import KNOWN, guess_columns
    from allocate.intake.salt import read_salt

    read = read_extract(extract, KNOWN)
    if not sys.stdin.isatty():
        told = ", ".join(f"{role}: {g.heading}" for role, g in guess_columns(read).items())
        problem = f"no such map, and nobody to ask. A guess by headings: {told or 'nothing'}"
        remedy = "Run the command in a terminal to be asked, or write the map"
        raise BadInput("--map", [Fault(str(map_file), "", problem, remedy)])
    typer.echo(f"There is no {map_file} yet. A few questions make it; Ctrl-C leaves all as it is.")
    written = make_map(read, _ask, typer.echo)
    salt = read_salt(salt_file, None)
    salt.save()
    write_map(map_file, written, salt.fingerprint)
    typer.echo(f"{map_file} is written.\n")


def _ask(question: str, choices: Sequence[str], default: str, beside: Mapping[str, str]) -> str:
    """Ask in the terminal until the answer is one of the choices, by word or number."""
    typer.echo(question)
    width = max(map(len, choices), default=0)
    for number, choice in enumerate(choices, start=1):
        typer.echo(f"  {number:>2}. {choice:<{width}}  {beside.get(choice, '')}".rstrip())
    while True:
        # An empty default lets an empty line through, to be answered here rather than asked again.
        answer: str = typer.prompt("  Answer", default=default, show_default=bool(default)).strip()
        if not choices or answer in choices:
            return answer
        if answer.isdigit() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
        typer.echo("  An answer is needed: write one of the above, or its number.")
