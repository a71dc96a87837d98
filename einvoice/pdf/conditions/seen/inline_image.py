"""The dictionary of an image within a content stream (ISO 32000-1, 8.9.7), keys and names written out."""

from __future__ import annotations

from collections.abc import Sequence

from einvoice.pdf.conditions.seen import tokens
from einvoice.pdf.conditions.seen.tokens import DELIMITER, NAME, NUMBERS, Token

_KEYS = {"BPC": "BitsPerComponent", "CS": "ColorSpace", "D": "Decode", "DP": "DecodeParms", "F": "Filter", "H": "Height"}
_KEYS |= {"IM": "ImageMask", "I": "Interpolate", "W": "Width"}
_SPACES = {"G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "I": "Indexed"}


def entries(operands: Sequence[Token]) -> dict[str, object]:
    """By key, as pikepdf spells keys: a name as text, a truth, a whole number; of an array the list of its names."""
    found: dict[str, object] = {}
    at = 0
    while at < len(operands):
        if operands[at].kind == NAME:
            key = tokens.name(operands[at])[1:]
            found[f"/{_KEYS.get(key, key)}"], at = _value(operands, at + 1)
        else:
            at += 1
    if isinstance(space := found.get("/ColorSpace"), str):
        found["/ColorSpace"] = _SPACES.get(space, space)
    return found


def _value(operands: Sequence[Token], at: int) -> tuple[object, int]:
    """The value that begins there, and where the next key stands."""
    if at >= len(operands):
        return None, at
    token = operands[at]
    if token.kind == NAME:
        return tokens.name(token)[1:], at + 1
    if token.kind == NUMBERS:
        numbers = tokens.numbers(token)
        return int(numbers[0]) if numbers else None, at + 1
    if token.kind == DELIMITER and token.text in {b"[", b"<<"}:
        end = _end(operands, at)
        return [tokens.name(each)[1:] for each in operands[at:end] if each.kind == NAME], end
    return {b"true": True, b"false": False}.get(token.text), at + 1


def _end(operands: Sequence[Token], at: int) -> int:
    depth = 0
    while at < len(operands):
        text = operands[at].text if operands[at].kind == DELIMITER else b""
        depth += (text in {b"[", b"<<"}) - (text in {b"]", b">>"})
        at += 1
        if not depth:
            break
    return at
