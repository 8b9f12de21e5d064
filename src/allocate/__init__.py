"""Optimisation for adult social care commissioning: home care, winter beds, lots and awards.

>>> import allocate
>>> result = allocate.solve("models/homecare/example")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allocate.recorded import solve
    from allocate.result import Result
    from allocate.solving import review_plan as review
    from allocate.tables import read

__all__ = ["Result", "read", "review", "solve"]

_HOME = {
    "Result": ("allocate.result", "Result"),
    "read": ("allocate.tables", "read"),
    "review": ("allocate.solving", "review_plan"),
    "solve": ("allocate.recorded", "solve"),
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: imports cost, and ``--help`` must not wait."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'allocate' has no attribute {name!r}")
    module, attribute = _HOME[name]
    return getattr(import_module(module), attribute)
