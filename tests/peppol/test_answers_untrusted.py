"""Answers that nobody vouches for are read in bounded time; what is ours alone is told to nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from einvoice.database import connect, migrate, open_database
from einvoice.errors import Unreadable
from einvoice.events import Status
from einvoice.outbox.tables import OUTBOX
from einvoice.report import Severity, Verdict
from einvoice_peppol.answers import checking, creating, hearing, reading
from einvoice_peppol.answers.answer import Answer, Issue, Kind
from einvoice_peppol.answers.statuses import Statuses
from einvoice_peppol.answers.writing import write
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.tables import INBOX, OUTGOING
from tests.peppol.test_answers_hearing import NOW, About, _in_the_inbox, _query, _sent, _status, came

_DATED = b"</cbc:IssueDate>"
OURS = "PeppolError: /srv/einvoice/incoming cannot be written to: No space left on device; see [peppol] inbox"
THEIRS = "UnknownFormat: {urn:x}Order is no invoice"


@pytest.mark.parametrize("kind", ["invoice response", "status"])
def test_a_thousand_faults_are_enough(kind: str) -> None:
    if kind == "status":
        issues = tuple(Issue("NA", "", "XX") for _ in range(5_000))
        data = write(Answer(Kind.MLS, "1", NOW.date(), _query().sender, _query().receiver, "RE", "x", issues=issues))
    else:
        data = write(_query(time=None)).replace(_DATED, _DATED + b"<cbc:Note/>" * 80_000, 1)
    began = time.process_time()
    report = checking.check(data)
    assert time.process_time() - began < 10
    assert report.verdict is Verdict.INVALID
    assert len(report.layers[-1].findings) == checking.MOST + 1
    assert report.layers[-1].findings[-1].rule == checking.MANY


def test_warnings_beyond_what_is_looked_at_are_not_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST", 0)
    data = write(_query(time=None)).replace(_DATED, _DATED + b"<cbc:Note>a</cbc:Note>", 1)
    assert checking.check(data).verdict is Verdict.VALID
    report = checking.check(data.replace(b"<cbc:Note>a</cbc:Note>", b"<cbc:Note/>"))
    assert [(finding.rule, finding.severity) for finding in report.layers[-1].findings] == [(checking.MANY, Severity.FATAL)]


@pytest.mark.parametrize("day", [b"12026-01-01", b"-0001-01-01"])
def test_a_day_beyond_every_calendar_is_unreadable(day: bytes) -> None:
    data = write(_query(effective=NOW.date())).replace(b"EffectiveDate>2026-11-28<", b"EffectiveDate>" + day + b"<")
    assert day in data
    with pytest.raises(Unreadable):
        reading.read(data)


def test_what_others_say_is_kept_in_short(connection: Connection, tmp_path: Path) -> None:
    answer = creating.to_message(About(), "PNL000456", "RE", NOW, text="no", issues=[Issue("/Invoice", "no " * 100_000, "BV")])
    hearing.AnswerHandler({}).handle(connection, came(write(answer), tmp_path, answer.sender, answer.receiver, "PNL000456"))
    assert 0 < len(str(connection.scalar(select(OUTBOX.c.reason)))) <= 2_000


def test_what_answers_nothing_is_named_in_short(connection: Connection, tmp_path: Path) -> None:
    connection.execute(update(OUTGOING).values(instance_id="another"))
    hearing.AnswerHandler({}).handle(connection, _status("AP", tmp_path))
    assert 0 < len(str(connection.scalar(select(INBOX.c.reason)))) < 300


@pytest.mark.parametrize(
    ("failure", "code", "told"), [(OURS, "FD", False), ("IntegrityError: INSERT INTO x", "FD", False), (THEIRS, "SV", True)]
)
def test_faults_of_ours_are_told_to_nobody(connection: Connection, tmp_path: Path, failure: str, code: str, *, told: bool) -> None:
    taken = _status("AP", tmp_path)._replace(id=7, kind="invoice")
    Statuses("PBE000123", "BE", lambda: NOW, Bodies(tmp_path))(connection, taken, failure)
    sent = reading.read(bytes(connection.scalar(select(OUTGOING.c.document).where(OUTGOING.c.about == 7)) or b""))
    assert (sent.code, sent.issues[0].code) == (Status.REJECTED.value, code)
    assert (failure in sent.issues[0].text) is told


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_database(f"sqlite:///{tmp_path}/peppol.db")
    migrate(engine)
    with connect(engine) as made:
        _sent(made)
        made.execute(INBOX.insert().values(_in_the_inbox()))
        yield made
    engine.dispose()
