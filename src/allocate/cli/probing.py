"""``allocate effects`` and its kin: what rules do, what decides, what a plan withstands."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocate.cli.app import Record, Where, app
from allocate.cli.progress import watching
from allocate.cli.written import written

if TYPE_CHECKING:
    from allocate.findings import Findings
    from allocate.study.asking import Study

Out = Annotated[
    Path,
    typer.Option(help="Folder for the tables, the report and each answer; goes on if it is there."),
]
METHOD = "allocate"
Answered = Annotated[
    str,
    typer.Argument(help="A result folder; or a scenario or case, which is solved first."),
]
Seconds = Annotated[
    float | None,
    typer.Option(help="Time for all of it; each question's own limit if not given.", min=1.0),
]
Cores = Annotated[int, typer.Option(help="Questions asked at once.", min=1)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
ALL_CORES = os.cpu_count() or 1


def _found(
    ask: Callable[[Study], Findings],
    out: Path,
    record: str | None,
    quiet: bool,
    seconds: float | None = None,
    cores: int = 1,
) -> None:
    """Have a study made, write and print what it found, and record the runs that it took."""
    from allocate.ledger.cases import recording
    from allocate.ledger.keeping import Recorder, place_of
    from allocate.study.asking import Study

    recorder = Recorder(place_of(record))
    with watching(quiet) as watch:
        found = ask(Study(out, seconds, cores, watch, recording(recorder, METHOD)))
    found.write(out)
    typer.echo(str(found))
    typer.echo(written(out))
    if words := recorder.words():
        typer.echo(words)


@app.command()
def effects(
    scenario: Where,
    out: Out,
    rule: Annotated[str | None, typer.Option(help="One rule only.")] = None,
    seconds: Seconds = 150.0,
    cores: Cores = ALL_CORES,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Say what each rule does: the answer without each of them, in money and in people.

    Example:  allocate effects leads_hand_back --out effects
    """
    from allocate.study.effects import effects as found_by
    from allocate.study.scenario_file import read_scenario

    question = read_scenario(scenario)
    _found(lambda study: found_by(question, study, rule), out, record, quiet, seconds, cores)


@app.command()
def frontier(
    scenario: Where,
    rule: Annotated[str, typer.Option(help="Rule whose value to move.")],
    out: Out,
    values: Annotated[
        str | None,
        typer.Option(
            help="Values: 0.5..1 step 0.1, or a list; of a budget, what to multiply it by."
        ),
    ] = None,
    seconds: Seconds = 300.0,
    cores: Cores = ALL_CORES,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Ask a question at several values of a rule, side by side.

    Example:  allocate frontier leads_hand_back --rule lead_accepts_share --out shares
    """
    from allocate.study.axis import read_axis
    from allocate.study.frontier import frontier as found_by
    from allocate.study.scenario_file import read_scenario

    chosen = None if values is None else read_axis(f"rules.{rule}.value = {values}").values
    question = read_scenario(scenario)
    _found(
        lambda study: found_by(question, rule, chosen, study), out, record, quiet, seconds, cores
    )


@app.command()
def resilience(
    where: Answered,
    out: Out,
    area: Annotated[str | None, typer.Option(help="Only the lead of this area.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Only events of a kind: lead role, packages or leaves; home closes, owner leaves "
            "or more people; owner withdraws."
        ),
    ] = None,
    notice_days: Annotated[int, typer.Option(help="Notice that is given.", min=0)] = 90,
    transfer: Annotated[
        float, typer.Option(help="Share of the staff that follows the work.", min=0.0, max=1.0)
    ] = 0.0,
    draws: Annotated[int, typer.Option(help="Years drawn by chance.", min=0)] = 300,
    fails: Annotated[
        float, typer.Option(help="Chance that an owner fails in a year.", min=0.0, max=1.0)
    ] = 0.05,
    sick: Annotated[
        float, typer.Option(help="Most carers sick at once, as a share.", min=0.0, max=1.0)
    ] = 0.1,
    more: Annotated[
        float, typer.Option(help="Most demand beyond today's, as a share.", min=0.0, max=1.0)
    ] = 0.1,
    seed: Annotated[int, typer.Option(help="Seed that the years are drawn with.", min=0)] = 1,
    seconds: Seconds = 300.0,
    cores: Cores = ALL_CORES,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Put a plan to the test: owners, leads or homes go, bidders withdraw, more people come.

    Of home care each owner, lead and pair of leads goes, with years by chance; of winter beds homes
    close and owners leave; of an award each owner that won withdraws. Options other than --kind and
    --seconds are of home care.

    Example:  allocate resilience as_is --area A4 --notice-days 90 --out a4_goes
    """
    from allocate.homecare.events import Terms
    from allocate.study.market import Chances
    from allocate.study.resilience import resilience as found_by

    terms = Terms(-(-notice_days // 7), transfer)
    chances = Chances(draws, seed, fails, sick, more)

    def ask(study: Study) -> Findings:
        return found_by(study.answer(where), study, terms, chances, area=area, kind=kind)

    _found(ask, out, record, quiet, seconds, cores)


@app.command()
def why(
    first: Answered,
    second: Answered,
    out: Out,
    area: Annotated[str | None, typer.Option(help="Id or name of an area: its lead.")] = None,
    package: Annotated[str | None, typer.Option(help="Id of a package: its provider.")] = None,
    offer: Annotated[str | None, typer.Option(help="Id of an offer of beds: its booking.")] = None,
    lot: Annotated[str | None, typer.Option(help="Id of a lot: the bid that wins it.")] = None,
    cell: Annotated[str | None, typer.Option(help="Id or name of a place: its lot.")] = None,
    seconds: Annotated[
        float, typer.Option(help="Time for what has to be asked again.", min=1.0)
    ] = 60.0,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Say why two answers differ: the choice of each is forced into the other.

    Example:  allocate why leads_hand_back as_is --area A4 --out why_a4
    """
    from allocate.errors import BadInput, Fault
    from allocate.study.why import why as found_by
    from allocate.units import joined

    asked = {"area": area, "package": package, "offer": offer, "lot": lot, "cell": cell}
    named = [(kind, label) for kind, label in asked.items() if label is not None]
    if len(named) != 1:
        given = joined([f"--{kind}" for kind in asked], "or")
        problem, remedy = f"{len(named)} things are asked about", f"Give one: {given}"
        raise BadInput("the command line", [Fault("allocate why", "", problem, remedy)])

    def ask(study: Study) -> Findings:
        folders = study.answer(first), study.answer(second)
        return found_by(*folders, *named[0], seconds=seconds, watch=study.watch)

    _found(ask, out, record, quiet)


@app.command()
def alternatives(
    where: Answered,
    out: Out,
    slack: Annotated[
        float, typer.Option(help="How much worse each level may be, of what can be decided.", min=0)
    ] = 0.05,
    count: Annotated[int, typer.Option(help="Further plans, at most.", min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="Time for all of it.", min=1.0)] = 120.0,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Find plans nearly as good and clearly different, and where the choice is free.

    Example:  allocate alternatives leads_hand_back --slack 0.05 --out alternatives
    """
    from allocate.study.alternatives import alternatives as found_by

    def ask(study: Study) -> Findings:
        folder, watch = study.answer(where), study.watch
        return found_by(folder, slack=slack, count=count, seconds=seconds, watch=watch)

    _found(ask, out, record, quiet)


@app.command()
def tipping(
    where: Answered,
    out: Out,
    draws: Annotated[
        int, typer.Option(help="Times that all uncertain figures are drawn at once.", min=2)
    ] = 24,
    seed: Annotated[int, typer.Option(help="Seed that they are drawn with.", min=0)] = 1,
    seconds: Seconds = 300.0,
    cores: Cores = ALL_CORES,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Say what decides an answer: how far inputs can move, which assumptions matter most.

    Example:  allocate tipping leads_hand_back --out tipping
    """
    from allocate.study.tipping import tipping as found_by

    def ask(study: Study) -> Findings:
        return found_by(study.answer(where), study, draws=draws, seed=seed)

    _found(ask, out, record, quiet, seconds, cores)


@app.command()
def through(
    where: Answered,
    out: Out,
    months: Annotated[int, typer.Option(help="Months to look ahead.", min=1, max=120)] = 12,
    begins: Annotated[
        datetime | None,
        typer.Option(help="First day; the first of April next if not given.", formats=["%Y-%m-%d"]),
    ] = None,
    moves: Annotated[
        str, typer.Option(help="People moved by choice in a month; one course for each value.")
    ] = "0, 5",
    rest_weeks: Annotated[
        int, typer.Option(help="Weeks for which somebody moved is left alone.", min=0)
    ] = 26,
    turnover: Annotated[
        float,
        typer.Option(help="Share of hours that end in a year and come anew.", min=0.0, max=3.0),
    ] = 0.3,
    uplift: Annotated[float, typer.Option(help="Rise of rates each April.", min=0.0, max=1.0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of who comes and leaves.", min=0)] = 1,
    seconds: Annotated[float, typer.Option(help="Time for all months.", min=1.0)] = 600.0,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Carry a plan through time: month by month, with growth, hand-backs, who comes and leaves.

    Example:  allocate through leads_hand_back --months 24 --moves "0, 5, 20" --out through
    """
    from allocate.study.axis import read_axis
    from allocate.study.through import Outlook
    from allocate.study.through import through as found_by

    today = date.today()
    april = date(today.year + (today.month > 3), 4, 1)
    first = april if begins is None else begins.date()
    each = read_axis(f"rules.moves_limit.value = {moves}").values
    outlook = Outlook(months, first, each, rest_weeks, turnover, uplift, seed)

    def ask(study: Study) -> Findings:
        return found_by(study.answer(where), outlook, seconds=seconds, watch=study.watch)

    _found(ask, out, record, quiet)


@app.command()
def backtest(
    scenario: Where,
    out: Out,
    seconds: Annotated[float, typer.Option(help="Time for all months.", min=1.0)] = 300.0,
    record: Record = None,
    quiet: Quiet = False,
) -> None:
    """Play past referrals again: the tool's plan, month by month, beside what happened.

    Example:  allocate backtest sefton --out backtest
    """
    from allocate.study.backtest import backtest as found_by

    _found(lambda study: found_by(scenario, seconds=seconds, watch=study.watch), out, record, quiet)
