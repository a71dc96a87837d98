"""Letters and mails read back: their text, where it stands on the page, the payment codes that a telephone would see."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any, NamedTuple

import pytest

pdfium: Any = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed; the extra `dev` has it")
raw: Any = pytest.importorskip("pypdfium2.raw")
_POINT = 25.4 / 72


class Box(NamedTuple):
    """Where something stands on its page, in millimetres from the left and the upper edge."""

    left: float
    top: float
    right: float
    bottom: float


def written(letter: bytes) -> str:
    """What a letter says, page after page."""
    return "\n".join(each(letter))


def each(letter: bytes) -> list[str]:
    """What each page of a letter says."""
    document = pdfium.PdfDocument(letter)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    finally:
        document.close()


def signs(letter: bytes, number: int = 0) -> list[tuple[str, Box]]:
    """Every character of a page, with its box."""
    document = pdfium.PdfDocument(letter)
    page = document[number]
    text, height = page.get_textpage(), page.get_height()
    found = []
    for at in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(at)
        box = Box(left * _POINT, (height - top) * _POINT, right * _POINT, (height - bottom) * _POINT)
        found.append((chr(raw.FPDFText_GetUnicode(text, at)), box))
    return found


def boxes(letter: bytes, number: int = 0) -> list[Box]:
    """The boxes of the runs of text on a page."""
    document = pdfium.PdfDocument(letter)
    page = document[number]
    text, height = page.get_textpage(), page.get_height()
    found = [text.get_rect(at) for at in range(text.count_rects())]
    return [Box(left * _POINT, (height - top) * _POINT, right * _POINT, (height - bottom) * _POINT) for left, bottom, right, top in found]


def place(letter: bytes, wanted: str, number: int = 0) -> Box:
    """Where a text stands first."""
    made = signs(letter, number)
    at = "".join(sign for sign, _ in made).index(wanted)
    boxes = [box for sign, box in made[at : at + len(wanted)] if sign.strip()]
    return Box(
        min(box.left for box in boxes), min(box.top for box in boxes), max(box.right for box in boxes), max(box.bottom for box in boxes)
    )


def codes(letter: bytes) -> list[str]:
    """The texts of the QR codes on the pages of a letter, as a reader decodes them from the picture."""
    document = pdfium.PdfDocument(letter)
    return [text for page in document for text in seen(page.render(scale=2, grayscale=True).to_pil())]


def seen(picture: Any) -> list[str]:
    """The texts of the QR codes in a picture."""
    zxing = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed; the extra `dev` has it")
    only = {"formats": zxing.BarcodeFormat.QRCode, "try_rotate": False, "try_invert": False}
    return [found.text for found in zxing.read_barcodes(picture, **only)]


def mail(payload: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    made = email.message_from_bytes(payload, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def parts(payload: bytes) -> list[tuple[str, str | None, bytes]]:
    """The type, file name and bytes of every part of a mail that is no container; none has a defect."""
    found = []
    for part in mail(payload).walk():
        assert not part.defects
        if not part.is_multipart():
            data: Any = part.get_payload(decode=True)
            found.append((part.get_content_type(), part.get_filename(), bytes(data)))
    return found
