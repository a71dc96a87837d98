"""Mails as servers and people write them: reports of several programs, automatic answers, replies; for tests of what is read of them."""

from __future__ import annotations

from typing import NamedTuple

NAME = "<0123456789abcdef0123456789abcdef01234567@acme.example>"
TAG = NAME[1:41]


class Block(NamedTuple):
    """What a report says of one recipient; None leaves a field out."""

    action: str | None = "failed"
    status: str | None = "5.1.1"
    diagnostic: str | None = "smtp; 550 5.1.1 <ann@customer.example>: no such user"
    final: str | None = "rfc822; ann@customer.example"
    original: str | None = None

    def text(self) -> str:
        """The block's fields."""
        fields = {
            "Original-Recipient": self.original,
            "Final-Recipient": self.final,
            "Action": self.action,
            "Status": self.status,
            "Diagnostic-Code": self.diagnostic,
        }
        return "\r\n".join(f"{name}: {value}" for name, value in fields.items() if value is not None)


def report(
    *blocks: Block,
    name: str | None = NAME,
    to: str = "ar@acme.example",
    returned: str = "text/rfc822-headers",
    kind: str = "message/delivery-status",
) -> bytes:
    """A delivery report: a text, its fields, and what it returns of the mail (no Message-ID where `name` is None)."""
    head = [f"Message-ID: {name}"] if name else []
    mail = ["From: ar@acme.example", "To: ann@customer.example", "Subject: Reminder", *head, "", "We ask you to pay."]
    fields = "\r\n\r\n".join(["Reporting-MTA: dns; mx.customer.example", *(block.text() for block in blocks or (Block(),))])
    lines = [
        "Return-Path: <>",
        "From: Mail Delivery System <MAILER-DAEMON@mx.customer.example>",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Date: Mon, 02 Nov 2026 10:00:05 +0100",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "I am sorry to have to inform you.",
        "--b",
        f"Content-Type: {kind}",
        "",
        fields,
        "",
        "--b",
        f"Content-Type: {returned}",
        "",
        *(mail if returned.startswith("message") else mail[:-2]),
        "",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


def answer(
    text: str, *fields: str, sender: str = "Ann Peeters <ann@customer.example>", to: str | None = NAME, type_: str = "text/plain"
) -> bytes:
    """A mail that somebody, or a program, wrote in answer to ours (`to` None: to none of ours)."""
    head = [
        f"From: {sender}",
        "To: ar@acme.example",
        "Subject: =?utf-8?q?R=C3=A9=3A_Reminder?=",
        "Date: Mon, 02 Nov 2026 11:00:00 +0100",
        *([f"In-Reply-To: {to}", f"References: <other@customer.example> {to}"] if to else []),
        *fields,
        "MIME-Version: 1.0",
        f"Content-Type: {type_}; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        *text.split("\n"),
        "",
    ]
    return "\r\n".join(head).encode()
