"""The tokens of a content stream (ISO 32000-1, 7.2, 7.8.2), by one regular expression; runs of numbers are one token."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

NUMBERS, NAME, STRING, HEX, OPERATOR, DELIMITER = range(1, 7)
_TOKEN = re.compile(
    rb"([\s\0\d+\-.]++)"
    rb"|(/[^\s\0()<>\[\]{}/%]*+)"
    rb"|(\([^()\\]*+(?:\\.[^()\\]*+)*+\))"
    rb"|(<(?!<)[^<>]*+>)"
    rb"|([^\s\0()<>\[\]{}/%\d+\-.][^\s\0()<>\[\]{}/%]*+)"
    rb"|(\[|\]|<<|>>|\{|\}|%[^\r\n]*+|.)",
    re.DOTALL,
)
_NUMBERS = rb"[\s\0\d+\-.]++"
_OPERANDS = rb"|/[^\s\0()<>\[\]{}/%]*+|\([^()\\]*+(?:(?:\\.|\([^()\\]*+(?:\\.[^()\\]*+)*+\))[^()\\]*+)*+\)|<(?!<)[^<>]*+>"
_DELIMITED = rb"(?=[\s\0()<>\[\]{}/%]|$)"
_WORD = rb"(?:true|false|null)" + _DELIMITED
_ARRAY = rb"\[(?:" + _NUMBERS + _OPERANDS + rb")*+\]"
_PLAIN = _NUMBERS + _OPERANDS + rb"|" + _ARRAY + rb"|<<(?:" + _NUMBERS + _OPERANDS + rb"|" + _WORD + rb"|" + _ARRAY + rb")*+>>|%[^\r\n]*+"
_PASSED = rb"(?:m|l|c|v|y|h|re|n|W\*?|cm|BT|ET|T[dDm*cwzLs]|w|J|j|M|d0?|i|EMC|BX|EX|sc|SC)" + _DELIMITED
_INSTRUCTION = re.compile(
    rb"((?:" + _PLAIN + rb"|" + _WORD + rb"|" + _PASSED + rb")*+)([^\s\0()<>\[\]{}/%\d+\-.][^\s\0()<>\[\]{}/%]*+)", re.DOTALL
)
_TEXT = rb"\([^()]*+(?<!\\)\)|\([^()\\]*+(?:\\.[^()\\]*+)*+\)|<[0-9A-Fa-f]*+>"
"""A string: mostly one without parentheses in it, which is passed at once, escapes and all."""
_PLACED = rb"[0-9.+\-\s]++"
_LINE = re.compile(
    rb"(?:\s*+EMC)?+\s*+(?:/[A-Za-z]++<<[^<>()]*+>>BDC)?+\s*+q"
    + _PLACED
    + rb"cm\s*+(/[A-Za-z0-9]++) cs"
    + _PLACED
    + rb"scn\s++BT\s++0 Tr\s*+"
    rb"(/[A-Za-z0-9]++)"
    + _PLACED
    + rb"Tf"
    + _PLACED
    + rb"Tm\s*+(\[(?:[0-9.+\-]++|"
    + _TEXT
    + rb")*+\]|"
    + _TEXT
    + rb")\s*+T[jJ]\s++ET\s++Q(?=\s)",
    re.DOTALL,
)
LINE = b"line of text"
"""What `instructions` calls a line of text in one colour and font that begins and ends with its graphics state, as Typst writes it."""
NONE = b""
"""What `instructions` calls strings at the end of the data that no operator follows."""
_END_OF_IMAGE = re.compile(rb"(?<=[\s\0])EI(?=[\s\0]|/|$)")
_STRING = re.compile(
    rb"\(([^()]*+)(?<!\\)\)|\(([^()\\]*+(?:(?:\\.|\([^()\\]*+(?:\\.[^()\\]*+)*+\))[^()\\]*+)*+)\)|(<(?!<)[^<>]*+>)", re.DOTALL
)
_BEGINNINGS, _ENDS = frozenset({b"[", b"<<"}), frozenset({b"]", b">>"})
_WORDS = frozenset({b"true", b"false", b"null"})
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_PARENTHESES = re.compile(rb"(?:\(\))++|(\(++)|(\)++)|\\.", re.DOTALL)
_ODD_ESCAPE = re.compile(rb"\\[^0-7nrtbf\\]|\\[4-7][0-7][0-7]|\\$")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_NAME = re.compile(rb"/[^\s\0()<>\[\]{}/%]*+")
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


def instructions(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every operator with its operands as they stand; those that draw paths and place text are passed over, with numbers before it.

    A whole line of text is one instruction, LINE, with colour space, font and strings. The operands of `EI` are the dictionary of the
    image; without one it is no operator. Where operands cannot be told at a glance, as in a string with parentheses within parentheses,
    they are read token by token.
    """
    at, image = 0, None
    while at < len(data):
        if line := _LINE.match(data, at):
            at = line.end()
            yield LINE, b" ".join(line.groups())
            continue
        found = _INSTRUCTION.match(data, at)
        if found is None:
            at, operands, operator = _slowly(data, at)
            if not operator:
                if b"(" in operands or b"<" in operands:
                    yield NONE, operands
                return
        else:
            operands, operator, at = found[1], found[2], found.end()
        if operator == b"ID":
            end, image = _END_OF_IMAGE.search(data, at), operands
            at = end.start() if end else len(data)
        elif operator == b"EI":
            yield (b"EI", image) if image is not None else (b"EI without ID", operands)
            image = None
        else:
            yield operator, operands


def _slowly(data: bytes, begin: int) -> tuple[int, bytes, bytes]:
    """Where the next instruction ends, its operands, and its operator; an empty one at the end of the data."""
    at, depth = begin, 0
    while found := _TOKEN.match(data, at):
        at = found.end()
        depth += found[0] in _BEGINNINGS
        depth -= found[0] in _ENDS and depth > 0
        if found.lastindex == DELIMITER and found[0] == b")":  # the end of a string that did not begin
            return at, data[begin : found.start()], b")"
        if found.lastindex == OPERATOR and found[0] not in _WORDS and not depth:
            return at, data[begin : found.start()], found[0]
        if found.lastindex == DELIMITER and found[0] == b"(":
            at = end_of_string(data, at)
    return len(data), data[begin:], b""


def closes_too_much(operands: bytes) -> bool:
    """Whether a dictionary ends among operands that did not begin."""
    found = [each.text for each in tokens(operands) if each.kind == DELIMITER]
    return found.count(b">>") > found.count(b"<<")


def end_of_string(data: bytes, at: int) -> int:
    """Where a string ends that has parentheses in it, or the data."""
    depth = 1
    for found in _PARENTHESES.finditer(data, at):
        if found[1]:
            depth += len(found[1])
        elif found[2] and len(found[2]) >= depth:
            return found.start() + depth
        elif found[2]:
            depth -= len(found[2])
    return len(data)


def strings(operands: bytes) -> list[bytes]:
    """What the strings among operands stand for."""
    if b"\\(" in operands or b"\\)" in operands:
        operands = operands.replace(b"\\\\", b"\\134").replace(b"\\(", b"\\050").replace(b"\\)", b"\\051")
    found = _STRING.findall(operands)
    if operands.count(b"(") > len(found) and _is_too_deep(operands, found):
        return [string(each) for each in tokens(operands) if each.kind in {STRING, HEX}]
    literal = _literal if _ODD_ESCAPE.search(operands) else _plain_literal
    return [_hexadecimal(digits[1:-1]) if digits else literal(plain or inner) for plain, inner, digits in found]


def _is_too_deep(operands: bytes, found: list[tuple[bytes, ...]]) -> bool:
    """Whether a string has parentheses within parentheses, or does not end: one begins outside of those that were found."""
    within = b"".join(part for each in found for part in each).count(b"(")
    return operands.count(b"(") > within + sum(not digits for _, _, digits in found)


def may_have_string(text: bytes, size: int) -> bool:
    """Whether a string in a text is written with more than so many bytes, or parentheses within it hide how many they are."""
    if not _is_long(text, size):
        return False
    parts = _STRING.split(text)  # what is between strings, then of each what is within parentheses, or a string of digits
    if any(b"(" in part for part in parts[::4]) or any(part and len(part) > size for part in parts[3::4]):
        return True
    return any(part and len(part) + 2 > size for at in (1, 2) for part in parts[at::4])


def _is_long(text: bytes, size: int) -> bool:
    """Whether so much stands between two beginnings of strings, or one ends after another begins."""
    literal = text.replace(b"\\(", b"\\ ").split(b"(")[1:]
    return any(len(each) > size or b")" not in each for each in literal) or any(len(each) > size for each in text.split(b"<")[1:])


def string(token: Token) -> bytes:
    """The bytes that a string stands for."""
    return _hexadecimal(token.text[1:-1]) if token.kind == HEX else _literal(token.text[1:-1])


def _hexadecimal(digits: bytes) -> bytes:
    try:
        return bytes.fromhex(digits.decode())
    except ValueError:
        plain = _NOT_HEX.sub(b"", digits)
        return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode())


def _literal(inner: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, inner) if _ODD_ESCAPE.search(inner) else _plain_literal(inner)


def _plain_literal(inner: bytes) -> bytes:
    """A string whose escapes are those of C, which are the same but for parentheses and ends of line."""
    plain: bytes = codecs.escape_decode(inner)[0]
    return plain


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


def last_name(operands: bytes) -> str | None:
    """The last operand where that is a name; a font's size after it does not count."""
    at = operands.rfind(b"/")
    if at < 0:
        return None
    word = operands[at + 1 :].split(None, 1)[:1]
    if word and word[0].isalnum():
        return "/" + word[0].decode()
    found = _NAME.match(operands, at)
    return None if found is None else name(Token(NAME, found[0]))


def numbers(token: Token) -> list[float]:
    """The numbers of a run; what is none of them is left out."""
    found = []
    for text in token.text.split():
        try:
            found.append(float(text))
        except ValueError:
            continue
    return found
