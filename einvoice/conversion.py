"""Conversion: from one syntax to the other and from one profile to another. What is lost on the way is listed, never silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from einvoice import paths
from einvoice.errors import Loss
from einvoice.formats.losses import losses
from einvoice.formats.profile import with_profile
from einvoice.formats.reader import read
from einvoice.formats.syntax import Document, Syntax
from einvoice.formats.writer import document_of, written
from einvoice.model import Invoice, Line
from einvoice_schemas.codelists import code_list
from einvoice_schemas.profiles import Profile
from einvoice_schemas.profiles import profile as named

EXTENDED = ("xrechnung-extension",)
"""Profiles that have lines within lines and payments of third parties."""

CODED = """
eas iso-3166-1 iso-4217 iso-6523 mime unece-units untdid-1001 untdid-1153 untdid-4451 untdid-4461 untdid-5189 untdid-5305 untdid-7143
untdid-7161 vatex
""".split()
"""Lists that hold a term's whole value as a code."""

PREFIXED = ("BT-31", "BT-48", "BT-63")
"""Terms of which a list holds only the first letters."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A document in its new form, and every value that it cannot hold or that its new profile does not have."""

    data: bytes
    losses: tuple[Loss, ...]


def convert(document: bytes | Path | BinaryIO | Invoice, syntax: Syntax, *, profile: str | None = None) -> Converted:
    """The document in another syntax; with a profile also under its specification (BT-24) and process (BT-23).

    Losses are what the document holds and no term does, what the profile does not have (it is left out, but for codes, which stay
    as they are), and what the syntax has no place for. Under the profile of a Factur-X level that is every term outside the level: a
    loss for each value, one for each member of a repeating group of which nothing is left, such as a line in MINIMUM.
    Amounts are never changed.
    Raises what `read` raises, and SettingsError where no profile has the name.
    """
    invoice = document if isinstance(document, Invoice) else read(document)
    target = with_profile(invoice, profile)
    lost = [Loss(None, item.path, item.value, item.reason) for item in invoice.unread]
    if profile:
        lost += _foreign(target, named(profile))
        target = _without_extension(target, named(profile))
    kind = document_of(target, Syntax(syntax))
    stated = [*paths.patterned(target)] if profile else []
    left_out = losses(target, kind, profile, stated)
    if profile:
        lost += _codes(stated, named(profile), kind, {loss.path for loss in left_out})
    lost += left_out
    return Converted(written(target, kind, profile), tuple(lost))


def _without_extension(invoice: Invoice, profile: Profile) -> Invoice:
    """The invoice without what only the extension has, where the profile is another."""
    if profile.name in EXTENDED:
        return invoice
    lines = tuple(line.model_copy(update={"lines": ()}) if line.lines else line for line in invoice.lines)
    return invoice.model_copy(update={"lines": lines, "third_party_payments": ()})


def _foreign(invoice: Invoice, profile: Profile) -> Iterator[Loss]:
    """What `_without_extension` leaves out."""
    if profile.name in EXTENDED:
        return
    for position, line in enumerate(invoice.lines):
        yield from _inner(
            line, f"lines[{position}]", f"{profile.title} is written without lines within lines; the line above keeps its amount"
        )
    for position, paid in enumerate(invoice.third_party_payments):
        reason = f"{profile.title} has no payments of third parties; the amount due (BT-115) still includes it"
        yield Loss("BG-DEX-09", f"third_party_payments[{position}]", f"{paid.description or paid.type or ''} {paid.amount}".strip(), reason)


def _inner(line: Line, path: str, reason: str) -> Iterator[Loss]:
    for position, inner in enumerate(line.lines):
        place = f"{path}.lines[{position}]"
        said = (inner.identifier, inner.item and inner.item.name, None if inner.net_amount is None else str(inner.net_amount))
        yield Loss("BG-DEX-01", place, " ".join(part for part in said if part), reason)
        yield from _inner(inner, place, reason)


def _codes(stated: Iterable[tuple[str, paths.Value]], profile: Profile, kind: Document, left_out: set[str]) -> Iterator[Loss]:
    """Codes that the profile's lists do not have; they are written all the same, but for what is left out."""
    for _, (path, term, value) in stated:
        allowed = _allowed(term, profile, kind)
        if allowed is not None and str(value) not in allowed[1] and left_out.isdisjoint(_around(path)):
            reason = f"{profile.title} does not have this code of {allowed[0]}; it is written as it stands, for you to replace"
            yield Loss(term, paths.text(path), str(value), reason)


def _around(path: paths.Steps) -> Iterator[str]:
    """A path, and those of all that is around it."""
    return (paths.text(path[:end]) for end in range(1, len(path) + 1))


@cache
def _allowed(term: str | None, profile: Profile, kind: Document) -> tuple[str, frozenset[str]] | None:
    """The title of a term's code list and the codes that the profile has of it, None where the term has no list."""
    name = _lists().get(term or "")
    if name is None:
        return None
    found = code_list(name)
    note = kind.value.replace("ubl-", "")
    users = (profile.name, f"{profile.name}-{note}", f"cen-{kind.syntax}", f"cen-{kind}")
    subset = next((found.subsets[user] for user in users if user in found.subsets), found.codes)
    return found.title, frozenset(subset)


@cache
def _lists() -> dict[str, str]:
    return {term: name for name in CODED for term in code_list(name).terms if term not in PREFIXED}
