"""The people on your side: who owns disputes, decides and calls, who acts for whom, who is away.

A dispute always has an active owner: add people before the first one. Whoever leaves hands over what is open."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "add|set|leave KEY | list"
EXAMPLES = """\
  einvoice receivables people add ann --name 'Ann Peeters' --email ann@acme.example --deputy bob
  einvoice receivables people set ann --takes price_not_as_agreed,delivery_quality
  einvoice receivables people set ann --away 2026-12-21..2027-01-04
  einvoice receivables people leave ann
  einvoice receivables people list
"""
_COLUMNS = ("key", "name", "email", "active", "deputy", "away_from", "away_until", "categories")


def options(parser: ArgumentParser) -> None:
    """What `receivables people` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=("add", "set", "leave", "list"))
    parser.add_argument("key", metavar="KEY", nargs="?", help="a short name of your choice, unique")
    parser.add_argument("--name", metavar="TEXT", help="of the person")
    parser.add_argument("--email", metavar="ADDRESS", help="where tasks may be told")
    parser.add_argument("--deputy", metavar="KEY", help="who acts in their absence")
    parser.add_argument("--takes", metavar="CATEGORY,…", help="dispute categories that come to this person first; `any` for none")
    parser.add_argument("--away", metavar="DATE..DATE", help="first and last day of an absence; `no` ends it")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked, and lists the people."""
    from einvoice.cli.receivables.casework import person_of, work
    from einvoice.receivables.cases import people

    if options.what != "list" and not options.key:
        raise ReceivablesError(f"people {options.what} needs a key: einvoice receivables people {options.what} ann")
    with work(options) as here:
        if options.what == "leave":
            people.deactivate(here.connection, person_of(here, options.key), here.at)
        elif options.what != "list":
            _save(here, options)
        _list(here, options)
    return 0


def _save(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import person_of
    from einvoice.receivables.ledger.parties import save_person

    given: dict[str, Any] = {name: getattr(options, name) for name in ("name", "email") if getattr(options, name)}
    if options.what == "set":
        person_of(here, options.key)
    elif "name" not in given or _is_known(here, options.key):
        raise ReceivablesError(
            f"a new person needs --name and a key of its own; change one with: einvoice receivables people set {options.key}"
        )
    if options.deputy:
        given["deputy_id"] = person_of(here, options.deputy)
    if options.takes:
        given["categories"] = _categories(options.takes)
    if options.away:
        given["away_from"], given["away_until"] = _absence(options.away)
    save_person(here.connection, here.creditor, options.key, **given, active=True)


def _is_known(here: Work, key: str) -> bool:
    from sqlalchemy import select

    from einvoice.receivables.store.tables import PEOPLE

    found = select(PEOPLE.c.id).where(PEOPLE.c.creditor_id == here.creditor, PEOPLE.c.key == key)
    return here.connection.scalar(found) is not None


def _categories(text: str) -> list[str] | None:
    from einvoice.receivables.cases.categories import known

    return None if text == "any" else [known(one.strip()) for one in text.split(",")]


def _absence(text: str) -> tuple[Any, Any]:
    from argparse import ArgumentTypeError

    from einvoice.cli.receivables.values import day

    if text == "no":
        return None, None
    first, _, last = text.partition("..")
    try:
        return day(first), day(last) if last else None
    except ArgumentTypeError as fault:
        raise ReceivablesError(f"--away {text}: {fault}") from None


def _list(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import PEOPLE

    deputy = PEOPLE.alias("deputies")
    found = select(PEOPLE, deputy.c.key.label("deputy")).outerjoin(deputy, deputy.c.id == PEOPLE.c.deputy_id)
    show(here.connection.execute(found.where(PEOPLE.c.creditor_id == here.creditor).order_by(PEOPLE.c.key)).all(), _COLUMNS, options)
