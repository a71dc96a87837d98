"""Bombs are stopped, in a process of their own whose memory is watched; large messages are not, and take as little."""

from __future__ import annotations

import sys

import pytest

from tests.peppol.as4_bombs import explode
from tests.speed import peppol_receiving

linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux shows it")


@linux
def test_bombs_are_stopped() -> None:
    bombs = explode(1_000_000_000)
    assert len(bombs) > 15
    assert [bomb.name for bomb in bombs if not bomb.is_refused] == []
    assert max(bomb.megabytes for bomb in bombs) < 50
    assert max(bomb.seconds for bomb in bombs) < 10


@linux
@pytest.mark.parametrize("shape", ["lines", "node"])
def test_a_large_document_takes_little_memory(shape: str) -> None:
    found = peppol_receiving.large(shape, 20_000_000)
    assert found.document >= 20
    assert found.above < 32
