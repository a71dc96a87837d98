"""No element is empty: a warning of NLCIUS, for any element that no other Dutch rule looks at."""

from __future__ import annotations

from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.nlcius import cii_advice, ubl_advice
from einvoice_validators.rules.nlcius.scope import unwanted
from einvoice_validators.ruleset import WARNING, Context, Leaf, Pattern, Rule
from einvoice_validators.xpath import normal

UBL, CII = ubl_advice.TAX_AMOUNT.pattern, cii_advice.TAX_AMOUNT.pattern  # all their contexts are made
TEXT = "A document has no empty elements."


def is_blank(element: Fact) -> bool:
    """Whether an element without elements inside says nothing."""
    return not normal(element.content)


def has_nothing_inside(element: Fact) -> bool:
    """Whether an element that is made of elements has none."""
    return not element.has_parts


def _where_others_look(pattern: Pattern) -> list[Context]:
    """The elements of a pattern that are empty, where none of its contexts applied."""
    looked_at = {context.path: "content" in context.reads for context in pattern.contexts if isinstance(context, Context)}
    return [
        pattern.context(path, where=is_blank, content=text("."))
        if has_text
        else pattern.context(path, where=has_nothing_inside, has_parts=there("*"))
        for path, has_text in looked_at.items()
        if path != "/*"
    ]


def _anywhere_else(pattern: Pattern) -> Leaf:
    """Every other element that is empty."""
    empty = Pattern(f"{pattern.name} empty elements", pattern.syntax)
    for path in dict.fromkeys(context.path for context in pattern.contexts):
        empty.leaf(path)
    return empty.leaf("*", blank=True)


UBL_EMPTY = Rule("SI-UBL-2", (_anywhere_else(UBL), *_where_others_look(UBL)), unwanted, TEXT, WARNING)
CII_EMPTY = Rule("empty-element-check", (_anywhere_else(CII), *_where_others_look(CII)), unwanted, TEXT, WARNING)
