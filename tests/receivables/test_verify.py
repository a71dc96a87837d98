"""Check codes: known, unknown and mistyped ones, messages that never left, documents that are no action's, the verb."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from einvoice.cli import main
from einvoice.database import connect
from einvoice.outbox import Effect, add_all
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.documents import codes
from einvoice.receivables.store.tables import CREDITORS, MESSAGES, PAY_LINKS
from einvoice.receivables.verify import Mistyped, Verified, verify
from einvoice.settings import current
from einvoice.settings.providers import Hooks
from tests.receivables.letters import mail as opened
from tests.receivables.run_world import EARLY, MORNING, World, world
from tests.smtp import Mailbox, serving


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[Mailbox]:
    with serving(tmp_path / "mail.log") as server:
        yield server


@pytest.fixture
def made(tmp_path: Path, mail: Mailbox) -> Iterator[World]:
    """A world in which one mail about two invoices has left."""
    with world(tmp_path, mail) as here:
        here.settings = here.settings._replace(hooks=Hooks(url="https://pay.acme.example"))
        here.debtor("a", amounts=("100.00", "20.50"))
        assert here.run().sent.sent == 1
        yield here


def asked(made: World, code: str) -> Verified | None:
    with connect(made.engine) as connection:
        return verify(connection, code)


def code_of(made: World) -> str:
    return str(made.rows(select(MESSAGES.c.code))[0].code)


def test_a_code_says_when_by_which_channel_how_much_and_to_which_account(made: World) -> None:
    row = made.rows(select(OUTBOX))[0]
    found = asked(made, code_of(made))
    assert found is not None
    assert (found.creditor, found.channel, found.document, found.state) == ("Creditor acme", "email", "reminder", "sent")
    assert (found.invoices, found.amount, found.currency) == (2, Decimal("120.50"), "EUR")
    assert found.iban == "BE71096123456769"
    assert found.sent_at == MORNING
    assert found.sha256 == hashlib.sha256(row.payload).hexdigest()
    assert found.left


def test_the_code_is_in_the_message_and_follows_from_its_key(made: World) -> None:
    row = made.rows(select(OUTBOX))[0]
    secret = made.rows(select(CREDITORS.c.secret))[0].secret
    assert code_of(made) == row.headers["code"] == codes.code(secret, row.key)
    body = opened(row.payload)
    for kind in ("plain", "html"):
        part = body.get_body((kind,))
        assert part is not None
        assert code_of(made) in part.get_content()


def test_the_account_that_was_asked_for_stays_what_it_was(made: World) -> None:
    with connect(made.engine) as connection:
        connection.execute(update(CREDITORS).values(iban="NL91ABNA0417164300"))
    found = asked(made, code_of(made))
    assert found is not None
    assert found.iban == "BE71096123456769"


def test_spaces_small_letters_and_letters_like_digits_do_not_matter(made: World) -> None:
    code = code_of(made)
    for written in (code.lower(), code.replace("-", " "), f"  {code.replace('0', 'o').replace('1', 'l')}  "):
        assert asked(made, written) == asked(made, code)


@pytest.mark.parametrize("written", ["", "hello", "7T4K-9D2P-0MQX", "7T4K" * 100_000])
def test_what_can_be_no_code_is_told_apart(made: World, written: str) -> None:
    with pytest.raises(Mistyped):
        asked(made, written)


def test_one_wrong_sign_or_two_swapped_are_mistyped(made: World) -> None:
    bare = code_of(made).replace("-", "")
    wrong = 0
    for at in range(12):
        other = "0" if bare[at] != "0" else "1"
        with pytest.raises(Mistyped):
            asked(made, bare[:at] + other + bare[at + 1 :])
        if bare[at] != bare[at + 1] and at < 11:
            wrong += 1
            with pytest.raises(Mistyped):
                asked(made, bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :])
    assert wrong


def test_a_code_of_nobody_is_unknown(made: World) -> None:
    assert asked(made, codes.code("another secret", "k")) is None


def test_a_message_that_never_left_says_so(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail) as made:
        made.debtor("a")
        made.run(EARLY)
        found = asked(made, code_of(made))
        assert found is not None
        assert (found.state, found.sent_at, found.left) == ("planned", None, False)


def test_a_document_that_is_no_actions_is_found_by_its_headers(made: World) -> None:
    code = codes.code("secret", "debit:1")
    headers = {"code": code, "title": "Pre-notification", "document": "prenotice"}
    with connect(made.engine) as connection:
        add_all(connection, (Effect("debit:1", "debits", "debit:1", "email", "a@b.example", b"x", headers),), made.clock())
    found = asked(made, code)
    assert found is not None
    assert (found.document, found.invoices, found.creditor, found.left) == ("prenotice", None, "Creditor acme", False)


def test_the_link_to_pay_is_kept_for_the_message(made: World) -> None:
    link = made.rows(select(PAY_LINKS))[0]
    body = opened(made.rows(select(OUTBOX))[0].payload).get_body(("plain",))
    assert body is not None
    assert f"https://pay.acme.example/pay/{link.token}" in body.get_content()
    assert (len(link.invoices), link.currency, link.language) == (2, "EUR", "en")


def test_the_verb_prints_it_and_exits_by_what_it_found(made: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", made.engine.url.render_as_string(hide_password=False))
    current.cache_clear()
    assert main(["receivables", "verify", code_of(made), "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["known"], shown["left"], shown["iban"], shown["invoices"]) == (True, True, "BE71096123456769", 2)
    assert main(["receivables", "verify", code_of(made)]) == 0
    assert "BE71096123456769" in capsys.readouterr().out
    assert main(["receivables", "verify", codes.code("other", "k")]) == 1
    assert main(["receivables", "verify", "nonsense"]) == 2
    current.cache_clear()
