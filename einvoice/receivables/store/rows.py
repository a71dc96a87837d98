"""Actions as rows of the database: of the actions themselves, and of what they take of invoices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Date, Integer, MetaData, String, Table

from einvoice.database.types import Key, Money
from einvoice.money import to_mills
from einvoice.receivables.actions import Action, to_json
from einvoice.receivables.store.bodies import action_json
from einvoice.receivables.store.loading import moment

ACTION = (
    "id run_id creditor_id debtor_id day kind flow flow_version step step_offset currency amount body policy rates not_before not_after "
    "state final notice"
).split()
"""The columns of a saved action, in the order of `Rows.actions`."""

ARRIVING = Table(  # what the actions that are being saved take, each invoice and channel a row
    "arriving",
    MetaData(),
    Column("action_id", String(40)),
    Column("debtor_id", Key),
    Column("day", Date),
    Column("invoice_id", Key),
    Column("channel", String(20)),
    Column("flow", String(60)),
    Column("flow_version", String(16)),
    Column("step", String(60)),
    Column("step_offset", Integer),
    Column("amount", Money),
    Column("stage", String(12)),  # None: as it is
    Column("token", String(130)),  # what the trail gains
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


class Rows:
    """Makes rows for a run; days and moments become the database's text once each."""

    def __init__(self, connection: Connection, run_id: int) -> None:
        self._connection = connection
        self._run = run_id
        self._texts: dict[date | datetime, str] = {}

    def actions(self, actions: Mapping[str, Action]) -> Iterator[tuple[Any, ...]]:
        """A row for each action, by its id."""
        for key, action in actions.items():
            yield (
                key, self._run, action.creditor, action.debtor, self._text(action.day), action.kind, action.flow, action.flow_version,
                action.step, action.offset, action.currency, to_mills(action.amount), action_json(action), action.policy, action.rates,
                self._text(action.not_before), self._text(action.not_after), "planned", action.final, action.notice,
            )  # fmt: skip

    def arriving(self, actions: Mapping[str, Action]) -> Iterator[tuple[Any, ...]]:
        """A row for each invoice of each action and each of its channels."""
        for key, action in actions.items():
            day, token = self._text(action.day), f"{action.flow}.{action.step} "
            stage = "final" if action.final or action.kind == "handover" else None
            step = (action.flow, action.flow_version, action.step, action.offset)
            for channel in channels(action):
                for claimed in action.invoices:
                    amount = to_mills(claimed.amount)
                    yield key, action.debtor, day, claimed.invoice, channel, *step, amount, stage, token

    def anew(self, action: Action) -> dict[str, Any]:
        """What of a withdrawn action changes when it is planned again."""
        same = ("kind", "flow", "currency", "amount", "policy", "rates", "not_before", "not_after", "final", "notice")
        gone = dict.fromkeys(("reason", "settled_on", "counted_on"))
        what = {name: getattr(action, name) for name in same}
        return {"run_id": self._run, "state": "planned", "step_offset": action.offset, "body": to_json(action), **what, **gone}

    def _text(self, value: date | datetime) -> str:
        found = self._texts.get(value)
        if found is None:
            found = moment(self._connection, value) if isinstance(value, datetime) else value.isoformat()
            self._texts[value] = found
        return found


def channels(action: Action) -> tuple[str, ...]:
    """The channels by which an action takes its step; "-" where no message goes out."""
    return tuple(dict.fromkeys(message.channel for message in action.messages)) or ("-",)
