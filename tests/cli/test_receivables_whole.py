"""From files to reminders by the command line alone: the guide's own files, a real mail server, a clock that is moved."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from einvoice.settings import current
from tests import extras
from tests.cli.conftest import Run
from tests.smtp import Mailbox, serving

for _needed in extras.RECEIVABLES:
    pytest.importorskip(_needed)

GUIDE = Path(__file__).parents[2] / "docs" / "receivables.md"
MORNING = datetime(2026, 11, 3, 9, tzinfo=UTC)


class Clock:
    """What time the command line thinks it is."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still until it is moved."""
    found = Clock()
    monkeypatch.setattr("einvoice.cli.receivables.common.clock", found)
    return found


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server, which the settings name."""
    with serving(tmp_path / "mail.log") as found:
        for name, value in {"HOST": found.host, "PORT": found.port, "SECURITY": "none", "SENDER": "ar@acme.example"}.items():
            monkeypatch.setenv(f"EINVOICE_SMTP_{name}", str(value))
        yield found


@pytest.fixture
def begun(tmp_path: Path, clock: Clock, mail: Mailbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's first commands."""
    from tests.receivables.run_world import migrated

    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "einvoice.db").write_bytes(migrated())
    monkeypatch.chdir(tmp_path / "acme")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    for name, text in zip(
        ("debtors.csv", "invoices.csv"), re.findall(r"```csv\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL), strict=True
    ):
        Path(name).write_text(text, "utf-8")
    current.cache_clear()
    assert run("receivables", "init").code == 0
    current.cache_clear()
    (added,) = re.findall(r"^\$ einvoice (receivables creditor add .*?)\n\$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert run(*shlex.split(added.replace("\\\n", " "))).code == 0
    ran = run("receivables", "import", "debtors.csv", "invoices.csv")
    assert (ran.code, ran.err) == (0, "")
    return tmp_path / "acme"


def done(run: Run, *arguments: str) -> dict[str, Any]:
    ran = run("receivables", *arguments, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def go_live(run: Run) -> None:
    word = run("receivables", "mode", "live").out.split("--confirm ")[1].split()[0]
    assert run("receivables", "mode", "live", "--confirm", word).code == 0


def recipients(mail: Mailbox) -> list[str]:
    return sorted(message.recipients[0] for message in mail.accepted())


def test_from_files_to_reminders(begun: Path, run: Run, mail: Mailbox, clock: Clock) -> None:
    plan = done(run, "plan")
    assert [action["invoices"][0]["number"] for action in plan["actions"]] == ["2026-0001", "2026-0002"]
    assert sum(plan["counts"].values()) == 2
    dry = done(run, "run", "--dry-run", "--preview", "messages")
    assert dry["mode"] == "dry_run"
    assert len(list((begun / "messages").glob("*.eml"))) == 2
    assert mail.accepted() == []

    assert run("receivables", "mode", "redirect", "me@acme.example").code == 0
    assert done(run, "run")["sent"]["sent"] == 2
    assert recipients(mail) == ["me@acme.example"] * 2

    go_live(run)
    live = done(run, "run")
    assert (live["saved"], live["sent"]["sent"]) == (2, 2)
    assert recipients(mail)[:2] == ["ann@peeters.example", "finance@janssens.example"]
    assert done(run, "run")["saved"] == 0

    (begun / "payments.csv").write_text("key,booked,amount,invoice\nb1,2026-11-04,1210.00,2026-0001\n", "utf-8")
    clock.now += timedelta(days=1)
    assert run("receivables", "import", "payments.csv").code == 0
    clock.now += timedelta(days=13)
    later = done(run, "run")
    assert later["saved"] == 1
    assert recipients(mail).count("finance@janssens.example") == 1


def test_the_text_says_what_happened(begun: Path, run: Run, mail: Mailbox) -> None:
    for arguments in (("plan",), ("run", "--dry-run"), ("run",)):
        ran = run("receivables", *arguments)
        assert (ran.code, ran.err) == (0, "")
        assert "acme, 2026-11-03" in ran.out
    assert "2026-0001" in run("receivables", "plan").out


def test_what_fails_is_said_and_the_exit_code_is_1(begun: Path, run: Run, mail: Mailbox) -> None:
    Path("more.csv").write_text("key,name,kind,country,email,time_zone\n1003,C,b2b,BE,c@c.example,Europe/Brussels\n", "utf-8")
    Path("owed.csv").write_text("debtor,number,issued,due,amount\n1003,2026-0003,2026-09-01,2026-10-01,10.00\n", "utf-8")
    assert run("receivables", "import", "more.csv", "owed.csv", "--kind", "debtors").code == 1  # owed.csv holds no debtors: nothing is kept
    assert run("receivables", "import", "more.csv").code == 0
    assert run("receivables", "import", "owed.csv", "--kind", "invoices").code == 0
    _broken_zone(begun)
    ran = run("receivables", "run", "--dry-run")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "Mars/Base" in ran.out


def test_a_field_that_a_text_needs_is_told_by_the_dry_run(begun: Path, run: Run) -> None:
    assert run("receivables", "creditor", "set", "acme", "--legal-id", "").code == 0
    ran = run("receivables", "run", "--dry-run")
    assert ran.code == 1
    assert "enterprise number" in ran.out


def _broken_zone(where: Path) -> None:
    from sqlalchemy import update

    from einvoice.database import connect, open_database
    from einvoice.receivables.store.tables import DEBTORS

    engine = open_database(f"sqlite:///{where / 'einvoice.db'}")
    with connect(engine) as connection:
        connection.execute(update(DEBTORS).where(DEBTORS.c.key == "1003").values(time_zone="Mars/Base"))
    engine.dispose()


@pytest.mark.parametrize("arguments", [("plan", "--creditor", "nobody"), ("run", "--creditor", "nobody")])
def test_a_creditor_that_is_not_there_is_2(begun: Path, run: Run, arguments: tuple[str, ...]) -> None:
    ran = run("receivables", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "acme" in ran.err


def test_a_policy_that_is_wrong_is_2_with_file_line_and_mend(begun: Path, run: Run) -> None:
    policy = begun / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("version: 1", "version: 1\nnonsense: 2", 1), "utf-8")
    ran = run("receivables", "run", "--dry-run")
    assert ran.code == 2
    assert "policy.yaml" in ran.err
    assert "nonsense" in ran.err


def test_a_database_that_cannot_be_reached_is_2_with_its_mend(begun: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    current.cache_clear()
    ran = run("receivables", "run")
    assert ran.code == 2
    assert "127.0.0.1" in ran.err
    assert "[database] url" in ran.err
