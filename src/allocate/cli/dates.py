"""Dates as they are typed."""

from __future__ import annotations

from datetime import date


def as_day(option: str, text: str) -> date:
    """Read a date, or say that it is none."""
    from allocate.cells import Unreadable
    from allocate.errors import BadInput, Fault
    from allocate.intake.amounts import day_of

    try:
        return day_of(text, "dd/mm/yyyy")
    except Unreadable:
        fault = Fault(option, f'"{text}"', "is no date", "Write dd/mm/yyyy")
        raise BadInput("the command line", [fault]) from None
