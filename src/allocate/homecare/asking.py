"""What providers are asked: one form each, filled with what the case says of them."""

from __future__ import annotations

import numpy as np

from allocate.files.canonical import cell
from allocate.files.form import YES_NO, Form, Group, Question
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS, all_needs
from allocate.tables import Tables
from allocate.units import as_hours

KIND, VERSION = "capacity return", "1"
ASSUMED = "we assumed this"
RECORDED = "from our records"
KNOWN = {"provider said": "you told us this", "recorded": RECORDED, "": RECORDED}
UNKNOWN = "not known to us"

HOURS = {
    "capacity_hours": (
        "number",
        "Carer-hours a week you can staff now, the work you have for us included "
        "(a visit by two carers counts twice)",
    ),
    "can_lead": ("choice", "May you be appointed lead provider of an area?"),
    "growth_hours": (
        "number",
        "Extra carer-hours a week you could staff if appointed lead, all areas together",
    ),
    "growth_ramp_weeks": ("whole", "Weeks you would need to staff them"),
}
OTHER_NEEDS, BASE, ROLE, DATE = "other_needs", "base", "role", "date"


class Forms:
    """The form of each provider, filled with what the case says of it.

    Parameters
    ----------
    tables, instance
        The case.
    """

    def __init__(self, tables: Tables, instance: Instance) -> None:
        self.tables, self.instance = tables, instance
        self.needs = all_needs(tables)
        self.places = list(instance.place_names)
        known = tables["places"].set_index("place_id")[["easting_m", "northing_m"]].dropna()
        self.located = {
            place: name
            for place, name in zip(instance.places, self.places, strict=True)
            if place in known.index
        }
        self.assumed = {
            (item.table, item.column, provider): text
            for item in instance.assumptions
            if item.table in ("providers", "reach")
            for _, provider, _, text, _, _ in item.rows()
        }

    def form(self, k: int) -> Form:
        """Return the form of the provider in position k."""
        instance = self.instance
        provider, name = instance.providers.ids[k], instance.providers.names[k]
        mine = instance.packages.present == k
        hours = as_hours(instance.packages.minutes[mine].sum())
        return Form(
            title="Capacity return: what your service can do",
            intro=(
                f"For {name} ({provider}). Case {self.tables.name}; form {VERSION}.",
                f"You have {mine.sum():,} people and {hours} carer-hours a week of our work now. "
                "Please correct the yellow cells, say below who filled them in, and send this file "
                "back. Leave empty what you cannot say: we then keep what we have.",
            ),
            stamp={
                "form": KIND,
                "version": VERSION,
                "case": self.tables.name,
                "provider_id": provider,
            },
            groups=tuple(group for group in self._groups(k) if group.questions),
        )

    def _groups(self, k: int) -> list[Group]:
        provider, line = self.instance.providers.ids[k], str(self.tables["providers"].index[k])
        bands = "Carer-hours a week you can staff at most, by time of day (empty: no limit)"
        needs, places = self._noted("providers", "needs", k), self._noted("reach", "place_id", k)
        return [
            Group("How much you can do", self._hours(line, provider)),
            Group(bands, self._bands(provider), grid=True),
            Group("Special needs you can meet", self._needs(k), needs, grid=True),
            Group("Where you work", self._places(k), places, grid=True),
            Group("Anything else", self._rest(line)),
            Group(
                "Who filled this in",
                (
                    Question(ROLE, "Role, such as registered manager (no name is needed)"),
                    Question(DATE, "Date", mark="dd/mm/yyyy"),
                    Question("signature", "Signature, if you send it on paper"),
                ),
            ),
        ]

    def _hours(self, line: str, provider: str) -> tuple[Question, ...]:
        questions = []
        basis = str(self.tables["providers"].loc[line, "basis"])
        for column, (kind, text) in HOURS.items():
            value = self.assumed.get(("providers", column, provider))
            mark = ASSUMED if value is not None else KNOWN.get(basis, ASSUMED)
            if value is None:
                value = cell(self.tables["providers"].loc[line, column])
            questions.append(Question(column, text, value, kind, mark=mark if value else UNKNOWN))
        return tuple(questions)

    def _bands(self, provider: str) -> tuple[Question, ...]:
        frame = self.tables["provider_bands"].set_index("provider_id").reindex([provider])
        known = {band: cell(frame[band_key(band)].iloc[0]) for band in BANDS}
        return tuple(
            Question(band_key(band), band.capitalize(), value, "number")
            for band, value in known.items()
        )

    def _needs(self, k: int) -> tuple[Question, ...]:
        met = self.instance.providers.needs[k]
        return tuple(
            Question(need_key(need), need, YES_NO[not met[number]], "choice")
            for number, need in enumerate(self.needs)
        )

    def _noted(self, table: str, column: str, k: int) -> str:
        assumed = (table, column, self.instance.providers.ids[k]) in self.assumed
        return f"Please check: {ASSUMED}." if assumed else ""

    def _places(self, k: int) -> tuple[Question, ...]:
        """Return a question for each place, under a heading for each area."""
        instance = self.instance
        questions = []
        for area, name in enumerate(instance.areas.names):
            questions.append(Question("", name))
            for place in np.flatnonzero(instance.area_of_place == area):
                works = YES_NO[not instance.reach[k, place]]
                key = place_key(instance.places[place])
                questions.append(Question(key, self.places[place], works, "choice"))
        return tuple(questions)

    def _rest(self, line: str) -> tuple[Question, ...]:
        known = self.tables["providers"].loc[line, ["base_easting_m", "base_northing_m"]]
        hint = "we take the middle of your present work" if known.isna().any() else "we know it"
        other = Question(OTHER_NEEDS, "Other special needs you can meet, set apart by ;")
        start = "The place your rounds start from, if you wish to correct it"
        base = Question(BASE, start, "", "choice", tuple(self.located.values()), hint)
        return (other, base) if self.located else (other,)


def band_key(band: str) -> str:
    """Name of the answer for a time of day: the column of ``provider_bands``."""
    return f"{band}_hours"


def need_key(need: str) -> str:
    """Name of the answer for a special need."""
    return f"need {need}"


def place_key(place: str) -> str:
    """Name of the answer for a place."""
    return f"place {place}"
