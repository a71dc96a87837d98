"""Answers: written and read back, checked by the official ids, made from what they answer."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import einvoice
from einvoice.errors import PeppolError, UnknownFormat, UnsafeXML
from einvoice.events import Status
from einvoice.model import Invoice
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice.samples import sample
from einvoice_peppol.answers import checking, creating, reading
from einvoice_peppol.answers.answer import ACTIONS, REASONS, SPECIFICATIONS, Answer, Clarification, Condition, Issue, Kind
from einvoice_peppol.answers.writing import write
from einvoice_peppol.identifiers import Participant
from tests import corpora

NOW = datetime(2026, 11, 28, 9, 30, 15, tzinfo=UTC)


class Message(NamedTuple):
    """A message that came."""

    instance_id: str = "b2c6f2a0-0000-4000-8000-000000000001"
    access_point: str = "PBE000123"
    sender: Participant = Participant("0208", "0123456749")
    receiver: Participant = Participant("0106", "12345678")
    mls_to: Participant | None = None


def _invoice() -> Invoice:
    return sample()


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
clarifications = st.lists(
    st.builds(
        Clarification,
        st.sampled_from(["REF", "PRI", "OTH", "QTY"]),
        st.sampled_from([REASONS]),
        words,
        st.lists(st.builds(Condition, st.sampled_from(["BT-9", "BT-13"]), words), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@given(clarifications, words, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_an_invoice_response_is_what_is_read_back(said: tuple[Clarification, ...], note: str, effective: date) -> None:
    answer = creating.to_invoice(_invoice(), Status.UNDER_QUERY, Message(), NOW, clarifications=said, effective=effective, note=note)
    assert reading.read(write(answer)) == answer
    assert checking.check(write(answer)).verdict is Verdict.VALID


@given(st.lists(st.builds(Issue, words, words, st.sampled_from(["SV", "BV", "FD"])), min_size=1, max_size=5), words)
def test_a_status_is_what_is_read_back(found: list[Issue], text: str) -> None:
    answer = creating.to_message(Message(), "PNL000456", "RE", NOW, text=text, issues=found)
    assert reading.read(write(answer)) == answer._replace(process=SPECIFICATIONS[Kind.MLS].processes[0])
    assert checking.check(write(answer)).verdict is Verdict.VALID


def test_a_status_goes_to_the_provider_of_the_sender() -> None:
    answer = creating.to_message(Message(), "PNL000456", "AP", NOW)
    assert (answer.sender, answer.receiver, answer.reference) == (
        Participant("0242", "000456"),
        Participant("0242", "000123"),
        Message().instance_id,
    )


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        (Participant("0242", "000123-abc"), "000123-abc"),
        (Participant("0242", "000999-abc"), "000123"),
        (Participant("0208", "000123"), "000123"),
        (None, "000123"),
    ],
)
def test_mls_to_is_followed_within_the_same_provider_only(wanted: Participant | None, goes: str) -> None:
    assert creating.addressee(Message(mls_to=wanted)) == Participant("0242", goes)


def test_what_needs_a_reason_is_not_written_without_one() -> None:
    for status in (Status.CONDITIONALLY_ACCEPTED, Status.UNDER_QUERY, Status.REJECTED):
        with pytest.raises(PeppolError):
            creating.to_invoice(_invoice(), status, Message(), NOW)


def test_a_seat_that_is_none_is_refused() -> None:
    with pytest.raises(PeppolError):
        creating.provider("POP12345")


def test_the_time_carries_its_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=1)))
    assert creating.to_message(Message(), "PNL000456", "AP", there).time == "10:30:15+01:00"
    assert creating.to_message(Message(), "PNL000456", "AP", NOW).time == "09:30:15Z"


def test_a_report_becomes_issues() -> None:
    layers = (
        Layer.judged("structure", "1", (Finding("structure-order", Severity.FATAL, "no", xpath="/a"),)),
        Layer.judged("en16931", "1", (Finding("BR-01", Severity.FATAL, "no"), Finding("BR-02", Severity.WARNING, "hm"))),
    )
    assert [(issue.location, issue.code) for issue in creating.issues(Report(None, None, None, layers))] == [
        ("/a", "SV"),
        ("NA", "BV"),
        ("NA", "BW"),
    ]


def _response(**changed: Any) -> bytes:
    answer = creating.to_invoice(_invoice(), Status.REJECTED, Message(), NOW, clarifications=[Clarification("PRI")])
    return write(answer._replace(**changed))


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"code": "XX"}, "PEPPOL-T111-B03001"),
    ({"clarifications": ()}, "PEPPOL-T111-R001"),
    ({"clarifications": (Clarification("PPD"),)}, "PEPPOL-T111-R004"),
    ({"clarifications": (Clarification("OTH"),)}, "PEPPOL-T111-R002"),
    ({"clarifications": (Clarification("NIN", REASONS),)}, "PEPPOL-T111-R007"),
    ({"clarifications": (Clarification("PRI", ACTIONS),)}, "PEPPOL-T111-R006"),
    ({"clarifications": (Clarification("PRI", "Other"),)}, "PEPPOL-T111-B03303"),
    ({"names": ("", "x")}, "PEPPOL-T111-B00802"),
    ({"reference_type": "999"}, "PEPPOL-T111-B04201"),
    ({"process": "urn:x"}, "PEPPOL-T111-R008"),
    ({"sender": Participant("0208", "0123456748")}, "PEPPOL-COMMON-R043"),
    ({"sender": Participant("0088", "7300010000002")}, "PEPPOL-COMMON-R040"),
    ({"description": "no place for it"}, "PEPPOL-T111-B02902"),
]


@pytest.mark.parametrize(("changed", "rule"), BROKEN, ids=[rule for _, rule in BROKEN])
def test_a_broken_response_is_told_by_the_official_id(changed: dict[str, Any], rule: str) -> None:
    assert rule in {finding.rule for finding in checking.check(_response(**changed)).findings}


def _status(**changed: Any) -> bytes:
    answer = creating.to_message(Message(), "PNL000456", "RE", NOW, text="no", issues=[Issue("NA", "no", "BV")])
    return write(answer._replace(**changed))


STATUSES: list[tuple[dict[str, Any], int]] = [
    ({"code": "XX"}, 19),
    ({"description": None}, 20),
    ({"issues": ()}, 23),
    ({"issues": (Issue("NA", "hm", "BW"),)}, 24),
    ({"code": "AP"}, 25),
    ({"issues": (Issue("NA", "hm", "XX"), Issue("NA", "no", "BV"))}, 31),
    ({"time": None}, 5),
    ({"time": "09:30:15"}, 6),
    ({"sender": Participant("0208", "0123456749")}, 11),
    ({"receiver": Participant("0242", "12345")}, 14),
]


@pytest.mark.parametrize(("changed", "number"), STATUSES, ids=[str(number) for _, number in STATUSES])
def test_a_broken_status_is_told_by_the_official_id(changed: dict[str, Any], number: int) -> None:
    assert f"SCH-MLS-{number:02}" in {finding.rule for finding in checking.check(_status(**changed)).findings}


def test_a_message_level_response_between_parties() -> None:
    answer = creating.to_party(Message(), "RE", NOW, text="no", issues=[Issue("/a", "no", "FD")])
    assert checking.check(write(answer)).verdict is Verdict.VALID
    assert reading.read(write(answer)).issues == (Issue("/a", "no", "BV"),)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (einvoice.write(sample()), UnknownFormat),
        (re.sub(rb"invoice_response:3", b"other:3", _response()), UnknownFormat),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', UnsafeXML),
    ],
)
def test_what_is_no_answer_is_refused_by_name(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        reading.read(data)
    assert checking.check(data).verdict is Verdict.NOT_JUDGED


def test_published_answers_are_read_and_valid() -> None:
    home = corpora.folder()
    if home is None:
        pytest.skip("../shared/corpora is absent")
    files = sorted((home / "peppol-response").glob("*.xml"))
    assert len(files) >= 19
    for path in files:
        answer = reading.read(path.read_bytes())
        assert isinstance(answer, Answer)
        assert reading.read(write(answer)) == answer
        broken = {finding.rule for finding in checking.check(path.read_bytes()).findings if finding.severity is Severity.FATAL}
        assert broken <= {"SCH-MLS-11", "SCH-MLS-16"}, path  # of examples from before the scheme of service providers was decided
