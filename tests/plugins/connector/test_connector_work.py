"""What becomes of files: invoices out, refusals with reasons, open items in the ledger, each once."""

from __future__ import annotations

import json
import os
import time
from decimal import Decimal

import pytest
from sqlalchemy import select

import einvoice
from einvoice.database import reading
from einvoice.errors import EInvoiceError, SettingsError
from einvoice.settings import current
from einvoice_peppol.tables import OUTGOING
from einvoice_plugins.connector import making, work
from einvoice_plugins.connector.lock import locked
from einvoice_plugins.connector.retrying import retry
from einvoice_plugins.connector.settings import Files, Invoices, Ledger
from tests.plugins.connector import killing
from tests.plugins.connector import world as worlds
from tests.plugins.connector.world import World

HASTY = Files(settle=0.01, patience=0.05)


def _reasons(world: World, name: str, source: str = "invoices") -> list[str]:
    said = json.loads((world.home / "REFUSED" / source / f"{name}.reasons.json").read_text("utf-8"))
    return [reason["code"] for reason in said["reasons"]]


def test_a_draft_goes_out_as_xml_pdf_and_verdict_and_is_booked(world: World) -> None:
    world.put("a.json", worlds.as_json("N-1"))
    assert world.worked(world.connector(invoices=Invoices(profile="peppol", book=True)))["accepted"] == 1
    assert world.out() == ["N-1.pdf", "N-1.verdict.json", "N-1.xml"]
    said = json.loads((world.home / "OUT" / "N-1.verdict.json").read_text("utf-8"))
    assert (said["number"], said["verdict"], said["profile"], said["files"]) == ("N-1", "valid", "peppol", ["N-1.xml", "N-1.pdf"])
    pdf = (world.home / "OUT" / "N-1.pdf").read_bytes()
    assert einvoice.validate(pdf).verdict == "valid"
    assert einvoice.read(pdf).number == "N-1"
    assert list(world.ledger()) == ["N-1"]
    assert world.names("DONE") == ["a.json"]
    assert not killing.left_over(world.home)


@pytest.mark.parametrize("syntax", ["ubl", "cii"])
def test_finished_xml_goes_out_byte_for_byte(world: World, syntax: str) -> None:
    data = worlds.as_xml("N-1", syntax)
    world.put("a.xml", data)
    world.worked(world.connector(invoices=Invoices()))
    assert (world.home / "OUT" / "N-1.xml").read_bytes() == data
    assert einvoice.validate((world.home / "OUT" / "N-1.pdf").read_bytes()).verdict == "valid"


def test_a_finished_hybrid_goes_out_byte_for_byte_with_its_xml(world: World) -> None:
    data = worlds.as_pdf("N-1")
    world.put("a.pdf", data)
    world.worked()
    assert (world.home / "OUT" / "N-1.pdf").read_bytes() == data
    assert (world.home / "OUT" / "N-1.xml").read_bytes() == einvoice.extract(data)


def test_several_invoices_of_one_file_all_go_out_or_none(world: World) -> None:
    two = [worlds.draft("N-1"), worlds.draft("N-2")]
    world.put("good.json", json.dumps(two))
    world.put("bad.json", json.dumps([worlds.draft("N-3"), json.loads(worlds.without_price("N-4"))]))
    assert world.worked() == {"accepted": 1, "refused": 1}
    assert sorted(world.ledger()) == ["N-1", "N-2"]
    assert _reasons(world, "bad.json") == ["calculation-error"]
    assert "N-4" in (world.home / "REFUSED" / "invoices" / "bad.json.reasons.txt").read_text("utf-8")


def test_an_invoice_that_is_not_valid_is_refused_with_its_rules(world: World) -> None:
    world.put("a.xml", worlds.as_xml("N-1").replace(b">EUR<", b">EUX<"))
    world.put("b.json", worlds.as_json("N-2", buyer_reference=None, purchase_order_reference=None, sales_order_reference=None))
    world.put("c.xml", b"<html/>\n")
    assert world.worked()["refused"] == 3
    assert _reasons(world, "b.json") == ["PEPPOL-EN16931-R003"]
    assert not world.out()
    assert not world.ledger()


def test_broken_files_wait_and_are_refused_then(world: World) -> None:
    connector = world.connector(files=Files(settle=0.01, patience=0.2))
    world.put("a.xml", b"<a><b>\n")
    assert world.worked(connector) == {"waiting": 1}
    time.sleep(0.3)
    connector.looks.hurry()
    assert world.worked(connector) == {"refused": 1}
    assert _reasons(world, "a.xml") == ["malformed-xml"]


def test_the_same_file_again_changes_nothing(world: World) -> None:
    connector = world.connector()
    for name in ("a.json", "a.json", "b.json"):
        world.put(name, worlds.as_json("N-1"))
        counts = world.worked(connector)
    assert counts == {"repeated": 1}
    assert killing.books(world)["N-1"][0] == 1
    assert world.names("DONE") == ["a.json", "b.json"]


def test_the_same_invoice_in_another_file_goes_out_once(world: World) -> None:
    connector = world.connector()
    world.put("a.json", worlds.as_json("N-1"))
    world.worked(connector)
    (world.home / "OUT" / "N-1.xml").unlink()  # the ERP took it
    world.put("b.json", json.dumps(worlds.draft("N-1"), indent=3))
    assert world.worked(connector) == {"accepted": 1}
    assert world.out() == ["N-1.verdict.json"]


def test_another_invoice_of_a_number_is_refused(world: World) -> None:
    connector = world.connector()
    world.put("a.json", worlds.as_json("N-1"))
    world.worked(connector)
    world.put("a.json", worlds.as_json("N-1", buyer_reference="other"))
    assert world.worked(connector) == {"refused": 1}
    assert _reasons(world, "a.json") == ["other-document"]


def test_numbers_that_are_no_file_names_get_names_of_their_own(world: World) -> None:
    world.put("a.json", json.dumps([worlds.draft(number) for number in ("../../N/1", "N_1", "n_1", "é..")]))
    assert world.worked()["accepted"] == 1
    names = [name for name in world.out() if name.endswith(".xml")]
    assert len(names) == len({name.lower() for name in names}) == 4
    assert "N_1.xml" in names
    assert sorted(path.parent.name for path in world.home.rglob("*.xml")) == ["OUT"] * 4


def test_a_number_twice_in_one_file_is_refused(world: World) -> None:
    world.put("a.json", json.dumps([worlds.draft("N-1"), worlds.draft("N-1")]))
    world.worked()
    assert _reasons(world, "a.json") == ["duplicate"]


def test_open_items_enter_the_ledger_in_any_order_of_files(world: World) -> None:
    connector = world.connector()
    world.put("payments.json", '[{"key": "P-1", "debtor": "c7", "invoice": "T-1", "amount": "40", "booked": "2026-11-20"}]', "open-items")
    world.put("a-invoices.csv", worlds.as_table("T").replace(b"c1", b"c7"), "open-items")
    assert world.worked(connector) == {"waiting": 2}
    world.put("debtors.csv", "key,name,kind,country\nc7,Seven,b2b,BE\n", "open-items")
    for _ in range(3):
        world.worked(connector)
    assert killing.books(world) == {"T-1": (1, 60_000), "T-2": (1, 200_000)}
    assert sorted(world.names("DONE")) == ["a-invoices.csv", "debtors.csv", "payments.json"]


def test_tables_that_cannot_be_imported_are_refused_with_line_and_mend(world: World) -> None:
    world.put("invoices.csv", worlds.as_table("T").replace(b"100.00", b"-5"), "open-items")
    world.put("invoices-b.csv", worlds.as_table("U").replace(b"c1", b"c9"), "open-items")
    time.sleep(0.1)
    assert world.worked(world.connector(files=HASTY))["refused"] == 2
    assert _reasons(world, "invoices.csv", "open-items") == ["negative-amount"]
    assert _reasons(world, "invoices-b.csv", "open-items") == ["missing-debtor"] * 2
    assert not world.ledger()


def test_a_refused_file_that_is_retried_is_decided_anew(world: World) -> None:
    connector = world.connector(files=HASTY)
    world.put("invoices.csv", worlds.as_table("T").replace(b"c1", b"c8"), "open-items")
    time.sleep(0.1)
    assert world.worked(connector)["refused"] == 1
    world.put("debtors.csv", "key,name,kind,country\nc8,Eight,b2b,BE\n", "open-items")
    world.worked(connector)
    with pytest.raises(EInvoiceError):
        retry(world.home, ["other.csv"])
    assert [path.name for path in retry(world.home, ["invoices.csv"])] == ["invoices.csv"]
    assert connector.look()["accepted"] == 1
    assert len(world.ledger()) == 2
    assert world.names("REFUSED") == []
    assert retry(world.home) == []


def test_a_table_of_an_earlier_state_is_imported_again_where_another_came_between(world: World) -> None:
    connector = world.connector()
    for name in ("One", "Two", "One"):
        world.put("debtors.csv", f"key,name,kind,country\nc1,{name},b2b,BE\n", "open-items")
        counts = world.worked(connector)
    assert counts == {"accepted": 1}
    world.put("debtors.csv", "key,name,kind,country\nc1,One,b2b,BE\n", "open-items")
    assert world.worked(connector) == {"repeated": 1}


def test_a_file_that_is_replaced_while_it_is_taken_is_looked_at_again(world: World) -> None:
    def replace(step: str) -> None:
        if step == "published" and not replaced:
            replaced.append(world.put("a.json", worlds.as_json("N-2")))

    replaced: list[object] = []
    connector = world.connector(replace)
    world.put("a.json", worlds.as_json("N-1"))
    world.worked(connector)
    world.worked(connector)
    assert sorted(world.ledger()) == ["N-1", "N-2"]
    assert not killing.left_over(world.home)


@pytest.mark.parametrize("name", ["n" * 250 + ".json", os.fsdecode(b"caf\xe9.json"), "a\nb.json", "ü" * 120 + ".csv", "no suffix"])
def test_whatever_a_file_is_called_it_is_put_away(world: World, name: str) -> None:
    for data, folder in ((worlds.as_json("N-1"), "DONE"), (worlds.without_price("N-2"), "REFUSED")):
        (world.home / "IN" / "invoices").mkdir(parents=True, exist_ok=True)
        (world.home / "IN" / "invoices" / name).write_bytes(data)
        world.worked()
        assert sum(killing.filed(world.home, folder).values()) == 1
    assert not killing.left_over(world.home)
    assert len(retry(world.home)) == 1


@pytest.mark.parametrize("text", ['{"number": "\\ud800", "x\\u0000": 1}', '{"number": "a\\u0000b"}', "[" * 5000 + "]"])
def test_signs_that_nobody_writes_are_reasons(world: World, text: str) -> None:
    world.put("a.json", text)
    world.mark("a.json")
    assert world.connector().look() == {"refused": 1}
    assert _reasons(world, "a.json")


def test_a_file_that_we_fail_on_keeps_nobody_else_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(data: bytes, name: str, wanted: Invoices) -> list[making.Made]:
        if name == "a.json":
            raise ZeroDivisionError("a mistake of ours")
        return making.made(data, name, wanted)

    monkeypatch.setattr(work, "made", failing)
    world.put("a.json", worlds.as_json("N-1"))
    world.put("b.json", worlds.as_json("N-2"))
    assert world.worked() == {"accepted": 1, "refused": 1}
    assert _reasons(world, "a.json") == ["fault"]


def test_valid_invoices_are_submitted_to_peppol_once_where_it_is_set_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = Invoices(profile="peppol", pdf=False, send=True)
    with pytest.raises(SettingsError):
        world.connector(invoices=sending)
    for name, value in (("VIA", "peppyrus"), ("MAX_SIZE", "1 MB")):
        monkeypatch.setenv(f"EINVOICE_PEPPOL_{name}", value)
    monkeypatch.setenv("EINVOICE_PEPPYRUS_KEY", "env:NOBODY_ASKS")
    current.cache_clear()
    try:
        connector = world.connector(invoices=sending)
        world.put("a.json", worlds.as_json("N-1"))
        world.put("b.json", json.dumps(worlds.draft("N-1"), indent=2))
        assert world.worked(connector)["accepted"] == 2
    finally:
        monkeypatch.undo()
        current.cache_clear()
    with reading(world.engine) as connection:
        rows = connection.execute(select(OUTGOING.c.number, OUTGOING.c.state, OUTGOING.c.via)).all()
    assert [tuple(row) for row in rows] == [("N-1", "accepted", "peppyrus")]
    assert json.loads((world.home / "OUT" / "N-1.verdict.json").read_text("utf-8"))["peppol_id"] == 1


@pytest.mark.parametrize(("scheme", "goes"), [("0208", True), ("EM", False)])
def test_only_addressed_invoices_go_to_peppol_where_that_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, scheme: str, goes: bool
) -> None:
    monkeypatch.setenv("EINVOICE_PEPPOL_VIA", "peppyrus")
    monkeypatch.setenv("EINVOICE_PEPPYRUS_KEY", "env:NOBODY_ASKS")
    current.cache_clear()
    try:
        connector = world.connector(invoices=Invoices(profile="en16931", pdf=False, send="addressed"))
        buyer = worlds.draft("N-1")["buyer"]
        address = buyer["electronic_address"] | ({"scheme": "EM", "value": "me@here.example"} if scheme == "EM" else {})
        process = {"specification_identifier": "urn:cen.eu:en16931:2017"} if scheme == "EM" else worlds.draft("N-1")["process"]
        world.put("a.json", worlds.as_json("N-1", buyer={**buyer, "electronic_address": address}, process=process))
        assert world.worked(connector) == {"accepted": 1}
    finally:
        monkeypatch.undo()
        current.cache_clear()
    with reading(world.engine) as connection:
        assert (connection.execute(select(OUTGOING.c.id)).one_or_none() is not None) == goes


def test_without_a_creditor_that_is_meant_nothing_is_decided(world: World) -> None:
    world.put("open.csv", worlds.as_table("T"), "open-items")
    with pytest.raises(SettingsError):
        world.worked(world.connector(ledger=Ledger("nobody")))
    assert world.names("IN") == ["open.csv"]


def test_amounts_are_those_of_the_file(world: World) -> None:
    world.put("open.csv", worlds.as_table("T"), "open-items")
    world.worked()
    assert world.ledger() == {"T-1": Decimal(100), "T-2": Decimal(200)}


def test_one_connector_a_folder(world: World) -> None:
    with locked(world.home), pytest.raises(EInvoiceError), locked(world.home):
        pass
    with locked(world.home):
        pass
