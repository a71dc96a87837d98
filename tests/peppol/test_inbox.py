"""The inbox: what comes is kept once with its receipt, whoever sends it how often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from einvoice.database import connect
from einvoice.errors import PeppolError
from einvoice_peppol.as4.ebms import Refused
from einvoice_peppol.inbox import Arrival, Kept, arrival, browsing, keep, keep_arrival
from einvoice_peppol.inbox.handing import change
from einvoice_peppol.server.desk import Means
from tests.outbox.world import migrated
from tests.peppol.as4_messages import NOW
from tests.peppol.inbox_world import OTHER, RECEIPT, THIRD, means, message, received, rows


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with migrated(request.param, tmp_path, live=False) as found:
        yield found


@pytest.fixture
def ours(tmp_path: Path) -> Means:
    return means(tmp_path)


def kept(engine: Engine, came: Arrival, receipt: bytes = RECEIPT) -> Kept:
    with connect(engine) as connection:
        return keep_arrival(connection, came, receipt, NOW)


def test_a_message_is_kept_with_all_that_proves_it(engine: Engine, ours: Means) -> None:
    sent = message(7)
    came = received(sent, ours)
    with connect(engine) as connection:
        first = keep(connection, came, RECEIPT, NOW)
    (row,) = rows(engine)
    assert first == Kept(row.id, RECEIPT)
    assert (row.message_id, row.instance_id, row.access_point, row.kind, row.state) == (sent.id, "instance-7", OTHER, "invoice", "received")
    assert (row.sender, row.receiver, row.country, row.via) == ("9930:de123456789", "0208:0123456749", "DE", "as4")
    assert row.envelope == came.envelope
    assert row.receipt == RECEIPT
    assert b"<ID>7</ID>" in row.document
    assert row.certificate.startswith("-----BEGIN CERTIFICATE")
    assert row.sent_at == came.message.timestamp
    assert row.received_at == NOW


def test_the_same_message_gets_the_receipt_that_it_got(engine: Engine, ours: Means) -> None:
    sent = message()
    first = kept(engine, arrival(received(sent, ours)))
    assert kept(engine, arrival(received(sent, ours)), b"<another/>") == Kept(first.id, RECEIPT, True)
    assert len(rows(engine)) == 1


def test_another_message_under_its_id_is_refused(engine: Engine, ours: Means) -> None:
    kept(engine, arrival(received(message(), ours)))
    for other in (message(instance="instance-2"), message(moment=NOW - timedelta(hours=1)), message(sender=THIRD)):
        with pytest.raises(Refused) as caught:
            kept(engine, arrival(received(other, ours)))
        assert caught.value.error.code == "EBMS:0003"
        assert caught.value.message_id == other.id
    assert len(rows(engine)) == 1


def test_another_document_under_a_known_instance_id_is_refused(engine: Engine, ours: Means) -> None:
    kept(engine, arrival(received(message(1), ours)))
    with pytest.raises(Refused) as caught:
        kept(engine, arrival(received(message(2, instance="instance-1"), ours)))
    assert caught.value.error.code == "EBMS:0003"
    assert kept(engine, arrival(received(message(3, instance="instance-1", sender=THIRD), ours))).repeated is False
    assert [row.message_id for row in rows(engine)] == ["message-1@sender.test", "message-3@sender.test"]


def test_the_same_document_under_another_message_id_is_repeated(engine: Engine, ours: Means) -> None:
    text = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>"
    first = kept(engine, arrival(received(message(1, instance="one", payload=text), ours)))
    again = kept(engine, arrival(received(message(2, instance="one", payload=text), ours)), b"<second/>")
    assert again == Kept(again.id, b"<second/>", True)
    assert [(row.state, row.receipt) for row in rows(engine)] == [("received", RECEIPT), ("repeated", b"<second/>")]
    assert str(first.id) in rows(engine)[1].reason


def test_an_id_that_no_row_can_hold_is_refused(engine: Engine, ours: Means) -> None:
    came = arrival(received(message(), ours))
    for wrong in (came._replace(message_id="x" * 201), came._replace(instance_id="x" * 201), came._replace(instance_id="")):
        with pytest.raises(Refused) as caught:
            kept(engine, wrong)
        assert caught.value.error.code == "EBMS:0004"
    assert rows(engine) == []


@pytest.mark.parametrize("same", ["message", "document"])
def test_however_many_keep_it_at_the_same_time_it_is_there_once(engine: Engine, ours: Means, same: str) -> None:
    text = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>"
    count = 8
    sent = [message(1 if same == "message" else number, instance="one", payload=text) for number in range(count)]
    if same == "message":
        sent = [sent[0]] * count
    came = [arrival(received(one, ours)) for one in sent]
    barrier, results = threading.Barrier(count), []

    def one(number: int) -> None:
        barrier.wait()
        results.append(kept(engine, came[number], f"<receipt n='{number}'/>".encode()))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found.repeated for found in results) == [False] + [True] * (count - 1)
    assert [row.state for row in rows(engine)].count("received") == 1
    assert len(rows(engine)) == (1 if same == "message" else count)
    if same == "message":
        assert {found.receipt for found in results} == {rows(engine)[0].receipt}


def test_a_large_document_stands_in_the_spool(engine: Engine, tmp_path: Path, ours: Means) -> None:
    text = f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>{'x' * 300_000}</Invoice>"
    kept(engine, arrival(received(message(payload=text), ours)))
    (row,) = rows(engine)
    assert row.document is None
    assert (tmp_path / "spool" / row.file).stat().st_size == row.size > 300_000


def test_a_document_that_failed_is_tried_anew_when_it_is_sent_again(engine: Engine, ours: Means) -> None:
    text = "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>"
    first = kept(engine, arrival(received(message(1, instance="one", payload=text), ours)))
    with connect(engine) as connection:
        change(connection, first.id, state="failed", attempts=12, reason="our reader was too old")
    assert kept(engine, arrival(received(message(2, instance="one", payload=text), ours))).repeated
    assert [(row.state, row.attempts) for row in rows(engine)] == [("received", 0), ("repeated", 0)]


def test_a_lease_that_a_wrong_clock_made_endless_may_be_ended(engine: Engine, ours: Means) -> None:
    first = kept(engine, arrival(received(message(1), ours)))
    for ends, state in ((timedelta(days=365), "received"), (timedelta(minutes=1), "leased")):
        with connect(engine) as connection:
            change(connection, first.id, state="leased", worker="w", lease_until=NOW + ends)
            row = browsing.find(connection, str(first.id))
            if state == "leased":
                with pytest.raises(PeppolError):
                    browsing.retry(connection, row, NOW)
            else:
                browsing.retry(connection, row, NOW)
        assert [row.state for row in rows(engine)] == [state]
