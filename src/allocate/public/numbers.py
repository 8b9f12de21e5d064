"""Numbers of a public instance: plain text, apart by white space, lines of no meaning."""

from __future__ import annotations

from pathlib import Path

from allocate.errors import BadInput, Fault

SHOWN = 30  # characters of a word that is no number


def words_of(path: Path, holds: str) -> list[tuple[int, str]]:
    """Read the words of a file, each with its line.

    Parameters
    ----------
    path
        The file.
    holds
        What such a file holds, for who has to mend it.

    Raises
    ------
    BadInput
        Where it cannot be read or is no text.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise broken(path, [Fault(str(path), "", problem, "Name a file that exists")]) from error
    except UnicodeDecodeError as error:
        raise broken(path, [Fault(path.name, "", "is no text", f"It holds {holds}")]) from error
    return [(at, word) for at, line in enumerate(lines, start=1) for word in line.split()]


def no_number(path: Path, at: int, word: str, rule: str, holds: str) -> Fault:
    """Say that a word is not the number that belongs there."""
    return Fault(
        f"{path.name} line {at}", f'"{word[:SHOWN]}"', f"is no {rule}", f"The file holds {holds}"
    )


def broken(path: Path, faults: list[Fault]) -> BadInput:
    """Return what is raised for a file that is no instance."""
    return BadInput(str(path), faults)
