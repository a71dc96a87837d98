"""The mask of a QR code is the one that a full evaluation finds, and the symbol is the one that another writer makes."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as some

from einvoice.rendering import qr
from einvoice.rendering.masks import symbol
from tests.rendering.pages import parse


def by_segno(text: str) -> tuple[str, ...]:
    """The rows of the symbol with the mask that segno finds."""
    made = segno.make(text, error="m", micro=False, boost_error=False, encoding="utf-8")
    return tuple("".join("1" if module else "0" for module in row) for row in made.matrix)


@settings(max_examples=60, deadline=None)
@given(some.text(some.characters(codec="utf-8"), min_size=1, max_size=150))
def test_any_text(text: str) -> None:
    assert symbol(text) == by_segno(text)


@pytest.mark.parametrize("length", [1, 20, 60, 100, 150, 200, 260, 331, 700])
def test_every_size_up_to_more_than_a_payment_needs(length: int) -> None:
    assert symbol("BCD\n002\n" + "aÉ€"[length % 3] * length) == by_segno("BCD\n002\n" + "aÉ€"[length % 3] * length)


def test_the_picture_has_a_quiet_zone_and_each_run() -> None:
    code = parse(qr.svg("x").encode())
    assert code.xpath("//svg/@viewbox") == ["0 0 29 29"]
    (path,) = code.xpath("//path[@stroke]/@d")
    assert path.startswith("M4 4.5h7")
