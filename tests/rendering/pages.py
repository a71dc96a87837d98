"""Rendered HTML, taken apart: what it shows, what it refers to, how it is built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as parser

from einvoice.model import Invoice
from einvoice.rendering import house
from einvoice.rendering.compose import sheet
from einvoice.rendering.house import House
from einvoice.rendering.html import html
from einvoice.rendering.sheet import Sheet
from tests.rendering.sheets import squeezed, texts


def page(invoice: Invoice, language: str = "en", style: House | None = None) -> Any:
    """The root element of the page."""
    return parse(html(sheet(invoice, language), style or house.load()))


def parse(data: bytes) -> Any:
    """The root element of a page in UTF-8."""
    return parser.document_fromstring(data, parser=parser.HTMLParser(encoding="utf-8"))


def shown(root: Any) -> str:
    """All that the page shows, and the business terms that it marks, without spaces."""
    return squeezed(root.body.text_content() + " ".join(root.xpath("//@data-term")))


def wanted(made: Sheet) -> list[str]:
    """Every text of a sheet but for what the foot of a page and the camera of a telephone are given."""
    lines = made.lines and made.lines._replace(rows=tuple(row._replace(carried="") for row in made.lines.rows))
    pay = made.payment and made.payment._replace(qr="")
    return [squeezed(text) for text in texts(made._replace(lines=lines, payment=pay))]


def references(root: Any) -> Iterator[tuple[str, str]]:
    """Whatever may make a browser fetch or follow something, with where it stands."""
    for element in root.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            if name in {"src", "href", "srcset", "action", "poster", "data", "background", "cite", "formaction", "ping", "xlink:href"}:
                yield f"{element.tag}/@{name}", value
    for style in root.iter("style"):
        yield from (("url()", found.strip("\"' ")) for found in re.findall(r"url\((.*?)\)", style.text))
        yield from (("@import", "") for _ in re.findall("@import", style.text))


def colours(root: Any) -> list[dict[str, str]]:
    """The colours that the style sheet names, by day and by night."""
    found = re.findall(r":root \{(.*?)\}", next(root.iter("style")).text, re.DOTALL)
    day, night = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", part)) for part in found)
    return [day, day | night]
