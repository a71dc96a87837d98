"""What may leave: nothing (`dry_run`), everything to one address (`redirect`), or everything where it belongs (`live`).

The mode stands in the database, `dry_run` until somebody sets it; `[sending] mode` is a ceiling on it. It is read in the transaction
that takes an effect: a switch back holds from the next one on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from einvoice.errors import OutboxError, SettingsError
from einvoice.outbox.effect import State
from einvoice.outbox.tables import OUTBOX, SWITCHES
from einvoice.settings import Sending

DRY_RUN, REDIRECT, LIVE = "dry_run", "redirect", "live"
_ORDER = (DRY_RUN, REDIRECT, LIVE)
_STATED = select(SWITCHES.c.value).where(SWITCHES.c.name == bindparam("name"))
_FITS = {
    "email": r"[^\s@]+@[^\s@]+",
    "webhook": r"https?://\S+",
    **dict.fromkeys(("sms", "whatsapp", "computer_call"), r"\+[0-9 ]{6,20}"),
}


class Mode(NamedTuple):
    """dry_run, redirect or live; `address` is where everything goes in redirect."""

    name: str = DRY_RUN
    address: str | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.address}" if self.address else self.name

    def takes(self, channel: str) -> bool:
        """Whether something may be sent over a channel: in redirect only over one that the address belongs to."""
        if self.name == REDIRECT:
            return bool(self.address and re.fullmatch(_FITS.get(channel.partition(":")[0], "(?!)"), self.address))
        return self.name == LIVE


def current(connection: Connection) -> Mode:
    """The mode that the database states; dry_run where it states none, or what nobody understands."""
    name, _, address = str(connection.execute(_STATED, {"name": "mode"}).scalar() or DRY_RUN).partition(" ")
    if name == LIVE or (name == REDIRECT and address):
        return Mode(name, address or None)
    return Mode()


def effective(connection: Connection, ceiling: Sending) -> Mode:
    """The mode in force: what the database states, and no more than the ceiling.

    Raises SettingsError where the ceiling is redirect, the database says live, and neither names an address.
    """
    stated = current(connection)
    name = min(stated.name, ceiling.mode, key=_ORDER.index)
    if name != REDIRECT:
        return Mode(name)
    address = ceiling.redirect or stated.address
    if address is None:
        raise SettingsError("[sending] mode is redirect, but nothing says where to; write [sending] redirect = ADDRESS")
    return Mode(REDIRECT, address)


def set_dry_run(connection: Connection, now: datetime, by: str, note: str | None = None) -> None:
    """From now on nothing is sent."""
    _set(connection, DRY_RUN, now, by, note)


def set_redirect(connection: Connection, address: str, now: datetime, by: str, note: str | None = None) -> None:
    """From now on everything goes to one address, by the channel it belongs to.

    Raises OutboxError for what is neither an e-mail address, a telephone number (+…) nor a web address.
    """
    if not any(re.fullmatch(pattern, address) for pattern in _FITS.values()):
        raise OutboxError(f"{address!r} is no address to redirect to; write an e-mail address, +TELEPHONE or https://…")
    _set(connection, f"{REDIRECT} {address}", now, by, note)


def set_live(connection: Connection, counts: Mapping[str, int], confirmed: str, now: datetime, by: str, note: str | None = None) -> None:
    """From now on everything goes where it belongs. `counts` is what would go out now; `confirmed` is the word shown with it.

    Raises OutboxError where the word is not the one of these counts: it was not shown, or something changed since.
    """
    if confirmed != confirmation(counts):
        raise OutboxError("what would go out is not what was confirmed; look at it again, and confirm with the word shown below it")
    _set(connection, LIVE, now, by, note)


def confirmation(counts: Mapping[str, int]) -> str:
    """The word that confirms counts: eight characters that change with any of them."""
    return hashlib.sha256(json.dumps(sorted(counts.items())).encode()).hexdigest()[:8]


def waiting(connection: Connection) -> dict[str, int]:
    """How many effects are planned, by owner and channel."""
    rows = connection.execute(
        select(OUTBOX.c.owner, OUTBOX.c.channel, func.count())
        .where(OUTBOX.c.state == State.PLANNED)
        .group_by(OUTBOX.c.owner, OUTBOX.c.channel)
        .order_by(OUTBOX.c.owner, OUTBOX.c.channel)
    )
    return {f"{owner} {channel}": count for owner, channel, count in rows}


def _set(connection: Connection, value: str, now: datetime, by: str, note: str | None) -> None:
    connection.execute(delete(SWITCHES).where(SWITCHES.c.name == "mode"))
    connection.execute(insert(SWITCHES).values(name="mode", value=value, set_at=now, set_by=by, note=note))
