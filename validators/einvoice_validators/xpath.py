"""Values as XPath 2.0 sees them, because the official rules are written in it and equality is decided by its semantics.

An absent value is MISSING, the empty sequence: sums with it are missing, comparisons with it are false, `!=` too. A value that
stands several times is Several: comparisons hold where one member satisfies them, arithmetic with it aborts as in the official
processor. Decimals are exact (xs:decimal); what the official rules leave uncast is a double.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, Context, Decimal
from math import copysign, isnan
from typing import Any, Final, NoReturn, final

EXACT: Final = Context(prec=400)
WIDE: Final = Context(prec=2000)  # for quotients, which are cut off afterwards
SPACE: Final = " \t\r\n"
_decimal = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_double = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN", re.ASCII)
_plain = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_date = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})(Z|([+-])([0-9]{2}):([0-9]{2}))?", re.ASCII)


class Aborted(Exception):
    """The official processor would stop here with a type error, so the layer gives no result."""


@final
class Missing:
    """The empty sequence: arithmetic gives it again, every comparison is false."""

    __slots__ = ()

    def _missing(self, _: object) -> Missing:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _missing

    def __neg__(self) -> Missing:
        return self

    __abs__ = __neg__

    def _false(self, _: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _false

    def __bool__(self) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Several(tuple[Any, ...]):
    """More than one value where the rules expect one."""

    __slots__ = ()

    def _abort(self, *_: object) -> NoReturn:
        raise Aborted("a value that may stand once stands several times")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = __abs__ = _abort
    strip = split = upper = startswith = endswith = partition = _abort

    def __eq__(self, other: object) -> bool:
        return any(one == two for one in self for two in _members(other))

    def __ne__(self, other: object) -> bool:
        return any(one != two for one in self for two in _members(other))

    def __lt__(self, other: Any) -> bool:
        return any(one < two for one in self for two in _members(other))

    def __le__(self, other: Any) -> bool:
        return any(one <= two for one in self for two in _members(other))

    def __gt__(self, other: Any) -> bool:
        return any(one > two for one in self for two in _members(other))

    def __ge__(self, other: Any) -> bool:
        return any(one >= two for one in self for two in _members(other))

    def __hash__(self) -> int:
        return tuple.__hash__(self)


class Pieces(str):
    """A text that a comment or a processing instruction cuts into several text nodes, its `parts`; `text()` gives them all."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    @classmethod
    def of(cls, whole: str, parts: Iterable[str]) -> Pieces:
        """The whole text with its parts."""
        made = cls(whole)
        made.parts = tuple(parts)
        return made


def _members(value: Any) -> Iterable[Any]:
    return value if isinstance(value, Several) else (value,)


def exists(value: object) -> bool:
    """Whether the element or attribute is there, be it empty."""
    return value is not MISSING


def one(values: Iterable[Any]) -> Any:
    """The values as one: MISSING where there is none, Several where there are more."""
    found = tuple(values)
    return MISSING if not found else found[0] if len(found) == 1 else Several(found)


def text_node(value: Any) -> Any:
    """`text()` used as one value. Aborts where a comment cuts the text in pieces; an empty text has no text node."""
    if isinstance(value, (Pieces, Several)):
        raise Aborted("a comment cuts the text in two, where the rules expect one text")
    return MISSING if value == "" else value


def normal(value: Any) -> str:
    """`normalize-space()`: white space of XML trimmed and squeezed; '' where the value is missing. A no-break space stays."""
    if value is MISSING:
        return ""
    if isinstance(value, Several):
        raise Aborted("normalize-space() of several values")
    text: str = value
    if "\n" in text or "\t" in text or "\r" in text or "  " in text:
        return " ".join(part for part in re.split("[ \t\r\n]+", text) if part)
    return text.strip(" ")


def decimal(value: Any) -> Any:
    """`xs:decimal()` of a text; MISSING stays. Aborts where it is none, and for several values."""
    if value is MISSING or isinstance(value, Decimal):
        return value
    if isinstance(value, Several):
        raise Aborted("xs:decimal() of several values")
    text = value.strip(SPACE)
    if not _decimal.fullmatch(text):
        raise Aborted(f"{text[:40]!r} is no decimal")
    return Decimal(text)


def is_decimal(value: Any) -> bool:
    """`castable as xs:decimal`; false where the value is missing."""
    return isinstance(value, str) and _decimal.fullmatch(value.strip(SPACE)) is not None


def double(value: Any) -> Any:
    """An uncast value where a number is meant. Aborts where the text is no number, and for several values."""
    if value is MISSING or isinstance(value, float):
        return value
    if isinstance(value, Several):
        raise Aborted("a number of several values")
    text = value.strip(SPACE)
    if not _double.fullmatch(text):
        raise Aborted(f"{text[:40]!r} is no number")
    return float(text.replace("INF", "inf"))


def double_sum(values: Iterable[Any]) -> Any:
    """`sum()` of uncast values: doubles added in document order; the integer 0 where there is none."""
    total: Any = None
    for value in values:
        total = double(value) if total is None else total + double(value)
    return Decimal(0) if total is None else total


def total(values: Iterable[Any]) -> Decimal:
    """`sum()` of decimals; 0 where there is none."""
    found = Decimal(0)
    for value in values:
        if value is not MISSING:
            found = EXACT.add(found, value)
    return found


def rounded(value: Any) -> Any:
    """`round()`: to an integer, half towards positive infinity; a double stays a double, and keeps its sign even as zero."""
    if value is MISSING:
        return value
    if isinstance(value, float):
        if isnan(value) or abs(value) >= 2**52:
            return value
        return copysign(float((Decimal(value) + Decimal("0.5")).to_integral_value(ROUND_FLOOR)), value)
    return (EXACT.add(value, Decimal("0.5"))).to_integral_value(ROUND_FLOOR, EXACT)


def cents(value: Any) -> Any:
    """`round(value * 10 * 10) div 100`."""
    if value is MISSING:
        return value
    if isinstance(value, float):
        return rounded(value * 10 * 10) / 100
    return EXACT.scaleb(rounded(EXACT.scaleb(value, 2)), -2)


def divide(value: Any, by: Any) -> Any:
    """`div` of decimals: 18 digits after the point, and as many more as the dividend has. Aborts on zero."""
    if value is MISSING or by is MISSING:
        return MISSING
    if isinstance(value, float) or isinstance(by, float):
        return _float_divide(float(value), float(by))
    if not by:
        raise Aborted("division by zero")
    exponent = value.normalize(EXACT).as_tuple().exponent
    digits = 18 + max(0, -exponent if isinstance(exponent, int) else 0)
    return WIDE.divide(value, by).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_DOWN, WIDE)


def _float_divide(value: float, by: float) -> float:
    try:
        return value / by
    except ZeroDivisionError:
        return float("nan") if not value or isnan(value) else float("inf") * (1 if value > 0 else -1)


def equal(one: Any, two: Any) -> bool:
    """`=` between a decimal and a double compares as doubles, as XPath does; Python would compare exactly."""
    if one is MISSING or two is MISSING:
        return False
    if isinstance(one, float) or isinstance(two, float):
        return float(one) == float(two)
    return bool(one == two)


def fraction_digits(value: Any) -> int:
    """`string-length(substring-after(value, '.'))`, of the raw text."""
    if value is MISSING:
        return 0
    if isinstance(value, Several):
        raise Aborted("substring-after() of several values")
    return len(value.partition(".")[2])


def every(values: Iterable[Any], test: Callable[[Any], object]) -> bool:
    """`every … satisfies`; true where there is none."""
    return all(test(value) for value in values)


def day(value: Any) -> Any:
    """`xs:date()`: when the day begins, in minutes, so that days compare; UTC where no timezone is named. Aborts where it is no date."""
    if value is MISSING:
        return value
    if isinstance(value, Several):
        raise Aborted("xs:date() of several values")
    found = _date.fullmatch(value.strip(SPACE))
    if not found:
        raise Aborted(f"{value[:40]!r} is no date")
    year, month, number = int(found[1]), int(found[2]), int(found[3])
    years = year - (month < 3)
    days = years * 365 + years // 4 - years // 100 + years // 400 + (153 * ((month + 9) % 12) + 2) // 5 + number
    return days * 1440 - (int(f"{found[5]}{int(found[6]) * 60 + int(found[7])}") if found[5] else 0)


def length(value: Any) -> int:
    """`string-length()`: 0 where the value is missing. Aborts for several values."""
    if value is MISSING:
        return 0
    if isinstance(value, Several):
        raise Aborted("string-length() of several values")
    return len(value)


@final
class Uncast:
    """An uncast number, to be compared with a number: as doubles, minus zero below zero as the official processor has it.

    Up to ten plain digits it compares with an integer as an integer, so that `-0` is 0 and `-0.00` is less. A rule compares it with
    an int where the official one compares with a literal such as 0, with a Decimal or a float where it compares with a result.
    """

    __slots__ = ("_plain", "_value")

    def __init__(self, text: str) -> None:
        self._value: float = double(text)
        self._plain = _plain.fullmatch(text.strip(SPACE)) is not None

    def __repr__(self) -> str:
        return f"Uncast({self._value!r}, plain={self._plain})"

    def _order(self, number: Any) -> int:
        value, other = self._value, float(number)
        if value != other:
            return -1 if value < other else 1
        return 0 if value or (self._plain and isinstance(number, int)) else int(copysign(1, value) - copysign(1, other))

    def __eq__(self, number: object) -> bool:
        return number is not MISSING and self._order(number) == 0

    def __lt__(self, number: Any) -> bool:
        return number is not MISSING and self._order(number) < 0

    def __le__(self, number: Any) -> bool:
        return number is not MISSING and self._order(number) <= 0

    def __gt__(self, number: Any) -> bool:
        return number is not MISSING and self._order(number) > 0

    def __ge__(self, number: Any) -> bool:
        return number is not MISSING and self._order(number) >= 0

    def __hash__(self) -> int:
        return hash(self._value)


def uncast(value: Any) -> Any:
    """A text as an Uncast; MISSING stays, several values become Several of them."""
    if value is MISSING:
        return value
    return Several(map(Uncast, value)) if isinstance(value, Several) else Uncast(value)


def all_of(*operands: Callable[[], object]) -> bool:
    """`and`, as the official processor computes it: false where one operand is false, though another aborts."""
    return not any_of(*(lambda operand=operand: not operand() for operand in operands))


def any_of(*operands: Callable[[], object]) -> bool:
    """`or`, likewise: true where one operand is true, though another aborts."""
    fault: Aborted | None = None
    for operand in operands:
        try:
            if operand():
                return True
        except Aborted as found:
            fault = found
    if fault is not None:
        raise fault
    return False
