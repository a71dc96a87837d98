"""What we send: submitted through the gate, prepared, made durable, sent until proven.

`submit` writes a row in the caller's transaction, without any network. `prepare` finds the receiver, wraps, signs and encrypts, and
commits the finished bytes as an effect of the outbox. Only then does a `PeppolSender` touch the network; `PeppolOwner` keeps what it
proves. What each needs is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einvoice_peppol.sending.again import cancel, resend
    from einvoice_peppol.sending.gate import submit
    from einvoice_peppol.sending.means import Means
    from einvoice_peppol.sending.owner import PeppolOwner
    from einvoice_peppol.sending.preparing import prepare
    from einvoice_peppol.sending.rows import effect_of
    from einvoice_peppol.sending.running import run
    from einvoice_peppol.sending.sender import PeppolSender

__all__ = ["Means", "PeppolOwner", "PeppolSender", "cancel", "effect_of", "prepare", "resend", "run", "submit"]

_HOMES = {
    "Means": "means",
    "PeppolOwner": "owner",
    "PeppolSender": "sender",
    "cancel": "again",
    "effect_of": "rows",
    "prepare": "preparing",
    "resend": "again",
    "run": "running",
    "submit": "gate",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"{__name__} has no {name}")
