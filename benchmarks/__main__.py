"""The benchmark's command line.

python -m benchmarks cases                                       what there is
python -m benchmarks generate borough --out DIR --seed 1         a generated case, to solve
python -m benchmarks run --case borough --methods highs,scip     each method on each case
python -m benchmarks sweep leads_hand_back --over "limits.seed = 1..5"   a sweep, cold and warm
python -m benchmarks commands "effects leads_hand_back"          whole commands
python -m benchmarks ledger                                      README.md from the runs kept
python -m benchmarks profile leads_hand_back                     what is not solving
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import Any

from allocate.errors import AllocateError, BadInput, Fault, nearest
from allocate.registry import METHODS
from benchmarks import ledger
from benchmarks.beds.families import SPPY
from benchmarks.cases import CASES, FAMILIES, Case
from benchmarks.homecare import families
from benchmarks.homecare.written import write_generated
from benchmarks.lots.families import SPOPT
from benchmarks.lots.services import NAMES as SERVICES
from benchmarks.lots.services import write_services
from benchmarks.picture import picture
from benchmarks.runs import Limits, record, run
from benchmarks.studies import commands, sweeps
from benchmarks.table import lines, markdown


def _cases() -> None:
    for family in FAMILIES:
        names = [case.name for case in CASES.values() if case.family == family]
        print(f"{family}: {', '.join(names)}")


def _generate(options: argparse.Namespace) -> None:
    homecare = [name for sizes in families.SIZES.values() for name in sizes]
    writers = dict.fromkeys(homecare, write_generated) | dict.fromkeys(SERVICES, write_services)
    if options.name not in writers:
        raise _unknown("generate", options.name, list(writers))
    written = writers[options.name](options.name, options.seed, options.out)
    print(f"allocate solve {written}")


def _run(options: argparse.Namespace) -> None:
    limits = Limits(options.seconds, options.seed, options.gap)
    methods = options.methods.split(",")
    known = [*METHODS, SPPY, *SPOPT]
    for method in methods:
        if method not in known:
            raise _unknown("--methods", method, known)
    rows = []
    for row in run(_chosen(options), methods, limits):
        rows.append(row)
        told = f": {row['why']}" if row["status"] == "failed" else ""
        print(f"{row['case']} {row['method']} {row['status']}{told}", file=sys.stderr, flush=True)
    print("\n".join(lines(rows, limits.seconds)))
    if options.picture:
        options.picture.write_text(picture(rows, limits.seconds), encoding="utf-8")
    _keep(options, rows=rows, seconds=limits.seconds, seed=limits.seed)


def _sweep(options: argparse.Namespace) -> None:
    table = sweeps(options.scenario, options.over, options.gap, options.seconds, options.cores)
    print("\n".join(markdown(table)))
    _keep(options, table=table)


def _commands(options: argparse.Namespace) -> None:
    table = commands(options.command)
    print("\n".join(markdown(table)))
    _keep(options, table=table)


def _keep(options: argparse.Namespace, **found: Any) -> None:
    """Write what was found, with its command, to wherever the options say."""
    kept = record(f"python -m benchmarks {shlex.join(_told(sys.argv[1:]))}", **found)
    if options.out:
        options.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    if options.keep:
        print(f"Kept as {ledger.keep(options.keep, kept)}; next: python -m benchmarks ledger")


def _chosen(options: argparse.Namespace) -> list[Case]:
    """Cases of the names given, else of the family."""
    if options.case:
        names = options.case.split(",")
        for name in names:
            if name not in CASES:
                raise _unknown("--case", name, list(CASES))
        return [CASES[name] for name in names]
    if options.family not in FAMILIES:
        raise _unknown("--family", options.family or "", FAMILIES)
    return [case for case in CASES.values() if case.family == options.family]


def _told(arguments: list[str]) -> list[str]:
    """Leave out of a command what only says where its output goes."""
    ours = ("--out", "--keep", "--picture")
    return [
        word
        for at, word in enumerate(arguments)
        if word not in ours and (at == 0 or arguments[at - 1] not in ours)
    ]


def _unknown(option: str, name: str, known: list[str] | tuple[str, ...]) -> BadInput:
    problem = f"no such name{nearest(name, known)}"
    remedy = f"Use one of: {', '.join(known)}"
    return BadInput("the command line", [Fault(option, f'"{name}"', problem, remedy)])


def _one(options: argparse.Namespace) -> None:
    from benchmarks.alone import run_alone

    print(json.dumps(run_alone(**json.loads(options.told))))


def _profile(options: argparse.Namespace) -> None:
    from benchmarks.profile import costliest, phases

    print("\n".join([*phases(options.scenario, options.seconds), ""]))
    print("\n".join(costliest(options.scenario, options.seconds)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked = parser.add_subparsers(required=True, metavar="COMMAND")
    asked.add_parser("cases", help="list every case").set_defaults(do=lambda _: _cases())
    asked.add_parser("ledger", help="write the ledger").set_defaults(do=lambda _: ledger.update())
    one = asked.add_parser("one", help="used by run: one case, one method, one process")
    one.add_argument("told")
    one.set_defaults(do=_one)
    generate = asked.add_parser("generate", help="write a generated case")
    generate.add_argument("name")
    generate.add_argument("--out", type=Path, required=True)
    generate.add_argument("--seed", type=int, default=1)
    generate.set_defaults(do=_generate)
    runs = asked.add_parser("run", help="run methods on cases")
    runs.add_argument("--family", help="all cases of a family")
    runs.add_argument("--case", help="some cases, with commas between")
    runs.add_argument("--methods", default=",".join(METHODS), help="with commas between")
    runs.add_argument("--seconds", type=float, default=60.0)
    runs.add_argument("--gap", type=float, help="without it: what the scenario says")
    runs.add_argument("--seed", type=int, default=1)
    runs.add_argument("--picture", type=Path, help="SVG file to write")
    runs.set_defaults(do=_run)
    sweep = asked.add_parser("sweep", help="a grid cold and warm, in one process and in more")
    sweep.add_argument("scenario")
    sweep.add_argument("--over", action="append", required=True, help="as allocate sweep has it")
    sweep.add_argument("--gap", type=float, help="without it: what the scenario says")
    sweep.add_argument("--seconds", type=float, default=60.0, help="of each case")
    sweep.add_argument("--cores", type=int, default=2)
    sweep.set_defaults(do=_sweep)
    whole = asked.add_parser("commands", help="whole commands, from start to end")
    whole.add_argument("command", nargs="+", help="as typed after allocate, without --out")
    whole.set_defaults(do=_commands)
    for measured in (runs, sweep, whole):
        measured.add_argument("--out", type=Path, help="JSON file to write")
        measured.add_argument("--keep", help="name to keep the run under, for the ledger")
    profile = asked.add_parser("profile", help="where time goes that is not solving")
    profile.add_argument("scenario", nargs="?", default="leads_hand_back")
    profile.add_argument("--seconds", type=float, default=5.0)
    profile.set_defaults(do=_profile)
    return parser


def main() -> None:
    """Do what the command line asks for."""
    options = _parser().parse_args()
    try:
        options.do(options)
    except AllocateError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
