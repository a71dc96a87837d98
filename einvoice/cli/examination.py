"""The checks of `einvoice doctor`: each looks at one thing, and a fault of it stops no other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from einvoice.errors import EInvoiceError, RenderError, SettingsError
from einvoice.settings import Secret, Settings, load

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LEVELS = ("ok", "warn", "fail")
EXTRAS = {
    "sql": ("sqlalchemy", "alembic", "psycopg"),
    "receivables": ("yaml", "holidays", "babel", "requests"),
    "pdf": ("typst", "pikepdf", "segno", "jinja2"),
    "official": ("saxonche", "xmlschema"),
    "cli": ("rich",),
    "peppol": ("cryptography", "requests", "dns", "stdnum"),
    "service": ("dbos",),
    "server": ("starlette", "uvicorn"),
    "apprise": ("apprise",),
}
"""What each extra brings, by the names that are imported."""
MIGRATE = "`einvoice doctor --migrate`"
_PATIENCE = 10
_SHOWN = 10


class Check(NamedTuple):
    """What was looked at: `level` ok, warn or fail, what was found, and what mends it."""

    name: str
    level: str
    text: str
    mend: str = ""


def examine(found: Settings | None = None, now: datetime | None = None) -> list[Check]:
    """Everything that can be looked at from the settings: those of the environment unless told."""
    try:
        settings = found or load(os.environ)
    except SettingsError as fault:
        return [Check("settings", "fail", str(fault)), *package(), *extras(None)]
    today = now or datetime.now(UTC)
    checks: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("settings", lambda: stated(settings)),
        ("package", package),
        ("extras", lambda: extras(settings)),
        ("secrets", lambda: secrets(settings)),
        ("database", lambda: database(settings)),
        ("smtp", lambda: smtp(settings)),
        ("folders", lambda: folders(settings)),
        ("policy", lambda: policy(settings)),
        ("channels", lambda: messages("channels", settings)),
        ("bounces", lambda: messages("bounces", settings)),
        ("templates", lambda: messages("templates", settings)),
        ("law", lambda: law(today)),
        ("peppol", lambda: peppol(settings, today)),
        ("artefacts", artefacts),
    ]
    return [check for name, look in checks for check in _looked(name, look)]


def stated(settings: Settings) -> Iterator[Check]:
    """Where the settings come from."""
    yield Check("settings", "ok", f"read from {settings.file}" if settings.file else "no einvoice.toml: defaults and variables")


def package() -> Iterator[Check]:
    """Whether another distribution of the same import name is in the way: PyPI's `einvoice` is somebody else's."""
    try:
        other = distribution("einvoice").version
    except PackageNotFoundError:
        yield Check("package", "ok", f"einvoice-toolkit {_version()}")
        return
    mend = "pip uninstall --yes einvoice && pip install --force-reinstall --no-deps einvoice-toolkit"
    yield Check("package", "fail", f"another package called einvoice ({other}) is installed over einvoice-toolkit", mend)


def extras(settings: Settings | None) -> Iterator[Check]:
    """Which extras are absent; those that the settings need are missed."""
    needed = {"sql", "receivables"} if settings and _follows_up(settings) else set()
    absent = {extra: [name for name in names if find_spec(name) is None] for extra, names in EXTRAS.items()}
    for extra, names in absent.items():
        if names:
            what = f"the extra {extra} is not installed ({', '.join(names)})"
            yield Check("extras", "fail" if extra in needed else "ok", what, f"pip install 'einvoice-toolkit[{extra}]' brings it")
    if not any(absent.values()):
        yield Check("extras", "ok", f"{', '.join(EXTRAS)} are installed")


def secrets(settings: Settings) -> Iterator[Check]:
    """Whether every reference leads to a secret, and webhooks have secrets to sign with."""
    given = {"[smtp] password": settings.smtp.password, "[database] password": settings.database.password}
    if isinstance(settings.database.url, Secret):
        given["[database] url"] = settings.database.url
    for name, secret in given.items():
        if secret is not None:
            yield _resolved("secrets", name, secret.reveal)
    for hook in settings.webhooks:
        for secret in hook.secret:
            yield _resolved("webhooks", f"[webhooks.{hook.name}] secret", partial(_signs, secret))


def database(settings: Settings) -> Iterator[Check]:
    """Whether the database answers and has the shape of this release; what its outbox and its mode say."""
    if _absent("sqlalchemy", "alembic"):
        yield Check("database", "ok", "not looked at: the extra sql is not installed", "pip install 'einvoice-toolkit[sql]'")
        return
    from einvoice.database import open_database, pending

    engine = open_database(settings.database.address())
    try:
        where, file = engine.url.render_as_string(), engine.url.database if engine.name == "sqlite" else None
        if file and file != ":memory:" and not Path(file).exists():
            yield Check("database", "warn" if _follows_up(settings) else "ok", f"{where} is not there yet", f"{MIGRATE} creates it")
            return
        if missing := pending(engine):
            yield Check("database", "fail", f"{where} lacks {len(missing)} revisions", MIGRATE)
            return
        yield Check("database", "ok", f"{where} answers and has the shape of this release")
        yield from _private(file)
        yield from outbox(settings, engine)
        yield from ledger(engine)
    finally:
        engine.dispose()


def outbox(settings: Settings, engine: Engine) -> Iterator[Check]:
    """What may leave, and what waits for a person."""
    from einvoice.database import reading
    from einvoice.outbox import mode

    with reading(engine) as connection:
        said, ceiling = mode.current(connection), settings.sending.mode
        try:
            held = f", under the ceiling {ceiling}" if ceiling != "live" else ""
            text = f"{mode.effective(connection, settings.sending)}: the database says {said}{held}"
            yield Check("mode", "ok", text)
        except SettingsError as fault:
            yield Check("mode", "fail", str(fault))
        yield from _left(connection, settings)


def ledger(engine: Engine) -> Iterator[Check]:
    """Whether the ledger sums to zero, and everything kept beside it equals its entries."""
    from einvoice.database import reading
    from einvoice.receivables.ledger.audit import check_ledger

    with reading(engine) as connection:
        faults = check_ledger(connection)
    for fault in faults[:_SHOWN]:
        yield Check("ledger", "fail", f"{fault.table} {fault.id}: {fault.code}: {fault.text}", "restore it from a backup, or report it")
    more = f"; {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    yield Check("ledger", "fail" if faults else "ok", f"{len(faults)} contradictions{more}" if faults else "every transaction sums to zero")


def smtp(settings: Settings) -> Iterator[Check]:
    """Whether the mail server answers to EHLO, offers what the settings ask, and lets us sign in; no mail is sent."""
    stated = settings.smtp
    if stated.host is None:
        yield Check("smtp", "ok", "no server: no e-mail is sent", "[smtp] host names one")
        return
    if stated.sender is None:
        yield Check("smtp", "fail", "mail has no sender", "write [smtp] sender = ADDRESS")
    import smtplib
    import ssl

    port = stated.port or {"tls": 465, "none": 25}.get(stated.security, 587)
    patience, context = min(stated.timeout, _PATIENCE), ssl.create_default_context()
    try:
        if stated.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(stated.host, port, timeout=patience, context=context)
        else:
            server = smtplib.SMTP(stated.host, port, timeout=patience)
        with server:
            server.ehlo()
            if stated.security == "starttls":
                server.starttls(context=context)
                server.ehlo()
            if stated.user:
                server.login(stated.user, stated.password.reveal() if stated.password else "")
        yield Check("smtp", "ok", f"{stated.host}:{port} answers ({stated.security}{', signed in' if stated.user else ''})")
    except (OSError, smtplib.SMTPException) as fault:
        words = str(fault).strip() or type(fault).__name__
        yield Check("smtp", "fail", f"{stated.host}:{port}: {words}", "see [smtp] host, port, security, user and password")
    if stated.security == "none" and stated.host not in ("localhost", "127.0.0.1", "::1"):
        yield Check("smtp", "warn", "mail travels in the open to another machine", 'write [smtp] security = "starttls"')


def folders(settings: Settings) -> Iterator[Check]:
    """Whether letters can be written, and templates read."""
    printed, templates = settings.receivables.print_folder, settings.receivables.templates
    if printed is None:
        yield Check("letters", "ok", "no folder: no letter is written", "[receivables] print_folder names one")
    else:
        try:
            with tempfile.TemporaryFile(dir=printed):
                yield Check("letters", "ok", f"{printed} can be written to")
        except OSError as fault:
            yield Check("letters", "fail", f"{printed}: {fault.strerror}", f"mkdir -p '{printed}', or let this user write there")
    if templates is not None and not templates.is_dir():
        yield Check("templates", "fail", f"{templates} is no folder", "name one in [receivables] templates, or leave it out")
    if settings.rendering.templates is not None:
        yield house_style(settings.rendering.templates)


def house_style(folder: Path) -> Check:
    """Whether the house style of invoices is one."""
    from einvoice.rendering import style

    try:
        style.load(folder)
    except ModuleNotFoundError:
        return Check("style", "ok", "not looked at: the extra pdf is not installed", "pip install 'einvoice-toolkit[pdf]'")
    except RenderError as fault:
        return Check("style", "fail", str(fault), "correct it, or leave [rendering] templates out")
    return Check("style", "ok", f"{folder} has a house style")


def policy(settings: Settings) -> Iterator[Check]:
    """Whether the policy loads, and what is amiss with it."""
    if _absent("yaml"):
        yield Check("policy", "ok", "not looked at: the extra receivables is not installed", "pip install 'einvoice-toolkit[receivables]'")
        return
    from einvoice.receivables.policy import check, default, examine

    path = settings.receivables.policy
    try:
        examined = None if path is None else examine(path)
    except OSError as fault:
        yield Check("policy", "fail", f"{path}: {fault.strerror}", "name a file that is there in [receivables] policy, or leave it out")
        return
    for finding in examined.findings if examined else ():
        yield Check("policy", "fail", f"{finding.place}: {finding.text}", finding.mend)
    made = examined.policy if examined else default()
    if made is not None:
        for finding in check(made, str(path or "the policy of the package")):
            yield Check("policy", "warn", f"{finding.place}: {finding.text}", finding.mend)
        yield Check("policy", "ok", f"{made.name}: {len(made.segments)} segments, {len(made.flows)} flows, {made.hash[:12]}")


def messages(name: str, settings: Settings) -> Iterator[Check]:
    """Channels and templates, where receivables are followed up here."""
    if not _follows_up(settings) or _absent("sqlalchemy", "yaml", "typst"):
        yield Check(name, "ok", "not looked at: no receivables are followed up here")
        return
    from einvoice.cli import examination_messages

    yield from getattr(examination_messages, name)(settings)


def law(now: datetime) -> Iterator[Check]:
    """Whether the tables of rates reach to the half-year of today."""
    if _absent("holidays"):
        yield Check("law", "ok", "not looked at: the extra receivables is not installed", "pip install 'einvoice-toolkit[receivables]'")
        return
    from einvoice.receivables.law import load as packs

    laws = packs()
    late = laws.outdated(now.date())
    for note in late:
        text, _, mend = note.text.partition("; ")
        yield Check("law", "warn", text, mend)
    if not late:
        yield Check("law", "ok", f"the rates of {', '.join(sorted(laws.packs))} reach to {now.date()}")


def peppol(settings: Settings, now: datetime) -> Iterator[Check]:
    """Our access point in the Peppol network, where there is one, and hosted ones."""
    from einvoice.cli import examination_hosted, examination_peppol

    if not examination_peppol.used(settings.peppol):
        way = "nothing is sent" if settings.peppol.via == "as4" else f"what is sent goes by {settings.peppol.via}"
        yield Check("peppol", "ok", f"no access point of our own: {way}")
    elif _absent("cryptography", "requests", "dns", "stdnum", "sqlalchemy"):
        yield Check("peppol", "fail", "the extra peppol is not installed", "pip install 'einvoice-toolkit[peppol]'")
    else:
        yield from examination_peppol.network(settings.peppol, now)
    if not _absent("requests", "sqlalchemy", "cryptography"):
        yield from examination_hosted.hosted(settings)


def artefacts() -> Iterator[Check]:
    """Which official artefacts are here."""
    from einvoice_validators.artefacts import store

    rows = store.listing()
    absent = [row["name"] for row in rows if row["version"] is None]
    mend = "einvoice artefacts install brings the rest, for `check --official`" if absent else ""
    yield Check("artefacts", "ok", f"{len(rows) - len(absent)} of {len(rows)} official artefacts are here", mend)


def _looked(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    try:
        yield from look()
    except EInvoiceError as fault:
        yield Check(name, "fail", str(fault))
    except Exception as fault:
        yield Check(name, "fail", f"{type(fault).__name__}: {fault}", "please report this line")


def _signs(secret: Secret) -> object:
    from einvoice.outbox.signing import sign

    return sign("", b"", [secret.reveal()], datetime(2026, 1, 1, tzinfo=UTC))


def _resolved(name: str, what: str, reveal: Callable[[], object]) -> Check:
    try:
        reveal()
    except SettingsError as fault:
        return Check(name, "fail", f"{what}: {fault}")
    return Check(name, "ok", f"{what} is there")


def _left(connection: Connection, settings: Settings) -> Iterator[Check]:
    """Effects that nobody will send: those that a person must decide about, and those without a sender."""
    from sqlalchemy import func, select

    from einvoice.outbox import State
    from einvoice.outbox.publishing import channel
    from einvoice.outbox.tables import OUTBOX

    rows = connection.execute(select(OUTBOX.c.state, OUTBOX.c.channel, func.count()).group_by(OUTBOX.c.state, OUTBOX.c.channel)).all()
    hooks = {channel(hook) for hook in settings.webhooks}
    for state, name, count in rows:
        if state == State.UNKNOWN:
            yield Check("outbox", "warn", f"{count} of {name} may or may not have left", "ask the receiver, and say so: docs/outbox.md")
        elif state == State.DEAD:
            yield Check("outbox", "warn", f"{count} of {name} were tried too often", "see their reason in the table outbox")
        elif state == State.PLANNED and name.startswith("webhook:") and name not in hooks:
            yield Check("outbox", "warn", f"{count} wait for {name}, which the settings do not name", "write it there, or cancel them")


def _private(file: str | None) -> Iterator[Check]:
    if file and os.name == "posix" and Path(file).stat().st_mode & 0o077 and Path(file).parent.stat().st_mode & 0o005:
        yield Check("database", "warn", f"everybody on this machine can read {file}", f"chmod 600 '{file}'")


def _absent(*modules: str) -> bool:
    return any(find_spec(name) is None for name in modules)


def _follows_up(settings: Settings) -> bool:
    """Whether the settings say that this installation sends or keeps receivables."""
    return settings[3:] != Settings()[3:]


def _version() -> str:
    try:
        return distribution("einvoice-toolkit").version
    except PackageNotFoundError:
        return "from its sources"
