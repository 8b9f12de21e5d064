"""A question made ready: read, changed, and turned into arrays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allocate import registry
from allocate.errors import BadInput
from allocate.registry import Model
from allocate.study.change import apply
from allocate.study.scenario import Question
from allocate.study.scenario_file import read_scenario
from allocate.tables import Tables, read


@dataclass
class Clock:
    """Seconds spent in each phase."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + time.monotonic() - began


@dataclass(frozen=True)
class Asked:
    """A question with its case.

    Parameters
    ----------
    question
        What is asked.
    base, tables
        The case as read, and with the question's changes made.
    instance
        The model's arrays of the latter.
    """

    question: Question
    base: Tables
    tables: Tables
    instance: Any

    @property
    def model(self) -> Model:
        """The model's package."""
        return registry.model(self.question.model)


def prepare(
    where: str | Path | Question, clock: Clock | None = None, base: Tables | None = None
) -> Asked:
    """Read a question and its case, make the changes, and build the instance.

    Parameters
    ----------
    where
        The question, or where it stands.
    clock
        Time spent.
    base
        Its case, where that has been read already.

    Raises
    ------
    BadInput
        With every fault found.
    """
    clock = clock or Clock()
    with clock.phase("read"):
        question = where if isinstance(where, Question) else read_scenario(where)
        base = read(question.case, question.model) if base is None else base
    with clock.phase("check"), base.origin.telling():
        tables = apply(base, question.changes, question.name)
    with clock.phase("build"), base.origin.telling():
        model = registry.model(question.model)
        instance = model.build(tables, question)
        if faults := model.price_faults(instance, question):
            raise BadInput(question.name, faults)
    return Asked(question, base, tables, instance)
