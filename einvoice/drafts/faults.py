"""What is wrong with a draft, in words that say which field, which term, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from einvoice import paths
from einvoice.model import Group, Invoice
from einvoice.report import Finding, Severity
from einvoice_schemas.terms import term

WORDS = {  # pydantic's type of error -> what mends it
    "string_type": "give it as text, in quotes",
    "string_too_short": "it is empty: state it or leave it out",
    "string_pattern_mismatch": "it has characters that XML does not allow, or not the form that the norm wants",
    "model_type": "give it as an object: { … }",
    "model_attributes_type": "give it as an object: { … }",
    "tuple_type": "give it as a list: [ … ]",
    "date_type": "give it as a date such as 2026-11-30",
    "date_parsing": "give it as a date such as 2026-11-30",
    "date_from_datetime_parsing": "give it as a date such as 2026-11-30",
    "date_from_datetime_inexact": "give it as a date such as 2026-11-30, without a time",
}


class Origin(NamedTuple):
    """Where a value of a draft stands: the line of the file, and the column's name in CSV."""

    line: int
    column: str | None = None


Steps = tuple[str | int, ...]
Origins = Mapping[Steps, Origin]
Places = Callable[[], Origins]
"""Where the values of a draft stand, worked out when it is asked for: only a fault needs it."""


def findings(error: ValidationError, origins: Origins) -> Iterable[Finding]:
    """What the model refuses, each with its place in the draft."""
    return [_finding(fault, origins) for fault in error.errors(include_url=False)]


def _finding(fault: ErrorDetails, origins: Origins) -> Finding:
    path = fault["loc"]
    if fault["type"] == "extra_forbidden":
        return unknown_field(path, nearest_origin(path, origins))
    mend = WORDS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
    value = fault["input"]
    shown = (repr(value) if isinstance(value, str) else str(value))[:80]
    said = "" if isinstance(value, dict | list) or mend.startswith(shown) else f" is {shown}"
    return finding("draft-value", path, f"{said}: {mend}", nearest_origin(path, origins), value=str(value)[:200])


def finding(rule: str, path: paths.Steps, text: str, origin: Origin | None, *, value: str | None = None) -> Finding:
    """A fault at a path: its field, its term by id and name, then the text."""
    identifier = paths.term_of(path)
    named = f" ({identifier}, {term(identifier).name()})" if identifier else ""
    column = f"column {origin.column}: " if origin and origin.column else ""
    field = paths.text(path) or "the draft"
    line = origin.line if origin else None
    return Finding(rule, Severity.FATAL, f"{column}{field}{named}{text}", identifier, field, line, value)


def unknown_field(path: paths.Steps, origin: Origin | None) -> Finding:
    """A name that no field has, with the nearest that one has."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    names = [*paths.fields(_group(path[:-1]))]
    near = get_close_matches(str(path[-1]), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known here are {', '.join(names)}"
    column = f"column {origin.column}: " if origin and origin.column else ""
    text = f"{column}{paths.text(path)}: there is no such field; {hint}"
    return Finding("draft-field", Severity.FATAL, text, None, paths.text(path), origin.line if origin else None)


def _group(path: paths.Steps) -> type[Group]:
    """The group that a path leads to."""
    found: type[Group] = Invoice
    for field, _ in paths.along(path):
        found = field.group or found
    return found


def nearest_origin(path: paths.Steps, origins: Origins) -> Origin | None:
    """Where the value stands, or what is nearest around it."""
    steps = tuple(path)
    return next((origins[steps[:length]] for length in range(len(steps), -1, -1) if steps[:length] in origins), None)
