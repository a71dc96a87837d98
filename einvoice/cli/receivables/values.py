"""Dates and amounts on the command line, read for argparse."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from decimal import Decimal


def amount(text: str) -> Decimal:
    """An amount above zero."""
    from einvoice.money import exact

    try:
        found = exact(text)
    except ValueError as fault:
        raise ArgumentTypeError(str(fault)) from None
    if found <= 0:
        raise ArgumentTypeError(f"{text} is not above zero")
    return found


def day(text: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write it like 2026-11-21") from None
