"""Settings, doctor, outbox and events: nothing is sent twice, secrets stay secret, nothing leaves before it may."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evidence import Figure, NotMeasured, figure, scaled

_BAR = "100,000 sends, 1,000 kills -9 of 2 workers, by the mail server's log: 0 duplicates, 0 lost, unknown ≤ kills"


@figure("kills-sqlite", bar=f"SQLite: {_BAR}", item=1)
def kills_sqlite() -> Figure:
    return _killed("sqlite")


@figure("kills-postgres", bar=f"PostgreSQL: {_BAR}", item=1)
def kills_postgres() -> Figure:
    return _killed("postgresql")


def _killed(kind: str) -> Figure:
    from tests.outbox.kills import kills
    from tests.postgres import NoServer

    try:
        verdict = kills(kind, scaled(100_000), scaled(1_000))
    except NoServer as reason:
        raise NotMeasured(str(reason)) from None
    return Figure(str(verdict), verdict.holds and verdict.kills == scaled(1_000))


@figure("kills-judge", bar="a sender that wrongly promises to recognise keys is found out by the same judge", item=1)
def kills_judge() -> Figure:
    from tests.outbox.kills import Boastful, kills

    verdict = kills("sqlite", max(400, scaled(4_000)), max(40, scaled(200)), sender=Boastful)
    return Figure(f"{verdict.doubled} duplicates found at {verdict.kills} kills", verdict.doubled > 0 and not verdict.holds)


@figure("outbox-two-policies", bar="killed alike: once never arrives twice, the same bytes always arrive", item=1)
def outbox_two_policies() -> Figure:
    from tests.outbox.kills import kills

    verdict = kills("sqlite", max(400, scaled(4_000)), max(20, scaled(200)), same_bytes=True)
    again = f"{verdict.doubled_same_bytes} of the same bytes again, as they may"
    return Figure(f"{verdict}; every other same_bytes: {again}", verdict.holds and verdict.lost == 0)


@figure("outbox-any-order", bar="hypothesis: any order of sending, dying, sweeping, late words keeps both policies and the states", item=1)
def outbox_any_order() -> Figure:
    return _tests("tests/outbox/test_machine.py", "-m", "slow or not slow")


@figure(
    "webhooks-signed", bar="a real receiver: Standard Webhooks signatures hold, every forgery is refused, no redirect, bounded time", item=1
)
def webhooks_signed() -> Figure:
    return _tests("tests/outbox/test_webhooks.py")


@figure("settings-secrets", bar="plain secrets refused in file and variable, in no message, repr or doctor's line", item=1)
def settings_secrets() -> Figure:
    from einvoice import settings
    from einvoice.cli.examination import examine
    from einvoice.errors import SettingsError
    from tests.test_settings import PLAIN

    refused, told = 0, 0
    with TemporaryDirectory() as folder:
        file = Path(folder, "einvoice.toml")
        for text, _ in PLAIN:
            file.write_text(text, "utf-8")
            try:
                settings.load({"EINVOICE_CONFIG": str(file)})
            except SettingsError as fault:
                refused += 1
                told += "FISH" in str(fault)
        os.environ["EVIDENCE_SECRET"] = "SWORDFISH"
        file.write_text("[smtp]\nhost = '127.0.0.1'\nport = 1\nuser = 'us'\npassword = 'env:EVIDENCE_SECRET'\n", "utf-8")
        found = settings.load({"EINVOICE_CONFIG": str(file)})
        shown = [repr(found), str(found.smtp), *map(str, examine(found))]
        del os.environ["EVIDENCE_SECRET"]
    told += sum("SWORDFISH" in line for line in shown)
    return Figure(
        f"{refused} of {len(PLAIN)} refused; repeated in {told} of {len(PLAIN) + len(shown)} texts", refused == len(PLAIN) and not told
    )


@figure(
    "silent-by-default", bar="fresh: nothing leaves; redirect: all to one address; live: only with the word of the counts shown", item=1
)
def silent_by_default() -> Figure:
    from datetime import UTC, datetime

    from einvoice.database import connect
    from einvoice.errors import OutboxError
    from einvoice.outbox import add_all, mode, relay
    from einvoice.receivables.channels.email import EmailSender, Server
    from einvoice.settings import Sending
    from tests import smtp
    from tests.outbox.world import Listener, effect, migrated

    now, count = datetime.now(UTC), 50
    with TemporaryDirectory() as folder, migrated("sqlite", Path(folder), live=False) as engine, smtp.apart(Path(folder, "log")) as box:
        senders = {"email": EmailSender(Server(box.host, box.port, "none", local_name="localhost"))}

        def sent() -> list[str]:
            before = len(box.accepted())
            relay(engine, senders, {"test": Listener()}, lambda: now, ceiling=Sending())
            return [recipient for one in box.accepted()[before:] for recipient in one.recipients]

        with connect(engine) as connection:
            add_all(connection, (effect(f"a{number}", headers={"sender": "us@test"}) for number in range(count)), now)
        dry = sent()
        with connect(engine) as connection:
            mode.set_redirect(connection, "me@test", now, "evidence")
        redirected = sent()
        refused = 0
        with connect(engine) as connection:
            add_all(connection, (effect(f"b{number}", headers={"sender": "us@test"}) for number in range(count)), now)
            try:
                mode.set_live(connection, mode.waiting(connection), "yes", now, "evidence")
            except OutboxError:
                refused = 1
            mode.set_live(connection, mode.waiting(connection), mode.confirmation(mode.waiting(connection)), now, "evidence")
        live = sent()
    text = f"fresh {len(dry)} of {count} sent; redirect {redirected.count('me@test')} of {len(redirected)} to the one address"
    holds = not dry and redirected == ["me@test"] * count and refused == 1 and len(set(live)) == count
    return Figure(f"{text}; live without the word refused, with it {len(set(live))} to their own", holds)


@figure(
    "migrations-equal",
    bar="revisions = declared tables on SQLite and PostgreSQL, again changes nothing, newer refused, append-only",
    item=1,
)
def migrations_equal() -> Figure:
    return _tests("tests/database/test_migrations.py")


@figure(
    "database-unreachable", bar="an unreachable, mute, lost or unmigrated database is a DatabaseError with its mend within 20 s", item=1
)
def database_unreachable() -> Figure:
    return _tests("tests/database/test_engine.py", "-m", "slow or not slow")


@figure("doctor", bar="each thing that can be wrong is found with its mend; looking sends and changes nothing", item=1)
def doctor() -> Figure:
    return _tests("tests/outbox/test_doctor.py")


def _tests(path: str, *more: str) -> Figure:
    """The tests of a file: all of them passed, none was skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, *more]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed = re.search(r"(\d+) passed", said)
    skipped = re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
