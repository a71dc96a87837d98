"""The whole story of an invoice: due, pre-notice, e-mail, SMS, call, dispute, resolved, letter, plan, broken, hand-over; all kept."""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.database import reading
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.store.tables import INVOICES, MESSAGES
from einvoice.receivables.verify import verify
from tests.receivables.story import NUMBER, Story, kept, story

STORY = [
    "f.pre email",
    "f.r1 email",
    "f.r2 sms",
    "sms delivered",
    "task call",
    "dispute opened",
    "dispute resolved",
    "f.r4 letter",
    "plan active",
    "plan broken",
    "f.r5 hand-over",
    "handed over",
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with story(tmp_path_factory.mktemp("story")) as found:
        found.live()
        yield found


def test_it_happens_in_this_order(told: Story) -> None:
    assert [one.what for one in told.told] == STORY
    assert all(one.day <= other.day for one, other in pairwise(told.told))


def test_nothing_goes_out_while_it_is_disputed_or_paid_in_terms(told: Story) -> None:
    days = {one.what: one.day for one in told.told}
    assert told.held_on(date(2026, 9, 25)) == {"dispute"}
    assert "plan" in told.held_on(date(2026, 10, 15))
    sent = [row.sent_on for row in told.made.rows(select(MESSAGES.c.sent_on))]
    for begins, ends in (("dispute opened", "dispute resolved"), ("plan active", "plan broken")):
        assert not [day for day in sent if days[begins] < day < days[ends]]


def test_each_message_went_out_once_and_verifies(told: Story) -> None:
    rows = told.made.rows(select(MESSAGES.c.code, MESSAGES.c.document, MESSAGES.c.channel).order_by(MESSAGES.c.id))
    assert [row.channel for row in rows] == ["email", "email", "sms", "letter"]
    with reading(told.made.engine) as connection:
        for row in rows:
            found = verify(connection, row.code)
            assert found is not None
            assert found.sha256 == row.document
    assert len(told.service.made) == 1


def test_the_agency_has_everything(told: Story) -> None:
    (sent,) = kept(told.made)["handover email"]
    mail = email.message_from_bytes(sent, policy=email.policy.default)
    (part,) = [one for one in mail.iter_attachments() if str(one.get_filename()).endswith(".zip")]
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    with zipfile.ZipFile(io.BytesIO(data)) as dossier:
        names = dossier.namelist()
        files = {name: dossier.read(name) for name in names}
    digests = {hashlib.sha256(one).hexdigest() for one in files.values()}
    rows = told.made.rows(select(OUTBOX.c.payload).where(OUTBOX.c.owner == "receivables"))
    assert all(hashlib.sha256(row.payload).hexdigest() in digests for row in rows)
    (invoice,) = kept(told.made)["invoice"]
    assert hashlib.sha256(invoice).hexdigest() in digests
    assert any(name.endswith(".pdf") and NUMBER in name for name in names)
    text = "\n".join(one.decode("utf-8", "replace") for name, one in files.items() if name.endswith((".json", ".txt")))
    for word in ("delivery_quality", "broken", "two of them leak", "answered"):
        assert word in text
    manifest = json.loads(next(one for name, one in files.items() if name.endswith("manifest.json")))
    assert manifest


def test_the_books_are_sound(told: Story) -> None:
    (row,) = told.made.rows(select(INVOICES.c.stage, INVOICES.c.contacts, INVOICES.c.open))
    assert (row.stage, row.contacts >= 4, row.open > 0) == ("handed_over", True, True)
    with reading(told.made.engine) as connection:
        assert check_ledger(connection) == []


def test_every_document_is_kept(told: Story) -> None:
    found = kept(told.made)
    assert {"invoice", "dossier", "receivables email", "receivables sms", "receivables letter", "handover email"} <= set(found)
    assert Path(told.made.settings.receivables.print_folder or "").is_dir()
