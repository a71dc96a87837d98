"""The e-mail channel: what each reply means, what a mail looks like, and what cannot be smuggled into it."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect, State
from einvoice.receivables.channels.email import EmailSender, Server, dotted, tagged
from einvoice.receivables.channels.email import message_id as stated_id
from einvoice.receivables.channels.mime import Mail, Mailbox, composed, envelope, message_id, usable
from tests.receivables.scripted import DROP, STALL, scripted

MOMENT = datetime(2026, 11, 30, 8, tzinfo=UTC)
CASES = [
    ({}, State.SENT, 1),
    ({"connect": "554 no"}, State.PLANNED, 0),
    ({"connect": DROP}, State.PLANNED, 0),
    ({"mail": "451 later"}, State.PLANNED, 0),
    ({"mail": "530 sign in first"}, State.PLANNED, 0),
    ({"mail": "550 not you"}, State.FAILED, 0),
    ({"mail": DROP}, State.PLANNED, 0),
    ({"rcpt": "450 busy"}, State.PLANNED, 0),
    ({"rcpt": "550 no such user"}, State.FAILED, 0),
    ({"rcpt": "421 closing"}, State.PLANNED, 0),
    ({"rcpt": DROP}, State.PLANNED, 0),
    ({"data": "452 full"}, State.PLANNED, 0),
    ({"data": "554 no"}, State.FAILED, 0),
    ({"data": "250 what"}, State.PLANNED, 0),
    ({"data": DROP}, State.PLANNED, 0),
    ({"text": DROP}, State.UNKNOWN, 0),
    ({"dot": "451 later"}, State.PLANNED, 0),
    ({"dot": "421 closing"}, State.PLANNED, 0),
    ({"dot": "552 too big"}, State.FAILED, 0),
    ({"dot": DROP}, State.UNKNOWN, 0),
    ({"dot": "354 what"}, State.UNKNOWN, 0),
]


def effect(key: str = "k", address: str = "to@example.org", payload: bytes = b"Subject: x\r\n\r\nhello\r\n") -> Effect:
    return Effect(key, "receivables", "action:1", "email", address, payload, headers={"sender": "from@example.com"})


def mail(**changes: Any) -> Mail:
    usual = Mail("k", Mailbox("Zoë B.V.", "z@example.com"), Mailbox("Ann", "a@example.org"), (), "Invoice 1", "Text", "en", MOMENT)
    return usual._replace(**changes)


def parsed(data: bytes) -> Any:
    return email.message_from_bytes(data, policy=default)


@pytest.mark.parametrize(("script", "state", "accepted"), CASES, ids=str)
def test_every_reply_means_one_thing(script: dict[str, str], state: State, accepted: int) -> None:
    with scripted(script) as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
        outcome = sender.send(effect())
        sender.close()
    assert (outcome.state, len(server.accepted)) == (state, accepted)
    assert outcome.proof if state is State.SENT else outcome.reason


def test_nobody_listening_is_planned_again() -> None:
    with scripted() as server:
        port = server.port
    assert EmailSender(Server("127.0.0.1", port, "none", timeout=5)).send(effect()).state is State.PLANNED


@pytest.mark.parametrize(("silent", "state"), [("mail", State.PLANNED), ("dot", State.UNKNOWN)])
def test_a_silent_server_is_waited_for_until_the_timeout(silent: str, state: State) -> None:
    with scripted({silent: STALL}) as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=0.1))
        assert sender.send(effect()).state is state
        sender.close()


def test_one_connection_serves_many_and_a_stale_one_is_made_anew() -> None:
    with scripted({"mail": ["250 ok", "250 ok", DROP]}) as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
        states = [sender.send(effect(str(number))).state for number in range(4)]
        sender.close()
    assert states == [State.SENT] * 4
    assert (server.connections, len(server.accepted)) == (2, 4)


def test_after_a_refusal_the_next_message_goes_out_on_the_same_connection() -> None:
    with scripted({"rcpt": ["550 no such user"]}) as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
        states = [sender.send(effect(str(number))).state for number in range(2)]
        sender.close()
    assert (states, server.connections) == ([State.FAILED, State.SENT], 1)


def test_a_refused_copy_is_noted_and_the_message_sent() -> None:
    with scripted({"rcpt": ["250 ok", "550 no such user"]}) as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
        outcome = sender.send(effect(address="a@example.org, b@example.org"))
        sender.close()
    assert outcome.state is State.SENT
    assert "b@example.org" in str(outcome.proof)


@pytest.mark.parametrize("address", ["a@example.org\r\nRCPT TO:<b@example.org>", "zoë@example.org"])
def test_an_address_that_smtp_cannot_say_is_refused_for_good(address: str) -> None:
    with scripted() as server:
        sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
        outcome = sender.send(effect(address=address))
        sender.close()
    assert (outcome.state, server.accepted) == (State.FAILED, [])


@given(st.text(alphabet=".\r\na", max_size=40))
def test_the_text_arrives_whole_and_nothing_in_it_ends_it(text: str) -> None:
    wire = dotted(text.encode())
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    lines = wire.decode().split("\r\n")
    assert lines.index(".") == len(lines) - 2
    undone = [line.removeprefix(".") for line in lines[:-2]]
    assert "\n".join(undone) == text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def test_a_mail_is_the_same_bytes_each_time_and_reads_back() -> None:
    made = mail(text="Één rekening: € 1.250,00\n.\nvan\n", cc=(Mailbox("Bo, CFO", "b@example.org"),))
    read = parsed(composed(made))
    assert composed(made) == composed(made)
    assert read.get_content().replace("\r\n", "\n") == made.text
    assert read["From"].addresses[0].display_name == "Zoë B.V."
    assert read["Cc"].addresses[0].display_name == "Bo, CFO"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"] == message_id("k", "z@example.com")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_can_be_smuggled_in(name: str, subject: str) -> None:
    read = parsed(composed(mail(to=Mailbox(name + "\r\nBcc: x@example.net", "a@example.org"), subject=subject + "\nBcc: x@example.net")))
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["To"].addresses] == ["a@example.org"]


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b", "a b@example.org", "a@b\nc", "a,b@example.org", "a@ex_ample.org", "<a@b.org>", 'a"@b.org']
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ReceivablesError):
        usable(address)


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    assert usable(" a@bücher.example ") == "a@xn--bcher-kva.example"
    assert envelope("a@example.org", ["b@example.org", "a@example.org"]) == "a@example.org, b@example.org"


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (b"Message-ID: <a@b.example>\r\nTo: x\r\n", "<a@b.example>"),
        (b"To: x\r\nmessage-id:<a@b.example>\r\n", "<a@b.example>"),
        (b"Message-ID:\r\n <a@b.example>\r\n", "<a@b.example>"),
        (b"To: x\nMessage-ID: <a@b.example>\n", "<a@b.example>"),
        (b"X-Message-ID: <a@b.example>\r\n", None),
        (b"Message-ID: none\r\n", None),
        (b"To: x\r\n\r\nMessage-ID: <a@b.example>\r\n", None),
    ],
)
def test_the_message_id_in_the_head_is_the_providers_id(head: bytes, wanted: str | None) -> None:
    message = head + b"\r\nMessage-ID: <body@b.example>\r\n"
    assert stated_id(message) == wanted
    with scripted() as server:
        sender = EmailSender(Server("127.0.0.1", server.server_address[1], security="none"))
        outcome = sender.send(effect(payload=message))
        sender.close()
    assert (outcome.state, outcome.provider) == (State.SENT, wanted)


@pytest.mark.parametrize(
    ("sender", "wanted"),
    [
        ("ar@acme.example", "ar+0123456789@acme.example"),
        ("a" * 53 + "@acme.example", "a" * 53 + "+0123456789@acme.example"),
        ("a" * 54 + "@acme.example", "a" * 54 + "@acme.example"),
        ("", ""),
    ],
)
def test_bounces_may_go_to_an_address_that_names_the_message(sender: str, wanted: str) -> None:
    assert tagged(sender, b"Message-ID: <0123456789@acme.example>\r\n\r\n") == wanted
    assert tagged(sender, b"To: x\r\n\r\n") == sender
