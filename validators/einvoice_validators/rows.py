"""Rules that are rows: elements that may not stand somewhere, or not so often, and values that must be of a code list.

Rows of elements are data (`einvoice_schemas.rules`), derived from the official artefact by the script beside them; a row names
its context, a path from there and how often the path may lead somewhere. An absent element costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from einvoice.report import Severity
from einvoice_schemas.codelists import code_set
from einvoice_schemas.rules import Row, rows
from einvoice_validators.ruleset import FATAL, Context, Leaf, Pattern, Rule
from einvoice_validators.wording import chain, either, listed, word
from einvoice_validators.xpath import MISSING, normal

SPECIFICATIONS = {"en16931": "EN 16931", "peppol": "Peppol BIS", "xrechnung": "XRechnung", "nlcius": "NLCIUS"}
SEVERITIES = {str(severity): severity for severity in Severity}
_times = {1: "once", 2: "twice"}


def element_rules(name: str, pattern: Pattern, *only: str, without: Collection[str] = ()) -> list[Rule]:
    """The rules of a table of rows in one pattern; `only` names the contexts, all where none is named, `without` ids to leave out."""
    specification = SPECIFICATIONS.get(name.partition("-")[0], name)
    chosen = [row for row in rows(name) if (not only or row.context in only) and row.id not in without]
    contexts = {context: pattern.at(context) for context in dict.fromkeys(row.context for row in chosen)}
    return [_rule(row, contexts[row.context], specification) for row in chosen]


def _rule(row: Row, context: Context, specification: str) -> Rule:
    attribute = row.absent[0].rpartition("@")[2] if "@" in row.absent[0] else ""
    at = f"@{attribute}" if attribute else ""
    return Rule(row.id, (context,), None, partial(_text, row, specification), SEVERITIES[row.severity], at, row.absent, row.most)


def _text(row: Row, specification: str) -> str:
    """What such a row wants, in words."""
    path = row.absent[0].partition("|")[0]
    named = chain(path, "" if path.startswith(".//") else row.context)
    what = f"The {'attribute ' if path.startswith('.//@') else ''}{named} ({path.rpartition('/')[2]})"
    if row.most:
        return f"{what} stands at most {_times.get(row.most, f'{row.most} times')}."
    return f"{what} is not used in {specification} invoices."


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

    def holds(text: str, *attributes: Any) -> bool:
        value: Any = text if at < 0 else attributes[at]
        if value is MISSING:
            return False
        return (value if exact else normal(value)) in (code_set(codelist, subset) if isinstance(codelist, str) else own or ())

    says = partial(_code_text, leaf.path, codelist if isinstance(codelist, str) else None, attribute)
    return Rule(id, (leaf,), holds, says, severity, f"@{attribute}" if attribute else "", reads_text=at < 0)


def _code_text(path: str, codelist: str | None, attribute: str | None) -> str:
    """What such a rule wants, in words."""
    named = either(path)
    what = f"{word(attribute)} of the {named}" if attribute else named
    return f"The {what} is a code of {listed(codelist) if codelist else 'the codes allowed'}."
