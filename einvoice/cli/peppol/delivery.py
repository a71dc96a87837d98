"""The steps of `einvoice send`, for each document: checked, addressed, found, wrapped, signed, sent, proven."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from einvoice.errors import EInvoiceError

if TYPE_CHECKING:
    from einvoice.cli.sources import Source
    from einvoice.report import Report
    from einvoice.settings import Settings
    from einvoice_peppol.identifiers.derive import Derived
    from einvoice_peppol.sending.means import Means

_MOST_FINDINGS = 5
_REFUSED = ("refused", "failed", "bounced", "cancelled")
_ENDED = ("failed", "bounced", "cancelled", "dead", "unknown")


@dataclass
class Delivery:
    """A document on its way: the steps that were taken, in words; what became of it; the exit code that this comes to."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    outcome: str = "not sent"
    code: int = 2
    row: int | None = None
    data: bytes = b""
    report: Report | None = None
    derived: Derived | None = None

    def step(self, name: str, words: str, **facts: Any) -> None:
        """Adds a step."""
        from einvoice.rendering.values import clean

        self.steps.append((name, clean(words).replace("\n", " ")))
        self.facts |= facts

    def fail(self, fault: Exception, code: int) -> None:
        """Ends it."""
        from einvoice.cli.problems import lines

        for line in lines(fault, self.name):
            self.step("because", line.removeprefix(f"{self.name}: "))
        self.facts["failure"] = type(fault).__name__
        self.facts["reason"] = str(fault)
        self.code, self.outcome = code, self.outcome if self.outcome != "not sent" else "not sent"

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {"file": self.name, "outcome": self.outcome, **self.facts}


def delivered(options: Namespace) -> list[Delivery]:
    """Submits and sends the documents, and says what became of each."""
    from einvoice.cli.peppol.common import opened
    from einvoice.database import connect, reading
    from einvoice.settings import current
    from einvoice_peppol.sending import again, gate, means, rows, running

    settings = current()
    done = _checked(options, settings)
    ours = means.of(settings)
    with opened(settings) as engine:
        for each in (one for one in done if one.derived is not None):
            try:
                with connect(engine) as connection:
                    each.row = gate.submit(connection, each.data, **_asked(each, options), bodies=ours.bodies)
                    if rows.by_id(connection, each.row).state == rows.REFUSED:  # of an earlier day: who takes it is asked again
                        again.resend(connection, each.row, ours.clock())
            except EInvoiceError as fault:
                _refuse(each, fault)
        ids = [each.row for each in done if each.row is not None]
        held = running.run(engine, ours, settings, only=ids).mode if ids else ""
        with reading(engine) as connection:
            for each in (one for one in done if one.row is not None):
                assert each.row is not None
                _settled(each, rows.by_id(connection, each.row), held)
    return done


def rehearsed(options: Namespace) -> list[Delivery]:
    """Takes every step but the last; nothing is kept, and nothing sent."""
    from einvoice.settings import current
    from einvoice_peppol.sending import means

    settings = current()
    done = _checked(options, settings)
    ours = means.of(settings)
    for each in (one for one in done if one.derived is not None):
        try:
            _rehearse(each, options, ours)
        except EInvoiceError as fault:
            _refuse(each, fault)
    return done


def _checked(options: Namespace, settings: Settings) -> list[Delivery]:
    """Every document read, checked and addressed, or with what is wrong with it."""
    from einvoice.cli.sources import results

    done = []
    for source, found in results(options.files, lambda source: _check(source, options, settings)):
        if isinstance(found, Delivery):
            done.append(found)
        else:
            done.append(failed := Delivery(source.name))
            failed.fail(found, 2)
    return done


def _check(source: Source, options: Namespace, settings: Settings) -> Delivery:
    """One document: the bytes that go out, the verdict on exactly these, who and what."""
    import einvoice
    from einvoice_peppol.identifiers import derive, participants
    from einvoice_peppol.lookup.words import called

    each = Delivery(source.name)
    each.data = _bytes(source, options.max_size or settings.documents.max_size)
    each.report = einvoice.validate(each.data)
    _tell_verdict(each, each.report, options.override)
    try:
        derived = derive.of(each.data)
        if options.to:
            derived = derived._replace(receiver=participants.parse(options.to))
    except EInvoiceError as fault:
        each.fail(fault, 1)
        return each
    each.derived = derived
    sender, receiver = (who.id if who else "nobody that it names" for who in (derived.sender, derived.receiver))
    each.step("addressed", f"{sender} to {receiver}", sender=sender, receiver=receiver, number=derived.number)
    each.step("kind", called(derived.document) or derived.document.value, document=str(derived.document), process=str(derived.process))
    return each


def _bytes(source: Source, most: int) -> bytes:
    """The XML that goes out: the document itself, what a PDF carries, or what an envelope holds.

    Raises DocumentError.
    """
    from io import BytesIO
    from pathlib import Path

    import einvoice
    from einvoice.errors import Unreadable
    from einvoice_peppol.sbdh.unwrapping import unwrap

    given = source.open()
    if isinstance(given, Path):
        with given.open("rb") as stream:
            data = stream.read(most + 1)
    else:
        data = given.read(most + 1)
    if len(data) > most:
        raise Unreadable(f"it has more than {most:,} bytes", mend="raise --max-size, or [documents] max_size")
    if data[:5] == b"%PDF-":
        data = einvoice.extract(data)
    if einvoice.detect(data).wrapped:
        unwrap(BytesIO(data), into := BytesIO())
        data = into.getvalue()
    return bytes(data)


def _tell_verdict(each: Delivery, report: Report, override: str | None) -> None:
    from einvoice.report import Severity, Verdict

    kind = ", ".join(part for part in (report.syntax, report.profile) if part)
    each.step("checked", f"{report.verdict} ({kind})", verdict=str(report.verdict), profile=report.profile)
    if report.verdict is Verdict.VALID:
        return
    fatal = [finding for finding in report.findings if finding.severity is Severity.FATAL]
    for finding in fatal[:_MOST_FINDINGS]:
        each.step("", f"{finding.rule} {finding.text}")
    if len(fatal) > _MOST_FINDINGS:
        each.step("", f"and {len(fatal) - _MOST_FINDINGS} more; einvoice check shows all")
    if override:
        each.step("override", override, override=override)


def _asked(each: Delivery, options: Namespace) -> dict[str, Any]:
    """What the gate is asked."""
    assert each.derived is not None
    subject = f"invoice:{each.derived.number or each.name}"[:120]
    return {"report": each.report, "subject": subject, "derived": each.derived, "override": options.override, "via": options.via}


def _refuse(each: Delivery, fault: EInvoiceError) -> None:
    """What the gate or the network said no to: invalid and refused are 1, what is not known is 2."""
    from einvoice.errors import BadIdentifier, DocumentError, NotValid, ParticipantNotFound, ServiceNotFound
    from einvoice.report import Verdict

    if isinstance(fault, NotValid):
        mend = "mend it, or say why it goes out all the same: --override REASON"
        each.step("not sent", f"the document is {fault.report.verdict}; {mend}", failure="NotValid", reason=str(fault))
        each.code = 2 if fault.report.verdict is Verdict.NOT_JUDGED else 1
        return
    each.fail(fault, 1 if isinstance(fault, ParticipantNotFound | ServiceNotFound | BadIdentifier | DocumentError) else 2)


def _rehearse(each: Delivery, options: Namespace, ours: Means) -> None:
    """Looks up, wraps, signs and encrypts in a folder that is gone afterwards."""
    from pathlib import Path
    from tempfile import TemporaryDirectory
    from types import SimpleNamespace

    from einvoice_peppol.bodies import Bodies
    from einvoice_peppol.sending import gate, packing, rows

    made = gate.row_of(each.data, **_asked(each, options), now=ours.clock())
    row: Any = SimpleNamespace(**made, document=each.data, file=None)
    if row.via != rows.AS4:
        each.step("hand over", f"to {row.via}, which looks the receiver up itself")
    else:
        service = packing.found(row, ours)
        _tell_service(each, service.seat, service.url, service.certificate)
        with TemporaryDirectory(prefix="einvoice-send-") as folder:
            packed = packing.pack(row, service, ours._replace(bodies=Bodies(Path(folder))))
        each.step("wrapped", f"SBDH {row.instance_id}", instance_id=row.instance_id)
        each.step("signed", f"{packed.body.size:,} bytes, encrypted for {service.seat}", size=packed.body.size)
    each.step("not sent", "this was a dry run: nothing left, nothing is kept")
    each.outcome, each.code = "could be sent", 0


def _tell_service(each: Delivery, seat: str, url: str, certificate: Any) -> None:
    until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    each.step("found", f"{seat}, {url}, certificate until {until}", access_point=seat, endpoint=url)


def _settled(each: Delivery, row: Any, held: str) -> None:
    """What became of a row."""
    from einvoice.cli.peppol.common import silent_note

    each.facts |= {"id": row.id, "state": row.state, "instance_id": row.instance_id}
    if row.certificate:
        from cryptography import x509

        _tell_service(each, row.access_point, row.endpoint, x509.load_pem_x509_certificate(row.certificate.encode("ascii")))
        each.step("wrapped", f"SBDH {row.instance_id}")
        each.step("signed", f"message {row.message_id}", message_id=row.message_id)
    each.outcome = row.state
    if row.state in ("sent", "delivered"):
        each.code = 0
        at = f"{row.sent_at:%Y-%m-%d %H:%M:%S} UTC" if row.sent_at else ""
        each.step("sent", f"{at}, message {row.id}".strip(", "), sent_at=row.sent_at and row.sent_at.isoformat())
        if row.receipt_hash:
            each.step("proof", f"receipt {row.receipt_hash}; einvoice peppol proof {row.id}", receipt_sha256=row.receipt_hash)
        return
    each.code = 1 if row.state in _REFUSED else 2
    if row.state == "accepted" and held != "live":
        each.step("not sent", f"message {row.id} waits; {silent_note(held)}", reason=f"the mode is {held}")
        return
    if row.state == "prepared" and (mend := _unset(row.via)):
        each.step("not sent", f"message {row.id} waits; {mend}", reason=mend)
        return
    what = "resend" if row.state in _ENDED else "status"
    each.step(row.state, f"{row.reason or 'it waits'}; message {row.id}: einvoice peppol {what} {row.id}", reason=row.reason)


def _unset(via: str) -> str:
    """What lets us in at a hosted access point that is not set up; empty where it is."""
    from einvoice.settings import current
    from einvoice_peppol.providers.installed import SECTIONS, is_named

    if via not in SECTIONS or is_named(via, current()):
        return ""
    return f"nothing lets us in at {via}: write [{SECTIONS[via]}] key in the settings"
