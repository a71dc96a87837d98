"""Whether an invoice may be posted: written, checked, and everything that is wrong as sentences that a bookkeeper can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from pydantic import ValidationError

import einvoice
from einvoice.errors import Unwritable
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from einvoice.model.index import terms
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice_plugins.checking import Mismatch
from einvoice_plugins.links import page
from einvoice_plugins.mapping import Mapped
from einvoice_plugins.mapping import invoice as mapped_of
from einvoice_plugins.records import Record
from einvoice_plugins.words import say, spoken, table

_LINE = re.compile(r":?(?:InvoiceLine|CreditNoteLine|IncludedSupplyChainTradeLineItem)\[(\d+)\]").search


class Weigh(StrEnum):
    """What a fatal finding does to posting: it blocks, or it warns. Nothing that is not valid is sent either way."""

    BLOCK = "block"
    WARN = "warn"


class Message(NamedTuple):
    """One thing to say: the rule's id, how much it weighs, in the language asked for, where, and the page that explains it.

    `line` is the invoice line from 1, None where it is about the whole; `term` the business term.
    """

    rule: str
    severity: Severity
    text: str
    term: str | None = None
    line: int | None = None
    link: str | None = None


class Judged(NamedTuple):
    """The document that would be sent, its verdict, and what to tell; `xml` is None where the invoice cannot be written.

    `blocks` says that the invoice must not be posted, `may_send` that it is valid and says what the ledger says.
    """

    xml: bytes | None
    report: Report
    blocks: bool
    may_send: bool
    messages: tuple[Message, ...] = ()


def judge(
    invoice: Record | Mapped | Invoice,
    profile: str = "peppol",
    *,
    weigh: Weigh | str = Weigh.BLOCK,
    language: str = "en",
    syntax: Syntax = Syntax.UBL,
) -> Judged:
    """The invoice, written in its profile and checked. What could not be checked, or does not fit the ledger, blocks like a fatal finding.

    Of a record also what is no value of its term (an empty name, a sign that no document can hold) is a message that blocks. Raises
    SettingsError where no profile has the name, ValueError where `weigh` is none of Weigh.
    """
    weight = Weigh(weigh)
    try:
        mapped = invoice if isinstance(invoice, Mapped) else mapped_of(invoice) if isinstance(invoice, Record) else Mapped(invoice)
    except ValidationError as fault:
        report = Report(None, syntax.value, profile, (Layer.not_judged("mapping", "", f"{fault.error_count()} values are none"),))
        return Judged(None, report, weight is Weigh.BLOCK, False, tuple(_of_values(fault, language)))
    xml, report = _checked(mapped.invoice, profile, syntax)
    may_send = report.verdict is Verdict.VALID and mapped.fits
    messages = (*(_of_mismatch(found, language) for found in mapped.mismatches), *_of_report(report, profile, language))
    return Judged(xml, report, weight is Weigh.BLOCK and not may_send, may_send, messages)


def readable(judged: Judged, language: str = "en", *, links: bool = True) -> str:
    """All of it as text for a dialogue of the ERP: a heading, then a line each, what is fatal first; empty where there is nothing."""
    if not judged.messages:
        return ""
    heading = "blocked" if judged.blocks else "advice" if judged.may_send else "warned"
    told = sorted(judged.messages, key=lambda message: [*Severity].index(message.severity))
    return "\n".join([say("posting", heading, language), *(_sentence(message, language, links=links) for message in told)])


def _checked(invoice: Invoice, profile: str, syntax: Syntax) -> tuple[bytes | None, Report]:
    try:
        xml = einvoice.write(invoice, syntax, profile=profile)
    except Unwritable as lost:
        return None, Report(None, syntax.value, profile, (Layer.not_judged("writing", "", str(lost)),))
    return xml, einvoice.validate(xml, profile)


def _of_mismatch(found: Mismatch, language: str) -> Message:
    text = say("mismatches", found.code, language).format(stated=found.stated, fitting=found.fitting)
    return Message(f"ledger-{found.code}", Severity.FATAL, text, found.term, found.at or None, page(found.code, "ledger", ""))


def _of_values(fault: ValidationError, language: str) -> Iterator[Message]:
    """What of a record is no value of its term: where it stands in the invoice, and why."""
    for error in fault.errors(include_url=False):
        at = error["loc"]
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).removeprefix(".")
        line = at[1] + 1 if at[0] == "lines" and len(at) > 1 and isinstance(at[1], int) else None
        text = say("posting", "unwritable", language).format(note=f"{path}: {error['msg']}")
        yield Message("unwritable", Severity.FATAL, text, terms().get(re.sub(r"\[\d+\]", "[]", path)), line)


def _of_report(report: Report, profile: str, language: str) -> Iterator[Message]:
    for layer in report.layers:
        if layer.verdict is Verdict.NOT_JUDGED and layer.required:
            key = "unwritable" if layer.name == "writing" else "not-judged"
            yield Message(key, Severity.FATAL, say("posting", key, language).format(note=layer.note or layer.name))
        for finding in layer.findings:
            yield _of_finding(finding, layer, profile, language)
    if not report.layers:
        yield Message("not-judged", Severity.FATAL, say("posting", "not-judged", language).format(note=profile))


def _of_finding(finding: Finding, layer: Layer, profile: str, language: str) -> Message:
    text = table("rules").get(finding.rule, {}).get(spoken(language), finding.text)
    severity = Severity.WARNING if finding.severity is Severity.FATAL and not layer.required else finding.severity
    found = _LINE(finding.xpath or "")
    line = int(found[1]) if found else None
    return Message(finding.rule, severity, text, finding.term, line, page(finding.rule, layer.name, profile))


def _sentence(message: Message, language: str, *, links: bool) -> str:
    where = say("posting", "line", language).format(line=message.line) + ": " if message.line else ""
    more = " " + say("posting", "mend", language).format(link=message.link) if links and message.link else ""
    return f"- {where}{message.text} [{message.rule}]{more}"
