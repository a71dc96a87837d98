"""axe-core finds nothing on the HTML of mails: wide and narrow, by day and by night, in the style of the package and of a pale house."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.receivables.documents import forms, sample
from einvoice.receivables.documents.templates import load
from einvoice.rendering.house import House
from einvoice.rendering.style import Style
from tests.rendering import axe

pytestmark = pytest.mark.slow

POLICY = '<meta http-equiv="Content-Security-Policy" content="">'
"""What `axe` takes out of a page to let its script in; a mail has none."""
PALE = House(None, Style()._replace(accent="#ffcc00"))


def page(kind: str, language: str, house: House) -> bytes:
    """A mail as a page of its own."""
    content = sample.message(kind, language, None, 2, "email", load(None))
    return forms.html(content, house).replace("<head>", f"<head>{POLICY}", 1).encode()


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", [1100, 500])
@pytest.mark.parametrize("house", [House(), PALE], ids=["package", "pale"])
@pytest.mark.parametrize("kind", ["reminder", "statement", "thank_you"])
def test_axe_finds_nothing(kind: str, house: House, width: int, dark: bool, tmp_path: Path) -> None:
    found = axe.examine(page(kind, "de", house), tmp_path, width=width, dark=dark)
    assert found.violated == ()
    assert len(found.held) > 12


def test_it_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = page("reminder", "en", House()).replace(b'<html lang="en"', b"<html", 1).replace(b"color:#59616b", b"color:#c0c0c0")
    found = axe.examine(wrong, tmp_path, width=1100)
    assert {rule.split()[0] for rule in found.violated} >= {"html-has-lang", "color-contrast"}


@pytest.mark.parametrize("width", [320, 400, 620, 621, 1024])
def test_no_mail_is_wider_than_its_window(width: int, tmp_path: Path) -> None:
    for kind in ("reminder", "statement", "plan"):
        assert axe.overflow(page(kind, "fr", House()), tmp_path, width=width) == 0
