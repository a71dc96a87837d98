"""The connector's own settings, `connector.toml`; keys that nobody knows are errors. The rest stands in `einvoice.toml`.

| Setting | Default | What |
|---|---|---|
| folder | that of the file | where IN, OUT, DONE and REFUSED are |
| [files] settle | 2 | seconds that a file must stay as it is before it is taken |
| [files] patience | 300 | seconds that half a file, or one that names what has not come yet, may wait |
| [files] ready | false | take only files with a marker beside them: `a.csv` and `a.csv.ready` |
| [invoices] syntax | ubl | of drafts: ubl or cii |
| [invoices] profile | en16931 | of drafts that name none |
| [invoices] prices | net | of drafts: net or gross |
| [invoices] pdf | true | write a hybrid PDF beside the XML |
| [invoices] level | facturx-en16931 | of Factur-X, where the invoice's own profile has none |
| [invoices] language | en | of the PDF: en, nl, de or fr |
| [invoices] templates | none | the folder of a house style |
| [invoices] book | false | enter each invoice in the receivables ledger |
| [invoices] send | false | submit to Peppol: true each invoice, addressed those whose buyer has an electronic address there |
| [ledger] creditor | the only one | whose receivables, by key |
| [ledger] add_debtors | false | add businesses that invoices name and the ledger does not know |
| [ledger] oldest | false | payments without an invoice pay the oldest ones |
| [ledger] dates, decimal, delimiter, encoding | found out | how tables are written, as `einvoice receivables import` takes it |
| [ledger] columns | none | your names of our columns: { "Rel.nr" = "debtor" } |
| [ledger] ignore | none | columns to leave out, ["*"]: all that are not known |
| [views.NAME] url | | a database, by SQLAlchemy's URL, or a secret |
| [views.NAME] query | | a SELECT |
| [views.NAME] key | | its column that grows with each row |
| [views.NAME] kind | | drafts, debtors, contacts, invoices or payments |
| [views.NAME] batch | 1000 | rows a file |
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import SettingsError
from einvoice.settings.values import Hidden, Secret, between, database_url, folder, one_of, text


class Files(NamedTuple):
    """When a file is whole; seconds."""

    settle: float = 2.0
    patience: float = 300.0
    ready: bool = False


class Invoices(NamedTuple):
    """What becomes of an invoice that is handed in."""

    syntax: str = "ubl"
    profile: str = "en16931"
    prices: str = "net"
    pdf: bool = True
    level: str = "facturx-en16931"
    language: str = "en"
    templates: Path | None = None
    book: bool = False
    send: bool | str = False


class Ledger(NamedTuple):
    """Whose receivables, and how tables of open items are read."""

    creditor: str | None = None
    add_debtors: bool = False
    oldest: bool = False
    dates: str | None = None
    decimal: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = {}
    ignore: tuple[str, ...] = ()


class View(NamedTuple):
    """A query of another database that is read as it grows."""

    name: str
    url: str | Secret = ""
    query: str = ""
    key: str = ""
    kind: str = ""
    batch: int = 1000

    def address(self) -> str:
        """Where the database is. Raises SettingsError where a secret leads to nothing."""
        return self.url.reveal() if isinstance(self.url, Secret) else self.url


class Settings(NamedTuple):
    """All of it."""

    folder: Path
    files: Files = Files()
    invoices: Invoices = Invoices()
    ledger: Ledger = Ledger()
    views: tuple[View, ...] = ()


KINDS = ("drafts", "debtors", "contacts", "invoices", "payments")
"""What a view may hold."""


def load(path: Path) -> Settings:
    """The settings of a file.

    Raises SettingsError for what cannot be read, what nobody knows and what is out of range.
    """
    try:
        stated = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        mend = "; `einvoice-connector init FOLDER` writes one to begin with" if isinstance(fault, FileNotFoundError) else ""
        raise SettingsError(f"{path}: the settings cannot be read: {fault}{mend}") from None
    stated = {"folder": "."} | stated
    for name in stated:
        _known(name, ("folder", *_SECTIONS, "views"), str(path))
    home = path.resolve().parent / _read(folder, stated["folder"], f"{path}: folder")
    made: dict[str, Any] = {name: _section(name, stated.get(name, {}), path) for name in _SECTIONS}
    return Settings(home, **made, views=_views(stated.get("views", {}), path))


def _section(name: str, stated: object, path: Path) -> Any:
    where = f"{path}: [{name}]"
    if not isinstance(stated, dict):
        raise SettingsError(f"{where} is no section; write its keys below [{name}]")
    kind, reads = _SECTIONS[name]
    return kind(**{_known(key, reads, where): _read(reads[key], value, f"{where} {key}") for key, value in stated.items()})


def _views(stated: object, path: Path) -> tuple[View, ...]:
    if not isinstance(stated, dict):
        raise SettingsError(f"{path}: views is no section; write the keys of each below [views.NAME]")
    return tuple(_view(name, keys, f"{path}: [views.{name}]") for name, keys in stated.items())


def _view(name: str, stated: object, where: str) -> View:
    if not isinstance(stated, dict) or not re.fullmatch(r"[A-Za-z0-9_]{1,30}", name):
        raise SettingsError(f"{where} has no keys, or no name of at most 30 letters; write its keys below [views.NAME]")
    made = View(name, **{_known(key, _VIEW, where): _read(_VIEW[key], value, f"{where} {key}") for key, value in stated.items()})
    for key in ("url", "query", "key", "kind"):
        if not getattr(made, key):
            raise SettingsError(f"{where} lacks {key}; write it below [views.{name}]")
    return made


def _read(read: Callable[[object], Any], value: object, where: str) -> Any:
    try:
        return read(value)
    except Hidden as fault:
        raise SettingsError(f"{where}: {fault}") from None
    except ValueError as fault:
        raise SettingsError(f"{where} is {value!r}: {fault}") from None


def _known(name: str, names: Any, where: str) -> str:
    if name in names:
        return name
    near = get_close_matches(name, [*names], n=1, cutoff=0.5)
    raise SettingsError(
        f"{where}: there is no setting {name}; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}")
    )


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86_400:
        raise ValueError("it is a number of seconds above 0, at most 86400")
    return float(value)


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is true or false")
    return value


def _send(value: object) -> bool | str:
    if value != "addressed" and not isinstance(value, bool):
        raise ValueError('it is true, false or "addressed"')
    return "addressed" if value == "addressed" else bool(value)


def _profile(value: object) -> str:
    from einvoice_schemas.profiles import profile  # noqa: PLC0415 - only where it is stated

    try:
        return str(profile(text(value)).name)
    except KeyError as fault:
        raise ValueError(fault.args[0]) from None


def _dates(value: object) -> str:
    from einvoice.receivables.ledger.values import dates  # noqa: PLC0415 - only where it is stated

    dates(text(value))
    return text(value)


def _names(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError('it is a table such as { "Rel.nr" = "debtor" }')
    return {text(name): text(column) for name, column in value.items()}


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('it is a list such as ["*"]')
    return tuple(text(each) for each in value)


def _query(value: object) -> str:
    stated = text(value).rstrip("; \n")
    if not re.match(r"(select|with)\b", stated, re.IGNORECASE) or ";" in stated:
        raise ValueError("it is one SELECT, without a semicolon in it")
    return stated


def _column(value: object) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", text(value)):
        raise ValueError("it is the name of a column: letters, digits and underscores")
    return text(value)


_SECTIONS: dict[str, tuple[type, Mapping[str, Callable[[object], Any]]]] = {
    "files": (Files, {"settle": _seconds, "patience": _seconds, "ready": _yes}),
    "invoices": (
        Invoices,
        {
            "syntax": one_of("ubl", "cii"),
            "profile": _profile,
            "prices": one_of("net", "gross"),
            "pdf": _yes,
            "level": _profile,
            "language": one_of("en", "nl", "de", "fr"),
            "templates": folder,
            "book": _yes,
            "send": _send,
        },
    ),
    "ledger": (
        Ledger,
        {
            "creditor": text,
            "add_debtors": _yes,
            "oldest": _yes,
            "dates": _dates,
            "decimal": one_of(",", "."),
            "delimiter": one_of(",", ";", "\t", "|"),
            "encoding": text,
            "columns": _names,
            "ignore": _texts,
        },
    ),
}
_VIEW: Mapping[str, Callable[[object], Any]] = {
    "url": database_url,
    "query": _query,
    "key": _column,
    "kind": one_of(*KINDS),
    "batch": between(1, 100_000),
}
