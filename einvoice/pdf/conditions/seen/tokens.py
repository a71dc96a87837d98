"""The tokens of a content stream (ISO 32000-1, 7.2, 7.8.2), by one regular expression; runs of numbers are one token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

NUMBERS, NAME, STRING, HEX, OPERATOR, DELIMITER = range(1, 7)
_TOKEN = re.compile(
    rb"([\s\0\d+\-.]++)"
    rb"|(/[^\s\0()<>\[\]{}/%]*+)"
    rb"|(\((?:[^()\\]++|\\.)*+\))"
    rb"|(<(?!<)[^<>]*+>)"
    rb"|([^\s\0()<>\[\]{}/%\d+\-.][^\s\0()<>\[\]{}/%]*+)"
    rb"|(\[|\]|<<|>>|\{|\}|%[^\r\n]*+|.)",
    re.DOTALL,
)
_END_OF_IMAGE = re.compile(rb"(?<=[\s\0])EI(?=[\s\0]|/|$)")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]")
_EMPTY = bytes(range(10)) + b"\v\f\r\x0e "


class Token(NamedTuple):
    """Its kind, and its bytes as they stand."""

    kind: int
    text: bytes


def tokens(data: bytes) -> Iterator[Token]:
    """Every token but white space and comments; the samples of an inline image are one string."""
    at = 0
    while at < len(data):
        for found in _TOKEN.finditer(data, at):
            kind, text = found.lastindex or 0, found[0]
            at = found.end()
            if kind == DELIMITER:
                if text == b"(":
                    at = end_of_string(data, at)
                    yield Token(STRING, data[found.start() : at])
                    break
                if text[:1] != b"%":
                    yield Token(kind, text)
            elif kind == OPERATOR and text == b"ID":
                end = _END_OF_IMAGE.search(data, at)
                yield Token(kind, text)
                at = end.start() if end else len(data)
                break
            elif kind != NUMBERS or not text.isspace():
                yield Token(kind, text)


def end_of_string(data: bytes, at: int) -> int:
    """Where a string ends that has parentheses in it, or the data."""
    depth = 1
    while depth and at < len(data):
        byte = data[at]
        depth += (byte == 0x28) - (byte == 0x29)
        at += 2 if byte == 0x5C else 1
    return min(at, len(data))


def string(token: Token) -> bytes:
    """The bytes that a string stands for."""
    if token.kind == HEX:
        digits = _NOT_HEX.sub(b"", token.text)
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    inner = token.text[1:-1]
    return _ESCAPE.sub(_unescaped, inner) if b"\\" in inner else inner


def _unescaped(found: re.Match[bytes]) -> bytes:
    text = found[1]
    if text[0] in b"01234567" and text.isdigit():
        return bytes((int(text, 8) & 0xFF,))
    return _ESCAPES.get(text, text)


def name(token: Token) -> str:
    """The name with its solidus, as pikepdf spells it."""
    text = token.text
    if b"#" in text:
        text = _NAME_ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), text)
    return text.decode("utf-8", "replace")


def numbers(token: Token) -> list[float]:
    """The numbers of a run; what is none of them is left out."""
    found = []
    for text in token.text.split():
        try:
            found.append(float(text))
        except ValueError:
            continue
    return found
