"""A call after an ignored mail: what came back was not ignored, nor what was answered or paid; an automatic answer is none."""

from __future__ import annotations

from pathlib import Path

from tests.receivables.ignored import WANTED, month
from tests.smtp import serving


def test_only_an_ignored_mail_becomes_a_call(tmp_path: Path) -> None:
    with serving(tmp_path / "mail.log") as mail:
        assert month(tmp_path, mail) == WANTED
