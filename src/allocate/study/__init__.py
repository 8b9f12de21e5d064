"""Scenarios: questions, and changes to a base case."""
