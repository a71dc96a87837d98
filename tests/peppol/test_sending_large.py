"""A large document takes the whole way in bounded memory, arrives whole, and is proven."""

from __future__ import annotations

import pytest

from tests.peppol.sending_large import measured


@pytest.mark.parametrize("line", [None, 1_000])
def test_a_large_document_is_sent_in_bounded_memory(line: int | None) -> None:
    found = measured(20_000_000, line)
    assert found.size >= 20_000_000
    assert (found.state, found.arrived) == ("sent", True)
    assert found.above < 16
