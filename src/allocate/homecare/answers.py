"""What one provider answered: its return, cell by cell, as cells of the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocate.cells import READERS, Unreadable, number
from allocate.errors import Fault, nearest
from allocate.files.canonical import cell
from allocate.files.form import Answer, Returned
from allocate.homecare.asking import (
    BASE,
    DATE,
    HOURS,
    OTHER_NEEDS,
    ROLE,
    Forms,
    band_key,
    need_key,
    place_key,
)
from allocate.homecare.labels import BANDS, Bools


@dataclass(frozen=True)
class Said:
    """What a provider said; what it left empty is not here.

    Parameters
    ----------
    k
        The provider's position.
    cells
        Cells of ``providers.csv``, by column.
    bands
        Cells of ``provider_bands.csv``, by column.
    works
        Whether it works in a place, by the place's position, and the cell that says so.
    needs
        Special needs that it can meet, those of the case first; None where it did not say.
    base
        The place that its rounds start from; empty where it did not say.
    """

    k: int
    cells: Mapping[str, Answer]
    bands: Mapping[str, Answer]
    works: Mapping[int, tuple[bool, str]]
    needs: tuple[str, ...] | None
    base: str

    def reached(self, before: Bools) -> list[int]:
        """Positions of the places it works in: as it said, else as before, (L,)."""
        return [p for p, had in enumerate(before) if self.works.get(p, (had, ""))[0]]


def same(one: str, other: str) -> bool:
    """Whether two cells say the same: 40.0 is 40, yes is Yes."""
    try:
        return number(one) == number(other)
    except Unreadable:
        return one.casefold() == other.casefold()


def unanswered(k: int, item: Returned, forms: Forms, faults: list[Fault]) -> bool:
    """Whether a form came back as it went out; a fault where it was changed, and not signed."""
    if any(item.answers[key].text for key in (ROLE, DATE) if key in item.answers):
        return False
    sent = forms.form(k).values
    for key, answer in item.answers.items():
        if not same(answer.text, sent.get(key, "")):
            problem = "answers were changed, and nobody says who filled the form in, or when"
            remedy = "Ask the provider, and fill in role and date"
            faults.append(Fault(answer.place, f'"{answer.text}"', problem, remedy))
            return False  # so that what else is wrong with its answers is told too
    return True


def read_answers(k: int, item: Returned, forms: Forms, faults: list[Fault]) -> Said:
    """Read one return; what cannot be read becomes a fault with its cell.

    Parameters
    ----------
    k
        The provider's position.
    item
        Its return.
    forms
        What was asked.
    faults
        Faults found so far; new ones are added.
    """
    answers = {key: answer for key, answer in item.answers.items() if _plain(answer, faults)}
    cells = {key: answers[key] for key in HOURS if key in answers}
    needs = _needs(k, answers, forms, faults)
    if needs is not None:
        asked = (OTHER_NEEDS, *map(need_key, forms.needs))
        place = next(answers[key].place for key in asked if key in answers)
        cells["needs"] = Answer(";".join(needs), place)
    based = _base(answers, forms, faults)
    return Said(
        k=k,
        cells=cells | based,
        bands={key: answers[key] for key in map(band_key, BANDS) if key in answers},
        works={
            position: (_yes(answers[key], faults), answers[key].place)
            for position, key in enumerate(map(place_key, forms.instance.places))
            if key in answers
        },
        needs=needs,
        base=answers[BASE].text if based else "",
    )


def _plain(answer: Answer, faults: list[Fault]) -> bool:
    """Whether a cell holds an answer; one that cannot be read is a fault."""
    if answer.doubt is not None:
        doubt = answer.doubt
        faults.append(Fault(answer.place, f'"{doubt.text}"', doubt.problem, doubt.remedy))
    return bool(answer.text) and answer.doubt is None


def _yes(answer: Answer, faults: list[Fault]) -> bool:
    """Read Yes or No; anything else is a fault."""
    try:
        return bool(READERS["boolean"](answer.text))
    except Unreadable as error:
        problem, remedy = str(error).split("|")
        faults.append(Fault(answer.place, f'"{answer.text}"', problem, remedy))
        return False


def _needs(
    k: int, answers: Mapping[str, Answer], forms: Forms, faults: list[Fault]
) -> tuple[str, ...] | None:
    """List the needs that a provider can meet; those it left empty are as before."""
    said = {need: answers[need_key(need)] for need in forms.needs if need_key(need) in answers}
    if not said and OTHER_NEEDS not in answers:
        return None
    before = dict(zip(forms.needs, forms.instance.providers.needs[k].tolist(), strict=True))
    after = before | {need: _yes(answer, faults) for need, answer in said.items()}
    met = [need for need in forms.needs if after[need]]
    others = answers[OTHER_NEEDS].text if OTHER_NEEDS in answers else ""
    met += [item for item in map(str.strip, others.split(";")) if item.casefold() not in ("", *met)]
    return tuple(dict.fromkeys(met))


def _base(answers: Mapping[str, Answer], forms: Forms, faults: list[Fault]) -> dict[str, Answer]:
    """Return where rounds start as cells: the middle of the place that was chosen."""
    if BASE not in answers:
        return {}
    answer = answers[BASE]
    chosen = {name.casefold(): place for place, name in forms.located.items()}
    place = chosen.get(answer.text.casefold())
    if place is None:
        problem = f"no such place on the map{nearest(answer.text, forms.located.values())}"
        faults.append(Fault(answer.place, f'"{answer.text}"', problem, "Choose from the list"))
        return {}
    middle = forms.tables["places"].set_index("place_id")
    return {
        f"base_{axis}": Answer(cell(middle[axis][place]), answer.place)
        for axis in ("easting_m", "northing_m")
    }
