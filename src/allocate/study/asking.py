"""One question and others beside it: asked together, kept in one folder, each begun from the first.

A study that is asked again in the same folder takes what is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

from allocate.card import Card, Rule
from allocate.core.outcome import Watch
from allocate.errors import BadInput, Fault, nearest
from allocate.study.case import Case, Done
from allocate.study.running import run_cases
from allocate.study.scenario import Question, Setting
from allocate.study.scenario_file import read_scenario

AS_ASKED = "as asked"
KEPT = "cases"  # where answers are kept, by which a study is known


@dataclass(frozen=True)
class Study:
    """Where a study keeps its answers, and how long it may take.

    Parameters
    ----------
    folder
        Its folder.
    seconds
        For all questions together, or None for what each allows itself.
    cores
        Questions asked at once.
    watch
        Progress out, the wish to stop in.
    ended
        Told of each question that was asked.
    start
        Result folder of an answer at hand, from which questions start that have nobody to start
        from.
    """

    folder: Path
    seconds: float | None
    cores: int
    watch: Watch
    ended: Callable[[Done], None] | None = None
    start: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a folder that holds other things than a study, such as a result."""
        if self.folder.is_dir() and any(self.folder.iterdir()):
            problem = "" if (self.folder / KEPT).is_dir() else "holds other things than a study"
        else:
            problem = "is a file" if self.folder.exists() else ""
        if problem:
            fault = Fault(str(self.folder), "", problem, "Name another, or remove this one")
            raise BadInput("--out", [fault])
        (self.folder / KEPT).mkdir(parents=True, exist_ok=True)

    def answer(self, where: str | Path) -> Path:
        """Return the result folder of a question, solved within its own limits where it is none.

        Parameters
        ----------
        where
            A result folder, or what ``allocate solve`` takes.

        Raises
        ------
        BadInput
            Where it is neither, or has no plan.
        """
        if (Path(where) / "result.json").is_file():
            return Path(where)
        base = with_plan(self.run([Case(AS_ASKED, read_scenario(where))])[AS_ASKED])
        assert base.folder is not None  # it has a plan
        return base.folder

    def run(self, cases: Sequence[Case], ends: float = inf) -> dict[str, Done]:
        """Ask some questions, and return what came of each by its name.

        Parameters
        ----------
        cases
            What is asked.
        ends
            When nothing more is begun, by the monotonic clock.
        """
        done: dict[str, Done] = {}
        asked = run_cases(
            cases, self.folder, cores=self.cores, start=self.start, watch=self.watch, ends=ends
        )
        for one in asked:
            done[one.case.name] = one
            if not one.stored:
                self.watch.say(f"{one.case.name}: {one.status}")
            if self.ended is not None:
                self.ended(one)
        return done


def with_plan(done: Done) -> Done:
    """Return a question that is answered: without, there is nothing to set others beside.

    Raises
    ------
    BadInput
        Where it is not.
    """
    if not done.has_plan:
        name, remedy = done.case.question.name, "`allocate solve` says what cannot all be met"
        problem = done.problem or f"has no plan: {done.status}"
        raise BadInput(name, [Fault(name, "", problem, remedy)])
    return done


def known_rule(card: Card, rule: str) -> Rule:
    """Return the words of a rule.

    Raises
    ------
    BadInput
        Where the card has no such rule.
    """
    if rule not in card.rules:
        problem = f"no such rule{nearest(rule, card.rules)}"
        remedy = f"`allocate rules {card.id}` lists them"
        raise BadInput("the command line", [Fault("--rule", f'"{rule}"', problem, remedy)])
    return card.rules[rule]


def limited(question: Question, seconds: float | None) -> Question:
    """Return a question that may take so long at most."""
    if seconds is None:
        return question
    limits = question.limits.model_copy(update={"seconds": round(seconds, 3)})
    return replace(question, limits=limits)


def with_rule(question: Question, rule: str, **changed: object) -> Question:
    """Return a question with one rule set otherwise, its mode or its value."""
    setting: Setting = replace(question.rules[rule], **changed)  # type: ignore[arg-type]
    return replace(question, rules={**question.rules, rule: setting})
