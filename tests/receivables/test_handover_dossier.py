"""What a dossier holds, read back: every document as it was, sums equal to the ledger, and what is missing named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import select, update

import einvoice
from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.formats.structure import others
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.cases import disputes, promises
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.handover import dossier
from einvoice.receivables.handover.words import CHAPTERS, title, words
from einvoice.receivables.ledger import parties
from einvoice.receivables.ledger.asof import balance, open_items
from einvoice.receivables.store.tables import DEBTORS, INCOMING, INVOICES, MESSAGES, PAPERS
from tests.receivables.handover_cases import correspondence, lacking
from tests.receivables.handover_world import BY_MAIL, at, handing, manifest, owes, reminded, unzipped
from tests.receivables.letters import written
from tests.receivables.run_world import MORNING, World
from tests.smtp import Mailbox, serving

NOW = MORNING + timedelta(days=18)


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """A mail server."""
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, mail: Mailbox) -> Iterator[World]:
    """A world after three reminders to a debtor with a dispute that was rejected and a reply, and to another whose XML is not kept."""
    with handing(tmp_path_factory.mktemp("world"), mail, BY_MAIL) as made:
        first = owes(made)
        owes(made, "b", ("70.00",), xml=False)
        with connect(made.engine) as connection:
            connection.execute(
                update(INVOICES)
                .where(INVOICES.c.id == 1)
                .values(contract={"interest": "9"}, notice="nl-14-day-letter", notice_on=date(2026, 11, 4))
            )
            connection.execute(
                update(INVOICES).where(INVOICES.c.id == 1).values(notice_basis="email sent 2026-11-03", costs_stated=Decimal(40))
            )
        reminded(made)
        with connect(made.engine) as connection:
            news = {"source": "mail", "key": "1", "kind": "reply", "received_at": made.clock(), "debtor_id": first}
            connection.execute(INCOMING.insert().values(body='{"text": "I will look at it"}', result="reply", **news))
        yield made


def files(made: World, debtor: int = 1, invoices: tuple[int, ...] = (), language: str | None = None) -> dict[str, bytes]:
    """The files of a dossier of today."""
    with connect(made.engine) as connection:
        found = dossier.make(connection, made.creditor, debtor, invoices, NOW, language)
    return unzipped(found.data)


def test_every_file_stands_in_the_manifest_with_its_hash(made: World) -> None:
    found = files(made)
    told = manifest(found)
    assert list(found)[:2] == ["summary.txt", "summary.pdf"]
    assert list(found)[-1] == "manifest.json"
    assert told["format"] == dossier.FORMAT
    assert (told["creditor"]["key"], told["debtor"]["key"], told["missing"]) == ("acme", "a", [])
    assert {one["title"] for one in told["files"]} == {title("en", chapter) for chapter in CHAPTERS}


def test_the_same_books_give_the_same_bytes(made: World) -> None:
    with connect(made.engine) as connection:
        one, two = (dossier.make(connection, made.creditor, 1, (), NOW) for _ in range(2))
    assert one == two
    assert one.name == "dossier-a-2026-11-20.zip"


def test_invoices_are_as_they_were_issued(made: World) -> None:
    found = files(made)
    for row in made.rows(select(INVOICES).where(INVOICES.c.debtor_id == 1)):
        (paper,) = made.rows(select(PAPERS.c.data).where(PAPERS.c.hash == row.document))
        assert found[f"invoices/{row.number}.xml"] == paper.data
        assert einvoice.read(einvoice.extract(found[f"invoices/{row.number}.pdf"])).number == row.number
        assert row.number in written(found[f"invoices/{row.number}.pdf"])


def test_messages_are_as_they_were_sent_with_their_proof(made: World) -> None:
    found = files(made)
    rows = made.rows(
        select(MESSAGES, OUTBOX).join_from(MESSAGES, OUTBOX, OUTBOX.c.id == MESSAGES.c.outbox_id).where(MESSAGES.c.debtor_id == 1)
    )
    index = json.loads(found["correspondence/index.json"])
    assert len(rows) == len(index) == 3
    for row, listed in zip(rows, index, strict=True):
        assert found[listed["file"]] == row.payload
        assert (listed["address"], listed["provider"], listed["proof"]) == (row.address, row.provider, row.proof)
        assert (listed["sent_on"], listed["delivered_on"]) == (str(row.sent_on), str(row.delivered_on))
    proofs = json.loads(found["proofs/deliveries.json"])
    assert [one["state"] for one in proofs["messages"]] == ["sent"] * 3
    assert found["proofs/deliveries.txt"].decode().count("250 2.0.0 taken") == 3
    (reply,) = [json.loads(data) for path, data in found.items() if path.startswith("received/")]
    assert reply["news"] == {"text": "I will look at it"}


def test_sums_are_those_of_the_ledger(made: World) -> None:
    for debtor in (1, 2):
        found = files(made, debtor)
        told = manifest(found)
        with connect(made.engine) as connection:
            items = list(open_items(connection, made.creditor, NOW.date(), debtor=debtor))
            owed = balance(connection, debtor, NOW.date())
        assert Decimal(told["claimed"]["EUR"]) == sum(item.open + item.charges for item in items) == owed["EUR"].total
        assert {one["number"]: Decimal(one["open"]) for one in told["invoices"]} == {item.number: item.open for item in items}
        root = etree.fromstring(found["statement/statement-EUR.xml"])
        assert others.check(root) == ()
        assert Decimal(root.findtext("{*}TotalBalanceAmount") or "") == owed["EUR"].total
        computed = json.loads(found["computation/computation.json"])["invoices"]
        assert sum(Decimal(one["claimed"]["total"]) for one in computed) == owed["EUR"].total
        assert all(line["law"] for one in computed for line in one["by_law"]["lines"] if line["what"] in ("interest", "costs"))


def test_terms_and_notices_with_their_basis(made: World) -> None:
    told = {one["invoice"]: one for one in json.loads(files(made)["terms/terms.json"])}
    assert told["a-1"]["contract"] == {"interest": "9"}
    assert (told["a-1"]["notice"], told["a-1"]["basis"], told["a-1"]["costs_announced"]) == (
        "nl-14-day-letter",
        "email sent 2026-11-03",
        "40.00",
    )
    assert told["a-2"]["notice"] is None


def test_what_was_not_kept_is_named(made: World) -> None:
    found = files(made, 2)
    assert not [path for path in found if path.startswith("invoices/")]
    (missing,) = manifest(found)["missing"]
    assert "b-1" in missing
    assert missing in found["summary.txt"].decode()
    assert "b-1" in written(found["summary.pdf"])


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_titles_and_letters_are_in_the_recipient_s_language(made: World, language: str) -> None:
    found = files(made, language=language)
    assert manifest(found)["language"] == language
    assert title(language, "proofs") in found["proofs/deliveries.txt"].decode()
    assert title(language, "invoices") in " ".join(written(found["summary.pdf"]).split())


def test_every_language_says_everything() -> None:
    names = {language: (set(said), set(said["titles"])) for language, said in words().items()}
    assert len({tuple(sorted(first)) for first, _ in names.values()}) == 1
    assert all(chapters == set(CHAPTERS) for _, chapters in names.values())


def test_only_some_invoices_and_nobody_s(made: World) -> None:
    assert {one["number"] for one in manifest(files(made, 1, (2,)))["invoices"]} == {"a-2"}
    with connect(made.engine) as connection:
        for debtor, invoices in ((1, (3,)), (99, ()), (2, (1,))):
            with pytest.raises(ReceivablesError):
                dossier.make(connection, made.creditor, debtor, invoices, NOW)


def test_cases_and_their_history(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        debtor = owes(made)
        when = at(made)
        with connect(made.engine) as connection:
            parties.save_person(connection, made.creditor, "ann", name="Ann")
            case = disputes.register(connection, Objection(1, "delivery_quality", text="half of it is broken"), made.policy, when)
            disputes.reject(connection, case, when, "it was whole")
            promises.make(connection, debtor, [2], Decimal("250.00"), date(2026, 11, 12), made.policy, when)
        told = json.loads(files(made)["cases/history.json"])
        assert [(one["category"], one["state"], one["text"]) for one in told["disputes"]] == [
            ("delivery_quality", "rejected", "half of it is broken")
        ]
        assert [change["became"] for change in told["disputes"][0]["history"]][-1] == "rejected"
        assert [(one["invoices"], one["amount"]) for one in told["promises"]] == [(["a-2"], "250.00")]


def test_a_number_is_no_path(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        owes(made)
        with connect(made.engine) as connection:
            connection.execute(update(INVOICES).where(INVOICES.c.id == 1).values(number="../../etc/2026"))
            connection.execute(update(INVOICES).where(INVOICES.c.id == 2).values(number="..\\..\\etc/2026"))
        found = [path for path in files(made) if path.startswith("invoices/")]
        assert len(found) == len(set(found)) == 4
        assert not [path for path in found if ".." in path or "\\" in path or path.count("/") != 1]


def test_a_debtor_that_was_forgotten_has_no_dossier(tmp_path: Path, mail: Mailbox) -> None:
    with handing(tmp_path, mail, BY_MAIL) as made:
        owes(made)
        with connect(made.engine) as connection:
            connection.execute(update(DEBTORS).values(forgotten_on=date(2026, 1, 1)))
        with pytest.raises(ReceivablesError):
            files(made)


def test_every_delivered_message_of_the_invoices_is_in_it(tmp_path: Path, mail: Mailbox) -> None:
    with correspondence(tmp_path, mail, seed=1, debtors=4) as made:
        found = lacking(made, seed=1, trials=12)
    assert found.wrong == []
    assert found.delivered > 12
