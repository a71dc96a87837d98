"""A large document takes the whole way in bounded memory, and is proven."""

from __future__ import annotations

import pytest

from tests.peppol.sending_large import SHAPES, large


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_document_is_sent_in_bounded_memory(shape: str) -> None:
    found = large(shape, 20_000_000)
    assert found.state == "sent"
    assert found.size > 18_000_000
    assert found.above < 16
