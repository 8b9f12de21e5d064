"""The home care program: columns, rules and terms over arrays.

The algebra is in ``models/homecare/formulation.md``; each rule is one function of ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from allocate.core.program import MOST, Labels, Program, Short
from allocate.errors import BadInput, Fault
from allocate.homecare.instance import Instance
from allocate.homecare.labels import HANDED_BACK, WAITING, each, named
from allocate.homecare.packages import WAIT_STEPS
from allocate.homecare.pairs import Pairs, build_pairs, lead_candidates
from allocate.study.scenario import LevelWords
from allocate.units import THOUSAND, Ints


@dataclass
class Draft:
    """A program under construction, with the columns that rules share.

    Parameters
    ----------
    instance, program
        What is asked, and what is being built.
    pairs
        Pairs of package and provider, (E,).
    assign
        Column of each pair, (E,).
    wait
        Column that leaves a package waiting, (P,).
    lead_area, lead_provider, lead
        Area, provider and column of each possible lead, (F,).
    """

    instance: Instance
    program: Program
    pairs: Pairs
    assign: Ints
    wait: Ints
    lead_area: Ints
    lead_provider: Ints
    lead: Ints
    shorts: list[Short] = field(default_factory=list)

    def soft(self, rule: str) -> bool:
        """Whether the rule may be broken: it is soft, or bent."""
        return not self.instance.strict(rule)

    def slack(
        self, rule: str, upper: Ints, per: int, about: Sequence[str], name: str = ""
    ) -> Ints | None:
        """Add one column a row that counts what a soft rule is short by; None for a hard rule.

        Parameters
        ----------
        rule
            Its id.
        upper
            The most that each row can be short by, in steps.
        per
            Steps in one unit.
        about
            Whom or what each row is about.
        name
            Tells two slacks of one rule apart.
        labels
            What each row is about.
        """
        if not self.soft(rule):
            return None
        block = f"short_{rule}{name}"
        columns = self.program.columns(
            block, len(upper), upper=np.maximum(upper, 0), labels=each(about)
        )
        self.shorts.append(Short(rule, columns, np.ones_like(columns), per, about))
        return columns

    def charge_pairs(self, rule: str, steps: Ints | None = None, per: int = 1) -> None:
        """Count each pair that a soft pair rule speaks against; a hard one has left them out.

        Parameters
        ----------
        rule
            Its id.
        steps
            What each pair counts for, (E,); one if not given.
        per
            Steps in one unit.
        """
        if self.soft(rule):
            broken = np.flatnonzero(self.pairs.breaks[rule])
            counts = np.ones_like(broken) if steps is None else steps[broken]
            about = [self.instance.packages.ids[p] for p in self.pairs.package[broken]]
            self.shorts.append(Short(rule, self.assign[broken], counts, per, about))

    def of_pairs(self, pairs: Ints) -> Labels:
        """Package and provider of some pairs, as labels."""
        packages, providers = self.instance.packages.ids, self.instance.providers.ids
        of = self.pairs
        return named((packages, of.package[pairs]), (providers, of.provider[pairs]))

    def of_leads(self, leads: Ints) -> Labels:
        """Area and provider of some possible leads, as labels."""
        areas, providers = self.instance.areas.ids, self.instance.providers.ids
        return named((areas, self.lead_area[leads]), (providers, self.lead_provider[leads]))

    def of_providers(self, providers: Ints) -> Labels:
        """Some providers, as labels."""
        return named((self.instance.providers.ids, providers))

    def of_areas(self) -> Labels:
        """All areas, as labels."""
        return each(self.instance.areas.ids)

    @property
    def area(self) -> Ints:
        """Area of each pair, (E,)."""
        return self.instance.packages.area[self.pairs.package]

    @cached_property
    def appointed(self) -> Ints:
        """Column by provider, 1 where it is newly appointed lead; -1 if it cannot grow, (K,)."""
        instance = self.instance
        possible = zip(self.lead_area.tolist(), self.lead_provider.tolist(), strict=True)
        newly = np.array([k not in instance.areas.leads[a] for a, k in possible], dtype=bool)
        growing = newly & (instance.providers.growth[self.lead_provider] > 0)
        chosen = np.unique(self.lead_provider[growing])
        columns = np.full(len(instance.providers.ids), -1, dtype=np.int64)
        if len(chosen):
            self.program.priced_as["appointed"] = "appointed_only_as_lead"
            columns[chosen] = self.program.columns(
                "appointed", len(chosen), labels=self.of_providers(chosen)
            )
            row = np.searchsorted(chosen, self.lead_provider[growing])
            self.program.require(
                "appointed",
                "link",
                [
                    (np.arange(len(chosen)), columns[chosen], 1),
                    (row, self.lead[growing], -1),
                ],
                high=0,
                rows=len(chosen),
                labels=self.of_providers(chosen),
            )
            each = np.flatnonzero(growing)
            rows = np.arange(len(each))
            self.program.require(
                "appointed",
                "link",
                [(rows, self.lead[each], 1), (rows, columns[self.lead_provider[each]], -1)],
                high=0,
                rows=len(each),
                labels=self.of_leads(each),
            )
        return columns

    @cached_property
    def led_pairs(self) -> tuple[Ints, Ints]:
        """Pairs of a referral and a possible lead of its area: pair and position in ``lead``."""
        instance, pairs = self.instance, self.pairs
        at = np.full((len(instance.areas.ids), len(instance.providers.ids)), -1, dtype=np.int64)
        at[self.lead_area, self.lead_provider] = np.arange(len(self.lead))
        led = at[self.area, pairs.provider]
        pair = np.flatnonzero((led >= 0) & instance.packages.referral[pairs.package])
        return pair, led[pair]

    @cached_property
    def accepted(self) -> tuple[Ints, Ints, Ints]:
        """Referrals accepted by leads: pair, position in ``lead`` and column, each (Y,).

        A sure lead accepts whatever it is given, so the pair's own column serves; where the lead
        is still to be chosen the column is at most both the pair's and the lead's.
        """
        program = self.program
        pair, led = self.led_pairs
        lower, _, _ = program.bounds()
        columns = self.assign[pair].copy()
        unsure = np.flatnonzero(lower[self.lead[led]] == 0)
        if len(unsure):
            names = self.of_pairs(pair[unsure])
            columns[unsure] = program.columns("accept", len(unsure), labels=names)
            rows = np.arange(len(unsure))
            for name, above in (
                ("accept_only_what_is_given", self.assign[pair[unsure]]),
                ("accept_only_as_lead", self.lead[led[unsure]]),
            ):
                program.require(
                    name,
                    "link",
                    [(rows, columns[unsure], 1), (rows, above, -1)],
                    high=0,
                    rows=len(unsure),
                    labels=names,
                )
        return pair, led, columns

    @cached_property
    def active(self) -> tuple[Ints, Ints, Ints]:
        """Rounds: provider, area and column that is 1 where the provider works there, (R,)."""
        size = len(self.instance.areas.ids)
        rounds, at = np.unique(self.pairs.provider * size + self.area, return_inverse=True)
        ids, areas = self.instance.providers.ids, self.instance.areas.ids
        names = named((ids, rounds // size), (areas, rounds % size))
        columns = self.program.columns("active", len(rounds), labels=names)
        entries = np.arange(len(self.assign))
        self.program.require(
            "active",
            "link",
            [(entries, self.assign, 1), (entries, columns[at], -1)],
            high=0,
            rows=len(entries),
            labels=self.of_pairs(entries),
        )
        return rounds // size, rounds % size, columns


def formulate(instance: Instance, levels: Sequence[LevelWords]) -> Draft:
    """Build the program of a question.

    Parameters
    ----------
    instance
        Arrays of the question.
    levels
        The objective, most important first.

    Returns
    -------
    Draft
        The program with the columns needed to read a plan out of it.
    """
    from allocate.homecare.rules import RULES, bend_pins

    draft = _columns(instance)
    for rule, state in RULES.items():
        if instance.rules[rule].binds:
            state(draft)
    if instance.bends:
        bend_pins(draft)
    terms = _terms(draft, {term for level in levels for term in level.terms})
    for level in levels:
        _add_level(draft.program, level, terms)
    return draft


def _columns(instance: Instance) -> Draft:
    """Add the columns of placements, waiting and leads, and the rows that tie each package."""
    program, pairs, packages = Program(), build_pairs(instance), instance.packages
    size = len(packages.ids)
    ids, providers = packages.ids, instance.providers.ids
    names = named((ids, pairs.package), (providers, pairs.provider))
    assign = program.columns("assign", len(pairs.package), labels=names)
    may_wait = packages.referral | (not instance.strict("placed_once"))
    if not instance.bends:
        may_wait &= ~instance.pins.pinned
    wait = program.columns("wait", size, upper=may_wait.astype(np.int64), labels=each(ids))
    program.require(
        "placed_once",
        "choose",
        [(pairs.package, assign, 1), (np.arange(size), wait, 1)],
        low=1,
        high=1,
        rows=size,
        labels=each(ids),
    )
    area, provider, sure = _possible_leads(instance)
    names = named((instance.areas.ids, area), (providers, provider))
    lead = program.columns("lead", len(area), lower=sure, labels=names)
    program.deciding = lead[sure == 0]
    program.resting = assign[pairs.breaks["moves_limit"]]
    program.present = np.concatenate([assign[pairs.stays], wait[may_wait]])
    return Draft(instance, program, pairs, assign, wait, area, provider, lead)


def _possible_leads(instance: Instance) -> tuple[Ints, Ints, Ints]:
    """Area, provider and certainty of each possible lead: those who stay, then candidates."""
    candidates = lead_candidates(instance)
    most = int(instance.rules["leads_per_area"].options["maximum"])
    sure = instance.pins.lead_must & (not instance.bends)
    for here, leads in enumerate(instance.areas.leads):
        sure[here, list(leads)] = True
        if instance.strict("leads_per_area") and len(leads) >= most:
            candidates[here] = False
    area, provider = (found.astype(np.int64) for found in np.nonzero(candidates | sure))
    return area, provider, sure[area, provider].astype(np.int64)


@dataclass(frozen=True)
class _Vector:
    """A term as a sum over columns, in steps of which ``per`` make a unit."""

    coef: Ints
    per: Fraction


def _terms(draft: Draft, wanted: set[str]) -> dict[str, _Vector]:
    """Each term as a vector over the columns."""
    packages, pairs = draft.instance.packages, draft.pairs
    if "rounds" in wanted:
        draft.active  # noqa: B018  its columns have to exist before vectors get their length
    size = draft.program.size
    back = packages.status == HANDED_BACK
    moved = (THOUSAND - packages.transfer)[pairs.package]

    def vector(per: int, *parts: tuple[Ints, Ints]) -> _Vector:
        coef = np.zeros(size, dtype=np.int64)
        for columns, amounts in parts:
            np.add.at(coef, columns, amounts)
        return _Vector(coef, Fraction(per))

    # Somebody who was only waiting has no carers to change.
    known = packages.status[pairs.package] != WAITING
    terms = {
        "waiting": vector(WAIT_STEPS, (draft.wait, packages.wait_steps)),
        "shortfalls": _shortfalls(draft, size),
        "changes": vector(
            THOUSAND,
            (draft.assign, np.where(pairs.stays | ~known, 0, moved)),
            (draft.wait[back], (THOUSAND - packages.transfer)[back]),
        ),
        "cash": vector(100, (draft.assign, pairs.cash)),
        "travel": vector(1, (draft.assign, pairs.travel)),
    }
    if "rounds" in wanted:
        columns = draft.active[2]
        terms["rounds"] = vector(1, (columns, np.ones_like(columns)))
    return terms


def _shortfalls(draft: Draft, size: int) -> _Vector:
    """Sum what soft rules are short by, each at its price, over one common denominator."""
    rules = draft.instance.rules
    soft = [s for s in draft.shorts if s.rule in rules and rules[s.rule].mode == "soft"]
    prices = [Fraction(str(rules[short.rule].price)) / short.per for short in soft]
    per = lcm(*(price.denominator for price in prices)) if prices else 1
    coef = np.zeros(size, dtype=np.int64)
    for short, price in zip(soft, prices, strict=True):
        np.add.at(coef, short.col, short.coef * int(price * per))
    return _Vector(coef, Fraction(per))


def _add_level(program: Program, level: LevelWords, terms: dict[str, _Vector]) -> None:
    """Add a weighted sum of terms as the next level, over one common denominator."""
    weights = {
        term: Fraction(str(weight)) / terms[term].per for term, weight in level.terms.items()
    }
    per = lcm(*(weight.denominator for weight in weights.values()))
    factors = {term: int(weight * per) for term, weight in weights.items()}
    total = sum(float(terms[t].coef.sum(dtype=float)) * factor for t, factor in factors.items())
    if total > MOST:
        problem = "has weights or prices too fine, or too large, to be counted exactly"
        fault = Fault(f"level {level.name}", "", problem, "Use fewer decimals")
        raise BadInput("[objective]", [fault])
    coef = np.zeros(program.size, dtype=np.int64)
    for term, factor in factors.items():
        coef += terms[term].coef * factor
    program.level(level.name, coef, Fraction(per))
