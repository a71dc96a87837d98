"""Who is given what comes: the handlers that the settings lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from einvoice.settings import Settings
    from einvoice_peppol.inbox import After, Handler


def handlers(settings: Settings) -> list[Handler]:
    """Those that take answers to what we sent, and the folder of [peppol] inbox for the rest, where one is named."""
    from einvoice_peppol.answers.hearing import AnswerHandler
    from einvoice_peppol.inbox.folder import FolderHandler
    from einvoice_peppol.sending import PeppolOwner

    found: list[Handler] = [AnswerHandler({"peppol": PeppolOwner()}, _followers())]
    if settings.peppol.inbox is not None:
        found.append(FolderHandler(settings.peppol.inbox))
    return found


def _followers() -> list[object]:
    """The receivables, where their extra is installed: an objection stops follow-up."""
    try:
        from einvoice_peppol.receivables import follower
    except ModuleNotFoundError:
        return []
    return [follower()]


def after(settings: Settings) -> After | None:
    """What is told of each message."""
    return None
