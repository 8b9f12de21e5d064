"""What every instance knows of its rules: which of them no plan may break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from allocate.study.scenario import Setting


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A question with rules, whose hard ones may be bent.

    Parameters
    ----------
    rules
        Effective settings.
    bends
        Whether every hard rule, and pin, that can be broken may be, to see which of them stand in
        each other's way.
    """

    rules: Mapping[str, Setting]
    bends: bool = False

    @property
    def answered_by(self) -> str:
        """Module that answers a question of several plans; empty where one plan is asked for."""
        return ""

    @property
    def followed_by(self) -> str:
        """Module that asks more of an answer; empty where nothing more is asked."""
        return ""

    def strict(self, rule: str) -> bool:
        """Whether no plan may break a rule: it is hard, and not bent."""
        return self.rules[rule].mode == "hard" and not self.bends

    def bent(self, *, soft: bool) -> Self:
        """Return the same question with hard rules and pins that a plan may break, each counted.

        Parameters
        ----------
        soft
            Whether soft rules still bind; without them the program says only what is possible.
        """
        rules = {
            name: replace(setting, mode="report")
            if setting.mode == "soft" and not soft
            else setting
            for name, setting in self.rules.items()
        }
        return replace(self, rules=rules, bends=True)
