"""The monthly reports: what is counted, that every number is right, and that our checker says what the official rules say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Connection, Engine

from einvoice.database import connect
from einvoice.errors import PeppolError
from einvoice.report import Verdict
from einvoice_peppol.identifiers import documents as types
from einvoice_peppol.identifiers.kinds import kind as kind_of
from einvoice_peppol.reporting import Kind, check, make, parse
from einvoice_peppol.reporting.kinds import SHAPES
from tests import stylesheets
from tests.evidence import scaled
from tests.outbox.world import migrated
from tests.peppol.reporting_world import SEAT, Exchange, between, filled, mutants, received

MONTH = parse("2026-10")
ZEROS = {Kind.TSR: ["0", "0"], Kind.EUSR: ["0", "0", "0"]}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with migrated("sqlite", tmp_path) as engine, connect(engine) as connection:
        yield connection


def test_months() -> None:
    assert (MONTH.begins, MONTH.ends) == (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    december = parse(" 2026-12 ")
    assert (december.first, december.last, december.due) == (date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 15))
    for text in ("", "2026", "2026-13", "2026-00", "26-10", "2026-1", "1999-12", "2026-10-01", "٢٠٢٦-١٠"):
        with pytest.raises(PeppolError):
            parse(text)


@pytest.mark.parametrize("kind", Kind)
def test_a_month_without_exchanges_is_reported(connection: Connection, kind: Kind) -> None:
    data = make(connection, kind, MONTH, SEAT)
    report = check(data)
    assert report.verdict is Verdict.VALID
    root = etree.fromstring(data)
    assert [element.text for element in root[3]] == ZEROS[kind]
    assert len(root) == 4
    assert [element.text for element in root[2].iter() if not len(element)] == ["2026-10-01", "2026-10-31", SEAT]


@pytest.mark.parametrize("kind", Kind)
def test_the_reports_are_documents_of_the_network(kind: Kind) -> None:
    shape = SHAPES[kind]
    found = types.entry(shape.document)
    assert found is not None
    assert str(shape.process) in found.processes
    assert kind_of(shape.document) == "report"


@pytest.mark.parametrize("seed", range(5))
def test_every_number_is_right(connection: Connection, seed: int) -> None:
    exchanges = filled(connection, seed, 400)
    assert exchanges
    transactions, users = make(connection, Kind.TSR, MONTH, SEAT, country="NL"), make(connection, Kind.EUSR, MONTH, SEAT, country="NL")
    assert check(transactions).verdict is check(users).verdict is Verdict.VALID
    assert parts(transactions) == counted_transactions(exchanges)
    assert parts(users) == counted_users(exchanges)
    assert make(connection, Kind.TSR, MONTH, SEAT, country="NL") == transactions


def parts(data: bytes) -> dict[tuple[str, ...], tuple[int, ...]]:
    root = etree.fromstring(data)
    found = {}
    for part in root[3:]:
        keys = [element.text or "" for element in part if element.get("metaSchemeID")]
        found[part.get("type") or "", *keys] = tuple(int(element.text or "") for element in part if not element.get("metaSchemeID"))
    assert len(found) == len(root) - 3
    return found


def counted_transactions(exchanges: list[Exchange]) -> dict[tuple[str, ...], tuple[int, ...]]:
    counts: Counter[tuple[tuple[str, ...], bool]] = Counter({(("",), True): 0})
    for each in exchanges:
        keys = (each.seat, each.document[1], each.process[1])
        counts[("",), each.incoming] += 1
        counts[("PerTP", "peppol-transport-as4-v2_0"), each.incoming] += 1
        counts[("PerSP-DT-PR", *keys), each.incoming] += 1
        if each.incoming:
            counts[("PerSP-DT-PR-CC", *keys, "ZZ" if each.other in (None, "QQ") else str(each.other), each.country), True] += 1
    return {part: (counts[part, True], counts[part, False]) for part, _ in counts}


def counted_users(exchanges: list[Exchange]) -> dict[tuple[str, ...], tuple[int, ...]]:
    ordinary = [each for each in exchanges if each.kind != "mls"]
    every: set[tuple[str, ...]] = {("",)}
    for each in ordinary:
        every |= set(_of(each))
    found: dict[tuple[str, ...], tuple[int, ...]] = {}
    for part in every:
        sending = {each.user for each in ordinary if part in _of(each) and not each.incoming}
        receiving = {each.user for each in ordinary if part in _of(each) and each.incoming}
        found[part] = (len(sending), len(receiving), len(sending | receiving))
    return found


def _of(each: Exchange) -> list[tuple[str, ...]]:
    document, process, country = each.document[1], each.process[1], each.country
    return [
        ("",),
        ("PerEUC", country),
        ("PerDT-EUC", document, country),
        ("PerDT-PR", document, process),
        ("PerDT-PR-EUC", document, process, country),
    ]


def test_a_receiver_without_a_country_is_an_error(connection: Connection) -> None:
    received(connection, "0242:000123")
    with pytest.raises(PeppolError):
        make(connection, Kind.TSR, MONTH, SEAT)
    assert check(make(connection, Kind.TSR, MONTH, SEAT, country="NL")).verdict is Verdict.VALID


def test_the_networks_are_told_apart(connection: Connection) -> None:
    between(connection, "test")
    between(connection, "production")
    between(connection, "production-again")
    assert parts(make(connection, Kind.TSR, MONTH, SEAT))["",] == (2, 2)
    assert parts(make(connection, Kind.TSR, MONTH, SEAT, network="test"))["",] == (1, 1)


def test_postgres_counts_the_same(tmp_path: Path) -> None:
    from tests.postgres import NoServer

    found: list[bytes] = []
    for server in ("sqlite", "postgresql"):
        try:
            with migrated(server, tmp_path) as engine:
                found.extend(_both(engine))
        except NoServer as reason:
            pytest.skip(str(reason))
    assert found[:2] == found[2:]


def _both(engine: Engine) -> list[bytes]:
    with connect(engine) as connection:
        filled(connection, 7, 300)
        return [make(connection, kind, MONTH, SEAT, country="NL") for kind in Kind]


WRONG = [
    b"",
    b"<a/>",
    b"no xml",
    b"<!DOCTYPE a><a/>",
    b"<TransactionStatisticsReport xmlns='urn:fdc:peppol:transaction-statistics-report:1.1'/>",
]


@pytest.mark.parametrize("data", WRONG)
def test_what_is_no_report_is_not_judged(data: bytes) -> None:
    assert check(data).verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Incoming>", "<Incoming x='1'>"),
        ("<Header>", "<Header>text"),
        ("<Header>", "<Header a='1'>"),
        ("<ProfileID>", "<CustomizationID/><ProfileID>"),
        ("<Incoming>0", "<Incoming>-1"),
        ("<Incoming>0", "<Incoming>"),
        ("<Incoming>0", "<Incoming>0.0"),
        ("<StartDate>2026-10-01", "<StartDate>2026-10"),
        ("</Total>", "</Total><Subtotal type='PerTP'><Incoming>1</Incoming><Outgoing>1</Outgoing></Subtotal>"),
        ("</Total>", "</Total><Subtotal><Key metaSchemeID='TP' schemeID='Peppol'/><Incoming>1</Incoming><Outgoing>1</Outgoing></Subtotal>"),
        ("</Total>", "</Total><Subtotal type='PerTP'><Key schemeID='Peppol'/><Incoming>1</Incoming><Outgoing>1</Outgoing></Subtotal>"),
        ("</Total>", "</Total><Other/>"),
    ],
)
def test_a_broken_structure_is_invalid(connection: Connection, old: str, new: str) -> None:
    data = make(connection, Kind.TSR, MONTH, SEAT).decode()
    assert old in data
    report = check(data.replace(old, new, 1).encode())
    assert report.verdict is Verdict.INVALID
    assert {finding.rule for layer in report.layers for finding in layer.findings} == {"structure-report"}


def agreement(connection: Connection, kind: Kind, count: int, seed: int) -> tuple[int, list[bytes], set[str]]:
    """How many mutants were judged, those that we judge otherwise than the official stylesheet, and the rules that some mutant broke."""
    filled(connection, seed, 40)
    changed = mutants(make(connection, kind, MONTH, SEAT, country="NL"), kind, random.Random(seed))
    judged, other, broken = 0, [], set()
    for _ in range(count):
        data = next(changed)
        report = check(data)
        official = stylesheets.broken(f"peppol-{kind.value}", data)
        if official is None or len(report.layers) < 2:
            continue
        ours = {finding.rule for finding in report.layers[1].findings}
        judged += 1
        broken |= official["fatal"]
        if ours != official["fatal"]:
            other.append(data)
    return judged, other, broken


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind)
def test_our_rules_are_the_official_ones(connection: Connection, kind: Kind) -> None:
    try:
        judged, other, _ = agreement(connection, kind, scaled(400), 1)
    except stylesheets.Absent as reason:
        pytest.skip(str(reason))
    assert judged
    assert not other
