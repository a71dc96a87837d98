"""What the e-invoice channel sends: EHF Reminder 3.0 to Norway, an invoice for costs and interest elsewhere, else nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Connection, Engine, select, update

import einvoice
from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.formats import structure
from einvoice.receivables import exports
from einvoice.receivables.exports.einvoices import DEVIATIONS, EHF, EHF_PROCESS
from einvoice.receivables.exports.sides import schemes
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, MESSAGES
from einvoice.report import Severity
from einvoice.settings.providers import Channels
from einvoice_validators.validate import validate
from tests.receivables import books
from tests.receivables.exports_world import ADDRESS, LEGAL, VAT, reminded
from tests.receivables.run_world import REMINDERS, world
from tests.stylesheets import Absent, fatal

D = Decimal


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of this release's shape."""
    with books.database(tmp_path_factory.mktemp("books")) as engine:
        yield engine


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Empty books."""
    with books.undone(engine) as connection:
        yield connection


def _fatal(data: bytes, profile: str) -> set[str]:
    """The fatal findings of our own layers."""
    return {found.rule for layer in validate(data, profile).layers for found in layer.findings if found.severity is Severity.FATAL}


def _official(layer: str, data: bytes) -> list[str]:
    try:
        return fatal(layer, data)
    except Absent as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("seller", ["NO", "NL", "DE"])
@pytest.mark.parametrize("charged", [True, False])
def test_norway_gets_an_ehf_reminder(connection: Connection, seller: str, charged: bool) -> None:
    found, action, contact = reminded(connection, seller, "NO", currency="NOK", charged=charged)
    data = exports.einvoice(found, action, contact)
    assert data is not None
    made = einvoice.read(data)
    assert made.process is not None
    assert (made.process.specification_identifier, made.process.business_process_type, made.type_code) == (EHF, EHF_PROCESS, None)
    assert made.totals is not None
    assert made.totals.amount_due == action.amount
    assert [one.reference for one in made.preceding_invoices] == ["F1", "F2"]
    assert [charge.amount for charge in made.charges if charge.reason_code == "REM"] == ([D("7.50")] if charged else [])
    assert {charge.vat_category_code for charge in made.charges} <= {"E"}
    assert structure.check(etree.fromstring(data)) == ()
    assert _fatal(data, "en16931") <= set(DEVIATIONS)


@pytest.mark.parametrize("layer", ["ehf-reminder", "ehf-reminder-cen", "ehf-reminder-peppol"])
def test_the_official_rules_of_ehf_find_nothing(connection: Connection, layer: str) -> None:
    for seller, charged in (("NO", True), ("NO", False), ("NL", True), ("DE", True)):
        with connection.begin_nested() as savepoint:
            found, action, contact = reminded(connection, seller, "NO", currency="NOK", charged=charged)
            data = exports.einvoice(found, action, contact)
            savepoint.rollback()
        assert data is not None
        assert _official(layer, data) == [], (layer, seller)


def test_the_official_rules_would_find_a_fault(connection: Connection) -> None:
    found, action, contact = reminded(connection, "NO", "NO", currency="NOK")
    data = exports.einvoice(found, action, contact)
    assert data is not None
    assert "EHF-REMINDER-B12101" in _official("ehf-reminder", data.replace(b">REM<", b">REMX<"))


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
@pytest.mark.parametrize(("seller", "buyer"), [("NL", "BE"), ("BE", "DE"), ("DE", "NL")])
def test_elsewhere_what_is_newly_claimed_is_invoiced(connection: Connection, seller: str, buyer: str, language: str) -> None:
    found, action, contact = reminded(connection, seller, buyer, language=language)
    data = exports.einvoice(found, action, contact)
    assert data is not None
    made = einvoice.read(data)
    assert made.totals is not None
    assert made.totals.amount_due == sum(charge.amount + charge.vat for charge in action.charges) == D("57.27")
    assert [line.net_amount for line in made.lines] == [D("1.37"), D("48.40"), D("7.50")]
    assert {line.vat.category_code for line in made.lines if line.vat} == {"O"}
    assert _fatal(data, "en16931") == set()
    assert _fatal(data, "peppol") == set()
    assert data == exports.einvoice(found, action, contact)


def test_nothing_where_nothing_new_is_claimed(connection: Connection) -> None:
    assert exports.einvoice(*reminded(connection, "NL", "BE", charged=False)) is None


def test_a_party_without_an_electronic_address_is_named(connection: Connection) -> None:
    found, action, contact = reminded(connection, "NL", "BE")
    lost = found._replace(creditor={**found.creditor, "legal_id": None, "vat_id": None, "email": None})
    with pytest.raises(ReceivablesError):
        exports.einvoice(lost, action, contact)
    with pytest.raises(ReceivablesError):
        exports.einvoice(found._replace(invoices={}), action, contact)


def test_schemes_are_codes_of_the_lists() -> None:
    assert all(len(code) == 4 and code.isdigit() for kinds in schemes().values() for code in kinds.values())


def test_the_channel_sends_what_there_is(tmp_path: Path) -> None:
    """Through the run: a Norwegian receiver gets an EHF reminder with its check code, a Dutch one without a claim gets nothing."""
    rules = REMINDERS.replace("all_of: [email], firmness: 1", "all_of: [peppol], firmness: 1")
    with world(tmp_path, rules=rules) as made:
        channels = Channels(peppol="folder", folder=tmp_path / "out")
        made.settings = made.settings._replace(channels=channels)
        with connect(made.engine) as connection:
            connection.execute(update(CREDITORS).values(vat_id=VAT["NL"], address=ADDRESS["NL"]))
        norway = made.debtor("n", country="NO", legal_id=LEGAL["NO"])
        dutch = made.debtor("d", country="NL", legal_id=LEGAL["NL"])
        with connect(made.engine) as connection:
            for debtor, country in ((norway, "NO"), (dutch, "NL")):
                values = {"peppol": f"{schemes()[country]['legal']}:{LEGAL[country]}", "address": ADDRESS[country], "email": None}
                connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == debtor).values(values))
        report = made.run()
        assert (report.queued, report.tasks, report.failures) == ({"f.r1 peppol": 1}, {}, ())
        (row,) = made.rows(select(MESSAGES.c.debtor_id, MESSAGES.c.channel, MESSAGES.c.state, MESSAGES.c.code))
        assert row[:3] == (norway, "peppol", "sent")
        (path,) = (tmp_path / "out" / "peppol").glob("*.xml")
        sent = einvoice.read(path.read_bytes())
        assert sent.process is not None
        assert sent.process.specification_identifier == EHF
        assert row.code in (sent.notes[0].text or "")
