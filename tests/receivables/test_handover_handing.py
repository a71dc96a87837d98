"""Hand-overs: who takes them, what refuses them in the sending transaction, what follows from each outcome, what is called back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from einvoice.database import connect
from einvoice.outbox import Outcome, State, report
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import papers
from einvoice.receivables.cases.tasks import done
from einvoice.receivables.handover import handing as h
from einvoice.receivables.handover.agencies import agency_of
from einvoice.receivables.store.tables import ACTIONS, CHARGES, INVOICES, PAPERS, TASKS
from einvoice.settings.providers import Agency
from tests.receivables.handover_refusals import MORE, OWNERS, REFUSED, Ready, posted, sent_after, to_agency, waiting
from tests.receivables.handover_world import (
    BY_MAIL,
    at,
    attached,
    became,
    handed,
    handing,
    manifest,
    owes,
    pays,
    reminded,
    stages,
    unzipped,
)
from tests.smtp import Mailbox, serving


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server."""
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


@pytest.mark.parametrize(
    ("handover", "country", "name"),
    [
        ("collection_agency", "NL", "nl"),
        ("collection_agency", "DE", "de"),
        ("collection_agency", "FR", "world"),
        ("international_collection_agency", "DE", "de"),
        ("international_collection_agency", "FR", "abroad"),
        ("legal_or_collection", "NL", "nl"),
        ("legal_or_collection", "FR", "lawyer"),
        ("legal_team", "NL", "lawyer"),
        ("another", "NL", None),
    ],
)
def test_one_for_the_country_comes_before_a_general_one(handover: str, country: str, name: str | None) -> None:
    agencies = (
        Agency("world", takes=("collection_agency",)),
        Agency("lawyer", takes=("legal_team", "legal_or_collection")),
        Agency("de", takes=("collection_agency",), countries=("DE", "AT")),
        Agency("nl", takes=("collection_agency",), countries=("nl",)),
        Agency("abroad", takes=("international_collection_agency",)),
    )
    found = agency_of(agencies, handover, country)
    assert (found and found.name) == name
    assert agency_of((), handover, country) is None
    assert agency_of((Agency("all"),), handover, country) == Agency("all")


def test_a_dossier_goes_by_mail_and_only_then_the_invoices_are_handed_over(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        owes(made)
        reminded(made)
        before = len(to_agency(mail))
        assert handed(made).queued == {"f.r4 hand-over": 1}
        (message,) = posted(made)
        assert to_agency(mail)[before:] == [papers.sha256(message)]
        told = manifest(attached(message))
        assert stages(made) == ["handed_over", "handed_over"]
        assert became(made, 1) == ["handed_over"]
        assert [row.state for row in made.rows(select(ACTIONS.c.state).where(ACTIONS.c.kind == "handover"))] == ["done"]
        (paper,) = made.rows(select(PAPERS.c.data).where(PAPERS.c.kind == papers.DOSSIER))
        assert unzipped(paper.data) == attached(message)
        owed = made.rows(select(func.sum(INVOICES.c.open + INVOICES.c.charges, type_=INVOICES.c.open.type)))[0][0]
        assert told["claimed"] == {"EUR": str(owed)}
        assert len(made.rows(select(CHARGES))) == 4
        assert handed(made, 19).queued == {}
        assert len(to_agency(mail)) == before + 1


def test_a_dossier_goes_into_a_folder(tmp_path: Path, mail: Mailbox) -> None:
    folder = tmp_path / "agency"
    with handing(tmp_path, mail, Agency("legal", "The lawyers", folder=folder, language="fr")) as made:
        owes(made)
        reminded(made)
        handed(made)
        (path,) = folder.glob("*.zip")
        assert manifest(unzipped(path.read_bytes()))["language"] == "fr"
        about = json.loads(path.with_suffix(".json").read_text())
        assert (about["address"], about["agency"], about["handover"]) == (["The lawyers"], "legal", "collection_agency")
        assert stages(made) == ["handed_over", "handed_over"]


def test_nobody_is_set_so_a_person_hands_over_what_is_kept(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL._replace(countries=("DE",))) as made:
        owes(made)
        reminded(made)
        assert handed(made).tasks == {"hand_over": 1}
        assert stages(made) == ["final", "final"]
        assert len(made.rows(select(PAPERS.c.id).where(PAPERS.c.kind == papers.DOSSIER))) == 1
        (task,) = made.rows(select(TASKS).where(TASKS.c.kind == "hand_over"))
        with connect(made.engine) as connection:
            done(connection, task.id, "handed_over", at(made))
        assert stages(made) == ["handed_over", "handed_over"]


@pytest.mark.parametrize("name", ["dry_run", "redirect"])
def test_nothing_leaves_and_nothing_is_kept_unless_live(tmp_path: Path, mail: Mailbox, name: str) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        owes(made)
        reminded(made)
        made.mode(name)
        before = len(to_agency(mail))
        report = handed(made)
        assert list(report.planned) == ["f.r4 hand-over to collection_agency"]
        assert len(to_agency(mail)) == before
        assert made.rows(select(OUTBOX.c.id).where(OUTBOX.c.owner == h.OWNER)) == []
        assert made.rows(select(PAPERS.c.id).where(PAPERS.c.kind == papers.DOSSIER)) == []
        assert stages(made) == ["open", "open"]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, mail: Mailbox) -> Iterator[Ready]:
    """A world whose dossier waits for the hours of contact."""
    with waiting(tmp_path_factory.mktemp("ready"), mail) as found:
        yield found


@pytest.mark.parametrize("name", REFUSED)
def test_what_refuses_a_hand_over_as_it_leaves(ready: Ready, mail: Mailbox, name: str) -> None:
    made, left = sent_after(ready, mail, REFUSED[name])
    assert left == 0
    (row,) = made.rows(select(OUTBOX.c.state, OUTBOX.c.reason).where(OUTBOX.c.owner == h.OWNER))
    assert row.state == "cancelled", row
    assert "handed_over" not in stages(made)
    (action,) = made.rows(select(ACTIONS.c.state).where(ACTIONS.c.kind == "handover"))
    assert action.state == "cancelled"
    asked = [task.kind for task in made.rows(select(TASKS.c.kind).where(TASKS.c.done_on.is_(None)))]
    assert asked == (["decide"] if name == "too few contacts" else [])


@pytest.mark.parametrize("name", MORE)
def test_what_does_not_concern_an_agency_refuses_nothing(ready: Ready, mail: Mailbox, name: str) -> None:
    made, left = sent_after(ready, mail, MORE[name])
    assert left == 1
    assert stages(made) == ["handed_over", "handed_over"]


@pytest.mark.parametrize("state", [State.BOUNCED, State.FAILED, State.DEAD, State.UNKNOWN])
def test_a_copy_that_did_not_arrive_is_a_person_s(ready: Ready, mail: Mailbox, state: State) -> None:
    made, _ = sent_after(ready, mail, MORE["nothing"])
    (row,) = made.rows(select(OUTBOX).where(OUTBOX.c.owner == h.OWNER))
    if state is not State.BOUNCED:
        ready.restore()
        with connect(made.engine) as connection:
            connection.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(state="sending"))
    with connect(made.engine) as connection:
        report(connection, row.id, Outcome(state, reason="550 no such user"), made.clock(), OWNERS)
    assert stages(made) == ["final", "final"]
    (task,) = made.rows(select(TASKS).where(TASKS.c.done_on.is_(None)))
    assert task.kind == ("unknown" if state is State.UNKNOWN else "hand_over")
    with connect(made.engine) as connection:
        done(connection, task.id, "handed_over", at(made))
    assert stages(made) == ["handed_over", "handed_over"]
    (action,) = made.rows(select(ACTIONS.c.state).where(ACTIONS.c.kind == "handover"))
    assert action.state == "done"


def test_the_agency_is_told_once_of_what_is_paid_meanwhile(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        debtor = owes(made)
        reminded(made)
        handed(made)
        before = len(to_agency(mail))
        assert handed(made, 19).clocks == {}
        with connect(made.engine) as connection:
            pays(connection, made, debtor)
        assert handed(made, 20).clocks["handover.recalled"] == 2
        told = b"".join(posted(made)[1:])
        assert to_agency(mail)[before:] == [papers.sha256(message) for message in posted(made)[1:]]
        for number in (b"a-1", b"a-2"):
            assert number in told
        assert "handover.recalled" not in handed(made, 21).clocks
        assert len(to_agency(mail)) == before + 2


def test_what_a_person_handed_over_a_person_calls_back(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail) as made:
        debtor = owes(made, amounts=("100.00",))
        reminded(made)
        handed(made)
        (task,) = made.rows(select(TASKS).where(TASKS.c.kind == "hand_over"))
        with connect(made.engine) as connection:
            done(connection, task.id, "handed_over", at(made))
            pays(connection, made, debtor)
        for days in (19, 20):
            handed(made, days)
        assert [row.kind for row in made.rows(select(TASKS.c.kind).where(TASKS.c.done_on.is_(None)))] == ["recall"]
