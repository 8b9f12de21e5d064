"""``allocate sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import KeepUntil, Record, app
from allocate.cli.progress import watching
from allocate.cli.written import written


@app.command()
def sweep(
    scenarios: Annotated[
        list[str], typer.Argument(help="A scenario or case, or several: each is asked then.")
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder to write; that of a sweep that was stopped is gone on with."),
    ],
    over: Annotated[
        list[str] | None,
        typer.Option(
            help='A key and its values: "rules.lead_accepts_share.value = 0.5..1.0 step 0.05". '
            "Give it again for a grid; keys joined by `with` move together."
        ),
    ] = None,
    cores: Annotated[
        int | None, typer.Option(help="Cases solved at once; all cores if not given.", min=1)
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, in place of local processes.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Time limit of a case.", min=0.1)] = None,
    gap: Annotated[
        float | None, typer.Option(help="Gap to stop at, of what can be decided.", min=0.0)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random.", min=0)] = None,
    work: Annotated[
        int | None,
        typer.Option(help="Runs of our engine's search a case, so that answers repeat.", min=1),
    ] = None,
    method: Annotated[
        str, typer.Option(help="Engine: allocate (ours), highs, scip, cp-sat, or pulp (CBC).")
    ] = "allocate",
    record: Record = None,
    keep_until: KeepUntil = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Ask a scenario again and again with other values; one table of all answers.

    Example:  allocate sweep as_is --over "rules.lead_accepts_share.value = 0.5..1 step 0.1"
    --out swept
    """
    import os

    from allocate.cli.dates import as_day
    from allocate.ledger.cases import recording
    from allocate.ledger.keeping import Recorder, place_of
    from allocate.study.axis import read_axis
    from allocate.study.sweep import sweep as swept

    axes = [read_axis(text) for text in over or ()]
    recorder = Recorder(place_of(record))
    until = "" if keep_until is None else as_day("--keep-until", keep_until).isoformat()
    with watching(quiet, "the cases that have ended") as watch:
        found = swept(
            scenarios,
            axes,
            out,
            seconds=seconds,
            gap=gap,
            seed=seed,
            work=work,
            method=method,
            cores=cores or os.cpu_count() or 1,
            cluster=cluster,
            watch=watch,
            ended=recording(recorder, method, until),
        )
    typer.echo(found.summary)
    typer.echo(written(out))
    if words := recorder.words():
        typer.echo(words)
    raise typer.Exit(found.exit_code)
