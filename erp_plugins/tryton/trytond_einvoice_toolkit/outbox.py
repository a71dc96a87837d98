"""The outbox in Tryton's own table: an effect is a record, planned in the transaction of what it belongs to, relayed by Tryton's cron."""

import json
import os
import socket
from contextlib import contextmanager
from datetime import UTC, datetime

from sql import For
from trytond import backend
from trytond.model import ModelSQL, ModelView, Unique, dualmethod, fields
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from einvoice.errors import DatabaseError
from einvoice.outbox import mode
from einvoice.outbox.effect import Outcome, State
from einvoice.outbox.relaying import deliver
from einvoice.settings import current
from einvoice_plugins import foreign

_STATES = [(state.value, state.value.title()) for state in State]
_MOMENTS = {"next_at", "not_after", "lease_until", "sent_at", "settled_at", "created_at"}


class Outbox(ModelSQL, ModelView):
    """An effect outside, and what became of it."""

    __name__ = "einvoice.outbox"
    _rec_name = "key"

    key = fields.Char("Key", required=True, readonly=True)
    owner = fields.Char("Owner", required=True, readonly=True)
    subject = fields.Char("Subject", required=True, readonly=True)
    channel = fields.Char("Channel", required=True, readonly=True)
    address = fields.Char("Address", required=True, readonly=True)
    payload = fields.Binary("Document", readonly=True)
    headers = fields.Text("Headers", readonly=True)
    resend = fields.Char("Resend", required=True, readonly=True)
    state = fields.Selection(_STATES, "State", required=True, readonly=True, sort=False)
    next_at = fields.Timestamp("Next Attempt", readonly=True)
    not_after = fields.Timestamp("Not After", readonly=True)
    attempts = fields.Integer("Attempts", required=True, readonly=True)
    lease_until = fields.Timestamp("Lease Until", readonly=True)
    worker = fields.Char("Worker", readonly=True)
    provider = fields.Char("Provider's ID", readonly=True)
    proof = fields.Text("Proof", readonly=True)
    reason = fields.Text("Reason", readonly=True)
    redirected = fields.Char("Redirected to", readonly=True)
    doubtful = fields.Boolean("Doubtful", readonly=True, help="An earlier attempt may have arrived.")
    created_at = fields.Timestamp("Created at", readonly=True)
    sent_at = fields.Timestamp("Sent at", readonly=True)
    settled_at = fields.Timestamp("Settled at", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(("key_unique", Unique(table, table.key), "einvoice_toolkit.msg_outbox_key_unique"))
        cls._order = [("id", "DESC")]
        unknown = {"invisible": Eval("state") != State.UNKNOWN.value, "depends": ["state"]}
        cls._buttons.update(arrived=unknown, lost=unknown)

    @classmethod
    def plan(cls, effect):
        """Plans an effect in the current transaction; one whose key is there already stays as it is."""
        found = cls.search([("key", "=", effect.key)], limit=1)
        return found[0] if found else cls.create([_columns(foreign.planned(effect, _now()))])[0]

    @dualmethod
    @ModelView.button
    def arrived(cls, effects):  # noqa: N805 - Tryton's dualmethod gives the class
        """A person has found out that an unknown effect arrived."""
        cls.told(effects, Outcome(State.SENT, reason="a person says that it arrived"))

    @dualmethod
    @ModelView.button
    def lost(cls, effects):  # noqa: N805 - the same
        """A person has found out that an unknown effect did not arrive."""
        cls.told(effects, Outcome(State.FAILED, reason="a person says that it did not arrive"))

    @classmethod
    def told(cls, effects, outcome):
        """Records what is heard of effects in the current transaction, and tells their owners."""
        for effect in effects:
            foreign.report(Rows(), effect.id, outcome, _now(), cls.owners())

    @classmethod
    def owners(cls):
        """Who permits effects and hears of them, by name; other modules add theirs."""
        return {}

    @classmethod
    def senders(cls):
        """The senders by channel; other modules add theirs."""
        return {}

    @classmethod
    def relay(cls):
        """Sends what is due, each effect in a transaction of its own; the cron's own is committed before the first.

        Raises SettingsError, DatabaseError.
        """
        senders = cls.senders()
        recognising = frozenset(channel for channel, sender in senders.items() if sender.recognises_keys)
        store = foreign.ForeignStore(_begin, cls.owners(), _allowed, recognising=recognising)
        store.sweep(_now())
        return deliver(store, senders, _now, worker=f"{socket.gethostname()[:40]}:{os.getpid()}")


class Rows:
    """The records of effects, within the current transaction."""

    def __init__(self):
        self._model = Pool().get("einvoice.outbox")

    @property
    def handle(self):
        """What owners work with."""
        return Pool()

    def due(self, channels, owners, now):
        """See foreign.Rows."""
        table = self._model.__table__()
        where = (table.state == State.PLANNED.value) & (table.next_at <= _naive(now))
        where &= table.channel.in_(list(channels)) & table.owner.in_(list(owners))
        found = self._locked(table, where, [table.next_at, table.id], 1) if channels and owners else []
        return found[0] if found else None

    def by_id(self, row):
        """See foreign.Rows."""
        table = self._model.__table__()
        found = self._locked(table, table.id == row, [table.id], 1, skip=False)
        return found[0] if found else None

    def change(self, row, values):
        """See foreign.Rows."""
        self._model.write([self._model(row)], _columns(values))

    def expired(self, now, most):
        """See foreign.Rows."""
        table = self._model.__table__()
        return self._locked(table, (table.state == State.PLANNED.value) & (table.not_after < _naive(now)), [table.id], most)

    def died(self, now, most):
        """See foreign.Rows."""
        table = self._model.__table__()
        return self._locked(table, (table.state == State.SENDING.value) & (table.lease_until < _naive(now)), [table.id], most)

    def _locked(self, table, where, order, most, *, skip=True):
        query = table.select(table.id, where=where, order_by=order, limit=most)
        transaction = Transaction()
        if transaction.database.has_select_for():
            lock = transaction.database.get_select_for_skip_locked() if skip else For
            query.for_ = lock("UPDATE")
        cursor = transaction.connection.cursor()
        cursor.execute(*query)
        return [_row(record) for record in self._model.browse([found for (found,) in cursor.fetchall()])]


@contextmanager
def _begin():
    """The cron's transaction, ended after each piece of work: on one connection, as SQLite has but one writer.

    Raises DatabaseError where the database does not answer or another worker was first.
    """
    transaction = Transaction()
    try:
        with transaction.set_context(_check_access=False):
            yield Rows()
        transaction.commit()
    except backend.DatabaseOperationalError as fault:
        transaction.rollback()
        raise DatabaseError(str(fault)) from fault
    except BaseException:
        transaction.rollback()
        raise


def _allowed(pool):  # noqa: ARG001 - the store gives its transaction
    """What may leave: all of it, and no more than the settings allow; each service has a switch of its own."""
    ceiling = current().sending
    return mode.Mode(ceiling.mode, ceiling.redirect)


def _row(record):
    names = foreign.Row._fields
    values = {name: getattr(record, name) for name in names if name not in {"headers", "payload", "doubtful"}}
    return foreign.Row(
        headers=json.loads(record.headers or "{}"), payload=bytes(record.payload or b""), doubtful=bool(record.doubtful), **values
    )


def _columns(values):
    """The values as Tryton's fields have them: moments without a zone, headers as text."""
    told = dict(values)
    for name in _MOMENTS & told.keys():
        told[name] = _naive(told[name])
    if "headers" in told:
        told["headers"] = json.dumps(told["headers"])
    return told


def _naive(moment):
    return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _now():
    return datetime.now(UTC)
