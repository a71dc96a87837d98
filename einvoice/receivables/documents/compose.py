"""What a message says, composed once from facts and words; every form of it (mail, letter, short message, call) says the same."""

from __future__ import annotations

from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.parties import Facts


def content(facts: Facts, channel: str, key: str) -> Content:
    """The document of an action by a channel; `key` is that of its effect, which the check code is derived from.

    Raises Missing where a field or a sentence that it needs is not there.
    """
    raise NotImplementedError
