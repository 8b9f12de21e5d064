"""What providers answered, put into a case in place of what was derived or assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from allocate.cells import READERS, Unreadable, number
from allocate.errors import BadInput, Fault, nearest
from allocate.files.canonical import cell
from allocate.files.form import Answer, Returned
from allocate.homecare.asking import (
    ASSUMED,
    BASE,
    DATE,
    HOURS,
    KIND,
    OTHER_NEEDS,
    ROLE,
    VERSION,
    Forms,
    band_key,
    need_key,
    place_key,
)
from allocate.homecare.instance import Instance
from allocate.homecare.labels import BANDS
from allocate.tables import Tables
from allocate.units import as_hours

SAID = "provider said"
SIGNED = (ROLE, DATE)
FAR_MORE = 1.1  # times of day that add up to more than this much of the capacity are asked about
# What a change is called, and whether it is counted in hours.
WORDS = {
    "capacity_hours": "hours a week it can staff",
    "growth_hours": "hours of growth if lead",
    "growth_ramp_weeks": "weeks to grow",
    "can_lead": "may lead",
    "needs": "special needs",
    "reach": "places it works in",
    "base": "where its rounds start",
    **{band_key(band): f"most hours a week, {band}" for band in BANDS},
}


@dataclass(frozen=True)
class Change:
    """One value that a return changed.

    Parameters
    ----------
    provider, what
        Whose, and which.
    was, now
        The value before and after, as text.
    difference
        The same as a difference: of hours, or in words.
    size
        Hours a week, up or down; nought for what is not counted in hours.
    """

    provider: str
    what: str
    was: str
    now: str
    difference: str
    size: float = 0.0


@dataclass
class Merged:
    """The case with the returns put in.

    Parameters
    ----------
    tables
        The case as it is then.
    changes
        What each return changed, largest first.
    silent
        Providers that have not answered.
    warnings
        What is odd about a return but no fault.
    filled
        What was written out for those who have not answered, because it held for all.
    """

    tables: Tables
    changes: list[Change] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)


def merge(tables: Tables, instance: Instance, returns: Sequence[Returned]) -> Merged:
    """Put returns into a case.

    Parameters
    ----------
    tables, instance
        The case that the forms were written from.
    returns
        The forms that came back.

    Raises
    ------
    BadInput
        With every fault of every return, each with its cell.
    """
    faults: list[Fault] = []
    owners = _owners(tables, returns, faults)
    work = _Merging(Forms(tables, instance), faults)
    for provider in instance.providers.ids:
        if provider in owners and not work.unanswered(provider, owners[provider]):
            work.take(provider, owners[provider])
        else:
            work.merged.silent.append(provider)
    return work.finish()


def _owners(
    tables: Tables, returns: Sequence[Returned], faults: list[Fault]
) -> dict[str, Returned]:
    """Find whose each return is; refuse those of other cases, versions or strangers."""
    known = list(tables["providers"]["provider_id"])
    owners: dict[str, Returned] = {}
    for item in returns:
        stamp = item.stamp
        provider, case = stamp.get("provider_id", ""), stamp.get("case", "")
        if (stamp.get("form"), stamp.get("version")) != (KIND, VERSION):
            value = f'form = "{stamp.get("form", "")}", version = "{stamp.get("version", "")}"'
            problem = f"is not a {KIND} of version {VERSION}"
            remedy = "Write the forms again with this program, and ask for that one"
        elif case != tables.name:
            value, problem = f'case = "{case}"', f"is a return for another case than {tables.name}"
            remedy = f"Read it with --case {case}, or take it out of the folder"
        elif provider not in known:
            value = f'provider_id = "{provider}"'
            problem = f"no such provider in the case{nearest(provider, known)}"
            remedy = "Add the provider to providers.csv, or take the return out of the folder"
        elif provider in owners:
            value = f'provider_id = "{provider}"'
            problem = f"the provider has another return, {owners[provider].file}"
            remedy = "Keep the one that counts, and take the other out of the folder"
        else:
            owners[provider] = item
            continue
        faults.append(Fault(item.file, value, problem, remedy))
    return owners


def _same(one: str, other: str) -> bool:
    """Whether two cells say the same: 40.0 is 40, yes is Yes."""
    try:
        return number(one) == number(other)
    except Unreadable:
        return one.casefold() == other.casefold()


class _Merging:
    """The work of putting returns into a case, provider by provider."""

    def __init__(self, forms: Forms, faults: list[Fault]) -> None:
        self.forms, self.faults = forms, faults
        self.tables, self.instance = forms.tables, forms.instance
        self.merged = Merged(self.tables)
        self.cells: dict[tuple[str, str], str] = {}  # place and column of a cell, and its address
        self.providers = self._typed("providers")
        self.reach: dict[str, list[tuple[str, str]]] = {}  # provider: place, address
        self.bands: dict[str, dict[str, str]] = {}

    def _typed(self, table: str) -> pd.DataFrame:
        """Return the cells of a table as typed, with every column of the card."""
        names = list(self.tables.card.tables[table].names)
        return self.tables.typed[table].reindex(columns=names).fillna("").astype("object")

    def unanswered(self, provider: str, item: Returned) -> bool:
        """Whether a form came back as it went out; one that is filled in has to say by whom."""
        if any(item.answers[key].text for key in SIGNED if key in item.answers):
            return False
        sent = self.forms.form(self._k(provider)).values
        changed = [
            answer.place
            for key, answer in item.answers.items()
            if not _same(answer.text, sent.get(key, ""))
        ]
        if changed:
            problem = "answers were changed, and nobody says who filled the form in, or when"
            remedy = "Ask the provider, and fill in role and date"
            self.faults.append(Fault(changed[0], "", problem, remedy))
        return True

    def _k(self, provider: str) -> int:
        return self.instance.providers.ids.index(provider)

    def take(self, provider: str, item: Returned) -> None:
        """Put one return into the case."""
        k = self._k(provider)
        answers = {key: answer for key, answer in item.answers.items() if self._plain(answer)}
        self.merged.answered.append(provider)
        sent = self.forms.form(k).values
        self._hours(k, provider, answers, sent)
        self._bands(provider, answers, sent)
        self._needs(k, provider, answers)
        self._places(k, provider, answers)
        self._base(k, provider, answers)
        self._doubtful(k, provider)

    def _plain(self, answer: Answer) -> bool:
        """Whether a cell holds an answer; one that cannot be read is a fault."""
        if answer.doubt is not None:
            doubt = answer.doubt
            fault = Fault(answer.place, f'"{doubt.text}"', doubt.problem, doubt.remedy)
            self.faults.append(fault)
        return bool(answer.text) and answer.doubt is None

    def _put(self, k: int, column: str, text: str, place: str) -> None:
        line = self.providers.index[k]
        self.providers.loc[line, column] = text
        self.cells[f"providers.csv {line}", column] = place

    def _changed(self, provider: str, key: str, was: str, now: str) -> None:
        """Note a change of one value."""
        if _same(was, now):
            return
        try:
            step = number(now) - number(was)
            difference = f"{'+' if step > 0 else '-'}{as_hours(abs(step) * 60)}"
        except Unreadable:  # a word, nothing before, or a fault that is told elsewhere
            step, difference = 0.0, ""
        if ("providers", key, provider) in self.forms.assumed:
            was += " (assumed)"
        size = abs(step) if key.endswith("_hours") else 0.0
        change = Change(provider, WORDS[key], was or "not known", now, difference, size)
        self.merged.changes.append(change)

    def _hours(
        self, k: int, provider: str, answers: dict[str, Answer], sent: dict[str, str]
    ) -> None:
        for key in HOURS:
            if key not in answers:
                continue
            answer = answers[key]
            self._put(k, key, answer.text, answer.place)
            self._changed(provider, key, sent[key], answer.text)
        if "capacity_hours" in answers:
            self._put(k, "basis", SAID, answers["capacity_hours"].place)

    def _bands(self, provider: str, answers: dict[str, Answer], sent: dict[str, str]) -> None:
        said = {}
        for key in map(band_key, BANDS):
            if key in answers:
                said[key] = answers[key].text
                self.cells[f"provider_bands.csv {provider}", key] = answers[key].place
                self._changed(provider, key, sent[key], said[key])
        if said:
            self.bands[provider] = said

    def _yes(self, answer: Answer) -> bool | None:
        """Read Yes or No; anything else is a fault."""
        try:
            return bool(READERS["boolean"](answer.text))
        except Unreadable as error:
            problem, remedy = str(error).split("|")
            self.faults.append(Fault(answer.place, f'"{answer.text}"', problem, remedy))
            return None

    def _needs(self, k: int, provider: str, answers: dict[str, Answer]) -> None:
        before = dict(zip(self.forms.needs, self.instance.providers.needs[k].tolist(), strict=True))
        after = before | {
            need: self._yes(answers[need_key(need)])
            for need in self.forms.needs
            if need_key(need) in answers
        }
        met = [need for need in self.forms.needs if after[need]]
        place = next((a.place for key, a in answers.items() if key.startswith(need_key(""))), "")
        if OTHER_NEEDS in answers:
            place = answers[OTHER_NEEDS].place
            others = [item.strip() for item in answers[OTHER_NEEDS].text.split(";")]
            met += [item for item in others if item and item.casefold() not in met]
        had = [need for need in self.forms.needs if before[need]]
        if place:
            self._put(k, "needs", ";".join(met), place)
            self._listed(provider, "needs", had, met)

    def _places(self, k: int, provider: str, answers: dict[str, Answer]) -> None:
        instance = self.instance
        said = {
            position: answers[place_key(place)]
            for position, place in enumerate(instance.places)
            if place_key(place) in answers
        }
        if not said:
            return
        works = {position: self._yes(answer) for position, answer in said.items()}
        reached = [p for p in range(len(instance.places)) if works.get(p, instance.reach[k, p])]
        here = instance.packages.place[instance.packages.present == k]
        for position in sorted(set(here.tolist()) - set(reached)):
            count = int((here == position).sum())
            place = f" ({said[position].place})" if position in said else ""
            name = self.forms.places[position]
            self.merged.warnings.append(
                f"{provider} says that it does not work in {name}, "
                f"where it has {count:,} of its packages{place}"
            )
        self.reach[provider] = [
            (instance.places[p], said[p].place if p in said else "") for p in reached
        ]
        had = [name for p, name in enumerate(self.forms.places) if instance.reach[k, p]]
        self._listed(provider, "reach", had, [self.forms.places[p] for p in reached])

    def _listed(self, provider: str, key: str, had: list[str], has: list[str]) -> None:
        """Note a change of a list by what was added and what was taken away."""
        steps = [f"+{item}" for item in has if item not in had]
        steps += [f"-{item}" for item in had if item not in has]
        if steps:
            was, now = str(len(had)), str(len(has))
            table, column = ("reach", "place_id") if key == "reach" else ("providers", key)
            if (table, column, provider) in self.forms.assumed:
                was += " (assumed)"
            self.merged.changes.append(Change(provider, WORDS[key], was, now, ", ".join(steps)))

    def _base(self, k: int, provider: str, answers: dict[str, Answer]) -> None:
        if BASE not in answers:
            return
        answer = answers[BASE]
        chosen = {name.casefold(): n for n, name in enumerate(self.forms.places)}
        position = chosen.get(answer.text.casefold())
        frame = self.tables["places"].set_index("place_id")
        at = frame.reindex([self.instance.places[position or 0]])[["easting_m", "northing_m"]]
        if position is None or at.isna().any(axis=None):
            close = nearest(answer.text, self.forms.places)
            problem = f"no such place on the map{close}"
            fault = Fault(answer.place, f'"{answer.text}"', problem, "Choose from the list")
            self.faults.append(fault)
            return
        for column, metres in zip(("base_easting_m", "base_northing_m"), at.iloc[0], strict=True):
            self._put(k, column, cell(float(metres)), answer.place)
        change = Change(provider, WORDS["base"], "as we had it", answer.text, "")
        self.merged.changes.append(change)

    def _doubtful(self, k: int, provider: str) -> None:
        """Warn of what a provider can hardly mean."""
        line = self.providers.index[k]
        text = self.providers.loc[line, "capacity_hours"]
        place = self.cells.get((f"providers.csv {line}", "capacity_hours"), "")
        warn = self.merged.warnings.append
        areas = self.instance.areas
        leads = [n for n, lead in zip(areas.names, areas.leads, strict=True) if k in lead]
        may_lead = self.providers.loc[line, "can_lead"]
        if leads and may_lead.casefold() in ("no", "n", "false", "0"):
            warn(f"{provider} says that it may not lead, and leads {', '.join(leads)} now")
        try:
            capacity = number(text)
            bands = sum(number(hours) for hours in self.bands.get(provider, {}).values())
        except Unreadable:
            return  # a fault that is told elsewhere
        packages = self.instance.packages
        held = int(packages.minutes[packages.present == k].sum())
        if place and capacity * 60 < held:
            warn(
                f"{provider} says that it can staff {as_hours(capacity * 60)} hours a week, "
                f"and holds {as_hours(held)} now ({place})"
            )
        if bands > capacity * FAR_MORE:
            warn(
                f"{provider} has times of day that add up to {as_hours(bands * 60)} hours a week, "
                f"far more than the {as_hours(capacity * 60)} that it can staff"
            )

    # ------------------------------------------------------------------------- the new case

    def finish(self) -> Merged:
        """Check the new case against the card, and tell faults by the cells of the returns."""
        typed = dict(self.tables.typed)
        self._spell_out()
        typed["providers"] = self.providers
        if self.reach:
            typed["reach"] = self._new_reach()
        if self.bands:
            typed["provider_bands"] = self._new_bands()
        try:
            self.merged.tables = self.tables.replace(typed)
        except BadInput as error:
            self.faults += [self._told(fault) for fault in error.faults]
        if self.faults:
            raise BadInput("the returns", self.faults)
        self.merged.changes.sort(key=lambda change: -change.size)
        return self.merged

    def _told(self, fault: Fault) -> Fault:
        """Tell a fault of the new case by the cell of the return that made it."""
        column, _, typed = fault.value.partition(" = ")
        place = self.cells.get((fault.place, column))
        return fault if place is None else Fault(place, typed, fault.problem, fault.remedy)

    def _spell_out(self) -> None:
        """Write out what held for every provider because a whole column was empty.

        Once a few have answered the column is no longer empty, and the others must not lose by it.
        """
        for column in ("can_lead", "needs"):
            empty = [
                provider
                for provider in self.merged.silent
                if ("providers", column, provider) in self.forms.assumed
                and not self.providers.loc[self.providers.index[self._k(provider)], column]
            ]
            whole = all(not cells for cells in self._typed("providers")[column])
            if not (empty and whole and self.merged.answered):
                continue
            for provider in empty:
                line = self.providers.index[self._k(provider)]
                self.providers.loc[line, column] = self.forms.assumed["providers", column, provider]
                if not self.providers.loc[line, "basis"]:
                    self.providers.loc[line, "basis"] = "assumed"
            self.merged.filled.append(
                f"{WORDS[column]}: written out as {ASSUMED[3:]} for the {len(empty):,} providers "
                "that have not answered"
            )

    def _new_reach(self) -> pd.DataFrame:
        """Return the reach table: what was said, and for the others what there was."""
        before = self._typed("reach")
        travel = {
            (row["provider_id"], row["place_id"]): str(row["travel_minutes_per_visit"])
            for _, row in before.iterrows()
        }
        derived = not self.tables.has("reach")
        rows: dict[str, tuple[str, str, str, str]] = {}
        for k, provider in enumerate(self.instance.providers.ids):
            if provider in self.reach:
                for place, address in self.reach[provider]:
                    label = f"{provider} {place}"
                    rows[label] = (provider, place, travel.get((provider, place), ""), SAID)
                    self.cells[f"reach.csv {label}", "place_id"] = address
            elif derived:
                for position in self.instance.reach[k].nonzero()[0]:
                    place = self.instance.places[position]
                    rows[f"{provider} {place}"] = (provider, place, "", "assumed")
        if derived and self.merged.silent:
            self.merged.filled.append(
                f"{WORDS['reach']}: written out as assumed for those that have not answered"
            )
        new = pd.DataFrame.from_dict(rows, orient="index", columns=list(before.columns))
        if derived:
            return new.astype("object")
        return pd.concat([before[~before["provider_id"].isin(self.reach)], new]).astype("object")

    def _new_bands(self) -> pd.DataFrame:
        """Return the bands: what was said laid over what there was."""
        before = self._typed("provider_bands").set_index("provider_id", drop=False)
        for provider, said in self.bands.items():
            before.loc[provider, "provider_id"] = provider
            for key, text in said.items():
                before.loc[provider, key] = text
        return before.fillna("").rename_axis(None).astype("object")
