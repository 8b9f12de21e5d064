"""How the dialogue asks: questions and words go to whoever answers, a person or a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

# A question, what may be answered (nothing: anything may), the answer to an empty line (nothing:
# an answer is needed), and what stands beside each choice.
Ask = Callable[[str, Sequence[str], str, Mapping[str, str]], str]
Say = Callable[[str], None]

NONE, YES, NO = "none", "yes", "no"
PLAIN: Mapping[str, str] = {}  # nothing beside the choices
