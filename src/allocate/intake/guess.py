"""A first guess at a map: by headings that social care systems use, and by what the cells hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

from allocate.intake.amounts import CLOCK
from allocate.intake.extract import Extract, folded
from allocate.intake.private import NO_ID, personal_heading

NEAR = 0.82  # share of letters from which a heading is near a known one
MOST_WORDS = 60  # more different cells than this are no list of words

# Headings as ContrOCC, Liquidlogic and Mosaic reports and the national client-level return have
# them, folded. Reports differ from council to council, so that a guess is shown, never just taken.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "person": (
        *("las id", "person id", "client id", "mosaic id", "person ref", "client ref", "swift id"),
        *("client reference", "service user id", "su id", "customer id", "person number"),
        *("la person unique identifier", "personid", "clientid", "adult id", "citizen id"),
        *("person no", "client no", "client number", "service user no", "service user number"),
        *("su no", "customer no", "customer number", "case no", "mosaic no", "las no"),
    ),
    "line": (
        *("cpli id", "care package line item id", "line id", "service line id", "element id"),
        *("purchased service id", "service id", "ps id", "order id", "line ref", "provision id"),
    ),
    "provider": (
        *("provider name", "provider", "supplier name", "supplier", "organisation name"),
        *("service provider", "agency", "provider organisation"),
    ),
    "provider_code": (
        *("provider id", "provider ref", "provider code", "supplier ref", "supplier id"),
        *("supplier code", "vendor number", "provider reference", "organisation id"),
    ),
    "service": (
        *("service type", "element type", "service", "service level", "service component"),
        *("type of service", "service element", "element", "service name", "provision type"),
    ),
    "postcode": (
        *("postcode", "post code", "client postcode", "address postcode", "pcode", "p code"),
        *("home postcode", "person postcode", "service user postcode", "postal code", "pc"),
    ),
    "ward": ("ward", "ward name", "electoral ward", "ward code"),
    "hours": (
        *("planned hours", "hours per week", "weekly hours", "hours pw", "planned hrs pw"),
        *("planned hours per week", "hrs per week", "commissioned hours", "total hours pw"),
    ),
    "units": ("units", "units per week", "planned units per week", "weekly units", "quantity"),
    "frequency": ("frequency", "schedule", "visit pattern", "service frequency"),
    "visits": (
        *("visits pw", "visits per week", "visits", "no of visits", "number of visits"),
        *("calls per week", "calls pw"),
    ),
    "visit_minutes": (
        *("mins per visit", "minutes per visit", "visit length", "visit duration", "call length"),
        *("duration mins", "visit minutes"),
    ),
    "days": ("days", "days per week", "days of week", "days pw"),
    "times": ("call time", "visit time", "time of day", "time slot", "time band"),
    "carers": (
        *("carers", "no of carers", "number of carers", "carers per visit", "double handed"),
        *("no carers", "staff ratio", "handed"),
    ),
    "start": (
        *("start date", "actual start date", "service start date", "cpli start", "start"),
        *("event start date", "line start date", "planned start date"),
        *("commenced", "date commenced", "commencement date", "started", "date started"),
        *("date from", "from date", "begin date"),
    ),
    "end": (
        *("end date", "actual end date", "service end date", "cpli end", "end"),
        *("event end date", "line end date", "planned end date"),
        *("ceased", "date ceased", "cessation date", "date ended", "finish date"),
        *("date to", "to date", "termination date"),
    ),
    "status": ("status", "line status", "service status", "cpli status", "element status"),
    "suspended": ("suspended", "is suspended", "suspension", "on hold"),
    "rate": (
        *("hourly rate", "rate", "unit cost", "rate per hour", "unit price", "cost per hour"),
        *("unit rate",),
    ),
    "weekly_cost": (
        "weekly cost",
        "cost per week",
        "gross weekly cost",
        "weekly amount",
        "cost pw",
    ),
    "priority": (
        *("priority", "urgency", "referral priority", "priority level", "priority band"),
        *("priority code", "priority rating", "urgency band", "urgency level"),
    ),
    "days_waiting": ("days waiting", "days waited", "wait days"),
    "requested": (
        *("date requested", "request date", "requested date", "brokerage request date"),
        *("date of request", "referral date", "date referred", "requested"),
    ),
    "needs": ("needs", "special needs", "specialism", "special requirements", "care needs"),
    "household": ("household id", "household", "household ref", "household number"),
}
KNOWN = tuple(heading for known in HEADINGS.values() for heading in known)

# What a word of a list is about; the first that is found decides.
SERVICES = {
    "other": r"day ?(care|cent|serv|opp)|meal|telecare|direct pay|\bdp\b|resid|nursing|respite|"
    r"equip|transport|shared lives|supported living|carer break|laundry|alarm",
    "home_care": r"home ?care|dom(iciliary)? ?care|personal care|care at home|homecare|"
    r"home support|\bspot\b.*care|live ?in|night sit|sitting",
}
STATUSES = {
    "suspended": r"suspend|on hold|hospital|paused",
    "ended": r"end|clos|ceas|cancel|complet|inactive|terminat|reject|decea",
    "waiting": r"wait|unsourc|brokerage|sourcing|to be (placed|allocated)|pending|requested|unmet",
    "active": r"activ|open|current|live|authoris|ongoing|started|in place|provisional",
}
PRIORITIES = {
    "urgent": r"^1$|^p1$|urgent|high|critical|immediate|emergenc",
    "soon": r"^2$|^p2$|medium|soon|moderate",
    "routine": r"^3$|^p3$|low|routine|standard|normal|^$",
}
SUSPENDED = {"yes": r"^(y|yes|true|1)$|suspend", "no": r"^(n|no|false|0|)$"}
CARERS = {"two": r"double|two|2|^(y|yes|dh)$", "one": r"single|one|1|^(n|no|sh|)$"}
LISTS = {
    "service": SERVICES,
    "status": STATUSES,
    "priority": PRIORITIES,
    "suspended": SUSPENDED,
    "carers": CARERS,
}


@dataclass(frozen=True)
class Guess:
    """A heading that may hold what a role needs, and whether that is plain."""

    heading: str
    sure: bool


def guess_columns(extract: Extract) -> dict[str, Guess]:
    """Guess which heading holds what; each heading once, the plainest first."""
    scored = sorted(
        (
            (-_likeness(heading, known), order, role, heading)
            for order, (role, known) in enumerate(HEADINGS.items())
            for heading in extract.headings
            if allowed(role, heading) and heading not in extract.twice
        ),
    )
    guesses: dict[str, Guess] = {}
    taken: set[str] = set()
    for unlike, _, role, heading in scored:
        if -unlike >= NEAR and role not in guesses and heading not in taken:
            guesses[role] = Guess(heading, unlike == -1)
            taken.add(heading)
    return guesses


def _likeness(heading: str, known: Sequence[str]) -> float:
    words = folded(heading)
    return (
        1.0
        if words in known
        else max(SequenceMatcher(None, words, k).ratio() for k in known) * 0.99
    )


def allowed(role: str, heading: str) -> bool:
    """Say whether a heading may have a role: a name is no person's number."""
    kind = personal_heading(heading)
    if role in ("person", "line", "household"):
        return kind not in NO_ID
    return not kind or (role == "postcode" and kind == "addresses" and "post" in folded(heading))


def guess_words(role: str, values: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Sort the words of a column into lists; return also those that cannot be told."""
    sorted_: dict[str, list[str]] = {}
    unknown = []
    for word, _ in Counter(values).most_common():
        meaning = next(
            (m for m, find in LISTS[role].items() if re.search(find, folded(word))), None
        )
        if meaning is None:
            unknown.append(word)
        else:
            sorted_.setdefault(meaning, []).append(word)
    if role == "priority":
        _step_down(sorted_)
    return sorted_, unknown


def _step_down(lists: dict[str, list[str]]) -> None:
    """Put high under soon, where the system has a more urgent word than high."""
    urgent = lists.get("urgent", [])
    high = [word for word in urgent if "high" in folded(word)]
    if 0 < len(high) < len(urgent):
        lists["urgent"] = [word for word in urgent if word not in high]
        lists["soon"] = [*high, *lists.get("soon", [])]


def guess_dates(values: Sequence[str]) -> str:
    """Guess how dates are written; day before month unless a cell says that it cannot be."""
    numbers = [re.split(r"[/.-]", value.split(" ")[0]) for value in values]
    if any(re.search(r"[A-Za-z]{3}", value) for value in values):
        return "dd-mmm-yyyy" if any("-" in value for value in values) else "dd mmm yyyy"
    parts = [part for part in numbers if len(part) == 3]
    if any(len(part[0]) == 4 for part in parts):
        return "yyyy-mm-dd"
    if any(_above_12(part[1]) for part in parts) and not any(_above_12(part[0]) for part in parts):
        return "mm/dd/yyyy"
    return "dd/mm/yy" if any(len(part[2]) == 2 for part in parts) else "dd/mm/yyyy"


def _above_12(text: str) -> bool:
    return text.isdigit() and int(text) > 12


def guess_hours(values: Sequence[str]) -> str:
    """Guess what a number in the hours column is."""
    if any(CLOCK.match(value) for value in values):
        return "hh:mm"
    numbers = [float(value) for value in values if re.match(r"\d+(\.\d+)?$", value)]
    if numbers and median(numbers) > 100 and all(number.is_integer() for number in numbers):
        return "minutes"
    return "decimal"


def has_pairs(extract: Extract, columns: Mapping[str, str]) -> bool:
    """Whether lines of one person stand twice but for their number."""
    skipped = {columns.get(role) for role in ("line", "start", "end", "rate", "weekly_cost")}
    kept = [heading for heading in extract.headings if heading not in skipped]
    counts = Counter(tuple(row.cells[heading] for heading in kept) for row in extract.rows)
    return any(count > 1 for count in counts.values())
