"""The data types of the semantic model (EN 16931-1, clause 6.5) and what every group has in common."""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

XML_CHARACTERS = "\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
DECIMAL = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
MAX_EXPONENT = 100

_decimal = re.compile(DECIMAL, re.ASCII).match
_base64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*", re.ASCII).fullmatch


def exact(value: object) -> Decimal:
    """A decimal number without binary rounding: Decimal, int, or text as xs:decimal spells it.

    Raises ValueError for floats, exponents in text, infinities, NaN and more than 100 digits after or before the point.
    """
    if type(value) is Decimal and value.is_finite() and -MAX_EXPONENT <= value.adjusted() <= MAX_EXPONENT:
        return value  # what reading gives: nothing left to convert
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"give {value!r} as text or Decimal: a {type(value).__name__} is not an exact amount")
    elif isinstance(value, str) and not _decimal(value.strip(" \t\r\n")):
        raise ValueError(f"{value!r} is not a decimal number such as 12.50 (no thousands separator, no exponent)")
    else:
        number = _decimal_of(value)
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"{value!s:.40} is not a finite number of reasonable size")
    return number


def _decimal_of(value: int | str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r:.40} is not a decimal number") from error


def _encoded(value: object) -> object:
    """Base64 text as it stands; bytes are encoded."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    return value


def _decodable(value: str) -> str:
    """The text itself, if it is base64.

    Raises ValueError where it is not.
    """
    try:
        if not _base64(value):
            raise binascii.Error("foreign characters")
        base64.b64decode(value)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}; give bytes, or text in base64") from error
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=f"^[{XML_CHARACTERS}]*$")]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=f"^[{XML_CHARACTERS[3:]}]*$")]
Amount = Annotated[Decimal, BeforeValidator(exact), WithJsonSchema({"type": "string", "pattern": DECIMAL})]
Base64 = Annotated[str, BeforeValidator(_encoded), StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_decodable)]
Date = datetime.date


def term(*ids: str, **parts: str) -> Any:
    """An optional business term: its BT/BG id, and for shared shapes the ids of the parts in this place."""
    return Field(default=None, json_schema_extra={"term": list(ids), "parts": dict(parts)})


def terms(*ids: str, **parts: str) -> Any:
    """A repeatable business term or group (0..n), a tuple."""
    return Field(default=(), json_schema_extra={"term": list(ids), "parts": dict(parts)})


class Group(BaseModel):
    """A business group: immutable, every term optional, unknown names refused, amounts exact.

    Every field is a business term; cardinality is what the business rules judge, so that a broken invoice can be read and explained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Identifier(Group):
    """An identifier with the scheme that issued it, where the norm has one (type Identifier)."""

    value: Text
    scheme: Text | None = None


G = TypeVar("G", bound=Group)


def is_empty(group: Group) -> bool:
    """True where a group says nothing at all."""
    for value in group.__dict__.values():  # noqa: SIM110 - a loop, since this runs for every group that is read
        if value is not None and value != ():
            return False
    return True


def _present(group: G | None) -> G | None:
    return None if group is None or is_empty(group) else group


def _said(groups: tuple[G, ...]) -> tuple[G, ...]:
    for group in groups:
        if is_empty(group):
            return tuple(group for group in groups if not is_empty(group))
    return groups


Maybe = Annotated[G | None, AfterValidator(_present)]
Many = Annotated[tuple[G, ...], AfterValidator(_said)]
