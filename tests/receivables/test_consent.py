"""Consent: who said what about a channel, in answers and by the verb; and that it holds up to the moment of sending."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.incoming.bounces import read
from einvoice.receivables.incoming.port import News
from einvoice.receivables.ledger.parties import consent, consents
from einvoice.receivables.store.tables import CONSENTS, CONTACTS, HOLDS, TASKS
from einvoice.settings import Smtp, current
from einvoice.settings.providers import Channels
from tests.receivables.bounced import answer
from tests.receivables.news import heard, message, results, rules
from tests.receivables.run_world import EARLY, MORNING, World, pays, world
from tests.smtp import Mailbox, serving

RULES = rules(
    "    - {id: r1, offset: 0, all_of: [email], firmness: 1}\n    - {id: r2, offset: 10, all_of: [email], fallback: [sms], firmness: 2}\n"
)
ASKED = rules("    - {id: r1, offset: 0, all_of: [sms], fallback: [email], firmness: 1}\n", "consent_required: [sms]\n")
NUMBER = "+31 6 12 34 56 78"


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command line's database is that of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    current.cache_clear()
    yield
    current.cache_clear()


def with_sms(made: World, folder: Path) -> None:
    """SMS are left in a folder; every debtor has the one number."""
    made.settings = made.settings._replace(channels=Channels(sms="folder", folder=folder))
    with connect(made.engine) as connection:
        connection.execute(update(CONTACTS).values(phone=NUMBER))


@pytest.fixture
def made(tmp_path: Path, mail: Mailbox) -> Iterator[World]:
    with world(tmp_path, mail, rules=RULES) as found:
        found.debtor("a")
        with_sms(found, tmp_path / "out")
        found.run()
        yield found


def says(made: World, text: str, key: str = "r1", *, sender: str = "+31612345678", channel: str = "sms") -> dict[str, int]:
    """Somebody answers by SMS."""
    return heard(made, [News(key, "reply", sender=sender, text=text, more={"channel": channel})])


def writes(made: World, text: str, *fields: str, to: str | None = "") -> dict[str, int]:
    """The debtor answers the mail."""
    return heard(made, read(answer(text, *fields, sender="a@customer.example", to=message(made, 1).provider if to == "" else to)))


def said(made: World) -> list[tuple[str, bool]]:
    return [tuple(row) for row in made.rows(select(CONSENTS.c.channel, CONSENTS.c.granted).order_by(CONSENTS.c.id))]


@pytest.mark.parametrize("word", ["STOP", "stop.", "Uitschrijven", "abmelden", "Arrêt", "unsubscribe"])
def test_stop_ends_the_channel_and_only_that(made: World, word: str) -> None:
    says(made, word)
    assert said(made) == [("sms", False)]
    assert made.states()["tasks"] == []
    says(made, word, "r2")
    assert said(made) == [("sms", False)]


def test_start_gives_it_back_and_both_words_stay(made: World) -> None:
    says(made, "STOP")
    says(made, "START", "r2")
    assert said(made) == [("sms", False), ("sms", True)]


def test_stop_in_answer_to_a_mail_ends_mail_and_the_next_step_goes_another_way(made: World, tmp_path: Path) -> None:
    writes(made, "STOP\n\n> We ask you to pay.")
    assert said(made) == [("email", False)]
    made.clock.on(days=10)
    report = made.run()
    assert report.queued == {"f.r2 sms": 1}
    assert len(list((tmp_path / "out" / "sms").glob("*.txt"))) == 1


def test_stop_of_one_number_is_for_every_debtor_behind_it(made: World) -> None:
    other = made.debtor("b")
    with connect(made.engine) as connection:
        connection.execute(update(CONTACTS).values(phone=NUMBER))
    says(made, "STOP")
    with connect(made.engine) as connection:
        assert consents(connection, 1) == consents(connection, other) == {"sms": False}


def test_stop_in_a_mail_that_answers_none_of_ours_goes_to_a_person(made: World) -> None:
    writes(made, "STOP", to=None)
    writes(made, "STOP", to="<other@acme.example>")
    assert said(made) == []
    assert made.states()["tasks"] == ["triage", "triage"]


def test_an_automatic_answer_changes_nothing(made: World) -> None:
    writes(made, "STOP", "Auto-Submitted: auto-replied")
    assert (said(made), made.states()["tasks"], results(made)) == ([], [], [("noted", True)])


def test_nobody_known_is_nobody(made: World) -> None:
    says(made, "STOP", sender="+3225550000")
    assert (said(made), results(made)) == ([], [("nobody's", True)])


def test_paid_pauses_for_a_week_and_a_second_time_a_person_looks(made: World) -> None:
    writes(made, "Betaald")
    day = made.clock().date()
    (hold,) = made.rows(select(HOLDS))
    assert (hold.reason, hold.invoice_id, hold.until) == ("payment_pending", 1, day + timedelta(days=7))
    assert made.states()["tasks"] == []
    made.clock.on(days=10)
    made.run()
    says(made, "already paid", "r2")
    assert len(made.rows(select(HOLDS))) == 1
    assert made.states()["tasks"] == ["triage"]


def test_paid_of_what_is_paid_is_nothing(made: World) -> None:
    with connect(made.engine) as connection:
        pays(connection, made, 1)
    writes(made, "paid")
    assert made.rows(select(HOLDS)) == []


def test_anything_else_goes_to_a_person_and_waits_until_they_are_done(made: World) -> None:
    from einvoice.receivables.cases import tasks
    from einvoice.receivables.cases.case import At

    made.clock.on(days=9)  # the next step is due tomorrow
    says(made, "Die prijs klopt niet.\0 \ud83d")
    (task,) = made.rows(select(TASKS))
    assert (task.kind, task.invoices, "Die prijs klopt niet." in task.text, "\0" in task.text) == ("triage", [1], True, False)
    made.clock.on(days=1)
    report = made.run()
    assert (report.held.get("manual", 0), report.saved) == (1, 0)
    with connect(made.engine) as connection:
        tasks.done(connection, task.id, "answered", At(made.clock().date(), made.clock(), "ann"))
    assert made.run().saved == 1


def test_consent_that_is_withdrawn_holds_for_what_waits_already(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail, rules=RULES) as made:
        made.debtor("a")
        assert made.run(EARLY).waiting == 1
        before = len(mail.accepted())
        with connect(made.engine) as connection:
            consent(connection, 1, "email", granted=False, at=made.clock(), source="tests")
        made.run(MORNING)
        assert (message(made).state, message(made).reason.partition(":")[0]) == ("cancelled", "consent")
        assert len(mail.accepted()) == before


@pytest.mark.parametrize(("given", "way"), [(None, "email"), (True, "sms"), (False, "email")])
def test_a_channel_that_wants_a_yes_needs_one(tmp_path: Path, mail: Mailbox, given: bool | None, way: str) -> None:
    with world(tmp_path, mail, rules=ASKED) as made:
        made.debtor("a")
        with_sms(made, tmp_path / "out")
        if given is not None:
            with connect(made.engine) as connection:
                consent(connection, 1, "sms", given, made.clock(), "tests")
        assert made.run().queued == {f"f.r1 {way}": 1}


def test_a_channel_that_wants_a_yes_is_asked_again_when_it_is_sent(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail, rules=ASKED) as made:
        made.debtor("a")
        with_sms(made, tmp_path / "out")
        with connect(made.engine) as connection:
            consent(connection, 1, "sms", granted=True, at=made.clock(), source="tests")
        made.run(EARLY)
        says(made, "STOP")
        made.run(MORNING)
        assert [row.state for row in made.rows(select(OUTBOX).where(OUTBOX.c.channel == "sms"))] == ["cancelled"]
        assert list((tmp_path / "out").rglob("*.txt")) == []


def test_the_verb_gives_withdraws_and_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from einvoice.cli import main

    with world(tmp_path, None) as made:
        made.debtor("a")
    asked = ["receivables", "consent"]
    assert main([*asked, "give", "a", "whatsapp", "--source", "contract"]) == 0
    assert main([*asked, "withdraw", "a", "whatsapp", "--source", "by telephone", "--by", "ann"]) == 0
    capsys.readouterr()
    assert main([*asked, "list", "a", "--format", "json"]) == 0
    latest = json.loads(capsys.readouterr().out)
    assert [(row["channel"], row["granted"], row["source"]) for row in latest] == [("whatsapp", False, "by telephone (ann)")]
    assert main([*asked, "list", "--all", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    for wrong in (["give", "a", "fax", "--source", "x"], ["give", "a", "sms"], ["give", "nobody", "sms", "--source", "x"]):
        assert main([*asked, *wrong]) == 2


def test_the_verb_that_reads_bounces_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mail: Mailbox
) -> None:
    from einvoice.cli import main

    with world(tmp_path, mail, rules=RULES) as made:
        made.debtor("a")
        made.run()
        writes(made, "x", to="<nobody@x>")
        heard(made, [News("k", "status", "<nobody@x>")])
        provider = message(made).provider
    assert main(["receivables", "bounces", "read"]) == 2
    maildir = tmp_path / "Maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new" / "1").write_bytes(answer("STOP", to=provider))
    monkeypatch.setenv("EINVOICE_BOUNCES_MAILDIR", str(maildir))
    current.cache_clear()
    capsys.readouterr()
    assert main(["receivables", "bounces", "read", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"heard": 1, "mails": 1, "of kind reply": 1, "settled": 1}
    assert main(["receivables", "bounces", "list", "--format", "json"]) == 0
    assert [row["kind"] for row in json.loads(capsys.readouterr().out)] == ["status"]


def test_smtp_needs_no_settings_of_bounces() -> None:
    from einvoice.receivables.channels.senders import sender_of
    from einvoice.settings import Settings

    assert sender_of("email", Settings(smtp=Smtp(host="localhost", security="none"))) is not None
    assert sender_of("sms", Settings()) is None
