"""The solver core: it knows arrays, never care."""
