"""Every document in every language as mail and letter, and what is found wrong when they are read back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from lxml import html as parser

from einvoice.receivables.documents import compose_papers, letter, mail, sample
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.letter_press import pages
from einvoice.receivables.documents.plain import text
from einvoice.receivables.documents.templates import load
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.rendering.house import House
from tests.receivables.letters import boxes, codes, seen, written

DAY = date(2026, 11, 28)
ADDRESS = ("Bakery Janssens", "Ann Janssens", "Station Road 2", "9000 Ghent", "BE")
NOTICES = ("nl-14-day-letter", "be-free-reminder")
SEVERE = ("aanmaning", "notice_of_default", "legal_letter")
EDGE = 5.0
"""Millimetres at the edge of a sheet that printers leave white."""


class Case(NamedTuple):
    """A document in a language; its contents as a mail and as a letter."""

    name: str
    mail: Content
    letter: Content


def cases(languages: tuple[str, ...] = LANGUAGES) -> Iterator[Case]:
    """Every kind: reminders of each firmness and before the due date, formal documents, notices of the law, documents of no action."""
    templates = load(None)
    for language in languages:
        for name, kind, firmness, more in _kinds():
            made = [sample.message(kind, language, None, firmness, channel, templates, **more) for channel in ("email", "letter")]
            yield Case(f"{name} {language}", *made)


def _kinds() -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    yield "before due", "reminder", 0, {"before": True}
    for firmness in range(5):
        yield f"reminder {firmness}", "reminder", firmness, {}
    for notice in NOTICES:
        yield notice, "statutory_notice", 3, {"notice": notice}
    for kind in SEVERE:
        yield kind, kind, 3, {}
    for kind in compose_papers.KINDS:
        yield kind, kind, 0, {}


def squeezed(given: str) -> str:
    """A text without spaces, and without the hyphens that no text of ours has: how a page is read is not how it was written."""
    return re.sub(r"[\s\u00ad\u200b\ufffe]+", "", given)


def said(content: Content) -> list[str]:
    """Every text of a message that each form of it shows."""
    lines = [cell for line in content.table.lines for cell in line.cells] if content.table else []
    paid = [content.transfer.words, content.transfer.iban, content.transfer.reference] if content.transfer else []
    shown = [content.subject, content.greeting, *content.opening, *content.remarks, content.contact, content.check, content.closing]
    return [part for part in (*shown, *lines, *paid, *content.signature[:1], *(link.words for link in content.links)) if part]


def wrong_letter(made: bytes, content: Content) -> list[str]:
    """What is wrong with a letter: a text that cannot be read, something outside the page, a code that says something else."""
    page = squeezed(written(made))
    found = [f"lacks {part!r}" for part in said(content) if squeezed(part) not in page]
    for number in range(pages(made)):
        out = [box for box in boxes(made, number) if min(box.left, box.top, 210 - box.right, 297 - box.bottom) < EDGE]
        found += [f"page {number + 1}: {len(out)} texts outside"] if out else []
    return found + wrong_codes(codes(made), content)


def wrong_codes(read: list[str], content: Content) -> list[str]:
    """What is wrong with the codes that were read: the account, amount and reference of the transfer, and no other code."""
    asked = content.transfer
    if asked is None or not asked.qr:
        return [f"a code that is not asked for: {read}"] if read else []
    if read != [asked.qr]:
        return [f"the code says {read}"]
    lines = read[0].split("\n")
    amount, account = Decimal(lines[7].removeprefix("EUR")), lines[6]
    stated = "\n".join(lines[9:])
    right = amount == asked.amount and account == asked.iban.replace(" ", "") and asked.reference in stated
    return [] if right else [f"the code asks for {amount} to {account}, {stated}"]


def wrong_mail(page: mail.Page, content: Content) -> list[str]:
    """What is wrong with the HTML of a mail: a text that is not there, a script, something from the network, a picture that is absent."""
    from PIL import Image

    root = parser.document_fromstring(page.html)
    shown = squeezed(root.text_content())
    found = [f"lacks {part!r}" for part in said(content) if squeezed(part) not in shown]
    if root.get("lang") != content.language:
        found.append("the language is not named")
    found += [f"has a {tag}" for tag in ("script", "link", "iframe", "form", "object", "base") if root.findall(f".//{tag}")]
    names = {f"cid:{picture.cid}" for picture in page.pictures}
    found += [f"shows {image.get('src')}" for image in root.iter("img") if image.get("src") not in names or not image.get("alt")]
    found += ["loads from the network"] if re.search(r"url\(|@import|srcset|background=", page.html) else []
    hrefs = {link.get("href") for link in root.iter("a")}
    found += [f"lacks the link to {link.url}" for link in content.links if link.url not in hrefs]
    drawn = [Image.open(io.BytesIO(picture.data)) for picture in page.pictures if picture.name == "qr.png"]
    return found + wrong_codes([code for picture in drawn for code in seen(picture)], content)


def wrong(case: Case, house: House) -> list[str]:
    """What is wrong with a document as mail, as letter and as plain text."""
    page = mail.page(case.mail, house)
    found = [f"mail: {fault}" for fault in wrong_mail(page, case.mail)]
    found += [f"letter: {fault}" for fault in wrong_letter(letter.pdf(case.letter, ADDRESS, DAY, house), case.letter)]
    plain = squeezed(text(case.mail))
    return found + [f"text: lacks {part!r}" for part in said(case.mail) if part != case.mail.subject and squeezed(part) not in plain]
