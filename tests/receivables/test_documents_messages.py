"""What an action becomes by each channel: payloads, headers, attachments, scripts, links; the same action, the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from einvoice.documents import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import papers
from einvoice.receivables.actions import Action, Claimed, Message
from einvoice.receivables.channels.installed import Means
from einvoice.receivables.documents import sample as invented
from einvoice.receivables.documents.attached import Copies
from einvoice.receivables.documents.facts import Loaded, load
from einvoice.receivables.documents.messages import Letter, Prepared, prepared
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.store.tables import CONTACTS, INVOICES, TASKS
from einvoice.samples import sample
from tests.receivables import books
from tests.receivables.letters import codes, mail, parts, place, written
from tests.receivables.run_world import world

CHANNELS = frozenset({"email", "letter", "registered_letter", "sms", "whatsapp", "computer_call"})
MEANS = Means(CHANNELS, "ar@acme.example", "https://portal.acme.example", "https://pay.acme.example")
KEY = f"{'a' * 40}:1"
ADDRESS = {"street": "Station Road 2", "postcode": "1012 AB", "city": "Amsterdam", "country": "NL"}


class Desk:
    """A debtor who owes two invoices, and the actions about them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        more: dict[str, Any] = {"iban": "BE71096123456769", "email": "ar@acme.example", "phone": "+31 20 000 00 00", "secret": "s" * 64}
        self.creditor = books.creditor(connection, **more)
        self.debtor = books.debtor(connection, self.creditor)
        connection.execute(update(CONTACTS).values(phone="+31 6 00000000", first_name="Ann", address=ADDRESS))
        self.invoices = [books.invoice(connection, self.debtor, f"F{number}", "60.50", product="Coffee") for number in (1, 2)]

    def action(self, *channels: str, **changes: Any) -> Action:
        """An action by some channels."""
        claimed = tuple(Claimed(ref, f"F{number}", date(2026, 10, 31), Decimal("60.50")) for number, ref in enumerate(self.invoices, 1))
        made = invented.action("reminder", 2, "en")._replace(
            creditor=self.creditor, debtor=self.debtor, invoices=claimed, amount=Decimal("121.00"), charges=()
        )
        return made._replace(language="en", messages=tuple(Message(channel, None, "general") for channel in channels))._replace(**changes)

    def found(self, action: Action) -> Loaded:
        """What is read for it."""
        return load(self.connection, self.creditor, [action], MEANS.portal, MEANS.pages)

    def made(self, action: Action, means: Means = MEANS) -> Prepared:
        """What it becomes."""
        found = self.found(action)
        copies = Copies(self.connection, self.creditor, [action], found.invoices)
        return prepared(found, action, KEY, means, books.NOW, copies=copies)

    def one(self, channel: str, **changes: Any) -> Letter:
        """The one message of an action by a channel."""
        (made,) = self.made(self.action(channel, **changes)).letters
        assert made.channel == channel
        return made


@pytest.fixture
def desk(engine: Engine) -> Iterator[Desk]:
    with books.undone(engine) as connection:
        yield Desk(connection)


def test_a_mail_says_the_same_as_text_and_as_html(desk: Desk) -> None:
    made = desk.one("email")
    assert [kind for kind, _, _ in parts(made.effect.payload)] == ["text/plain", "text/html", "image/png"]
    body = mail(made.effect.payload)
    assert body.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        part = body.get_body((kind,))
        assert part is not None
        for wanted in ("F1, F2", "121.00", "BE71 0961 2345 6769", made.code, "https://pay.acme.example/pay/"):
            assert wanted in part.get_content()
    headers = made.effect.headers
    assert (headers["type"], headers["sender"], headers["language"]) == ("message/rfc822", "ar@acme.example", "en")
    assert (headers["iban"], headers["amount"], headers["currency"]) == ("BE71096123456769", "121.00", "EUR")


def test_every_picture_that_a_mail_shows_is_in_it(desk: Desk) -> None:
    payload = desk.one("email").effect.payload
    page = mail(payload).get_body(("html",))
    assert page is not None
    named = {str(part["content-id"]).strip("<>") for part in mail(payload).walk() if part["content-id"]}
    assert named
    assert all(f'src="cid:{name}"' in page.get_content() for name in named)


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize("document", ["reminder", "notice_of_default"])
def test_the_same_action_gives_the_same_bytes(desk: Desk, channel: str, document: str) -> None:
    assert desk.one(channel, document=document) == desk.one(channel, document=document)


@pytest.mark.parametrize("document", ["aanmaning", "notice_of_default", "legal_letter"])
def test_a_formal_mail_brings_its_letter(desk: Desk, document: str) -> None:
    made = desk.one("email", document=document, firmness=3)
    files = {name: data for kind, name, data in parts(made.effect.payload) if kind == "application/pdf"}
    (letter,) = files.values()
    assert list(files) == [f"{document.replace('_', '-')}.pdf"]
    assert "Station Road 2" in written(letter)
    assert made.code in written(letter)
    assert len(codes(letter)) == 1


def test_a_letter_bears_address_date_and_pages(desk: Desk) -> None:
    made = desk.one("letter")
    assert made.effect.headers["pages"] == 1
    assert made.effect.headers["window"] == "din-5008-b"
    text = written(made.effect.payload)
    for line in made.effect.address.split("\n"):
        assert line in text
    assert "30 November 2026" in text
    assert place(made.effect.payload, "Station Road 2").left >= 25
    assert "REGISTERED" not in text
    assert "REGISTERED" in written(desk.one("registered_letter").effect.payload)


def test_the_date_of_a_letter_is_the_creditors(desk: Desk) -> None:
    late = invented.action("reminder", 2, "en").not_before.replace(hour=23, minute=30)
    assert "1 December 2026" in written(desk.one("letter", not_before=late).effect.payload)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_message_is_its_text(desk: Desk, channel: str, language: str) -> None:
    made = desk.one(channel, language=language)
    text = made.effect.payload.decode()
    assert len(text) <= 320
    assert made.code in text
    assert made.effect.headers["language"] == language
    assert made.effect.address == "+31 6 00000000"


def test_a_computer_call_says_what_and_which_keys(desk: Desk) -> None:
    said = json.loads(desk.one("computer_call").effect.payload)
    assert said["keys"] == {"1": "paid", "2": "call_me", "3": "dispute", "4": "plan"}
    assert said["language"] == "en"
    assert "121.00" in said["say"]


def test_whoever_calls_has_a_script(desk: Desk) -> None:
    (task,) = desk.made(desk.action("call")).tasks
    assert "+31 6 00000000" in task.text
    assert "F1" in task.text
    assert task.text.count("\n") > 10


def test_whoever_calls_is_asked_even_where_the_script_lacks_something(desk: Desk) -> None:
    action = desk.action("call")
    found = desk.found(action)
    bare = found._replace(creditor={**found.creditor, "iban": None})
    (task,) = prepared(bare, action, KEY, MEANS, books.NOW).tasks
    assert task.kind == "call"


def test_what_no_channel_sends_is_a_persons_without_a_code(desk: Desk) -> None:
    (task,) = desk.made(desk.action("sms"), MEANS._replace(channels=frozenset({"email"}))).tasks
    assert task.kind == "send"
    assert desk.one("sms").code not in task.text
    assert "Check code" not in task.text


def kept(desk: Desk, syntax: str, number: int, pdf: bytes | None = None) -> bytes:
    """Keeps an invoice's XML as it was issued."""
    data = write(sample(), Syntax(syntax))
    document = papers.keep_invoice(desk.connection, desk.creditor, desk.debtor, f"F{number}", data, books.NOW, pdf)
    desk.connection.execute(update(INVOICES).where(INVOICES.c.id == desk.invoices[number - 1]).values(document=document))
    return data


def attachments(made: Letter) -> list[tuple[str, str | None, bytes]]:
    return [part for part in parts(made.effect.payload) if part[1] and part[0] != "image/png"]


@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_a_step_that_asks_for_the_specification_brings_the_invoices(desk: Desk, syntax: str) -> None:
    data = kept(desk, syntax, 1)
    files = attachments(desk.one("email", contents=("invoice_spec",)))
    assert [(kind, name) for kind, name, _ in files] == [("application/pdf", "F1.pdf"), ("application/xml", "F1.xml")]
    assert files[1][2] == data
    assert read(files[0][2]).number == sample().number
    assert attachments(desk.one("email")) == []


def test_a_hybrid_that_is_kept_goes_as_it_came(desk: Desk) -> None:
    kept(desk, "cii", 2, b"%PDF-1.7 as it came")
    assert attachments(desk.one("email", contents=("invoice_spec",)))[0][2] == b"%PDF-1.7 as it came"


def test_xml_that_cannot_be_drawn_goes_alone(desk: Desk) -> None:
    document = papers.keep_invoice(desk.connection, desk.creditor, desk.debtor, "F1", b"<broken", books.NOW)
    desk.connection.execute(update(INVOICES).where(INVOICES.c.id == desk.invoices[0]).values(document=document))
    assert [(kind, name) for kind, name, _ in attachments(desk.one("email", contents=("invoice_spec",)))] == [("application/xml", "F1.xml")]


def test_a_letter_that_no_font_can_set_fails_alone_and_a_person_is_asked(tmp_path: Path) -> None:
    rules = """
version: 1
name: tests
segments: [{id: all, when: "true", flow: f}]
flows: {f: [{id: r1, offset: 0, all_of: [letter], firmness: 1}]}
"""
    with world(tmp_path, rules=rules) as made:
        for key, name in (("a", "株式会社"), ("b", "Baker")):
            made.debtor(key, name=name)
        with made.engine.begin() as connection:
            connection.execute(update(CONTACTS).values(address=ADDRESS))
        report = made.run()
        assert len(report.failures) == 1
        assert "株" in report.failures[0].reason
        assert report.sent.sent == 1
        assert [row.kind for row in made.rows(TASKS.select())] == ["triage"]
        assert [row.channel for row in made.rows(OUTBOX.select())] == ["letter"]
        manifest = json.loads(next((tmp_path / "letters").glob("*.json")).read_text())
        assert (manifest["pages"], manifest["registered"], manifest["letter"].endswith(".pdf")) == (1, False, True)
