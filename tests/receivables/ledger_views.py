"""What the views for reports say, as both databases tell it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

VIEWS = ("v_ageing", "v_balances", "v_charges", "v_customers", "v_entries", "v_invoices", "v_open_items", "v_payments")


def rows(connection: Connection, view: str) -> list[tuple[Any, ...]]:
    """A view's rows as both databases tell them: exact decimals, ISO dates, in order."""
    found = [tuple(plain(value) for value in row) for row in connection.execute(text(f"SELECT * FROM {view}"))]  # noqa: S608 - a name of ours
    return sorted(found, key=repr)


def plain(value: Any) -> Any:
    if isinstance(value, float | Decimal):
        return Decimal(str(value)).quantize(Decimal("0.001"))
    return value.isoformat() if isinstance(value, date) else value
