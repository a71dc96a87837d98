"""The official path as a whole: fails closed, agrees with the recorded verdicts, and says where the native rules differ."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from einvoice.cli import main
from einvoice.errors import SettingsError, UnsafeXML
from einvoice.formats.guard import parse
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice_schemas.profiles import profiles
from einvoice_validators import saxon, schematron, scope, xsd
from einvoice_validators.artefacts import store
from einvoice_validators.comparison import check_both, differences
from einvoice_validators.official import validate_official
from tests import artefacts
from tests.corpora import recorded
from tests.stylesheets import Absent
from tests.validators.test_severities import CASES as KOSIT_CASES

for package in ("saxonche", "xmlschema", "facturx"):
    pytest.importorskip(package, reason=f"the extra `official` is not installed: {package}")

DATA = Path(__file__).parents[1] / "data"
INVOICE = (DATA / "ubl-invoice.xml").read_bytes()
BARE = INVOICE[INVOICE.index(b"?>") + 2 :]
SBDH = b'<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">%s%s</StandardBusinessDocument>'
HEADER = b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
TWO_NAMES = BARE.replace(
    b"<cac:PartyLegalEntity>",
    b"<cac:PartyLegalEntity><cbc:RegistrationName>A</cbc:RegistrationName></cac:PartyLegalEntity><cac:PartyLegalEntity>",
    1,
)
WRONG = BARE.replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EEE")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return artefacts.full(tmp_path_factory.mktemp("official") / "store")
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture
def installed(everything: Path) -> Iterator[Path]:
    with artefacts.store(everything) as path:
        yield path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Path]:
    with artefacts.store(tmp_path / "store") as path:
        yield path


def verdicts(report: Report) -> dict[str, Verdict]:
    return {layer.name: layer.verdict for layer in report.layers}


def test_a_sound_invoice_is_valid_by_every_layer_with_the_artefacts_versions(installed: Path) -> None:
    report = validate_official(parse(INVOICE))
    assert report.verdict is Verdict.VALID
    assert [(layer.name, layer.version) for layer in report.layers] == [
        ("structure", "UBL 2.1"),
        ("en16931", "1.3.16"),
        ("peppol", "2026.5"),
    ]


def test_a_missing_artefact_leaves_the_document_not_judged_and_says_what_brings_it(empty: Path) -> None:
    report = validate_official(parse(INVOICE))
    assert verdicts(report) == {"structure": Verdict.VALID, "en16931": Verdict.VALID, "peppol": Verdict.NOT_JUDGED}
    assert report.verdict is Verdict.NOT_JUDGED
    assert "einvoice artefacts install peppol" in (report.layers[2].note or "")


def test_a_missing_artefact_ends_the_command_with_2(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--official", str(DATA / "ubl-invoice.xml")]) == 2
    assert "einvoice artefacts install peppol" in capfd.readouterr().out


@pytest.mark.parametrize(("data", "code"), [(BARE, 0), (WRONG, 1), (TWO_NAMES, 2), (SBDH % (HEADER, WRONG), 1)])
def test_the_command_ends_with_the_official_verdict(installed: Path, tmp_path: Path, data: bytes, code: int) -> None:
    (tmp_path / "a.xml").write_bytes(data)
    assert main(["check", "--official", str(tmp_path / "a.xml")]) == code


def test_a_wrong_structure_stops_there(installed: Path) -> None:
    report = validate_official(parse(INVOICE.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>x")))
    assert verdicts(report) == {"structure": Verdict.INVALID}


def test_an_aborted_stylesheet_is_not_judged_never_valid(installed: Path) -> None:
    report = validate_official(parse(TWO_NAMES))
    assert verdicts(report) == {"structure": Verdict.VALID, "en16931": Verdict.NOT_JUDGED, "peppol": Verdict.VALID}
    assert report.verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_invoice_in_an_envelope_is_judged_like_the_bare_one(installed: Path, wrapped: bool) -> None:
    for data, verdict in ((BARE, Verdict.VALID), (WRONG, Verdict.INVALID), (TWO_NAMES, Verdict.NOT_JUDGED)):
        report = validate_official(parse(SBDH % (HEADER, data) if wrapped else data))
        assert report.verdict is verdict
        assert all((finding.xpath or "").startswith("/Invoice") for finding in report.findings)


@pytest.mark.parametrize(
    "dtd",
    [
        b'<!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE Invoice [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_entities_are_refused_before_saxon_sees_them(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtd: bytes) -> None:
    def never(*arguments: object) -> Any:
        raise AssertionError("Saxon was asked")

    monkeypatch.setattr(saxon, "tree", never)
    monkeypatch.setattr(xsd, "layer", never)
    with pytest.raises(UnsafeXML):
        parse(dtd + BARE)
    (tmp_path / "a.xml").write_bytes(dtd + BARE.replace(b"<cbc:Note>", b"<cbc:Note>&e;", 1))
    assert main(["check", "--official", str(tmp_path / "a.xml")]) == 2


def test_saxon_gets_what_we_serialised_not_the_bytes(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    class Spy:
        """A processor that is shown a document."""

        def parse_xml(self, *, xml_text: str) -> object:
            given.append(xml_text)
            raise ValueError("seen")

    monkeypatch.setattr(saxon, "_saxon", lambda: SimpleNamespace(processor=Spy()))
    data = b'<?xml version="1.0" encoding="ISO-8859-1"?><?xml-stylesheet href="http://127.0.0.1/x"?>\n' + BARE.decode().encode("latin-1")
    report = validate_official(parse(data))
    assert report.verdict is Verdict.NOT_JUDGED
    assert all(text.startswith(("<Invoice", "<ubl:Invoice")) for text in given)
    assert len(given) >= 1


def test_an_unknown_specification_is_not_judged_but_en_16931_is_reported(installed: Path) -> None:
    report = validate_official(parse(INVOICE.replace(b"poacc:billing:3.0", b"poacc:billing:9.9")))
    assert verdicts(report) == {"structure": Verdict.VALID, "en16931": Verdict.VALID, "specification": Verdict.NOT_JUDGED}
    assert (report.profile, report.verdict) == (None, Verdict.NOT_JUDGED)


def test_a_profile_can_be_forced_and_an_unknown_one_is_refused(installed: Path) -> None:
    report = validate_official(parse(INVOICE), "xrechnung")
    assert list(verdicts(report)) == ["structure", "en16931", "xrechnung"]
    with pytest.raises(SettingsError):
        validate_official(parse(INVOICE), "xrechnun")


@pytest.mark.parametrize("name", [name for name in profiles() if name != "facturx-en16931"])
def test_every_required_layer_is_in_the_report_whatever_is_installed(empty: Path, name: str) -> None:
    profile = profiles()[name]
    report = validate_official(parse(DATA / ("ubl-invoice.xml" if "ubl" in profile.syntaxes else "cii-invoice.xml")), name)
    stopped = report.layers[0].verdict is Verdict.INVALID
    assert [layer.name for layer in report.layers if layer.required] == (["structure"] if stopped else list(profile.layers))
    assert stopped == (name in ("facturx-minimum", "facturx-basicwl"))
    assert profile.supported or report.verdict is not Verdict.VALID


def test_self_billing_is_judged_by_its_own_artefact_under_the_layer_peppol(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    find = store.find

    def seen(name: str) -> store.Installed:
        asked.append(name)
        return find(name)

    monkeypatch.setattr(store, "find", seen)
    report = validate_official(parse(INVOICE), "peppol-selfbilling")
    assert asked == ["en16931-ubl", "peppol-sb"]
    assert report.layers[2].name == "peppol"


def layer(name: str, *ids: str, severity: Severity = Severity.FATAL) -> Layer:
    return Layer.judged(name, "1", tuple(Finding(each, severity, "") for each in ids))


def compared(native: Layer, theirs: Layer) -> list[str]:
    return differences(Report(None, None, None, (native,)), Report(None, None, None, (theirs,)))


def test_equal_reports_have_no_differences_and_counts_and_places_do_not_matter() -> None:
    assert compared(layer("en16931", "BR-1", "BR-2"), layer("en16931", "BR-2", "BR-1", "BR-1")) == []
    assert compared(layer("structure", "structure-order"), layer("structure", "xsd-content")) == []


def test_differences_name_the_layer_the_rule_its_severity_and_whose_it_is() -> None:
    (line,) = compared(layer("en16931", "BR-1", "BR-2"), layer("en16931", "BR-1"))
    assert "en16931" in line
    assert "native" in line
    assert "BR-2 (fatal)" in line
    found = compared(layer("peppol", "X"), layer("peppol", "X", severity=Severity.WARNING))
    assert len(found) == 3
    assert found[0].startswith("peppol: invalid by the native rules, valid by the official ones")


def test_layers_that_only_one_report_has_are_differences() -> None:
    both = [Report(None, None, None, (layer(name),)) for name in ("a", "b")]
    assert [line.partition(":")[0] for line in differences(*both)] == ["a", "b"]


@pytest.mark.parametrize(
    ("ours", "aborted", "count"), [("valid", True, 1), ("invalid", True, 0), ("valid", False, 1), ("invalid", False, 1)]
)
def test_where_the_official_artefact_did_not_judge_ours_must_not_be_valid(ours: str, aborted: bool, count: int) -> None:
    native = layer("en16931", *(["BR-1"] if ours == "invalid" else []))
    note = f"{schematron.ABORTED}: why" if aborted else "not installed"
    assert len(compared(native, Layer.not_judged("en16931", "", note))) == count
    assert compared(Layer.not_judged("en16931", "", "none"), Layer.not_judged("en16931", "", note)) == []


def test_both_reports_come_with_their_differences(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    native, theirs, found = check_both(parse(WRONG))
    assert found == differences(native, theirs)
    assert theirs.verdict is Verdict.INVALID
    assert [layer.name for layer in native.layers] == [layer.name for layer in theirs.layers]
    silent = native._replace(layers=tuple(each._replace(findings=(), verdict=Verdict.VALID) for each in native.layers))
    monkeypatch.setattr("einvoice_validators.comparison.validate_parsed", lambda parsed, profile, **asked: silent)
    assert any("BR-CL-04" in line for line in check_both(parse(WRONG))[2])


@pytest.mark.parametrize("name", KOSIT_CASES)
def test_the_official_findings_of_xrechnung_weigh_as_kosit_has_them_where_asked(installed: Path, name: str) -> None:
    document, rule, *expected = KOSIT_CASES[name]
    for severities, severity in zip(scope.SEVERITIES, expected, strict=True):
        native, theirs, found = check_both(parse(document), severities=severities)
        assert found == []
        assert native.verdict is theirs.verdict is (Verdict.INVALID if severity == "fatal" else Verdict.VALID)
        assert {finding.severity for finding in theirs.findings if finding.rule == rule} == {severity}
    with pytest.raises(SettingsError):
        validate_official(parse(document), severities="nobody")


def test_nothing_of_this_is_imported_where_only_native_rules_run() -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom einvoice_validators.validate import validate\n"
        f"validate(Path({str(DATA / 'ubl-invoice.xml')!r}))\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('saxonche', 'xmlschema', 'facturx', 'urllib.request')"
        " or name.startswith(('einvoice_validators.official', 'einvoice_validators.artefacts', 'einvoice_schemas.artefacts'))])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"


LAYERS = [
    "en16931-ubl",
    "en16931-cii",
    "peppol",
    "peppol-sb",
    "xrechnung-ubl",
    "xrechnung-cii",
    "nlcius-ubl",
    "nlcius-cii",
    "nlcius-gaccount",
]
VERSIONS = {"nlcius-ubl": "2.0.3.13", "nlcius-cii": "1.0.3.13", "nlcius-gaccount": "1.0.13"}


@pytest.mark.parametrize("name", LAYERS)
def test_findings_are_those_that_are_recorded(installed: Path, corpora: Path, scale: float, name: str) -> None:
    """A hundred files of the corpora in full: the same rules, as often, with the same severity, and an abort where one is recorded."""
    version = store.find(name).version
    if version != VERSIONS.get(name, version):
        pytest.skip(f"{VERSIONS[name]} is not among the published jars ({version} is); set EINVOICE_OFFICIAL to a folder that has it")
    cases = [(path, expected) for path, expected, _ in recorded(corpora, name)]
    chosen = Random(1).sample(cases, min(len(cases), max(10, round(100 * scale))))
    assert [path for path, expected in chosen if not artefacts.says(name, path, expected)] == []
