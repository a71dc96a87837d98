"""Payments by link, and direct debit: providers, the page, files for the bank, what comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.evidence import Figure, figure, scaled
from tests.evidence.databases import postgresql, sqlite

BAR = "errors, throttling, time-outs, lost answers, duplicate keys: one payment; webhooks by signature; to the cent"


def _shopped(what: Callable[[Any], bool], **more: Any) -> bool:
    """Whether something holds in a shop of its own."""
    from tests.receivables.paying_worlds import shop

    with TemporaryDirectory() as folder, shop(Path(folder), **more) as here:
        return what(here)


def _on(check: Callable[[Any, str], bool], name: str) -> Callable[[Any], bool]:
    """A check, of one provider."""
    return lambda here: check(here, name)


def _provider(name: str) -> Figure:
    """Each behaviour of the published API, in a shop of its own."""
    from tests.receivables import paying_behaviour as behaviour

    held = {title: _shopped(_on(check, name), **more) for title, check, more in behaviour.CHECKS}
    failed = [title for title, holds in held.items() if not holds]
    hooks = behaviour.hooks(name)
    value = (
        f"{sum(held.values())} of {len(held)} behaviours, {hooks.good} good webhooks believed, {hooks.bad_believed} of {hooks.bad} bad ones"
    )
    return Figure(value + (f"; failed: {', '.join(failed)}" if failed else ""), not failed and hooks.holds)


@figure("mollie", bar=BAR, item=3)
def mollie() -> Figure:
    """Mollie's local server: what fails leaves one payment, what is paid is booked once, what goes back reopens to the cent."""
    return _provider("mollie")


@figure("stripe", bar=BAR, item=3)
def stripe() -> Figure:
    """Stripe's local server, the same."""
    return _provider("stripe")


@figure("paylink", bar="shows what is open now in 4 languages, closed to scripts, paid -> nothing asked and the reminder withdrawn", item=3)
def paylink() -> Figure:
    """The page over HTTP; and a reminder that waits in the outbox when its payment is heard of."""
    from tests.receivables import paying_behaviour as behaviour

    return behaviour.page()


@figure(
    "direct-debit", bar="files valid by the schema, addresses structured or absent, on pay day and TARGET day, once, none reminded", item=3
)
def direct_debit() -> Figure:
    """Many debtors with mandates, pay days and holds: what is planned, announced, handed over, once."""
    from tests.receivables import paying_batch as batch

    made = batch.measured(scaled(2_000))
    return Figure(made.value, made.holds)


@figure("debit-returns", bar="ledger equals statement to the cent in any order and repetition, SQLite and PostgreSQL", item=3)
def debit_returns() -> Figure:
    """Collections, returns and refusals told in any order, some twice, with transfers in between."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from tests.receivables.paying_orders import tellings

    found: Counter[str] = Counter()
    for name, base, examples in (("SQLite", sqlite, scaled(300)), ("PostgreSQL", postgresql, scaled(60))):
        with base() as engine:
            run = settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
            run = settings(run, suppress_health_check=list(HealthCheck))
            seed(3)(run(given(tellings())(_telling(engine, name, found))))()
    wrong = [name for name in found if name.startswith("fault")]
    reached = found["returns"] > 0 and found["orders on SQLite"] > 0 and found["orders on PostgreSQL"] > 0
    return Figure(", ".join(f"{count:,} {name}" for name, count in sorted(found.items())), reached and not wrong)


def _telling(engine: Any, name: str, found: Counter[str]) -> Callable[[list[tuple[str, int, str]]], None]:
    """Tells news of the bank, and counts where ledger and statement differ."""
    from einvoice.receivables.ledger.audit import check_ledger
    from tests.receivables.books import undone
    from tests.receivables.paying_orders import faults, tell

    def measure(news: list[tuple[str, int, str]]) -> None:
        with undone(engine) as connection:
            debits = tell(connection, news)
            wrong = [*faults(connection, debits, news), *map(str, check_ledger(connection, debits[0].creditor))]
        found.update([f"orders on {name}", *(f"fault: {each}" for each in wrong)])
        found["news"] += len(news)
        found["returns"] += len({which for what, which, _ in news if what == "out"})

    return measure
