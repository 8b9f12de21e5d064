"""Witnesses and generators that tests share."""
