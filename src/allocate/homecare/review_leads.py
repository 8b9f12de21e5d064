"""The rules about leads, measured on a plan."""

from __future__ import annotations

from collections import defaultdict

from allocate.homecare.labels import PLACED
from allocate.homecare.plan import Plan
from allocate.homecare.review_people import below_floor, below_rate
from allocate.verdict import Measured


def leads_per_area(plan: Plan) -> Measured:
    """Leads that areas lack, or have too many of."""
    options = plan.instance.rules["leads_per_area"].options
    least, most = int(options["minimum"]), int(options["maximum"])
    return Measured.of(
        (plan.instance.areas.ids[a], max(0, least - len(leads)) + max(0, len(leads) - most))
        for a, leads in enumerate(plan.leads)
    )


def leads_limit(plan: Plan) -> Measured:
    """Areas that owners lead beyond the limit."""
    led: dict[int, set[int]] = defaultdict(set)
    for a, leads in enumerate(plan.leads):
        for k in leads:
            led[int(plan.providers.owner[k])].add(a)
    limit = int(plan.value("leads_limit"))
    owners = plan.providers.owners
    return Measured.with_slack(
        (owners[owner], len(areas) - limit) for owner, areas in sorted(led.items())
    )


def lead_accepts_share(plan: Plan) -> Measured:
    """Referrals, or their hours, that leads are given too little of."""
    hours = plan.instance.rules["lead_accepts_share"].options["by"] == "hours"
    referrals: dict[int, int] = defaultdict(int)
    accepted: dict[int, int] = defaultdict(int)
    for p in range(plan.size):
        if plan.status(p) == PLACED:
            continue
        counts = plan.minutes(p) if hours else 1
        referrals[plan.area(p)] += counts
        if plan.given[p] in plan.leads[plan.area(p)]:
            accepted[plan.area(p)] += counts
    share = plan.value("lead_accepts_share")
    parts = []
    for a, total in sorted(referrals.items()):
        exact = share * total
        target = -(-exact.numerator // exact.denominator)
        parts.append((plan.instance.areas.ids[a], target - accepted[a]))
    return Measured.with_slack(parts, 60 if hours else 1)


def lead_first(plan: Plan) -> Measured:
    """Hours of referrals that pass a lead by, up to the room it has left."""
    elsewhere: dict[int, list[int]] = defaultdict(list)
    for p in plan.held:
        if plan.status(p) != PLACED and plan.given[p] not in plan.leads[plan.area(p)]:
            elsewhere[plan.area(p)].append(p)
    parts = []
    for a, leads in enumerate(plan.leads):
        for k in leads:
            passed = sum(plan.minutes(p) for p in elsewhere[a] if _may_take(plan, k, p))
            room = plan.capacity(k) - plan.load[k]
            parts.append(
                (f"{plan.providers.ids[k]} in {plan.instance.areas.ids[a]}", min(passed, room))
            )
    return Measured.of(parts, 60)


def _may_take(plan: Plan, k: int, p: int) -> bool:
    """Whether data and hard pair rules let a provider take a referral."""
    instance, packages, rules = plan.instance, plan.packages, plan.instance.rules
    if not instance.reach[k, packages.place[p]] or plan.providers.suspended[k]:
        return False
    if instance.closed[k, plan.area(p)] or instance.pins.never[p, k]:
        return False
    if instance.pins.must[p].any() and not instance.pins.must[p, k]:
        return False
    broken = {
        "quality_floor": below_floor(plan, k),
        "needs_met": bool((packages.needs[p] & ~plan.providers.needs[k]).any()),
        "choice_kept": packages.choice[p] >= 0 and packages.choice[p] != k,
        "rate_floor": below_rate(plan, k, p),
    }
    return not any(rules[rule].mode == "hard" and is_so for rule, is_so in broken.items())
