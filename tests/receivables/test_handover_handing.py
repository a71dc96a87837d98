"""Hand-overs: who takes them, what refuses them in the sending transaction, what follows from each outcome, what is called back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, select, update

from einvoice.database import connect
from einvoice.outbox import Outcome, Owner, State, relay, report
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law, papers
from einvoice.receivables.cases.tasks import done
from einvoice.receivables.channels.installed import installed
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.handover import handing as h
from einvoice.receivables.handover.agencies import agency_of
from einvoice.receivables.handover.owner import HandoverOwner
from einvoice.receivables.store.tables import ACTIONS, CHARGES, DEBTORS, HOLDS, INVOICES, MESSAGES, PAPERS, POLICIES, TASKS
from einvoice.settings.providers import Agency
from tests.receivables.handover_world import (
    BY_MAIL,
    Change,
    at,
    attached,
    became,
    early,
    handed,
    handing,
    manifest,
    owes,
    pays,
    reminded,
    stages,
    unzipped,
)
from tests.receivables.run_world import CHANGES, MORNING, World
from tests.smtp import Mailbox, read, serving

OWNERS: dict[str, Owner] = {"receivables": ReceivablesOwner(law.load()), h.OWNER: HandoverOwner()}


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server."""
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


def to_agency(mail: Mailbox) -> list[str]:
    """The SHA-256 of what the server took for the agency."""
    return [one.sha256 for one in read(mail.log) if BY_MAIL.email in one.recipients]


def posted(made: World) -> list[bytes]:
    """What the outbox holds for the agency."""
    return [row.payload for row in made.rows(select(OUTBOX.c.payload).where(OUTBOX.c.owner == h.OWNER).order_by(OUTBOX.c.id))]


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


def bounces(connection: Connection, made: World, debtor: int) -> None:
    """A reminder that counted comes back after all."""
    del debtor
    (first, *_) = connection.execute(select(MESSAGES.c.id).order_by(MESSAGES.c.id)).all()
    connection.execute(update(MESSAGES).where(MESSAGES.c.id == first.id).values(bounced_on=made.clock().date()))


def scored(connection: Connection, made: World, debtor: int) -> None:
    """The debtor turns out to be a natural person, and the segment looks at a score."""
    del made
    connection.execute(update(DEBTORS).where(DEBTORS.c.id == debtor).values(kind="b2c"))
    text = connection.scalar(select(POLICIES.c.text)) or ""
    connection.execute(
        update(POLICIES).values(
            text=text.replace("segments: [", "segments: [{id: all, when: 'party.score == null', flow: f}, ").replace(
                '{id: all, when: "true"', '{id: rest, when: "true"'
            )
        )
    )


def unkept(connection: Connection, made: World, debtor: int) -> None:
    """The dossier is no longer kept."""
    del made, debtor
    connection.execute(delete(PAPERS).where(PAPERS.c.kind == papers.DOSSIER))


def ruleless(connection: Connection, made: World, debtor: int) -> None:
    """The policy that decided is no longer kept."""
    del made, debtor
    connection.execute(update(POLICIES).values(hash="0" * 64))


def tampered(connection: Connection, made: World, debtor: int) -> None:
    """Somebody changed the bytes in the outbox."""
    del made, debtor
    connection.execute(update(OUTBOX).where(OUTBOX.c.owner == h.OWNER).values(payload=b"Subject: pay me instead\r\n\r\n"))


_OURS = ("paid", "paid in part", "money on account", "dispute", "dispute of a part", "plan", "promise", "payment pending", "manual")
REFUSED: dict[str, Change] = {name: CHANGES[name] for name in (*_OURS, "insolvent", "held by a person")}
REFUSED |= {"paid in full": pays, "too few contacts": bounces, "a score alone": scored, "not kept": unkept}
REFUSED |= {"no policy": ruleless, "bytes changed": tampered}
MORE: dict[str, Callable[[Connection, World, int], None]] = {
    "nothing": lambda connection, made, debtor: None,
    "consent withdrawn": CHANGES["consent withdrawn"],
    "address gone": CHANGES["address gone"],
}
"""What does not concern an agency."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, mail: Mailbox) -> Iterator[tuple[World, int, bytes, Path]]:
    """A world whose dossier waits for the hours of contact, and its database as bytes."""
    where = tmp_path_factory.mktemp("ready")
    with handing(where, mail, BY_MAIL) as made:
        debtor = owes(made)
        reminded(made)
        made.clock.now = early(18)
        made.run()
        made.engine.dispose()
        yield made, debtor, (where / "books.db").read_bytes(), where / "books.db"


def sent_after(ready: tuple[World, int, bytes, Path], mail: Mailbox, change: Change) -> tuple[World, int]:
    """The world after a change between plan and sending, and how many dossiers left."""
    made, debtor, data, path = ready
    made.engine.dispose()
    path.write_bytes(data)
    made.clock.now = MORNING + timedelta(days=18)
    with connect(made.engine) as connection:
        change(connection, made, debtor)
        connection.execute(update(HOLDS).where(HOLDS.c.until.is_not(None)).values(until=made.clock().date()))
        connection.execute(update(DEBTORS).where(DEBTORS.c.hold_until.is_not(None)).values(hold_until=made.clock().date()))
    before = len(to_agency(mail))
    relay(made.engine, installed(made.settings), OWNERS, made.clock, ceiling=made.settings.sending)
    return made, len(to_agency(mail)) - before


@pytest.mark.parametrize("name", REFUSED)
def test_what_refuses_a_hand_over_as_it_leaves(ready: tuple[World, int, bytes, Path], mail: Mailbox, name: str) -> None:
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
def test_what_does_not_concern_an_agency_refuses_nothing(ready: tuple[World, int, bytes, Path], mail: Mailbox, name: str) -> None:
    made, left = sent_after(ready, mail, MORE[name])
    assert left == 1
    assert stages(made) == ["handed_over", "handed_over"]


@pytest.mark.parametrize("state", [State.BOUNCED, State.FAILED, State.DEAD, State.UNKNOWN])
def test_a_copy_that_did_not_arrive_is_a_person_s(ready: tuple[World, int, bytes, Path], mail: Mailbox, state: State) -> None:
    made, _ = sent_after(ready, mail, MORE["nothing"])
    (row,) = made.rows(select(OUTBOX).where(OUTBOX.c.owner == h.OWNER))
    if state is not State.BOUNCED:
        made.engine.dispose()
        ready[3].write_bytes(ready[2])
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
