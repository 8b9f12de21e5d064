"""A service line understood: who, where, with whom, how much; or why it is left out."""

from __future__ import annotations

from dataclasses import dataclass

from allocate.intake.extract import Row

# Why a line is left out: the words of the summary and of import/lines.csv.
NO_LINE = "no service line: a title, total or page row"
DUPLICATE = "the same as another line in every cell"
OTHER_SERVICE = "not visiting home care"
ENDED = "ended before the date"
NOT_STARTED = "not yet started"
SUSPENDED = "suspended"
NO_HOURS = "no hours"
NO_PLACE = "in no known place"
FAULTY = "cannot be read"


MOST_CARERS = 4


@dataclass(frozen=True)
class Line:
    """One line of an extract.

    Parameters
    ----------
    row
        Where it stands.
    left_out
        Why it makes no package; empty where it does. Nothing below is filled in then, but for a
        line in no known place who has it, and how much it is.
    person, household
        Numbers of the council's system, not yet hashed.
    provider, code
        Name and code of the provider as typed; empty where the person waits.
    place_id, how, vintage
        Where the person lives, how that was found, and by which vintage of the look-up.
    disagrees
        Whether postcode and ward name different places.
    minutes
        Planned minutes a week.
    visits
        Visits a week, None where the line does not say.
    carers
        Carers at each visit.
    rate
        Pence a carer-hour, None where the line does not say.
    priority
        1 most urgent, 3 routine; None where the line does not say.
    days
        Days waited, None where the line does not say.
    needs
        Special needs.
    alike
        What two lines of one double-handed call have in common.
    """

    row: Row
    left_out: str = ""
    person: str = ""
    provider: str = ""
    code: str = ""
    place_id: str = ""
    how: str = ""
    vintage: str = ""
    disagrees: bool = False
    minutes: int = 0
    visits: int | None = None
    carers: int = 1
    rate: int | None = None
    priority: int | None = None
    days: int | None = None
    needs: frozenset[str] = frozenset()
    household: str = ""
    alike: tuple[object, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether the person has no provider yet."""
        return not (self.provider or self.code)
