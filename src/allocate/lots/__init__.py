"""Lots: how a borough or a list of services is cut, and who wins which lot."""
