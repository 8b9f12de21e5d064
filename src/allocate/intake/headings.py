"""Which heading of an extract holds what: plain guesses are shown, the others asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allocate.errors import BadInput, Fault
from allocate.intake.ask import NO, NONE, PLAIN, YES, Ask, Say
from allocate.intake.extract import Extract
from allocate.intake.guess import allowed, guess_columns
from allocate.intake.mapping import Columns
from allocate.intake.private import personal

SAMPLES, LONGEST = 2, 24  # cells shown beside a heading, letters of each
NEEDED = {"person": "A person's number is needed", "provider": "A provider is needed"}
PLACES = ("postcode", "ward")
AMOUNTS = ("hours", "units", "frequency", "visits", "visit_minutes", "weekly_cost", "rate")
# What is missed most where it is not mapped, in the words of the question.
MISSED = {
    "service": "a type of service",
    "status": "a status",
    "start": "a start",
    "end": "an end",
    "priority": "a priority",
    "requested": "a date asked for",
}


@dataclass
class Headings:
    """Settles which heading holds what.

    Parameters
    ----------
    extract
        The extract.
    ask, say
        Where questions and words go.
    columns
        Heading by what it holds, as far as settled.
    """

    extract: Extract
    ask: Ask
    say: Say
    columns: dict[str, str] = field(default_factory=dict)

    def settle(self) -> dict[str, str]:
        """Guess, show the guess, and ask until it is right.

        Returns
        -------
        dict
            Heading by what it holds.

        Raises
        ------
        BadInput
            Where no column is left for something that a map needs.
        """
        guesses = guess_columns(self.extract)
        self.columns = {role: guess.heading for role, guess in guesses.items() if guess.sure}
        for role, guess in guesses.items():
            if not guess.sure:
                self._name(role, self._free(role), guess.heading)
        while True:
            self._complete()
            self._show()
            if self._add():
                continue
            if self.ask("Is that right?", (YES, NO), YES, PLAIN) == YES:
                return {r: self.columns[r] for r in Columns.model_fields if r in self.columns}
            self._correct()

    # ----------------------------------------------------------------------------- the steps

    def _complete(self) -> None:
        """Ask for what no map can do without."""
        for role in NEEDED:
            if role not in self.columns:
                self._name(role, self._free(role), "")
        while not set(PLACES) & self.columns.keys():
            question = "Which column says where people live? A postcode or a ward is needed"
            self._pick(f"{question}: choose one.", PLACES)
        while not self._amount():
            question = "Which column says how much care a line is? Hours, units, visits with their"
            more = "minutes, or a weekly cost with a rate are needed"
            roles = [role for role in AMOUNTS if role not in self.columns]
            self._pick(f"{question} {more}: choose one.", roles)

    def _amount(self) -> bool:
        have = self.columns.keys()
        cost, visits = {"weekly_cost", "rate"} <= have, {"visits", "visit_minutes"} <= have
        return bool({"hours", "units", "frequency"} & have) or visits or cost

    def _show(self) -> None:
        self.say("The columns, as far as can be told:")
        for role, heading in self.columns.items():
            self.say(f"  {role}: {heading}")
        if unused := self._unused():
            self.say(f"Not used: {', '.join(unused)}.")

    def _add(self) -> bool:
        """Let one more column be put to use; say whether one was."""
        roles = [role for role in Columns.model_fields if role not in self.columns]
        choices = [h for h in self._unused() if any(allowed(role, h) for role in roles)]
        if not choices:
            return False
        missed = [words for role, words in MISSED.items() if role in roles]
        listed = f"{', '.join(missed)} or of other use" if missed else "of other use"
        question = f"Is one of these {listed}?"
        heading = self.ask(question, (*choices, NONE), NONE, self._samples(choices))
        if heading == NONE:
            return False
        self._use(heading, [role for role in roles if allowed(role, heading)], "")
        return True

    def _correct(self) -> None:
        """Ask which line is wrong, and what is right; a heading of another line moves."""
        lines = {f"{role}: {heading}": role for role, heading in self.columns.items()}
        role = lines[self.ask("Which line is wrong?", tuple(lines), "", PLAIN)]
        headings = [heading for heading in self.extract.headings if allowed(role, heading)]
        self._name(role, headings, "")
        for other in [o for o, h in self.columns.items() if h == self.columns.get(role)]:
            if other != role:
                del self.columns[other]

    # ------------------------------------------------------------------------- one at a time

    def _name(self, role: str, headings: Sequence[str], default: str) -> None:
        """Ask which heading a role has; none leaves it out where it can be left out."""
        question = f"Which column is {role}? {_described(role)}."
        if role in NEEDED:
            question += f" {NEEDED[role]}: choose one."
            choices = self._some(headings, question)
        else:
            choices, default = (*headings, NONE), default or NONE
        default = default if default in choices else ""
        answer = self.ask(question, choices, default, self._samples(headings))
        if answer == NONE:
            self.columns.pop(role, None)
        else:
            self.columns[role] = answer

    def _pick(self, question: str, roles: Sequence[str]) -> None:
        """Ask for a heading that has one of some roles, then which of them."""
        choices = [h for h in self._unused() if any(allowed(role, h) for role in roles)]
        heading = self.ask(question, self._some(choices, question), "", self._samples(choices))
        likely = roles[0]
        if roles == PLACES:
            cells = self.extract.column(heading)
            likely = "postcode" if personal("", cells) == "postcodes" else "ward"
        self._use(heading, [role for role in roles if allowed(role, heading)], likely)

    def _use(self, heading: str, roles: Sequence[str], likely: str) -> None:
        """Ask which role a heading has."""
        words = {role: _described(role) for role in roles}
        default = likely if likely in roles else ""
        self.columns[self.ask(f"What does {heading} hold?", roles, default, words)] = heading

    def _some(self, choices: Sequence[str], question: str) -> Sequence[str]:
        if not choices:
            remedy = "Export it again with such a column, or write the map by hand"
            fault = Fault(self.extract.name, "", f"no column is left to answer: {question}", remedy)
            raise BadInput(self.extract.name, [fault])
        return choices

    def _unused(self) -> list[str]:
        used = set(self.columns.values())
        return [heading for heading in self.extract.headings if heading not in used]

    def _free(self, role: str) -> list[str]:
        return [heading for heading in self._unused() if allowed(role, heading)]

    def _samples(self, headings: Sequence[str]) -> Mapping[str, str]:
        """Show two different cells of each heading: a heading alone often says little."""
        return {h: "; ".join(map(_short, self._some_cells(h))) or "(empty)" for h in headings}

    def _some_cells(self, heading: str) -> list[str]:
        return list(dict.fromkeys(self.extract.column(heading)))[:SAMPLES]


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[: LONGEST - 3]}..."


def _described(role: str) -> str:
    return str(Columns.model_fields[role].description).rstrip(".")
