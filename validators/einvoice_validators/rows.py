"""Rules that are rows: elements that may not stand somewhere, or not so often, and values that must be of a code list.

Rows of elements are data (`einvoice_schemas.rules`), derived from the official artefact by the script beside them; a row names
its context, a path from there and how often the path may lead somewhere. An absent element costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from einvoice.report import Severity
from einvoice_schemas.codelists import codes
from einvoice_schemas.rules import rows
from einvoice_validators.ruleset import FATAL, Leaf, Pattern, Rule
from einvoice_validators.xpath import MISSING, normal

_words = re.compile(r"(?<=[a-z])(?=[A-Z])")


def element_rules(name: str, pattern: Pattern, *only: str) -> list[Rule]:
    """The rules of a table of rows in one pattern; `only` names the contexts, all where none is named."""
    found = []
    for row in rows(name):
        if not only or row.context in only:
            text = _text(row.absent[0], row.most, row.context)
            found.append(Rule(row.id, (pattern.at(row.context),), None, text, Severity(row.severity), "", row.absent, row.most))
    return found


def _text(path: str, most: int, context: str) -> str:
    """What such a row wants, in words."""
    named = f"{_named(path)} ({path})"
    where = "" if context.startswith("/*") else f" in {_named(context.split('|')[0])}"
    if most:
        return f"{named} stands at most {'once' if most == 1 else f'{most} times'}{where}."
    return f"{named} is not used{where}."


def _named(path: str) -> str:
    """`cac:Price/cbc:PriceAmount` as `price amount of the price`."""
    steps = [re.sub(r"\[.*?\]", "", step).lstrip("@").rpartition(":")[2] for step in path.strip("/").split("/") if step not in (".", "*")]
    words = [_words.sub(" ", step).lower() for step in reversed(steps)]
    return " of the ".join(words[:2])


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
    allowed = frozenset(codes(codelist, subset) if isinstance(codelist, str) else codelist)
    at = leaf.attributes.index(attribute) if attribute else -1

    def holds(text: str, *attributes: str) -> bool:
        value = text if at < 0 else attributes[at]
        if value is MISSING:
            return False
        return value in allowed if exact else normal(value) in allowed

    what = f"@{attribute} of {_named(leaf.path.split('|')[0])}" if attribute else f"The {_named(leaf.path.split('|')[0])}"
    listed = f"the code list {codelist}" if isinstance(codelist, str) else "the codes allowed"
    return Rule(id, (leaf,), holds, f"{what[0].upper()}{what[1:]} is one of {listed}.", severity, f"@{attribute}" if attribute else "")
