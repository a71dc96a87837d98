"""Peppol BIS: nothing is empty."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import SPACE

PATTERN = Pattern("peppol empty elements", Syntax.UBL)
ANY = PATTERN.leaf("*", blank=True)


@rule("PEPPOL-EN16931-R008", ANY)
def element_is_not_empty(text: str) -> object:
    """An element that is there says something: without a value it is left out."""
    return text.strip(SPACE)
