"""What is read of mails that come back or are answered: pure, and of anything at all in bounded time."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.outbox import State
from einvoice.receivables.aftermath import passes
from einvoice.receivables.incoming.answers import meaning
from einvoice.receivables.incoming.bounces import MOST, read
from einvoice.receivables.incoming.port import News
from einvoice.receivables.incoming.senders import is_same
from tests.receivables.bounced import NAME, TAG, Block, answer, report


def one(data: bytes) -> News:
    (found,) = read(data)
    return found


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822", "message/global", "message/global-headers"])
@pytest.mark.parametrize("kind", ["message/delivery-status", "message/global-delivery-status"])
def test_a_report_of_failure_names_message_recipient_and_status(returned: str, kind: str) -> None:
    news = one(report(returned=returned, kind=kind))
    assert (news.kind, news.provider, news.sender) == ("status", NAME, "ann@customer.example")
    assert news.outcome is not None
    assert news.outcome.state is State.BOUNCED
    assert news.outcome.reason is not None
    assert news.outcome.reason.startswith("5.1.1 ")
    assert not passes(news.outcome.reason)
    assert news.at is not None
    assert news.at.isoformat() == "2026-11-02T09:00:05+00:00"


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Block(status="4.4.7", diagnostic="smtp; 451 later"), "4.4.7"),
        (Block(status="5.2.2"), "5.2.2"),
        (Block(status=None), "5.1.1"),
        (Block(status=None, diagnostic="smtp; 452 too many"), "4.0.0"),
        (Block(status="5.1.1 (bad destination)", diagnostic=None), "5.1.1"),
        (Block(status=None, diagnostic=None), "5.0.0"),
        (Block(status="nonsense", diagnostic="X-Postfix; unknown user"), "5.0.0"),
    ],
)
def test_the_status_is_found_where_programs_leave_it(block: Block, code: str) -> None:
    outcome = one(report(block)).outcome
    assert outcome is not None
    assert outcome.reason is not None
    assert outcome.reason.startswith(code)
    assert passes(outcome.reason) is (code[0] == "4" or code == "5.2.2")


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("failed", "status"),
        ("Failed", "status"),
        ("delivered", "status"),
        ("delayed", "delayed"),
        ("relayed", "auto"),
        ("expanded", "auto"),
    ],
)
def test_a_delay_is_no_bounce(action: str, kind: str) -> None:
    news = one(report(Block(action=action, status="4.4.1")))
    assert news.kind == kind
    assert (news.outcome is not None) is (kind == "status")


def test_each_recipient_is_news_of_its_own() -> None:
    found = read(
        report(Block(), Block(action="delayed", final="rfc822; bob@customer.example"), Block(final="rfc822;<cfo@customer.example>"))
    )
    assert [(news.kind, news.sender) for news in found] == [
        ("status", "ann@customer.example"),
        ("delayed", "bob@customer.example"),
        ("status", "cfo@customer.example"),
    ]
    assert len({news.key for news in found}) == 3


def test_a_report_that_returns_nothing_is_known_by_its_address() -> None:
    assert one(report(name=None, to=f"ar+{TAG}@acme.example")).provider == NAME
    assert one(report(name=None)).provider is None


def test_a_report_that_says_nothing_goes_to_a_person() -> None:
    news = one(report(Block(action=None, final=None)))
    assert (news.kind, news.provider, news.more["by"]) == ("reply", NAME, "program")


@pytest.mark.parametrize(
    "fields",
    [
        ("Auto-Submitted: auto-replied",),
        ("Auto-Submitted: auto-generated (vacation)",),
        ("X-Autoreply: yes",),
        ("X-Autorespond: out",),
        ("Precedence: bulk",),
        ("Precedence: auto_reply",),
    ],
)
def test_an_automatic_answer_is_no_answer(fields: tuple[str, ...]) -> None:
    news = one(answer("I am away until Monday.", *fields))
    assert (news.kind, news.provider) == ("auto", NAME)


def test_an_answer_of_a_person_is_read_down_to_what_it_quotes() -> None:
    for quote in (
        "> We ask you to pay.",
        "On Mon, 2 Nov 2026 at 10:00, Acme <ar@acme.example> wrote:",
        "Op ma 2 nov. 2026 om 10:00 schreef Acme <ar@acme.example>:",
        "Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Acme <ar@acme.example>:",
        "Le lun. 2 nov. 2026 à 10:00, Acme <ar@acme.example> a écrit :",
        "-----Original Message-----",
        "Van: Acme <ar@acme.example>",
        "-- ",
    ):
        news = one(answer(f"Die prijs klopt niet.\nGraag uitleg.\n\n{quote}\nrest", "Auto-Submitted: no"))
        assert (news.kind, news.provider, news.sender) == ("reply", NAME, "ann@customer.example"), quote
        assert news.text == "Die prijs klopt niet.\nGraag uitleg.", quote


def test_html_is_read_as_text() -> None:
    text = "<html><head><title>x</title><style>p{}</style></head><p>Wir zahlen &amp; morgen.</p><blockquote>alt</blockquote></html>"
    assert one(answer(text, type_="text/html")).text == "Wir zahlen & morgen."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("STOP", "stop"),
        (" Stop. ", "stop"),
        ("stop\n\nSent from my phone", "stop"),
        ("Arrêt", "stop"),
        ("ARRETER", "stop"),
        ("abmelden!", "stop"),
        ("Uitschrijven", "stop"),
        ("unsubscribe", "stop"),
        ("START", "start"),
        ("Betaald", "paid"),
        ("betaald.", "paid"),
        ("J'ai payé", "paid"),
        ("Ich habe bereits bezahlt", "paid"),
        ("Already paid", "paid"),
        ("paid\nbut only half of it", "other"),
        ("not paid", "other"),
        ("please stop calling me", "other"),
        ("stop de levering", "other"),
        ("nonstop", "other"),
        ("", "other"),
    ],
)
def test_a_few_words_have_a_meaning(text: str, wanted: str) -> None:
    assert meaning(text) == wanted


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+31 (0)6 12 34 56 78", "+31612345678", True),
        ("06-12345678", "+31612345678", True),
        ("0031612345678", "+31612345678", True),
        ("+32 470 12 34 56", "0470/12.34.56", True),
        ("+31612345678", "+31612345679", False),
        ("", "+31612345678", False),
        ("112", "112", False),
    ],
)
def test_numbers_are_one_however_they_are_written(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 40))
def test_whatever_arrives_is_read_or_refused_and_read_again_the_same(noise: bytes, place: int, cut: int) -> None:
    data = report()
    data = data[:place] + noise + data[place + cut :]
    with suppress(ValueError, LookupError, AttributeError, TypeError):  # a mailbox leaves it for a person
        found = read(data)
        assert found
        assert found == read(data)


def test_a_mail_made_to_hurt_takes_no_time() -> None:
    hurts = (
        b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: text/plain\r\n\r\n" * 30_000,
        b"From: a@b\r\nSubject: " + b"=?utf-8?q?x?= " * 60_000 + b"\r\n\r\n",
        b"From: " + b'"(' * 400_000 + b"\r\n\r\nx",
        b"From: a@b\r\nIn-Reply-To: " + b"<" * 500_000 + b"\r\n\r\nx",
        b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<p " * 300_000,
        b"From: a@b\r\n\r\n" + b"on " * 300_000,
        b"From: a@b\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 50_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (depth, depth) for depth in range(20_000)),
    )
    for number, data in enumerate(hurts):
        started = time.process_time()
        with suppress(RecursionError, ValueError, LookupError):
            read(data[: MOST * 2])
        assert time.process_time() - started < 3, number
