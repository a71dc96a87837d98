"""Mails as bytes: the parts and their order, names, boundaries, hostile texts; what every mail program can read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.receivables.channels.mime import Mail, Mailbox, Part, composed
from tests.receivables.letters import mail, parts

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PLAIN = Mail("k", Mailbox("Acme", "ar@acme.example"), Mailbox("Ann", "ann@example.org"), (), "Reminder", "text\n", "en", NOW)
PICTURE = Part("qr.png", "image/png", b"\x89PNG", "qr.1@mail")
FILE = Part("F1.pdf", "application/pdf", b"%PDF-1.7\r\n.\r\n" * 100)


def shape(payload: bytes) -> list[str]:
    return [part.get_content_type() for part in mail(payload).walk()]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, ["text/plain"]),
        ({"html": "<p>x</p>"}, ["multipart/alternative", "text/plain", "text/html"]),
        (
            {"html": "<p>x</p>", "pictures": (PICTURE,)},
            ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"],
        ),
        ({"attachments": (FILE,)}, ["multipart/mixed", "text/plain", "application/pdf"]),
        (
            {"html": "<p>x</p>", "pictures": (PICTURE,), "attachments": (FILE, FILE)},
            ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
            + ["application/pdf"] * 2,
        ),
    ],
)
def test_the_parts_stand_where_mail_programs_look_for_them(changes: dict[str, object], wanted: list[str]) -> None:
    payload = composed(PLAIN._replace(**changes))  # type: ignore[arg-type]
    assert shape(payload) == wanted
    assert all(not part.defects for part in mail(payload).walk())
    assert composed(PLAIN._replace(**changes)) == payload  # type: ignore[arg-type]


def test_another_key_has_other_boundaries_and_another_id() -> None:
    made = PLAIN._replace(html="<p>x</p>", attachments=(FILE,))
    marks = [set(re.findall(rb'boundary="([^"]+)"', composed(made._replace(key=key)))) for key in ("a", "b")]
    assert len(marks[0]) == 2
    assert not marks[0] & marks[1]


@pytest.mark.parametrize(
    "name", ['a"; evil="x.pdf', "a\r\nX-Evil: 1.pdf", "../../etc/passwd", "Rechnung Ü 7.pdf", "", "x" * 500, ".hidden"]
)
def test_a_name_of_a_file_is_nothing_but_a_name(name: str) -> None:
    payload = composed(PLAIN._replace(attachments=(FILE._replace(name=name),)))
    found = parts(payload)[1][1]
    assert found
    assert len(found) <= 80
    assert re.fullmatch(r"[A-Za-z0-9_ -][A-Za-z0-9._ -]*", found)
    assert mail(payload)["x-evil"] is None


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=300),
    html=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=300),
    data=st.binary(max_size=300),
)
def test_every_part_is_read_as_it_was_given(text: str, html: str, data: bytes) -> None:
    payload = composed(PLAIN._replace(text=text, html=html, attachments=(FILE._replace(data=data),)))
    found = [content for _, _, content in parts(payload)]
    assert [found[0].decode().replace("\r\n", "\n"), found[1].decode().replace("\r\n", "\n")] == [text, html]
    assert found[2] == data
    assert all(len(line) <= 200 for line in payload.split(b"\r\n"))
    assert b"\n" not in payload.replace(b"\r\n", b"")


def test_lines_of_text_that_look_like_a_boundary_or_an_end_are_text() -> None:
    mark = re.findall(rb'boundary="([^"]+)"', composed(PLAIN._replace(html="x")))[0].decode()
    text = f"--{mark}\n--{mark}--\n.\nFrom me\n"
    payload = composed(PLAIN._replace(text=text, html="x"))
    assert parts(payload)[0][2].decode().replace("\r\n", "\n") == text
