"""Rules that are rows: elements that may not stand somewhere, or not so often, and values that must be of a code list.

Rows of elements are data (`einvoice_schemas.rules`), derived from the official artefact by the script beside them; a row names
its context, a path from there and how often the path may lead somewhere. An absent element costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from einvoice.report import Severity
from einvoice_schemas.codelists import codes
from einvoice_schemas.rules import Row, rows
from einvoice_validators.ruleset import FATAL, Leaf, Pattern, Rule
from einvoice_validators.wording import chain, listed, word
from einvoice_validators.xpath import MISSING, normal

SPECIFICATIONS = {"en16931": "EN 16931", "peppol": "Peppol BIS", "xrechnung": "XRechnung", "nlcius": "NLCIUS"}
_times = {1: "once", 2: "twice"}


def element_rules(name: str, pattern: Pattern, *only: str, without: Collection[str] = ()) -> list[Rule]:
    """The rules of a table of rows in one pattern; `only` names the contexts, all where none is named, `without` ids to leave out."""
    specification = SPECIFICATIONS.get(name.partition("-")[0], name)
    return [
        _rule(row, pattern, _text(row, specification)) for row in rows(name) if (not only or row.context in only) and row.id not in without
    ]


def _rule(row: Row, pattern: Pattern, text: str) -> Rule:
    """An attribute is looked at where its element stands; what an element may not have is looked at from its context."""
    severity = Severity(row.severity)
    if "@" not in row.absent[0]:
        return Rule(row.id, (pattern.at(row.context),), None, text, severity, "", row.absent, row.most)
    leaf = _bearer(row, pattern)
    attribute = row.absent[0].rpartition("@")[2]
    return without_attribute(row.id, leaf, attribute, severity=severity, text=text)


def _bearer(row: Row, pattern: Pattern) -> Leaf:
    """The leaf of the element that has the attribute: the context's own, or one of its own further down."""
    ways, _, attribute = row.absent[0].rpartition("@")
    if not ways:
        return next(each for each in pattern.contexts if isinstance(each, Leaf) and each.path == row.context)
    paths = [path.rpartition("/@")[0] for path in row.absent]
    found = [path[3:] if path.startswith(".//") else f"{context.strip()}/{path}" for context in row.context.split("|") for path in paths]
    return Pattern(f"{pattern.name} {row.id}", pattern.syntax).leaf(" | ".join(found), attribute)


def _text(row: Row, specification: str) -> str:
    """What such a row wants, in words."""
    context = row.context.partition("|")[0].strip()
    path = row.absent[0].partition("|")[0]
    named = chain(path if path.startswith(".//") else f"{context}/{path}")
    what = f"The {named} ({path.rpartition('/')[2]})"
    if row.most:
        return f"{what} stands at most {_times.get(row.most, f'{row.most} times')}."
    return f"{what} is not used in {specification} invoices."


def without_attribute(
    id: str,  # noqa: A002 - it is the id
    leaf: Leaf | Iterable[Leaf],
    attribute: str,
    *,
    severity: Severity = FATAL,
    text: str = "",
) -> Rule:
    """An attribute that an element may not have; leaves, where there are several, name their attributes in the same order."""
    leaves = (leaf,) if isinstance(leaf, Leaf) else tuple(leaf)
    at = leaves[0].attributes.index(attribute)

    def holds(_: str, *attributes: object) -> bool:
        return attributes[at] is MISSING

    said = text or f"The {word(attribute)} of the {chain(leaves[0].path.partition('|')[0].strip())} is not used."
    return Rule(id, leaves, holds, said, severity, f"@{attribute}")


def code_rule(
    id: str,  # noqa: A002 - it is the id
    leaf: Leaf,
    codelist: str | Mapping[str, object],
    subset: str | None = None,
    *,
    attribute: str | None = None,
    exact: bool = False,
    severity: Severity = FATAL,
) -> Rule:
    """A value, or an attribute's, is a code of a list; white space around it does not count unless `exact`."""
    at = leaf.attributes.index(attribute) if attribute else -1
    own = None if isinstance(codelist, str) else frozenset(codelist)

    def holds(text: str, *attributes: str) -> bool:
        value = text if at < 0 else attributes[at]
        if value is MISSING:
            return False
        return (value if exact else normal(value)) in (allowed(codelist, subset) if isinstance(codelist, str) else own or ())

    named = chain(leaf.path.partition("|")[0].strip())
    what = f"{word(attribute)} of the {named}" if attribute else named
    where = listed(codelist) if isinstance(codelist, str) else "the codes allowed"
    return Rule(id, (leaf,), holds, f"The {what} is a code of {where}.", severity, f"@{attribute}" if attribute else "")


@cache
def allowed(codelist: str, subset: str | None) -> frozenset[str]:
    """The codes of a list or of a subset, read when a document first has such a value."""
    return frozenset(codes(codelist, subset))
