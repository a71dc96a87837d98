"""The built-in simple types of XSD: which texts are a decimal, a date, base64, and so on.

Source: XML Schema 1.0 Part 2. White space is XML's four characters only, digits are ASCII only. For anyURI, where the
standard allows nearly everything, RFC 3986 decides as it does in libxml2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from einvoice.formats.structure.moments import MOMENTS
from einvoice.formats.structure.patterns import pattern
from einvoice.formats.structure.uri import is_uri

BLANK = " \t\r\n"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LAST = {0: "", 1: "AEIMQUYcgkosw048", 2: "AQgw"}  # by number of "=": characters whose spare bits are zero
DROP_BLANK = dict.fromkeys(map(ord, BLANK))
TO_SPACE = dict.fromkeys(map(ord, BLANK), " ")

NAME = r"[^\W\d][\w.\-\u00b7\u203f\u2040]*"
QUALIFIED = rf"{NAME}(?::{NAME})?"
TOKEN = r"[\w.\-:\u00b7\u203f\u2040]+"
DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
FLOAT = rf"{DECIMAL}(?:[eE][+-]?[0-9]+)?|-?INF|NaN"


class Lexical(NamedTuple):
    """A simple type: `holds` says whether a text is one of its values (None: every text is), `wanted` says it in words.

    `brittle` marks the types around whose values libxml2 refuses white space, although the standard drops it.
    """

    wanted: str
    holds: Callable[[str], bool] | None = None
    brittle: bool = False
    unique: bool = False

    def padded(self, text: str) -> bool:
        """Whether a value has the white space around it that libxml2 refuses."""
        return self.brittle and text != text.strip(BLANK)


def collapse(text: str) -> str:
    """The text with white space reduced as XSD says for all types but string and normalizedString."""
    return " ".join(part for part in text.translate(TO_SPACE).split(" ") if part)


def matching(expression: str) -> Callable[[str], bool]:
    """A check that the text, without the white space around it, matches a regular expression."""
    match = pattern(expression)
    return lambda text: match(text.strip(BLANK)) is not None


def stripped(holds: Callable[[str], bool]) -> Callable[[str], bool]:
    """A check that looks at the text without the white space around it."""
    return lambda text: holds(text.strip(BLANK))


def listing(item: str) -> Callable[[str], bool]:
    """A check for one or more items that each match, between white space."""
    match = pattern(rf"{item}(?: {item})*")
    return lambda text: match(collapse(text)) is not None


def whole(low: int | None = None, high: int | None = None) -> Callable[[str], bool]:
    """A check for whole numbers, within bounds where given."""
    match = pattern(r"([+-]?)0*([0-9]+)")

    def holds(text: str) -> bool:
        found = match(text.strip(BLANK))
        if not found or (low is None and high is None):
            return found is not None
        number = int(found[1] + found[2][:25])  # longer than any bound
        return (low is None or low <= number) and (high is None or number <= high)

    return holds


def is_base64(text: str) -> bool:
    """Whether a text is base64 of whole octets: groups of four, spare bits zero, white space anywhere."""
    text = text.translate(DROP_BLANK)
    if len(text) % 4 or not text.isascii():
        return False
    body = text.rstrip("=")
    padding = len(text) - len(body)
    if padding not in LAST or body.encode().translate(None, BASE64):
        return False
    return not padding or body[-1] in LAST[padding]


INTEGERS = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    **{name: (-(2**bits), 2**bits - 1) for name, bits in (("long", 63), ("int", 31), ("short", 15), ("byte", 7))},
    **{f"unsigned{name}": (0, 2**bits - 1) for name, bits in (("Long", 64), ("Int", 32), ("Short", 16), ("Byte", 8))},
}
BUILT_IN = {
    **{name: Lexical("text") for name in ("string", "normalizedString", "token", "anySimpleType", "anyType")},
    "decimal": Lexical("a decimal number such as 1234.50, without thousands separators", matching(DECIMAL)),
    "boolean": Lexical("true or false", matching("true|false|1|0")),
    "base64Binary": Lexical("base64 data: letters, digits, + and /, in groups of four", is_base64),
    "hexBinary": Lexical("pairs of hexadecimal digits", matching("(?:[0-9A-Fa-f]{2})*")),
    "anyURI": Lexical("a URI such as https://example.com/a?b=c", lambda text: is_uri(collapse(text))),
    "language": Lexical("a language code such as en or de-AT", matching("[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")),
    **{name: Lexical("a number", matching(FLOAT)) for name in ("float", "double")},
    **{name: Lexical("a whole number", whole(*bounds)) for name, bounds in INTEGERS.items()},
    **{name: Lexical("a name without a colon", matching(NAME)) for name in ("NCName", "IDREF", "ENTITY")},
    "ID": Lexical("a name without a colon, once in the document", matching(NAME), unique=True),
    "Name": Lexical("a name", matching(r"[^\W\d][\w.\-:\u00b7]*|:[\w.\-:\u00b7]*")),
    "QName": Lexical("a name, with or without prefix", matching(QUALIFIED)),
    "NOTATION": Lexical("a name, with or without prefix", matching(QUALIFIED)),
    "NMTOKEN": Lexical("a name token", matching(TOKEN)),
    "NMTOKENS": Lexical("name tokens", listing(TOKEN)),
    **{name: Lexical("names", listing(NAME)) for name in ("IDREFS", "ENTITIES")},
    **{name: Lexical(wanted, stripped(holds), brittle=True) for name, (wanted, holds) in MOMENTS.items()},
}


def simple_type(name: str, facets: dict[str, dict[str, Any]]) -> Lexical:
    """A built-in simple type by name, or one of the table's own with its facets (enumeration, lengths).

    Raises KeyError for a name that is neither.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    facet = facets[name]
    base = simple_type(facet["base"], facets)
    normal = str if facet["base"] == "string" else collapse
    if "enumeration" in facet:
        allowed = frozenset(facet["enumeration"])
        return Lexical(f"one of {', '.join(facet['enumeration'])}", lambda text: normal(text) in allowed)
    low, high = facet.get("minLength", 0), facet.get("maxLength", 1 << 62)
    wanted = f"{low} to {high} characters"
    return Lexical(wanted, lambda text: low <= len(normal(text)) <= high and (base.holds is None or base.holds(text)))
