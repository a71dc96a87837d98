"""Checks of documents against the rules of EN 16931 and of the specifications built on it."""
