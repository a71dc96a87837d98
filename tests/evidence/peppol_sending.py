"""AS4 made by us: how fast, how large, and that only a receipt that fits proves anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.evidence import Figure, NotMeasured, figure, scaled

_AT_MOST_MB = 64


@figure(
    "as4-speed",
    bar="10 KB: build+sign+encrypt ≥ 200/s, verify+decrypt+receipt ≥ 150/s, one core, in one run with as4 and peppol-py",
    item=4,
)
def as4_speed() -> Figure:
    from tests.interop.folders import Absent
    from tests.speed.peppol_as4 import speeds

    try:
        found = speeds()
    except Absent as absent:
        raise NotMeasured(str(absent)) from absent
    value = (
        f"build {found.build:,.0f}/s (as4 {found.as4_build:,.0f}/s, {found.build / found.as4_build:.0f} ×; "
        f"peppol-py {found.peppol_py_build:,.0f}/s, {found.build / found.peppol_py_build:.0f} ×); "
        f"receive {found.receive:,.0f}/s (as4 {found.as4_receive:,.0f}/s, {found.receive / found.as4_receive:.1f} ×)"
    )
    return Figure(value, found.build >= 200 and found.receive >= 150)


@figure("as4-send-large", bar="100 MB, in lines and as one text node: built in at most 12 s, at most 64 MB above base", item=4)
def as4_send_large() -> Figure:
    from tests.speed.peppol_as4 import large

    found = {shape: large(shape) for shape in ("lines", "node")}
    value = ", ".join(
        f"{shape} {one.seconds:.1f} s, {one.above:.0f} MB above base, {one.became:.0f} MB on the wire" for shape, one in found.items()
    )
    return Figure(value, all(one.seconds <= 12 and one.above <= _AT_MOST_MB for one in found.values()))


@figure("as4-receipts", bar="every altered, foreign, wrongly signed or absent receipt proves nothing; a good one does", item=4)
def as4_receipts() -> Figure:
    from cryptography.x509 import Certificate

    from einvoice.errors import ReceiptError
    from einvoice_peppol.as4 import receipts
    from einvoice_peppol.http import Answer
    from einvoice_peppol.pki import testing
    from tests.peppol.as4_exchange import NOW, receipt, sent, sides
    from tests.peppol.receipt_changes import CHANGES
    from tests.peppol.receipts_signed import SIGNED

    one, receiver = sent(), sides().receiver

    def proves(answer: Answer, by: Certificate = receiver.certificate) -> bool:
        try:
            receipts.verify(answer, "message-1@sender.test", one.built.references, sides().trust, by, NOW)
        except ReceiptError:
            return False
        return True

    changes = {**CHANGES, **SIGNED}
    wrong = [name for name, change in changes.items() if proves(change(one))]
    wrong += ["signed by a stranger"] if proves(receipt(one, sides().stranger)) else []
    faulty = {fault: testing.network(now=NOW).access_point(receiver.seat, fault=fault) for fault in testing.FAULTS}
    wrong += [f"a certificate with {fault}" for fault, by in faulty.items() if proves(receipt(one, by), by.certificate)]
    count = len(changes) + 1 + len(faulty)
    return Figure(
        f"{count} wrong receipts, {len(wrong)} believed {wrong or ''}".rstrip() + "; a good one is", not wrong and proves(receipt(one))
    )


@figure(
    "as4-receipt-fuzz", bar="100,000 receipts changed in bytes and elements: none that says anything else is believed, no traceback", item=4
)
def as4_receipt_fuzz() -> Figure:
    from tests.peppol.receipt_fuzz import fuzz

    found = fuzz(scaled(100_000))
    value = (
        f"{found.tried:,} tried, {len(found.believed)} believed, {len(found.faults)} other exceptions; {found.same:,} still say the same"
    )
    return Figure(value, not found.believed and not found.faults and found.tried >= scaled(100_000))


@figure(
    "as4-receipt-unchecked",
    bar="a receipt while no responder answers: not sent, kept, judged again before anything is posted; revoked meanwhile: no proof",
    item=5,
)
def as4_receipt_unchecked() -> Figure:
    return _tests("tests/peppol/test_sending_unchecked.py")


def _tests(path: str) -> Figure:
    """The tests of a file: all of them passed, none was skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, "-m", "slow or not slow"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    return Figure(said, not ran.returncode and "passed" in said and "skipped" not in said)
