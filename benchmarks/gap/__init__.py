"""Generalised assignment: public instances, and others made by their published recipe."""
