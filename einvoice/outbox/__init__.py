"""The one outbox: every effect outside is a row before it happens, and nothing is sent twice.

`effect` (states, protocols) needs nothing besides Python; what keeps effects in SQL is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from einvoice.outbox.effect import NEXT, Effect, Outcome, Owner, Permission, Resend, Sender, Settled, State, Store

if TYPE_CHECKING:
    from einvoice.outbox.publishing import publish
    from einvoice.outbox.relaying import Counts, relay
    from einvoice.outbox.rows import add, add_all, cancel, report
    from einvoice.outbox.sql import SqlStore

__all__ = [
    "NEXT",
    "Counts",
    "Effect",
    "Outcome",
    "Owner",
    "Permission",
    "Resend",
    "Sender",
    "Settled",
    "SqlStore",
    "State",
    "Store",
    "add",
    "add_all",
    "cancel",
    "publish",
    "relay",
    "report",
]

_IN_SQL = {
    "Counts": "relaying",
    "SqlStore": "sql",
    "add": "rows",
    "add_all": "rows",
    "cancel": "rows",
    "publish": "publishing",
    "relay": "relaying",
    "report": "rows",
}


def __getattr__(name: str) -> Any:
    if name in _IN_SQL:
        return getattr(import_module(f"einvoice.outbox.{_IN_SQL[name]}"), name)
    raise AttributeError(f"einvoice.outbox has no {name}")
