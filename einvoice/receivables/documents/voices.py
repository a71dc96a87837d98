"""Voices: how a message sounds. A voice of several words is spoken from itself, then from each of its words, then from the base."""

from __future__ import annotations

from functools import lru_cache

from einvoice.receivables.policy.model import SEVERE

HUMOUR = "humour"
_LIGHT = 1
"""The firmest message that humour may be in."""


@lru_cache(maxsize=1024)
def parts(voice: str | None) -> tuple[str, ...]:
    """Where the words of a voice are looked for, in order: `personal_solution`, then `personal`, then `solution`."""
    if not voice:
        return ()
    return tuple(dict.fromkeys((voice, *(part for part in voice.split("_") if part))))


def fitting(voice: str | None, document: str, firmness: int, *, grave: bool = False) -> str | None:
    """The voice to speak in: humour is dropped from what is firm or has legal consequences; `grave` says that a law or a case is in it."""
    if voice is None or HUMOUR not in parts(voice) or not (grave or document in SEVERE or firmness > _LIGHT):
        return voice
    return "_".join(part for part in voice.split("_") if part != HUMOUR) or None
