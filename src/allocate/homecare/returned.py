"""Returns of providers put into a case, in place of what was derived or assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from allocate.errors import BadInput, Fault, nearest
from allocate.files.form import Returned
from allocate.homecare.answers import Said, read_answers, unanswered
from allocate.homecare.asking import KIND, VERSION, Forms
from allocate.homecare.changed import WORDS, Change, changes, oddities
from allocate.homecare.instance import Instance
from allocate.tables import Tables

SAID, ASSUMED = "provider said", "assumed"


@dataclass(frozen=True)
class Merged:
    """The case with the returns put in.

    Parameters
    ----------
    tables
        The case as it is then.
    changes
        What the returns changed, the most hours first.
    answered, silent
        Providers that have answered, and that have not.
    oddities
        What to ask providers about.
    filled
        What was written out for those who have not answered, because it held for all.
    """

    tables: Tables
    changes: tuple[Change, ...]
    answered: tuple[str, ...]
    silent: tuple[str, ...]
    oddities: tuple[str, ...]
    filled: tuple[str, ...]


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
    forms = Forms(tables, instance)
    ids = instance.providers.ids
    owners = _owners(tables, returns, faults)
    said = [
        read_answers(k, owners[provider], forms, faults)
        for k, provider in enumerate(ids)
        if provider in owners and not unanswered(k, owners[provider], forms, faults)
    ]
    new = _NewCase(forms, said)
    try:
        merged = tables.replace(new.typed())
    except BadInput as error:
        faults += [new.told(fault) for fault in error.faults]
    if faults:
        raise BadInput("the returns", faults)
    changed = [change for item in said for change in changes(item, forms)]
    return Merged(
        tables=merged,
        changes=tuple(sorted(changed, key=lambda change: -change.size)),
        answered=tuple(ids[item.k] for item in said),
        silent=tuple(ids[k] for k in new.silent),
        oddities=tuple(line for item in said for line in oddities(item, forms)),
        filled=tuple(new.filled),
    )


def _owners(
    tables: Tables, returns: Sequence[Returned], faults: list[Fault]
) -> dict[str, Returned]:
    """Find whose each return is; refuse those of other cases, versions or strangers."""
    known = list(tables["providers"]["provider_id"])
    owners: dict[str, Returned] = {}
    for item in returns:
        stamp = item.stamp
        provider, case = stamp.get("provider_id", ""), stamp.get("case", "")
        value = f'provider_id = "{provider}"'
        if (stamp.get("form"), stamp.get("version")) != (KIND, VERSION):
            value = f'form = "{stamp.get("form", "")}", version = "{stamp.get("version", "")}"'
            problem = f"is not a {KIND} of version {VERSION}"
            remedy = "Write the forms again with this program, and ask for that one"
        elif case != tables.name:
            value, problem = f'case = "{case}"', f"is a return for another case than {tables.name}"
            remedy = f"Read it with --case {case}, or take it out of the folder"
        elif provider not in known:
            problem = f"no such provider in the case{nearest(provider, known)}"
            remedy = "Add the provider to providers.csv, or take the return out of the folder"
        elif provider in owners:
            problem = f"the provider has another return, {owners[provider].file}"
            remedy = "Keep the one that counts, and take the other out of the folder"
        else:
            owners[provider] = item
            continue
        faults.append(Fault(item.file, value, problem, remedy))
    return owners


class _NewCase:
    """The tables of a case with what was said in them, and where each cell of it was said."""

    def __init__(self, forms: Forms, said: Sequence[Said]) -> None:
        self.forms, self.said = forms, said
        self.ids = forms.instance.providers.ids
        spoken = {item.k for item in said}
        self.silent = [k for k in range(len(self.ids)) if k not in spoken]
        self.filled: list[str] = []
        self.places: dict[tuple[str, str], str] = {}

    def typed(self) -> dict[str, pd.DataFrame]:
        """Return every table as typed, the answers put in."""
        typed = dict(self.forms.tables.typed)
        typed["providers"] = self._providers()
        if any(item.works for item in self.said):
            typed["reach"] = self._reach()
        if any(item.bands for item in self.said):
            typed["provider_bands"] = self._bands()
        return typed

    def told(self, fault: Fault) -> Fault:
        """Tell a fault of the new case by the cell of the return that made it."""
        column, _, typed = fault.value.partition(" = ")
        place = self.places.get((fault.place, column))
        return fault if place is None else Fault(place, typed, fault.problem, fault.remedy)

    def _before(self, table: str) -> pd.DataFrame:
        """Return the cells of a table as typed, with every column of the card."""
        names = list(self.forms.tables.card.tables[table].names)
        typed = self.forms.tables.typed[table]
        return typed.reindex(columns=names, fill_value="").astype("object")

    def _providers(self) -> pd.DataFrame:
        frame = self._before("providers")
        if self.said:
            for column in ("can_lead", "needs"):
                self._spell_out(frame, column)
        for item in self.said:
            line = frame.index[item.k]
            for column, answer in item.cells.items():
                frame.loc[line, column] = answer.text
                self.places[f"providers.csv {line}", column] = answer.place
            if "capacity_hours" in item.cells:
                frame.loc[line, "basis"] = SAID
        return frame

    def _spell_out(self, frame: pd.DataFrame, column: str) -> None:
        """Write out what held for every provider because the whole column was empty.

        Once one has answered the column is empty no more, and the others must not lose by it.
        """
        assumed = self.forms.assumed
        lines = {
            frame.index[k]: assumed["providers", column, self.ids[k]]
            for k in self.silent
            if ("providers", column, self.ids[k]) in assumed
        }
        answered = any(column in item.cells for item in self.said)
        if not answered or not lines or frame[column].any():
            return
        for line, text in lines.items():
            frame.loc[line, column] = text
            frame.loc[line, "basis"] = frame.loc[line, "basis"] or ASSUMED
        self._fill(WORDS[column], len(lines))

    def _fill(self, what: str, count: int) -> None:
        self.filled.append(f"{what}, as assumed, for {count:,} that have not answered")

    def _reach(self) -> pd.DataFrame:
        """Return the reach table: what was said, and for the others what there was."""
        before = self._before("reach")
        pairs = zip(before["provider_id"], before["place_id"], strict=True)
        travel = dict(zip(pairs, before["travel_minutes_per_visit"], strict=True))
        rows: dict[str, tuple[str, str, str, str]] = {}
        reach, labels = self.forms.instance.reach, self.forms.instance.places
        said = [item for item in self.said if item.works]
        for item in said:
            for p in item.reached(reach[item.k]):
                pair = (self.ids[item.k], labels[p])
                line = " ".join(pair)
                rows[line] = (*pair, travel.get(pair, ""), SAID)
                self.places[f"reach.csv {line}", "place_id"] = item.works.get(p, (True, ""))[1]
        others = before[~before["provider_id"].isin([self.ids[item.k] for item in said])]
        if before.empty:
            rest = sorted(set(range(len(self.ids))) - {item.k for item in said})
            for k in rest:
                for p in reach[k].nonzero()[0]:
                    rows[f"{self.ids[k]} {labels[p]}"] = (self.ids[k], labels[p], "", ASSUMED)
            if rest:
                self._fill(WORDS["reach"], len(rest))
        new = pd.DataFrame.from_dict(rows, orient="index", columns=list(before.columns))
        return pd.concat([others, new]).astype("object")

    def _bands(self) -> pd.DataFrame:
        """Return the bands: what was said laid over what there was."""
        frame = self._before("provider_bands").set_index("provider_id", drop=False)
        for item in self.said:
            provider = self.ids[item.k]
            for column, answer in item.bands.items():
                frame.loc[provider, "provider_id"] = provider
                frame.loc[provider, column] = answer.text
                self.places[f"provider_bands.csv {provider}", column] = answer.place
        return frame.fillna("").rename_axis(None).astype("object")
