"""Adds a creditor, changes one, or lists them: who is owed, and how debtors pay and reach you."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from sqlalchemy import Connection

USAGE = "add|set|list [KEY]"
EXAMPLES = """\
  einvoice receivables creditor add acme --name 'Acme NV' --country BE --iban BE71096123456769 --email ar@acme.example
  einvoice receivables creditor set acme --phone '+32 2 000 00 00'
  einvoice receivables creditor list
"""
_TEXTS = {
    "name": "the name that debtors know",
    "country": "two letters, such as BE",
    "language": "in which people here read tasks: en, nl, de or fr",
    "time-zone": "such as Europe/Brussels; the day begins and ends there",
    "currency": "three letters; EUR unless told",
    "legal-id": "enterprise or chamber-of-commerce number",
    "vat-id": "VAT number",
    "email": "where debtors answer to",
    "phone": "where debtors call",
    "iban": "the account to pay to",
    "bic": "its bank",
    "sepa-id": "the creditor identifier of SEPA direct debit",
    "size": "micro, small, medium or large: which terms the law allows",
}
_ADDRESS = ("street", "street2", "postcode", "city")


def options(parser: ArgumentParser) -> None:
    """What `receivables creditor` understands."""
    parser.add_argument("what", choices=("add", "set", "list"))
    parser.add_argument("key", metavar="KEY", nargs="?", help="a short name of your choice, unique")
    for name, text in _TEXTS.items():
        parser.add_argument(f"--{name}", metavar="TEXT", help=text)
    for name in _ADDRESS:
        parser.add_argument(f"--{name}", metavar="TEXT", help="of the address")
    parser.add_argument("--deducts-vat", choices=("yes", "no"), help="no: Dutch collection costs bear VAT; yes unless told")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the list; text unless told")


def run(options: Namespace) -> int:
    """Does what is asked and says what stands there now."""
    from einvoice.cli.receivables.common import opened
    from einvoice.database import connect

    if options.what != "list" and not options.key:
        raise ReceivablesError(f"creditor {options.what} needs a key: einvoice receivables creditor {options.what} KEY")
    with opened() as engine, connect(engine) as connection:
        if options.what != "list":
            _save(connection, options.key, _given(options), new=options.what == "add")
        _list(connection, options)
    return 0


def _given(options: Namespace) -> dict[str, Any]:
    """The fields that were given, checked.

    Raises ReceivablesError.
    """
    found = {name: value for option in _TEXTS if (value := getattr(options, name := option.replace("-", "_"))) is not None}
    address = {name: value for name in _ADDRESS if (value := getattr(options, name)) is not None}
    if address:
        found["address"] = address
    if options.deducts_vat:
        found["deducts_vat"] = options.deducts_vat == "yes"
    for name, check in _CHECKS.items():
        if name in found:
            found[name] = check(found[name])
    return found


def _save(connection: Connection, key: str, given: dict[str, Any], *, new: bool) -> None:
    from sqlalchemy import insert, select, update

    from einvoice.receivables.store.tables import CREDITORS

    row = connection.execute(select(CREDITORS).where(CREDITORS.c.key == key)).one_or_none()
    if new and row is not None:
        raise ReceivablesError(f"the creditor {key!r} is there already; change it with: einvoice receivables creditor set {key}")
    if not new and row is None:
        raise ReceivablesError(f"there is no creditor {key!r}; add it with: einvoice receivables creditor add {key}")
    lacking = [name for name in ("name", "country") if not given.get(name) and new]
    if lacking:
        raise ReceivablesError(f"a new creditor needs --{' and --'.join(lacking)}")
    country = given.get("country") or (row.country if row is not None else "")
    if "address" in given:
        given["address"] = {**((row.address if row is not None else None) or {}), **given["address"], "country": country}
    if row is None:
        connection.execute(insert(CREDITORS).values(key=key, **given))
    elif given:
        connection.execute(update(CREDITORS).where(CREDITORS.c.key == key).values(**given))


def _list(connection: Connection, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.printing import json_text
    from einvoice.receivables.store.tables import CREDITORS

    found = select(CREDITORS).order_by(CREDITORS.c.key)
    rows = [row._asdict() for row in connection.execute(found if options.what == "list" else found.where(CREDITORS.c.key == options.key))]
    if options.format == "json":
        print(json_text(rows, indent=1))
        return
    for row in rows:
        print(f"{row['key']}: {row['name']}, {row['country']}, {row['iban'] or 'no IBAN'}, {row['email'] or 'no e-mail address'}")
        lacking = [name for name in ("iban", "email", "phone", "legal_id", "address") if not row[name]]
        if lacking:
            print(f"  not set: {', '.join(lacking)} (some letters need them)")


def _country(value: str) -> str:
    if len(value) != 2 or not value.isalpha():
        raise ReceivablesError(f"--country {value}: two letters, such as BE")
    return value.upper()


def _currency(value: str) -> str:
    if len(value) != 3 or not value.isalpha():
        raise ReceivablesError(f"--currency {value}: three letters, such as EUR")
    return value.upper()


def _zone(value: str) -> str:
    from zoneinfo import available_timezones

    if value not in available_timezones():
        raise ReceivablesError(f"--time-zone {value}: no such time zone; write one such as Europe/Brussels")
    return value


def _iban(value: str) -> str:
    from stdnum import iban
    from stdnum.exceptions import ValidationError

    try:
        return str(iban.validate(value))
    except ValidationError as fault:
        raise ReceivablesError(f"--iban {value}: {fault}; copy it from the bank") from None


def _sepa_id(value: str) -> str:
    from einvoice.receivables.paying.identifiers import sepa_id

    return sepa_id(value)


def _mailbox(value: str) -> str:
    from einvoice.receivables.channels.mime import usable

    return usable(value)


def _size(value: str) -> str:
    if value not in ("micro", "small", "medium", "large"):
        raise ReceivablesError(f"--size {value}: it is micro, small, medium or large")
    return value


_CHECKS: dict[str, Any] = {
    "country": _country,
    "currency": _currency,
    "time_zone": _zone,
    "iban": _iban,
    "email": _mailbox,
    "sepa_id": _sepa_id,
    "size": _size,
}
