"""The record of runs: what was asked, of which data, and what came of it; never a person's row."""
