"""Settings: one `einvoice.toml` and `EINVOICE_*` variables.

The file is the first of: the path in EINVOICE_CONFIG; `einvoice.toml` in the current directory; `einvoice.toml` in the
user's configuration folder (`$XDG_CONFIG_HOME/einvoice`, by default `~/.config/einvoice`; `%APPDATA%\\einvoice` on Windows).
Files are not merged. A variable `EINVOICE_<SECTION>_<KEY>` wins over the file, the file over the default. A key that does not
exist raises SettingsError, with the nearest that does; so does a variable that comes near the name of a setting, while other
`EINVOICE_*` variables are left to whoever reads them. Read once; `current.cache_clear()` forgets it.

| Setting | Variable | Default | Unit |
|---|---|---|---|
| [documents] max_size | EINVOICE_DOCUMENTS_MAX_SIZE | 100 MB | bytes, or text such as "100 MB" (10^6) or "100 MiB" (2^20) |
| [artefacts] folder | EINVOICE_ARTEFACTS_FOLDER or EINVOICE_ARTEFACTS | the user's data folder | a path; `~` is the home folder |
| [database] url | EINVOICE_DATABASE_URL | a file in the user's data folder | sqlite:///FILE, postgresql://USER@HOST/NAME, or a secret |
| [database] password | EINVOICE_DATABASE_PASSWORD | none | a secret |
| [sending] mode | EINVOICE_SENDING_MODE | live | the most that the database's own mode may be: dry_run, redirect or live |
| [sending] redirect | EINVOICE_SENDING_REDIRECT | the database's | where everything goes while the mode is redirect |
| [sending] workers | EINVOICE_SENDING_WORKERS | 2 | threads that send, 1 to 64 |
| [smtp] host | EINVOICE_SMTP_HOST | none: no e-mail is sent | a name or an address |
| [smtp] port | EINVOICE_SMTP_PORT | 587; 465 with tls, 25 with none | a number |
| [smtp] security | EINVOICE_SMTP_SECURITY | starttls | starttls, tls or none |
| [smtp] user | EINVOICE_SMTP_USER | none | text |
| [smtp] password | EINVOICE_SMTP_PASSWORD | none | a secret |
| [smtp] sender | EINVOICE_SMTP_SENDER | none | the address that mail comes from and bounces go to |
| [smtp] timeout | EINVOICE_SMTP_TIMEOUT | 30 | seconds, 1 to 600 |
| [receivables] policy | EINVOICE_RECEIVABLES_POLICY | the policy of the package | a YAML file |
| [receivables] creditor | EINVOICE_RECEIVABLES_CREDITOR | the only one | the key of a creditor |
| [receivables] portal_url | EINVOICE_RECEIVABLES_PORTAL_URL | none | where debtors see their invoices, https |
| [receivables] print_folder | EINVOICE_RECEIVABLES_PRINT_FOLDER | none: no letter is written | a path |
| [receivables] templates | EINVOICE_RECEIVABLES_TEMPLATES | the templates of the package | a path |
| [rendering] templates | EINVOICE_RENDERING_TEMPLATES | the house style of the package | a folder with style.toml |
| [webhooks.NAME] url | | | where events are posted, https (http on this machine) |
| [webhooks.NAME] secret | | | a secret `whsec_…`, or a list of them while it is being replaced |
| [webhooks.NAME] events | | all | event types, such as ["invoice.sent", "dispute.*"] |

A secret is given by reference: `env:NAME` for a variable, `file:PATH` (from the root or `~`) for a file that holds nothing else. It
is read when it is needed; what shows or logs settings sees the reference only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import SettingsError

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = r"\s*(\d{1,15})\s*([a-zA-Z]*)\s*"


def size(value: object) -> int:
    """A number of bytes, from a whole number or text such as "100 MB".

    Raises ValueError for anything else, and for sizes below 1.
    """
    match = re.fullmatch(_SIZE, str(value), re.ASCII) if isinstance(value, int | str) and not isinstance(value, bool) else None
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None or not int(match[1]):
        raise ValueError('a size is a whole number of bytes above 0, or text such as "100 MB"')
    return int(match[1]) * unit


class Hidden(ValueError):
    """A value that is wrong and must not be repeated: it may be a secret."""


class Secret:
    """A secret by reference, `env:NAME` or `file:PATH`; only `reveal` looks behind it."""

    __slots__ = ("reference",)

    def __init__(self, reference: str) -> None:
        self.reference = reference

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reference == self.reference

    def __hash__(self) -> int:
        return hash(self.reference)

    def reveal(self) -> str:
        """The secret itself, never to be kept or shown; SettingsError where the reference leads to nothing."""
        kind, _, where = self.reference.partition(":")
        try:
            found = os.environ.get(where, "") if kind == "env" else Path(where).expanduser().read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            raise SettingsError(f"the secret {self.reference} cannot be read: {type(fault).__name__}; write it into that file") from None
        if not found:
            raise SettingsError(f"the secret {self.reference} is empty; set the {'variable' if kind == 'env' else 'file'} it names")
        return found


def secret(value: object) -> Secret:
    """A secret, from its reference; Hidden for anything else: a secret itself never stands in settings."""
    if isinstance(value, str) and re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:(/|~|\\\\|[A-Za-z]:[\\/]).+", value):
        return Secret(value)
    raise Hidden("a secret is given by reference: write env:NAME or file:/PATH, and the secret there")


def secrets(value: object) -> tuple[Secret, ...]:
    """One secret or several, from their references."""
    return tuple(map(secret, value if isinstance(value, list) and value else [value]))


def database_url(value: object) -> str | Secret:
    """The address of a database, or the secret that holds it; Hidden for one that shows a password, and for what is no address."""
    stated = text(value)
    if stated.startswith(("env:", "file:")):
        return secret(stated)
    if re.search(r"://[^/@]*:[^/]*@|[?&]password=", stated):
        raise Hidden("it shows a password; leave that out and give [database] password, or the whole address, as env:NAME or file:/PATH")
    if "://" not in stated:
        raise Hidden("an address is sqlite:///FILE or postgresql://USER@HOST/NAME")
    return stated


def text(value: object) -> str:
    """Text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("it is text, and not empty")
    return value.strip()


def web_address(value: object) -> str:
    """An address that nobody can listen to: https, or http on this machine."""
    stated = text(value)
    if not re.fullmatch(r"https://[^\s/@]+(/\S*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?", stated):
        raise Hidden("an address begins with https:// (http:// only on this machine) and holds no user or password")
    return stated


def between(least: int, most: int) -> Callable[[object], int]:
    """Reads a whole number within bounds."""

    def read(value: object) -> int:
        stated = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"\d{1,9}", stated, re.ASCII) or not least <= int(stated) <= most:
            raise ValueError(f"it is a whole number from {least} to {most}")
        return int(stated)

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Reads one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"it is one of {', '.join(words)}")
        return value

    return read


def names(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not value:
        raise ValueError('it is a list such as ["invoice.sent"]')
    return tuple(text(each) for each in value)


class Documents(NamedTuple):
    """What documents may be; `max_size` in bytes."""

    max_size: int = 100_000_000


def folder(value: object) -> Path:
    """A folder, from its path as text; ValueError for anything else, and for empty text."""
    return Path(text(value)).expanduser()


class Artefacts(NamedTuple):
    """Where official artefacts are kept; `folder` None means the user's data folder."""

    folder: Path | None = None


class Database(NamedTuple):
    """Where outbox and receivables are kept."""

    url: str | Secret | None = None
    password: Secret | None = None

    def address(self) -> str:
        """The URL with its password, by default a SQLite file in the user's data folder (XDG_DATA_HOME, LOCALAPPDATA on Windows).

        Raises SettingsError where a secret leads to nothing.
        """
        if self.url is None:
            named = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
            return f"sqlite:///{Path(named or Path.home() / '.local' / 'share') / 'einvoice' / 'einvoice.db'}"
        url = self.url.reveal() if isinstance(self.url, Secret) else self.url
        if self.password is None:
            return url
        from urllib.parse import quote  # noqa: PLC0415 - only where there is a password

        user, at, rest = url.partition("@")
        if not at:
            raise SettingsError("[database] password is given, but [database] url names no user; write postgresql://USER@HOST/NAME")
        return f"{user}:{quote(self.password.reveal(), safe='')}@{rest}"


class Sending(NamedTuple):
    """The most that may leave this machine, where it goes in redirect, and how many threads send."""

    mode: str = "live"
    redirect: str | None = None
    workers: int = 2


class Smtp(NamedTuple):
    """The server that takes mail; `port` None is the usual one of `security`, `timeout` in seconds."""

    host: str | None = None
    port: int | None = None
    security: str = "starttls"
    user: str | None = None
    password: Secret | None = None
    sender: str | None = None
    timeout: int = 30


class Receivables(NamedTuple):
    """What the receivables work with; None is what the package brings, or nothing."""

    policy: Path | None = None
    creditor: str | None = None
    portal_url: str | None = None
    print_folder: Path | None = None
    templates: Path | None = None


class Rendering(NamedTuple):
    """How invoices look; `templates` is the folder of a house style, None for the package's own."""

    templates: Path | None = None


class Webhook(NamedTuple):
    """Where events are posted, the secrets they are signed with, and which they are: all, or types such as `dispute.*`."""

    name: str
    url: str = ""
    secret: tuple[Secret, ...] = ()
    events: tuple[str, ...] = ("*",)


class Settings(NamedTuple):
    """Every setting, by section; `file` is where they were read from, None where no file was found."""

    documents: Documents = Documents()
    artefacts: Artefacts = Artefacts()
    file: Path | None = None
    database: Database = Database()
    sending: Sending = Sending()
    smtp: Smtp = Smtp()
    receivables: Receivables = Receivables()
    webhooks: tuple[Webhook, ...] = ()
    rendering: Rendering = Rendering()


READS: dict[str, dict[str, Callable[[object], Any]]] = {
    "documents": {"max_size": size},
    "artefacts": {"folder": folder},
    "database": {"url": database_url, "password": secret},
    "sending": {"mode": one_of("dry_run", "redirect", "live"), "redirect": text, "workers": between(1, 64)},
    "smtp": {
        "host": text,
        "port": between(1, 65_535),
        "security": one_of("starttls", "tls", "none"),
        "user": text,
        "password": secret,
        "sender": text,
        "timeout": between(1, 600),
    },
    "receivables": {"policy": folder, "creditor": text, "portal_url": web_address, "print_folder": folder, "templates": folder},
    "rendering": {"templates": folder},
}
"""The keys of each section, and how each is read."""
ALSO = {("artefacts", "folder"): ("EINVOICE_ARTEFACTS",)}
"""Variables of a setting besides `EINVOICE_<SECTION>_<KEY>`."""
WEBHOOK: dict[str, Callable[[object], Any]] = {"url": web_address, "secret": secrets, "events": names}
"""The keys of a webhook, and how each is read."""


@cache
def current() -> Settings:
    """The settings in force.

    Raises SettingsError where the file or a variable is wrong.
    """
    return load(os.environ)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment and the file it leads to say.

    Raises SettingsError.
    """
    path = _path(environ)
    settings = _with_file(Settings(), path)._replace(file=path) if path else Settings()
    return _with_environment(settings, environ)


def _path(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("EINVOICE_CONFIG"):
        return Path(named)
    home = environ.get("APPDATA") if os.name == "nt" else environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    for candidate in ("einvoice.toml", f"{home}/einvoice/einvoice.toml"):
        if os.path.isfile(candidate):  # noqa: PTH113 - a third of the time of Path.is_file, on every start
            return Path(candidate)
    return None


def _with_file(settings: Settings, path: Path) -> Settings:
    import tomllib  # noqa: PLC0415 - only where there is a file

    try:
        stated = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path}: the settings cannot be read: {fault}") from None
    for section, values in stated.items():
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: {section} stands outside a section; write it below [documents]")
        if section == "webhooks":
            settings = settings._replace(webhooks=tuple(_webhook(name, stated, path) for name, stated in values.items()))
            continue
        for key, value in values.items():
            settings = _set(settings, section, key, value, f"{path}: [{section}] {key}")
    return settings


def _webhook(name: str, stated: object, path: Path) -> Webhook:
    where = f"{path}: [webhooks.{name}]"
    if not isinstance(stated, dict) or not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", name):
        raise SettingsError(f"{where} has no keys, or no name of at most 30 letters; write url and secret below [webhooks.NAME]")
    made = Webhook(name)
    for key, value in stated.items():
        made = made._replace(**{key: _read(WEBHOOK, key, value, f"{where} {key}")})
    for key in ("url", "secret"):
        if not getattr(made, key):
            raise SettingsError(f"{where} lacks {key}; write it below [webhooks.{name}]")
    return made


def _with_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    variables = _variables()
    for name in environ:
        if name.startswith("EINVOICE_"):
            if name in variables:
                section, key = variables[name]
                settings = _set(settings, section, key, environ[name], name)
            elif name != "EINVOICE_CONFIG" and (near := _nearest(name, variables, cutoff=0.8)):
                raise SettingsError(f"{name}: there is no such setting; did you mean {near}?")
    return settings


def _variables() -> dict[str, tuple[str, str]]:
    """The variables of each setting, with its section and key."""
    return {
        name: (section, key)
        for section, keys in READS.items()
        for key in keys
        for name in (f"EINVOICE_{section}_{key}".upper(), *ALSO.get((section, key), ()))
    }


def _set(settings: Settings, section: str, key: str, value: object, where: str) -> Settings:
    read = _read(READS[_known(section, {**READS, "webhooks": {}}, where)], key, value, where)
    return settings._replace(**{section: getattr(settings, section)._replace(**{key: read})})


def _read(keys: Mapping[str, Callable[[object], Any]], key: str, value: object, where: str) -> Any:
    try:
        return keys[_known(key, keys, where)](value)
    except Hidden as fault:
        raise SettingsError(f"{where}: {fault}") from None
    except ValueError as fault:
        raise SettingsError(f"{where} is {value!r}: {fault}") from None


def _known(name: str, names: Mapping[str, object], where: str) -> str:
    if name in names:
        return name
    near = _nearest(name, names, cutoff=0.5)
    raise SettingsError(f"{where}: there is no setting {name}; " + (f"did you mean {near}?" if near else f"known are {', '.join(names)}"))


def _nearest(name: str, names: Mapping[str, object], *, cutoff: float) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    return next(iter(get_close_matches(name, names, n=1, cutoff=cutoff)), None)
