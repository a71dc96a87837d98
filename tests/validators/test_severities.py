"""Whose severities count: those of the rules, or of KoSIT's configuration; and layers that are for information only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import einvoice
from einvoice.errors import SettingsError
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.report import Report, Severity, Verdict
from einvoice.samples import sample
from einvoice_validators import scope
from einvoice_validators.batch import check_many

DATA = Path(__file__).parents[1] / "data"
SOUND = write(sample(), Syntax.UBL, profile="xrechnung")
UNKNOWN_UNIT = re.sub(rb'unitCode="[^"]*"', b'unitCode="QQQ"', SOUND, count=1)
WITHIN = b"""<cac:SubInvoiceLine><cbc:ID>1.1</cbc:ID><cbc:LineExtensionAmount currencyID="EUR">1.00</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>part</cbc:Name></cac:Item></cac:SubInvoiceLine></cac:InvoiceLine>"""
LINE_WITHIN_A_LINE = SOUND.replace(b"</cac:InvoiceLine>", WITHIN, 1)
CASES = {
    "an unknown unit, which KoSIT lets pass": (UNKNOWN_UNIT, "BR-CL-23", "fatal", "warning"),
    "a line within a line, which KoSIT refuses": (LINE_WITHIN_A_LINE, "UBL-CR-646", "warning", "fatal"),
}
VERDICTS = {"fatal": Verdict.INVALID, "warning": Verdict.VALID}


def weight(report: Report, rule: str) -> Severity:
    [found] = {finding.severity for finding in report.findings if finding.rule == rule}
    return found


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_a_finding_of_xrechnung_weighs_as_asked(name: str, jobs: int) -> None:
    document, rule, *expected = CASES[name]
    for severities, severity in zip(scope.SEVERITIES, expected, strict=True):
        if jobs:
            [checked] = check_many([document], severities=severities, jobs=jobs)
            report = checked.report
        else:
            report = einvoice.validate(document, severities=severities)
        assert report
        assert weight(report, rule) == severity
        assert report.verdict is VERDICTS[severity]


def test_other_specifications_keep_their_severities() -> None:
    document = re.sub(rb'unitCode="[^"]*"', b'unitCode="QQQ"', write(sample(), Syntax.UBL, profile="peppol"), count=1)
    assert einvoice.validate(document, severities="kosit") == einvoice.validate(document)


def test_severities_of_nobody_are_refused() -> None:
    with pytest.raises(SettingsError):
        einvoice.validate(SOUND, severities="nobody")
    with pytest.raises(SettingsError):
        einvoice.validate(SOUND, "peppol", severities="nobody")
    with pytest.raises(SettingsError):
        check_many([SOUND], severities="nobody")


NAMED_ONLY = {
    "si-ubl": (DATA / "ubl-invoice.xml", "urn:www.simplerinvoicing.org:si-ubl:invoice:1.2"),
    "zugferd-1": (DATA / "cii-invoice.xml", "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort"),
    "peppol-aunz": (
        DATA / "ubl-invoice.xml",
        "urn:cen.eu:en16931:2017#conformant#urn:fdc:peppol.eu:2017:poacc:billing:international:aunz:3.0",
    ),
}


@pytest.mark.parametrize("name", NAMED_ONLY)
@pytest.mark.parametrize("sound", [True, False])
def test_of_a_specification_known_by_name_only_en_16931_is_for_information(name: str, sound: bool) -> None:
    path, specification = NAMED_ONLY[name]
    document = re.sub(rb"urn:cen\.eu:en16931:2017[^<]*", specification.encode(), path.read_bytes(), count=1)
    if not sound:
        document = re.sub(rb"(<cbc:PayableAmount[^>]*>|<ram:DuePayableAmount>)[^<]*", rb"\g<1>1.23", document)
    report = einvoice.validate(document)
    assert (report.profile, report.verdict) == (name, Verdict.NOT_JUDGED)
    layers = {layer.name: (layer.verdict, layer.required) for layer in report.layers}
    assert layers == {
        "structure": (Verdict.VALID, True),
        "en16931": (Verdict.VALID if sound else Verdict.INVALID, False),
        name: (Verdict.NOT_JUDGED, True),
    }
