"""Lots of places to measure, and spopt beside us."""
