"""What a provider's reason for not delivering says: of the number, of the moment, or of us; from failures.json.

Only what is known to be about the number marks it as wrong. What passes is no contact and marks nothing; everything else is a person's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from einvoice.outbox import Outcome, State


def failure(provider: str, ref: str, words: str, *codes: object) -> Outcome:
    """The outcome of a message that did not arrive; `codes` are what the provider says why, numbers or words."""
    kinds: Mapping[str, Sequence[Any]] = _table()[provider]
    said = {str(code).lower() for code in codes if code not in (None, "")}
    text = f"{words} {' '.join(sorted(said))}".strip()[:300]
    if said & {str(code) for code in kinds["number"]}:
        return Outcome(State.FAILED, ref, reason=f"recipient: {text}")
    if said & {str(code) for code in kinds["passing"]}:
        return Outcome(State.FAILED, ref, reason=f"4.4.1 {text}")
    return Outcome(State.FAILED, ref, reason=f"sender: {text}")


@cache
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(files("einvoice.receivables.incoming.hooks").joinpath("failures.json").read_bytes())
    return found
