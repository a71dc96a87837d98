"""The judge of the kills itself: the test's mail server writes down exactly what it took."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from tests import smtp


def _mail(number: int) -> bytes:
    return f"Message-ID: <m{number}@test>\r\nSubject: x\r\n\r\ntext\r\n".encode()


@pytest.mark.parametrize("where", [smtp.serving, smtp.apart])
def test_what_was_accepted_is_in_the_log_and_nothing_else(where: object, tmp_path: Path) -> None:
    with where(tmp_path / "log") as box, smtplib.SMTP(box.host, box.port, "localhost", timeout=5) as client:  # type: ignore[operator]
        client.sendmail("us@test", ["a@test", "b@test"], _mail(1))
        for name, fault in [("refuse", smtplib.SMTPRecipientsRefused), ("refused-text", smtplib.SMTPDataError)]:
            with pytest.raises(fault):
                client.sendmail("us@test", [f"{name}@test"], _mail(2))
        client.sendmail("us@test", ["c@test"], _mail(3))
        assert [(one.message_id, one.recipients) for one in box.accepted()] == [("m1@test", ("a@test", "b@test")), ("m3@test", ("c@test",))]


def test_a_connection_that_breaks_after_the_text(tmp_path: Path) -> None:
    with smtp.serving(tmp_path / "log") as box:
        client = smtplib.SMTP(box.host, box.port, "localhost", timeout=5)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.sendmail("us@test", ["break@test"], _mail(1))
        client.close()
        assert len(box.accepted()) == 1
