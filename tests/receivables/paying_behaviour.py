"""What a payment provider's published API says may happen, each as a check in a shop of its own: one payment, booked once, to the cent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import select

from einvoice.database import connect
from einvoice.receivables.incoming.port import Request, Untrusted
from einvoice.receivables.paying import checkouts, links
from einvoice.receivables.paying.port import Refused, Unavailable
from einvoice.receivables.store.tables import INVOICES
from tests.evidence import Figure
from tests.providers import mollie, stripe
from tests.providers.paying import Reply
from tests.receivables.paying_worlds import BASE, NOW, SECRET, Shop
from tests.receivables.paying_worlds import hooks as hooks_of

ZERO = [Decimal("0.00")] * 2
OWED = [Decimal("121.00"), Decimal("79.53")]
Check = Callable[[Shop, str], bool]


class Hooks(NamedTuple):
    """How many webhooks were tried, and which were believed."""

    good: int
    good_tried: int
    bad: int
    bad_believed: int

    @property
    def holds(self) -> bool:
        """Good ones are believed, bad ones never."""
        return self.good == self.good_tried > 0 and self.bad > 0 and not self.bad_believed


def made(here: Shop, name: str) -> int:
    """How many payments the provider has."""
    return len(here.mollie.payments if name == "mollie" else here.stripe.sessions)


def pay(here: Shop, name: str) -> None:
    """The payer pays the last checkout."""
    if name == "mollie":
        here.mollie.pay(here.ref())
    else:
        here.stripe.pay(here.ref())


def told(here: Shop, name: str, number: int = 1, kind: str = "checkout.session.completed") -> int:
    """A webhook about the last checkout."""
    now = NOW + timedelta(seconds=number)
    about = {"id": here.ref(), "payment_intent": "pi_0"}
    return here.told(mollie.classic(here.ref()) if name == "mollie" else stripe.event(kind, about, SECRET, now, number), now)


def _after(*trouble: Reply, fault: type[Exception] = Unavailable) -> Check:
    """After trouble, which is told, the same press again makes one payment in all."""

    def check(here: Shop, name: str) -> bool:
        here.server(name).trouble = [*trouble]
        try:
            here.begin(name)
        except fault:
            return bool(here.begin(name).url) and made(here, name) == 1
        return False

    return check


def _lost(here: Shop, name: str) -> bool:
    here.server(name).cuts = 2
    try:
        here.begin(name)
    except Unavailable:
        return bool(here.begin(name).url) and made(here, name) == 1 and len(here.rows()) == 1
    return False


def _twice(here: Shop, name: str) -> bool:
    return here.begin(name) == here.begin(name) and made(here, name) == 1


def _paid(here: Shop, name: str) -> bool:
    here.begin(name)
    pay(here, name)
    answers = [told(here, name, number) for number in (1, 1, 2, 3)]
    return answers == [200] * 4 and here.open() == ZERO and here.bank() == sum(OWED)


def _refunded(here: Shop, name: str) -> bool:
    here.begin(name)
    pay(here, name)
    told(here, name)
    for number, cents in enumerate((1, 7_953, 12_099), 2):
        if name == "mollie":
            here.mollie.refund(here.ref(), f"{cents / 100:.2f}")
        else:
            here.stripe.refund(here.ref(), cents)
        told(here, name, number, "charge.refunded")
        told(here, name, number + 20, "charge.refunded")
    return here.open() == OWED and here.bank() == 0 and here.rows()[0].state == "refunded"


def _charged_back(here: Shop, name: str) -> bool:
    here.begin(name)
    pay(here, name)
    told(here, name)
    if name == "mollie":
        here.mollie.charge_back(here.ref(), "200.53")
    else:
        here.stripe.dispute(here.ref(), "needs_response")
    told(here, name, 2, "charge.dispute.created")
    reopened = here.open() == OWED
    if name == "mollie":
        here.mollie.reverse_chargeback(here.ref())
    else:
        here.stripe.dispute(here.ref(), "won")
    told(here, name, 3, "charge.dispute.closed")
    return reopened and here.open() == ZERO and here.bank() == sum(OWED)


def _silent(here: Shop, name: str) -> bool:
    here.begin(name)
    pay(here, name)
    here.server(name).trouble = [Reply(500, {}), Reply(500, {})]
    told(here, name)
    waits = here.open() == OWED
    return waits and checkouts.refresh(here.engine, here.providers, NOW) == 1 and here.open() == ZERO


def _timed_out(here: Shop, name: str) -> bool:
    return _after(Reply(200, {}, wait=0.5), Reply(200, {}, wait=0.5))(here, name)


def _waited(here: Shop, name: str) -> bool:
    here.server(name).trouble = [Reply(429, {}, {"Retry-After": "1"})]
    return bool(here.begin(name).url) and made(here, name) == 1


CHECKS: tuple[tuple[str, Check, Mapping[str, Any]], ...] = (
    ("pressed twice", _twice, {}),
    ("answer lost", _lost, {}),
    ("throttled briefly", _waited, {}),
    ("throttled long", _after(Reply(429, {}, {"Retry-After": "60"})), {}),
    ("errors of the server", _after(Reply(500, {}), Reply(503, b"<html>")), {}),
    ("broken off", _after(Reply(None), Reply(None)), {}),
    ("timed out", _timed_out, {"timeout": 0.2}),
    ("no JSON", _after(Reply(200, b"<html>"), Reply(200, b"[]")), {}),
    ("key refused", _after(Reply(401, {"title": "no"}), fault=Refused), {}),
    ("redirected", _after(Reply(302, {}, {"Location": "https://elsewhere.example"}), fault=Refused), {}),
    ("paid, told four times", _paid, {}),
    ("refunded in parts", _refunded, {}),
    ("charged back and won", _charged_back, {}),
    ("webhook while it is silent", _silent, {}),
)


def hooks(name: str) -> Hooks:
    """Good and bad webhooks, as the hook takes them."""
    good, bad = _mollies() if name == "mollie" else _stripes()
    return Hooks(sum(_believed(name, one) for one in good), len(good), len(bad), sum(_believed(name, one) for one in bad))


def _believed(name: str, request: Request) -> bool:
    try:
        return bool(hooks_of()[name].heard(request, NOW).news)
    except Untrusted:
        return False


def _mollies() -> tuple[list[Request], list[Request]]:
    signed = mollie.event("tr_abc", SECRET)
    unsigned = signed._replace(headers={"content-type": "application/json"})
    forged = [signed._replace(headers={**signed.headers, "x-mollie-signature": each}) for each in ("", "sha256=00", "0" * 64)]
    return [mollie.classic("tr_abc"), signed], [
        unsigned,
        mollie.event("tr_abc", "other"),
        signed._replace(body=signed.body + b" "),
        *forged,
    ]


def _stripes() -> tuple[list[Request], list[Request]]:
    about = {"id": "cs_1", "payment_intent": "pi_1"}

    def signed(secret: str = SECRET, **more: Any) -> Request:
        return stripe.event("checkout.session.completed", about, secret, NOW, **more)

    changed = signed()._replace(body=signed().body.replace(b"cs_1", b"cs_2"))
    return [signed(), signed(age=299)], [
        signed("other"),
        signed(age=301),
        signed(age=-301),
        signed(scheme="v0"),
        changed,
        signed()._replace(headers={}),
    ]


def page() -> Figure:
    """The page over HTTP, before and after paying; a reminder that waits when the payment is heard of."""
    from tests.receivables.paying_pages import served
    from tests.receivables.paying_worlds import shop

    with TemporaryDirectory() as folder, shop(Path(folder)) as here, served(here) as browser:
        pages = {language: browser.get(f"/pay/{here.token}?language={language}") for language in ("en", "nl", "de", "fr")}
        shown = sum(bool(re.search(r"200[.,]53", page.text)) and "<svg" in page.text and len(page.buttons) == 2 for page in pages.values())
        closed = all(
            "default-src 'none'" in page.headers["content-security-policy"] and "<script" not in page.text for page in pages.values()
        )
        alike = len({browser.get(f"/pay/{token}").text for token in ("a" * 32, "b" * 32, "x")}) == 1
        pressed = browser.press(f"/pay/{here.token}", "stripe").status
        foreign = browser.press(f"/pay/{here.token}", "stripe", Sec_Fetch_Site="cross-site").status
        here.stripe.pay(here.ref())
        told(here, "stripe")
        after = browser.get(f"/pay/{here.token}?language=en")
    quiet = (after.buttons, "Paid. Thank you." in after.text) == ([], True)
    stopped = reminders_stopped()
    value = (
        f"{shown} of 4 languages, pressed {pressed}, foreign form {foreign}, paid page {'quiet' if quiet else 'asks'}, reminders {stopped}"
    )
    return Figure(value, shown == 4 and closed and alike and (pressed, foreign) == (200, 403) and quiet and stopped == "0 of 1 sent")


def reminders_stopped() -> str:
    """A reminder is planned in the morning; before its hour the payment by link is heard of."""
    from tests import smtp
    from tests.receivables.run_world import EARLY, MORNING, world

    with TemporaryDirectory() as folder, smtp.serving(Path(folder) / "log") as mail, world(Path(folder), mail) as found:
        debtor = found.debtor("a")
        waiting = found.run(EARLY).waiting
        _paid_by_link(found, debtor, EARLY)
        found.run(MORNING)
        return f"{len(mail.accepted())} of {waiting} sent"


def _paid_by_link(found: Any, debtor: int, now: datetime) -> None:
    """A debtor presses, pays, and the provider is asked."""
    from einvoice.receivables.paying.calling import Api
    from einvoice.receivables.paying.mollie import Mollie

    server = mollie.Mollie()
    with server.served() as address:
        known = {"mollie": Mollie(Api("Mollie", address, mollie.KEY))}
        with connect(found.engine) as connection:
            refs = list(connection.scalars(select(INVOICES.c.id)))
            name = links.make(connection, found.creditor, debtor, refs, "en", now.date())
        checkouts.begin(found.engine, name, "mollie", known, BASE, now)
        server.pay(next(iter(server.payments)))
        assert checkouts.refresh(found.engine, known, now) == 1
