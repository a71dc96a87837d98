"""Answers that were changed in small ways, judged by us and by the official rules."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from lxml import etree

from einvoice.report import Severity
from einvoice_peppol.answers import checking
from einvoice_peppol.answers.answer import ACTIONS, Answer, Clarification, Condition, Issue, Kind
from einvoice_peppol.answers.status_rules import SEVERAL
from einvoice_peppol.answers.writing import write
from einvoice_peppol.identifiers import Participant
from tests import stylesheets

LAYERS = {"invoice_response": "peppol-t111", "mlr": "peppol-t71", "mls": "peppol-mls"}
LATER = {"mls": frozenset({"SCH-MLS-09", "SCH-MLS-11", "SCH-MLS-14", "SCH-MLS-16"})}
"""Rules that release 1.0.1 of MLS states otherwise than 1.0.0, which is the one that can be run."""
_TEXTS = [
    "",
    "OTH",
    "PPD",
    "RE",
    "AB",
    "XX",
    "BV",
    "FD",
    "0088",
    "2026-11-28",
    "2026-11-28Z",
    "12:00:00",
    "7300010000001",
    "380",
    " RE ",
    "urn:x",
]
_ATTRIBUTES = ["0088", "0242", "0208", "OPStatusAction", "OPStatusReason", "zz", "0007", "0192", "0184", ""]


class Compared(NamedTuple):
    """How many mutants both judged, how many otherwise (with their ids), which rules fired."""

    judged: int
    different: tuple[str, ...]
    fired: Counter[str]


def compare(count: int, seed: int = 1) -> Compared:
    """Judges mutants by both. Raises stylesheets.Absent."""
    judged, different, fired = 0, [], Counter[str]()
    for data in mutants(count, seed):
        report = checking.check(data)
        if len(report.layers) < 2 or report.profile is None:
            continue  # its structure is broken: no rule is asked
        official = stylesheets.ids(LAYERS[report.profile], stylesheets.tree(data))
        ours = {finding.rule for finding in report.layers[1].findings if finding.severity is Severity.FATAL}
        judged += 1
        if official is None:  # the official run broke off: such an answer must not be valid here
            different += [] if ours else ["valid where the official run breaks off"]
            continue
        late = LATER.get(report.profile, frozenset()) | {SEVERAL}
        different += [f"{report.profile} {rule}" for rule in sorted((ours - late) ^ (official["fatal"] - late))]
        fired.update(ours)
    return Compared(judged, tuple(different), fired)


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """Answers of every kind, each changed in one to three ways."""
    random, seeds = Random(seed), [write(answer) for answer in answers()]
    for _ in range(count):
        root = etree.fromstring(random.choice(seeds))
        for _ in range(random.randint(1, 3)):
            _change(random, root)
        yield etree.tostring(root)


def _change(random: Random, root: etree._Element) -> None:
    elements = list(root.iter(etree.Element))
    element, other, kind = random.choice(elements), random.choice(elements), random.randrange(6)
    parent = element.getparent()
    if kind == 0 and parent is not None:
        parent.remove(element)
    elif kind == 1 and not len(element):
        element.text = random.choice(_TEXTS)
    elif kind == 2 and element.attrib:
        element.set(random.choice(sorted(map(str, element.attrib))), random.choice(_ATTRIBUTES))
    elif kind == 3 and element.attrib:
        del element.attrib[random.choice(sorted(map(str, element.attrib)))]
    elif kind == 4 and parent is not None:
        element.addnext(copy.deepcopy(element))
    elif kind == 5 and parent is not None and other not in element.iter() and element not in other.iter():
        element.append(copy.deepcopy(other))


def answers() -> list[Answer]:
    """One of each kind, with everything that it may say."""
    one, two = Participant("0208", "0123456749"), Participant("0106", "12345678")
    three, four = Participant("0242", "000123"), Participant("0242", "000456-ab1")
    day, found = date(2026, 11, 28), (Issue("/ar:a", "no", "BV"), Issue("NA", "hm", "BW"))
    said = (
        Clarification("PRI", text="too much", conditions=(Condition("BT-146", "9.99"),)),
        Clarification("NIN", ACTIONS),
        Clarification("OTH", text="more"),
    )
    query = Answer(
        Kind.INVOICE_RESPONSE,
        "1",
        day,
        one,
        two,
        code="UQ",
        reference="F-1",
        time="12:00:00",
        names=("Buyer", "Seller"),
        effective=day,
        clarifications=said,
        reference_type="380",
        reference_issued=day,
        note="n",
    )
    paid = query._replace(code="PD", clarifications=(Clarification("PPD", text="half"),), note=None)
    rejected = Answer(
        Kind.MLR, "2", day, one, two, code="RE", reference="i", time="12:00:00", description="no", issues=found, reference_type="380"
    )
    refused = Answer(Kind.MLS, "3", day, three, four, code="RE", reference="i", time="12:00:00Z", description="no", issues=found)
    taken = Answer(Kind.MLS, "4", day, three, four, code="AP", reference="i", time="12:00:00+01:00")
    return [query, paid, rejected, refused, taken]
