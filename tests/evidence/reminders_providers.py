"""Providers of messages, each beside a local server that behaves as its published API says; and keys of a computer call."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from tests.evidence import Figure, figure, scaled

_NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
_BAR = "every behaviour known for what it is, its signed calls believed, no other; reported once, 0 sent twice"


def provider(name: str) -> Figure:
    """Sends, errors, throttling, time-outs, lost answers; webhooks that are good, bad, repeated; a run after another."""
    from tests.providers.messaging import PROVIDERS, believed, tried

    one = PROVIDERS[name]
    with TemporaryDirectory() as home:
        found = tried(one, Path(home))
        good, bad = believed(one, Path(home), _NOW)
    with TemporaryDirectory() as home:
        states, made, news = _path(name, Path(home), scaled(20))
    wrong = [what for what, is_right in found.items() if not is_right]
    value = (
        f"{len(found) - len(wrong)} of {len(found)} behaviours, {good} of 3 good calls believed and {bad} bad ones; "
        f"{made} messages of {states.total()}, {dict(states)} by report, {news} news heard"
    )
    total = states.total()
    return Figure(value, not wrong and (good, bad) == (3, 0) and made == total == news and states["delivered"] == total)


def _path(name: str, folder: Path, debtors: int) -> tuple[Counter[str], int, int]:
    """Runs of a day, each message reported twice over HTTP: the states, what the provider made, the news that were heard."""
    from einvoice.database import connect
    from einvoice.outbox.tables import OUTBOX
    from einvoice.receivables.ledger import parties
    from einvoice.receivables.store.tables import CONTACTS, INCOMING
    from tests.providers.messaging import PROVIDERS
    from tests.providers.paths import line

    one = PROVIDERS[name]
    with line(one, one.channels[0], folder) as found:
        for number in range(2, debtors + 1):
            debtor = found.made.debtor(f"d{number}")
            with connect(found.made.engine) as connection:
                connection.execute(CONTACTS.update().where(CONTACTS.c.debtor_id == debtor).values(phone=f"+31 6 5551 {number:04}"))
                parties.consent(connection, debtor, one.channels[0], True, found.made.clock(), "evidence")
        found.made.run()
        for row in found.made.rows(select(OUTBOX.c.provider)):
            for _ in range(2):
                found.calls(one.calls(row.provider, "delivered", found.made.clock(), None))
        found.made.run()
        states = Counter(row.state for row in found.made.rows(select(OUTBOX.c.state)))
        news = found.made.rows(select(func.count()).select_from(INCOMING))[0][0]
        return states, len(found.service.made), int(news)


@figure("twilio", bar=_BAR, item=2)
def twilio() -> Figure:
    return provider("twilio")


@figure("messagebird", bar=_BAR, item=2)
def messagebird() -> Figure:
    return provider("messagebird")


@figure("bird", bar=_BAR, item=2)
def bird() -> Figure:
    return provider("bird")


@figure("whatsapp", bar=_BAR, item=2)
def whatsapp() -> Figure:
    return provider("whatsapp")


@figure("computer-call", bar="each of the keys 1 to 4 is one event: a pause, a task, a dispute, a plan; pressed twice it is one", item=2)
def computer_call() -> Figure:
    """A call over Twilio's server, a key pressed twice, over HTTP."""
    from einvoice.receivables.store.tables import DISPUTES, HOLDS, PLANS, TASKS
    from tests.providers import twilio as server
    from tests.providers.messaging import BASE, PROVIDERS
    from tests.providers.paths import line

    found: dict[str, tuple[int, ...]] = {}
    for digit in "1234":
        with TemporaryDirectory() as home, line(PROVIDERS["twilio"], "computer_call", Path(home)) as one:
            one.made.run()
            form = {"CallSid": one.effect().provider, "CallStatus": "in-progress", "Digits": digit}
            for _ in range(2):
                one.calls(server.signed(f"{BASE}/hooks/twilio?language=nl", form))
            wanted = (
                select(HOLDS).where(HOLDS.c.reason == "payment_pending"),
                select(TASKS).where(TASKS.c.kind == "call"),
                select(DISPUTES),
                select(PLANS),
            )
            found[digit] = tuple(len(one.made.rows(query)) for query in wanted)
    right = all(found[digit] == tuple(int(at == number) for at in range(4)) for number, digit in enumerate("1234"))
    return Figure(f"pauses, tasks, disputes, plans by key: {found}", right)
