"""Shared by all tests: this folder stands on the path, so that `helpers` can be imported."""
