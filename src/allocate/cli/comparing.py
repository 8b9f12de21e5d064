"""``allocate compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import app
from allocate.cli.progress import watching
from allocate.cli.written import written


@app.command()
def compare(
    answers: Annotated[
        list[str],
        typer.Argument(help="Result folders, or scenarios and cases, which are solved then."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write tables and report.html to; it may not exist yet."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Time limit of each that is solved.", min=0.1)
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Set answers side by side: levels, terms, rules, areas, people, and why totals differ.

    Example:  allocate compare result h09_declines --out compared
    """
    from allocate.files.target import check_free, written_whole
    from allocate.report.comparison import render
    from allocate.report.page import page
    from allocate.study.compare import compare as compared

    if out is not None:
        check_free(out)
    with watching(quiet) as watch:
        found = compared(answers, seconds=seconds, watch=watch)
    text = render(found)
    typer.echo(text)
    if out is not None:
        with written_whole(out) as folder:
            (folder / "summary.txt").write_text(text + "\n", encoding="utf-8", newline="\n")
            (folder / "report.html").write_text(page(found), encoding="utf-8", newline="\n")
            for name, table in found.tables.items():
                table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        typer.echo(written(out))
