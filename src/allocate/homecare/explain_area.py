"""Why an area has its lead: who else might, what the next best would mean, and where it tips."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from allocate.explanation import Claim, Explanation
from allocate.homecare.differences import claim, difference, no_better, rank, same_before
from allocate.homecare.instance import Instance
from allocate.homecare.labels import called
from allocate.homecare.lead_variants import chosen_lead, instead, lead_pin
from allocate.homecare.reasons import lead_pinned_elsewhere, reasons_against_lead
from allocate.homecare.solution import Solution, accepted_by
from allocate.homecare.tipping import tipping
from allocate.study.scenario import Change
from allocate.units import as_hours, joined
from allocate.variants import Variants, Varied

FIRM = "How firm that is"
TIPPING_SHARE = 0.4  # of the time, kept for the tipping point


def explain_area(variants: Variants, area: int) -> Explanation:
    """Explain an area's lead; the other areas' leads stay as they are throughout.

    Parameters
    ----------
    variants
        Asks the answer again with changes.
    area
        Its position.
    """
    instance, solution = variants.answered.asked.instance, variants.answered.solution
    title = f"{called(instance.areas.names, instance.areas.ids, area)}: why its lead leads"
    lead = chosen_lead(instance, solution, area)
    sections = [("Who leads it", _who(instance, solution, area))]
    if lead is None:
        return Explanation(title, sections)
    others = [k for k in range(len(instance.providers.ids)) if k not in solution.leads[area]]
    reasons = {
        k: lead_pinned_elsewhere(instance, area, k) + reasons_against_lead(instance, area, k)
        for k in others
    }
    possible = [k for k, found in reasons.items() if not found]
    asked = [instead(instance, solution, area, lead, k) for k in possible]
    found = variants.ask(asked, "other leads", 1 - TIPPING_SHARE)
    ranked = sorted(zip(possible, found, strict=True), key=lambda pair: rank(pair[1]))
    lines, claims = _alternatives(variants, ranked)
    tips, tip_claims = tipping(variants, area, lead, ranked)
    barred = [(k, why) for k, why in reasons.items() if why and _near_miss(instance, area, k)]
    sections += [
        ("What chose it", _what_chose(variants, area, lead, ranked)),
        ("Who else could lead, the other areas' leads as they are; next best first", lines),
        (FIRM, tips),
    ]
    if barred:
        said = [f"{instance.providers.ids[k]}: {'; '.join(why)}" for k, why in barred]
        sections.append(("Who works there and cannot lead, and why", said))
    barred_claims = [
        Claim(
            f"{instance.providers.ids[k]} {'; '.join(why)}",
            (Change(table="pins", add=[lead_pin(instance, area, k, "must")]),),
            "barred",
        )
        for k, why in barred
    ]
    return Explanation(title, sections, [*claims, *tip_claims, *barred_claims])


def _who(instance: Instance, solution: Solution, area: int) -> list[str]:
    """Say who leads the area, how that came about, and what each is given."""
    packages, providers = instance.packages, instance.providers
    referrals = packages.referral & (packages.area == area)
    lines = []
    for k in solution.leads[area]:
        how = "chosen in this answer"
        if k in instance.areas.leads[area]:
            how = (
                "named in areas.csv; it stays, so nobody else was looked at (empty lead_id to ask)"
            )
        elif instance.pins.lead_must[area, k]:
            how = "set by a pin, so nobody else was looked at"
        given = accepted_by(instance, solution.provider, area, k)
        hours = as_hours(packages.minutes[given].sum())
        lines.append(
            f"{called(providers.names, providers.ids, k)}: {how}; given {given.sum():,} of "
            f"{referrals.sum():,} referrals, {hours} hours a week."
        )
    return lines or ["Nobody leads it."]


def _alternatives(
    variants: Variants, ranked: list[tuple[int, Varied | None]]
) -> tuple[list[str], list[Claim]]:
    """Say of each other candidate what would change if it led."""
    answered = variants.answered
    providers, levels = answered.asked.instance.providers, answered.asked.question.levels
    lines, claims = [], []
    for k, varied in ranked:
        name = called(providers.names, providers.ids, k)
        if varied is None:
            lines.append(f"{name}: not looked at in the time given")
            continue
        text = f"{name}: {difference(varied, levels)}"
        lines.append(text)
        claims.append(claim(varied, levels, text))
    return lines or ["Nobody else may lead it."], claims


def _what_chose(
    variants: Variants, area: int, lead: int, ranked: list[tuple[int, Varied | None]]
) -> list[str]:
    """Name the level that told the lead from the next best, and say whether cost had a part."""
    answered = variants.answered
    instance, levels = answered.asked.instance, answered.asked.question.levels
    known = [(k, one) for k, one in ranked if one is None or not one.compared.impossible]
    if not known:
        return ["Nobody else could lead: there was nothing to choose."]
    ids = instance.providers.ids
    better = [ids[k] for k, one in known if one is not None and one.compared.better]
    if better:
        return [
            "Not known: this answer is not the best, a better plan was found with "
            f"{joined(better, 'or')} as lead. Solve again with more --seconds, and ask of that "
            "result."
        ]
    k, varied = known[0]
    open_ = [
        ids[k] for k, one in known if one is None or not (one.compared.worse or one.compared.same)
    ]
    if varied is not None and varied.compared.same:
        return [
            f"Nothing that this question weighs: {ids[k]} would do as well on every level. "
            "The choice between them is a person's."
        ]
    if varied is None or open_:
        return [
            f"Not settled in the time given: {joined(open_, 'or')} may do nearly as well, or as "
            "well. Allow more --seconds."
        ]
    level = varied.compared.level or 0
    near = [
        ids[other]
        for other, one in sorted(known, key=itemgetter(0))
        if one is not None and (other == k or not no_better(one.compared, varied.compared))
    ]
    text = f"The next best is {joined(near, 'or')}. What tells them apart: {levels[level].name}"
    lines = [f"{text}{same_before(levels, level)}."]
    if "cash" not in levels[level].terms:
        lines += _one_rate(instance, area, [lead, *(k for k, _ in ranked)])
    return lines


def _one_rate(instance: Instance, area: int, providers: list[int]) -> list[str]:
    """Say that cost did not choose the lead, where all who could lead are paid the same there."""
    rates = instance.rate[providers][:, instance.area_of_place == area]
    paid = np.unique(rates[rates >= 0])
    if len(paid) != 1:
        return []
    each = f"£{paid[0] / 100:.2f} an hour"
    return [f"All who could lead are paid {each} here: cost did not choose the lead."]


def _near_miss(instance: Instance, area: int, provider: int) -> bool:
    """Whether a provider that may not lead works in the area, so that people will ask why not."""
    return bool(instance.reach[provider, instance.area_of_place == area].any())
