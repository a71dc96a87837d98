"""An invoice leaves one company for another and arrives, is checked, is answered, and the answer stops follow-up at the first."""

from __future__ import annotations

from pathlib import Path

from tests.peppol.loopback_story import EXPECTED, told


def test_an_invoice_is_sent_checked_answered_and_disputed(tmp_path: Path) -> None:
    assert told(tmp_path) == EXPECTED
