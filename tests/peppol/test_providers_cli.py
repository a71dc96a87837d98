"""By commands alone: sent by a hosted access point, followed, fetched, listed; the doctor says what is set up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import einvoice
from einvoice.cli import main, serve
from einvoice.cli.examination_hosted import hosted as examined
from einvoice.database import connect, open_database
from einvoice.outbox import mode
from einvoice.samples import sample
from einvoice.settings import current
from tests.outbox.world import _migrated as migrated
from tests.providers.paying import Reply
from tests.providers.peppol import belgian, peppyrus

CONFIG = """
[peppol]
via = "peppyrus"
inbox = "{folder}/came"
spool = "{folder}/spool"
[peppyrus]
key = "env:TEST_PEPPYRUS_KEY"
api = "{base}/v1"
"""


class Here(NamedTuple):
    """A company that sends by Peppyrus, and a way to run commands in it."""

    service: Any
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, Any]:
        self.capsys.readouterr()
        code = main((*words, "--format", "json"))
        return code, json.loads(self.capsys.readouterr().out)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    database = tmp_path / "ours.db"
    database.write_bytes(migrated())
    service = peppyrus.Peppyrus()
    with service.served() as base:
        (tmp_path / "einvoice.toml").write_text(CONFIG.format(folder=tmp_path, base=base), "utf-8")
        monkeypatch.setenv("EINVOICE_CONFIG", str(tmp_path / "einvoice.toml"))
        monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{database}")
        monkeypatch.setenv("TEST_PEPPYRUS_KEY", peppyrus.KEY)
        monkeypatch.chdir(tmp_path)
        current.cache_clear()
        engine = open_database(f"sqlite:///{database}")
        with connect(engine) as connection:
            mode.set_live(connection, {}, mode.confirmation({}), datetime.now(UTC), "test")
        engine.dispose()
        yield Here(service, tmp_path, capsys)
    current.cache_clear()


def test_sent_delivered_fetched_and_listed_by_commands(here: Here) -> None:
    data = einvoice.write(sample(), einvoice.Syntax.UBL)
    (here.folder / "invoice.xml").write_bytes(data)
    code, (told,) = here.run("send", "invoice.xml")
    assert (code, told["outcome"]) == (0, "sent")
    (ref,) = here.service.messages
    here.service.delivers(ref)
    came = belgian.comes(belgian.PEPPYRUS, here.service, data)
    code, done = here.run("peppol", "run")
    assert code == 0
    assert (done["fetched"]["kept"], done["handed"]["handed"], done["followed"]["delivered"]) == (1, 1, 1)
    _, (row,) = here.run("peppol", "status")
    assert (row["state"], row["via"], row["message_id"]) == ("delivered", "peppyrus", f"peppyrus:{ref}")
    (message,) = here.run("inbox", "list")[1]["messages"]
    assert (message["message_id"], message["via"], message["state"]) == (f"peppyrus:{came}", "peppyrus", "handed")
    (file,) = (here.folder / "came").glob("*.xml")
    assert file.read_bytes().strip().endswith(data.strip()[-200:])
    assert here.service.messages[came]["confirmed"]


def test_what_came_back_and_what_cannot_be_taken_end_a_round_with_1(here: Here) -> None:
    (here.folder / "invoice.xml").write_bytes(einvoice.write(sample(), einvoice.Syntax.UBL))
    assert here.run("send", "invoice.xml")[0] == 0
    (ref,) = here.service.messages
    here.service.fails(ref)
    bad = belgian.comes(belgian.PEPPYRUS, here.service, b"<!DOCTYPE x><Invoice/>")
    code, done = here.run("peppol", "run")
    assert (code, done["fetched"]["refused"], done["followed"]["bounced"]) == (1, 1, 1)
    assert not here.service.messages[bad]["confirmed"]
    here.service.trouble = [Reply(503, b""), Reply(503, b"")]
    code, done = here.run("peppol", "run")
    assert (code, done["fetched"]["silent"]) == (0, 1)


def test_without_a_key_it_waits_and_says_why(here: Here) -> None:
    (here.folder / "invoice.xml").write_bytes(einvoice.write(sample(), einvoice.Syntax.UBL))
    code, (told,) = here.run("send", "invoice.xml", "--via", "billit")
    assert (code, told["state"]) == (2, "prepared")
    assert "[billit]" in told["reason"]


def test_webhooks_are_served_without_a_certificate_and_beside_nothing_else(here: Here) -> None:
    made, reached = serve._peppol(current())
    engine = open_database(current().database.address())
    assert [route.name for route in made(engine).routes] == ["peppol-hooks", "health"]
    assert "peppyrus" in reached
    engine.dispose()


def test_the_doctor_says_what_is_set_up(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [check.level for check in examined(current())] == ["ok"]
    monkeypatch.delenv("TEST_PEPPYRUS_KEY")
    assert [check.level for check in examined(current())] == ["fail"]
    stated = current()
    nothing = stated._replace(peppyrus=stated.peppyrus._replace(key=None))
    assert [check.level for check in examined(nothing)] == ["fail"]
    assert list(examined(nothing._replace(peppol=stated.peppol._replace(via="as4")))) == []
