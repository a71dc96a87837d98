"""Small changes to an invoice that often leave its structure valid and break a business rule."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random

from lxml import etree

WORDS = """
0 0.00 -0 -0.00 -0.001 -1 1 1.005 100 100.00 99999999.999 +1 .5 1. 007 19 21 0.0 S Z E AE K G O L M B s VAT vat EUR SEK HUF
NOK DE NL BE FR IT DK NO SE IS GR EL 380 381 384 389 326 386 30 58 59 49 48 57 10 true false 2024-02-30 2024-01-01 2030-12-31
2024-01-01Z 2024-01-01+14:00 20240101 20241301 102 130 50 916 0088 0192 0208 9930 0106 DE123456789 NL123456789B01
BE0123456749 DE02120300000000202051 NO123456789MVA VATEX-EU-G VATEX-EU-O VATEX-EU-IC vatex-eu-ae #SKONTO#TAGE=14#PROZENT=2#
a@b.de 12345678 H87 C62 application/pdf text/plain VA FC SEPA 3 35 432 29 72
"""
TEXTS = (*WORDS.split(), "", " ", " S ", " EUR ", "#SKONTO#TAGE=14#PROZENT=2.00#\n", "A B", "\u00a0", "x" * 120)
ATTRIBUTES = (
    "currencyID",
    "schemeID",
    "listID",
    "unitCode",
    "mimeCode",
    "filename",
    "schemeName",
    "name",
    "format",
    "listVersionID",
    "languageID",
)


def mutate(random: Random, root: etree._Element, other: etree._Element) -> None:
    """Changes a tree in place, in one way; nothing where the change finds no place."""
    elements = list(root.iter(etree.Element))[1:]
    if elements:
        random.choices(CHANGES, WEIGHTS)[0](random, random.choice(elements), other)


def _leaves(element: etree._Element) -> list[etree._Element]:
    """What has nothing inside; where all has, as with a comment in the only text, the element itself."""
    return [each for each in element.iter(etree.Element) if len(each) == 0] or [element]


def _text(random: Random, element: etree._Element, _: etree._Element) -> None:
    leaf = random.choice(_leaves(element))
    leaf.text = random.choice(TEXTS)


def _text_of_another(random: Random, element: etree._Element, other: etree._Element) -> None:
    same = [each for each in other.iter(element.tag) if len(each) == 0]
    if same and len(element) == 0:
        chosen = random.choice(same)
        element.text = chosen.text
        element.attrib.clear()
        element.attrib.update(dict(chosen.attrib))


def _nudge(random: Random, element: etree._Element, _: etree._Element) -> None:
    """A number changed a little."""
    for leaf in random.sample(found := _leaves(element), len(found)):
        try:
            value = float(leaf.text or "")
        except ValueError:
            continue
        change = random.choice((0.01, -0.01, 0.02, 0.5, 1, -1, 0.99, 100, 0.001, 0.005))
        leaf.text = f"{value + change:.{random.choice((2, 2, 2, 3, 4))}f}"
        return


def _remove(_: Random, element: etree._Element, __: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(_: Random, element: etree._Element, __: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _graft(random: Random, element: etree._Element, other: etree._Element) -> None:
    """An element of another document, beside one that follows it there."""
    found = [each for each in other.iter(element.tag) if each.getprevious() is not None]
    if found:
        element.addprevious(copy.deepcopy(random.choice(found).getprevious()))


def _swap(random: Random, element: etree._Element, other: etree._Element) -> None:
    same = list(other.iter(element.tag))
    parent = element.getparent()
    if same and parent is not None:
        parent.replace(element, copy.deepcopy(random.choice(same)))


def _attribute(random: Random, element: etree._Element, _: etree._Element) -> None:
    leaf = random.choice(_leaves(element))
    name = random.choice([*leaf.attrib, *ATTRIBUTES, *leaf.attrib])
    if name in leaf.attrib and random.random() < 0.3:
        del leaf.attrib[name]
    else:
        leaf.set(name, random.choice(TEXTS))


def _remark(random: Random, element: etree._Element, _: etree._Element) -> None:
    leaf = random.choice(_leaves(element))
    text = leaf.text or ""
    cut = random.randint(0, len(text))
    comment = etree.Comment("x")
    leaf.text, comment.tail = text[:cut], text[cut:]
    leaf.append(comment)


def _space(random: Random, element: etree._Element, _: etree._Element) -> None:
    leaf = random.choice(_leaves(element))
    leaf.text = random.choice((" ", "\n", "\t")) + (leaf.text or "") + random.choice((" ", ""))


Change = Callable[[Random, etree._Element, etree._Element], None]
CHANGES: tuple[Change, ...] = (_text, _text_of_another, _nudge, _remove, _repeat, _graft, _swap, _attribute, _remark, _space)
WEIGHTS = (22, 14, 14, 18, 8, 10, 6, 12, 1, 3)
