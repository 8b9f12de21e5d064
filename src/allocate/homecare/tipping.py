"""How far a lead's own figure can fall before another provider should lead in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allocate.explanation import Claim, Verdict
from allocate.homecare.differences import beats, no_better
from allocate.homecare.instance import Instance
from allocate.homecare.lead_variants import instead, leads_as_they_are, set_hours, still
from allocate.homecare.near import restricts
from allocate.homecare.solution import Solution, spare
from allocate.study.scenario import Change
from allocate.units import THOUSAND, as_hours, ceil_div, thousandths
from allocate.variants import Variants, Varied

FINENESS = 100  # a hundredth of what the provider says is fine enough


@dataclass(frozen=True)
class Figure:
    """A figure of a provider's own return, in whole minutes.

    Parameters
    ----------
    column
        Where it stands in ``providers``.
    words
        What it is.
    stated
        What the provider says, or what was derived for it.
    used
        The least of it with which the plan could be kept as it is.
    """

    column: str
    words: str
    stated: int
    used: int

    def share(self, minutes: int) -> str:
        """Say how much of it that is."""
        of = f"{as_hours(minutes)} of {as_hours(self.stated)} hours a week"
        return f"{minutes / self.stated:.0%} ({of})"


def leant_on(instance: Instance, solution: Solution, provider: int) -> Figure:
    """Return the figure that a lead's place rests on: its growth where it uses any."""
    providers = instance.providers
    capacity, growth = int(providers.capacity[provider]), int(providers.growth[provider])
    appointed = any(
        provider in now and provider not in then
        for now, then in zip(solution.leads, instance.areas.leads, strict=True)
    )
    load = capacity + growth * appointed - int(spare(instance, solution)[provider])
    if appointed and load > capacity:
        haircut = thousandths(instance.parameters["growth_haircut"])
        stated = int(providers.stated_growth[provider])
        used = min(stated, ceil_div((load - capacity) * THOUSAND, haircut))
        return Figure("growth_hours", "growth", stated, used)
    stated = int(providers.stated_capacity[provider])
    return Figure("capacity_hours", "capacity", stated, min(stated, load + stated - capacity))


def tipping(
    variants: Variants, area: int, lead: int, others: Sequence[tuple[int, Varied | None]]
) -> tuple[list[str], list[Claim]]:
    """Find where the lead changes as the figure that it leans on falls.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    area, lead
        Positions.
    others
        Each other candidate in its place, best first.

    Returns
    -------
    tuple
        Lines, and claims of the nearest points on either side.
    """
    rivals = [(k, one) for k, one in others if one is not None and not one.compared.impossible]
    if not rivals:
        open_ = any(one is None for _, one in others)
        return ["Not settled in the time given." if open_ else "Nobody else could lead."], []
    if any(one.compared.better for _, one in rivals):
        return ["Not asked: another lead did better with the figures as they are."], []
    search = _Search(variants, area, lead, rivals, all(one is not None for _, one in others))
    if search.figure.stated == 0:
        return ["It states no hours of its own that could fall."], []
    return search.run()


class _Search:
    """Looks for the point where the lead changes, two points at a time."""

    def __init__(
        self,
        variants: Variants,
        area: int,
        lead: int,
        rivals: Sequence[tuple[int, Varied]],
        every: bool,
    ) -> None:
        self.variants = variants
        self.area, self.lead, self.rivals, self.every = area, lead, rivals, every
        asked = variants.answered.asked
        self.instance: Instance = asked.instance
        self.solution: Solution = variants.answered.solution
        self.figure = leant_on(self.instance, self.solution, lead)
        self.rival = self.instance.providers.ids[rivals[0][0]]
        elsewhere = sum(lead in leads for leads in self.solution.leads) > 1
        # A rival's plan may use the lead's capacity, and its growth where it leads elsewhere too.
        self.shared = elsewhere or self.figure.column == "capacity_hours"

    def run(self) -> tuple[list[str], list[Claim]]:
        """Return what was found, in words and as claims."""
        figure = self.figure
        lowest, highest = self._verdicts([0, figure.used])
        if lowest == "leads":
            text = f"No fall in its {figure.words} alone would make another lead better."
            return [text], [self._claim(text, 0, "leads")]
        if highest != "leads" and not self._leads_as_stated():
            return ["Not settled in the time given: allow more --seconds."], []
        leads = figure.used if highest == "leads" else figure.stated
        if lowest != "overtaken":
            text = (
                f"It leads at least down to {figure.share(leads)} of the {figure.words} that it "
                "says; what happens below that was not settled."
            )
            return [text], [self._claim(text, leads, "leads")]
        overtaken = 0
        least = max(1, figure.stated // FINENESS)
        while leads - overtaken > least and self.variants.left > 0:
            third = max(1, (leads - overtaken) // 3)
            points = [overtaken + third, leads - third]
            found = dict(zip(points, self._verdicts(points), strict=True))
            lost = [point for point, verdict in found.items() if verdict == "overtaken"]
            kept = [point for point, verdict in found.items() if verdict == "leads"]
            if not lost and not kept:
                break
            overtaken = max([overtaken, *lost])
            leads = min([leads, *(point for point in kept if point > overtaken)])
        return self._between(overtaken, leads)

    def _leads_as_stated(self) -> bool:
        """Whether it is proven that nobody would lead better, the figure as it is."""
        known = [one.compared for _, one in self.rivals]
        return self.every and all(one.worse or one.same for one in known)

    def _between(self, overtaken: int, leads: int) -> tuple[list[str], list[Claim]]:
        """Say between which two points the lead changes."""
        figure = self.figure
        still = f"At {figure.share(leads)} of the {figure.words} that it says it still leads"
        lost = f"at {figure.share(overtaken)} {self.rival} should lead instead"
        claims = [self._claim(still, leads, "leads"), self._claim(lost, overtaken, "overtaken")]
        share = leads / figure.stated
        if leads - overtaken <= max(1, figure.stated // FINENESS):
            tip = f"The lead changes if its {figure.words} falls below {share:.0%} of what it says."
        else:
            tip = (
                f"The lead changes as its {figure.words} falls, somewhere between {share:.0%} and "
                f"{overtaken / figure.stated:.0%} of what it says."
            )
        return [tip, f"{still}; {lost}."], claims

    def _verdicts(self, points: Sequence[int]) -> list[Verdict]:
        """Say for each point whether the lead still leads there; ``open`` where not settled."""
        changes = [self._set(minutes) for minutes in points]
        asked = [still(self.instance, self.solution, self.area, self.lead, c) for c in changes]
        if self.shared:
            asked += [
                instead(self.instance, self.solution, self.area, self.lead, self.rivals[0][0], c)
                for c in changes
            ]
        found = self.variants.ask(asked, f"less {self.figure.words}", 0.5)
        own, rivals = found[: len(points)], found[len(points) :] or [self.rivals[0][1]] * 2
        return [self._verdict(one, rival) for one, rival in zip(own, rivals, strict=False)]

    def _verdict(self, own: Varied | None, rival: Varied | None) -> Verdict:
        if own is None:
            return "open"
        if rival is not None and beats(rival.compared, own.compared):
            return "overtaken"
        # Less of the figure makes no rival better: what is proven of each at first holds still.
        # Not so where the rule on passing the lead by binds, which less room may excuse.
        if not restricts(self.instance):
            return "open"
        held = self.every and all(no_better(one.compared, own.compared) for _, one in self.rivals)
        return "leads" if held or own.compared.same else "open"

    def _set(self, minutes: int) -> Change:
        return set_hours(self.instance, self.lead, self.figure.column, minutes)

    def _claim(self, text: str, minutes: int, verdict: Verdict) -> Claim:
        pins = leads_as_they_are(self.instance, self.solution, self.area, self.lead)
        changes = [self._set(minutes)]
        changes += [Change(table="pins", add=pins)] if pins else []
        return Claim(text, tuple(changes), verdict)
