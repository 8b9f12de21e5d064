"""``allocate effects`` and ``frontier``: what rules do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from allocate.cli.app import Where, app
from allocate.cli.progress import watching

Out = Annotated[
    Path,
    typer.Option(help="Folder for the tables, the report and each answer; goes on if it is there."),
]
Seconds = Annotated[
    float | None,
    typer.Option(help="Time for all of it; each question's own limit if not given.", min=1.0),
]
Cores = Annotated[int, typer.Option(help="Questions asked at once.", min=1)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
ALL_CORES = os.cpu_count() or 1


@app.command()
def effects(
    scenario: Where,
    out: Out,
    rule: Annotated[str | None, typer.Option(help="One rule only.")] = None,
    seconds: Seconds = 170.0,
    cores: Cores = ALL_CORES,
    quiet: Quiet = False,
) -> None:
    """Say what each rule does: the answer without each of them, in money and in people.

    Example:  allocate effects leads_hand_back --out effects
    """
    from allocate.study.asking import Study
    from allocate.study.effects import effects as found_by
    from allocate.study.scenario import read_scenario

    with watching(quiet) as watch:
        found = found_by(read_scenario(scenario), Study(out, seconds, cores, watch), rule)
    found.write(out)
    typer.echo(str(found))


@app.command()
def frontier(
    scenario: Where,
    rule: Annotated[str, typer.Option(help="Rule whose value to move.")],
    out: Out,
    values: Annotated[
        str | None,
        typer.Option(help="Values with commas between; of a budget, what to multiply it by."),
    ] = None,
    seconds: Seconds = 300.0,
    cores: Cores = ALL_CORES,
    quiet: Quiet = False,
) -> None:
    """Ask a question at several values of a rule, side by side.

    Example:  allocate frontier leads_hand_back --rule lead_accepts_share --out shares
    """
    from allocate.study.asking import Study
    from allocate.study.frontier import frontier as found_by
    from allocate.study.frontier import read_values
    from allocate.study.scenario import read_scenario

    chosen = None if values is None else read_values(values)
    with watching(quiet) as watch:
        study = Study(out, seconds, cores, watch)
        found = found_by(read_scenario(scenario), rule, chosen, study)
    found.write(out)
    typer.echo(str(found))
