"""Column types that mean the same on SQLite and PostgreSQL: exact money, instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

from einvoice.money import from_mills, to_mills

Key = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key: 64 bits on both, and SQLite's row id."""


class Money(TypeDecorator[Decimal]):
    """A `Decimal` in Python, whole thousandths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else to_mills(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - the same
        """From the database; sums come back as numerics, which are whole numbers all the same."""
        return None if value is None else from_mills(int(value))


class Instant(TypeDecorator[datetime]):
    """A moment: an aware `datetime`, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a naive time is refused, since nobody knows where it is that time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        """From the database, in UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
