"""Colours that can be read: contrast as WCAG 2.2 reckons it, and a shade of a colour that has enough of it.

Source: Web Content Accessibility Guidelines (WCAG) 2.2, success criterion 1.4.3 and the definitions of relative luminance and contrast
ratio.
"""

from __future__ import annotations

from typing import NamedTuple

ENOUGH = 4.5
"""The least contrast of text with its ground (level AA)."""


class Colour(NamedTuple):
    """Red, green and blue, each 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)


def colour(text: str) -> Colour:
    """A colour from #rgb or #rrggbb.

    Raises ValueError for anything else.
    """
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not text.startswith("#") or len(digits) != 6 or not digits.isascii() or not digits.isalnum():
        raise ValueError("a colour is # and six hexadecimal digits")
    return Colour(*bytes.fromhex(digits))


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour of which `share` is the first, the rest the second."""
    return Colour(*(round(first * share + second * (1 - share)) for first, second in zip(one, other, strict=True)))


def luminance(of: Colour) -> float:
    """Relative luminance, 0 for black and 1 for white."""
    red, green, blue = (_linear(part / 255) for part in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(text: Colour, ground: Colour) -> Colour:
    """The colour itself where it can be read on the ground, else the nearest shade of it that can."""
    end = BLACK if luminance(ground) > 0.18 else WHITE
    return next(shade for step in range(101) if contrast(shade := mixed(end, text, step / 100), ground) >= ENOUGH or step == 100)
