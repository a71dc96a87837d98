"""AS4 made by us: how fast, how large, and that only a receipt that fits proves anything."""

from __future__ import annotations

from tests.evidence import Figure, NotMeasured, figure

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


@figure("as4-receipts", bar="every altered, foreign or absent receipt proves nothing; a good one does", item=4)
def as4_receipts() -> Figure:
    from einvoice.errors import ReceiptError
    from einvoice_peppol.as4 import receipts
    from einvoice_peppol.http import Answer
    from tests.peppol.as4_exchange import NOW, receipt, sent, sides
    from tests.peppol.receipt_changes import CHANGES

    one = sent()

    def proves(answer: Answer) -> bool:
        try:
            receipts.verify(answer, "message-1@sender.test", one.built.references, sides().trust, sides().receiver.certificate, NOW)
        except ReceiptError:
            return False
        return True

    wrong = [name for name, change in CHANGES.items() if proves(change(one))]
    wrong += ["signed by a stranger"] if proves(receipt(one, sides().stranger)) else []
    return Figure(f"{len(CHANGES) + 1} wrong receipts, {len(wrong)} believed {wrong}; a good one is", not wrong and proves(receipt(one)))
