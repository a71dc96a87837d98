"""Extraction: every published hybrid gives its XML or the error that is right; what is damaged or hostile never gives wrong bytes."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import einvoice
from einvoice.errors import EInvoiceError, NoInvoice
from einvoice.report import Verdict
from tests.evidence import Figure, corpora, figure, scaled


@figure("extract-corpus", bar="every PDF of zugferd-pdf gives what hangs there by pikepdf's own view, or NoInvoice", item=3)
def published() -> Figure:
    from tests.pdf.test_extract_corpus import NAMES, carried, claimed

    files = sorted((corpora() / "zugferd-pdf").glob("*.pdf"))
    right = empty = 0
    for path in files:
        there = {name: data for name, data in carried(path).items() if name in NAMES}
        try:
            data = einvoice.extract(path)
        except NoInvoice:
            empty += not there
        else:
            right += data == there[next(iter(there)) if len(there) == 1 else claimed(path)["DocumentFileName"]]
    return Figure(f"{right} extracted, {empty} without an invoice, of {len(files)}", right + empty == len(files) > 40)


@figure(
    "extract-damaged",
    bar="cut off or changed: a named error or bytes; of packed XML never other bytes than its own",
    item=3,
)
def damaged() -> Figure:
    from tests.pdf.test_extract_damaged import CII, FORMS

    dice, met = random.Random(5), Counter[str]()
    for form in FORMS.values():
        for _ in range(scaled(5_000)):
            met[_ended(_changed(form, dice), CII)] += 1
    # a byte of a stream that is not packed can change unseen: PDF has no checksum that programs agree on
    unseen = met.pop("other bytes", 0)
    by_name = ", ".join(f"{name} {count}" for name, count in met.most_common())
    packed = sum(_ended(_changed(FORMS["object streams"], dice), CII) == "other bytes" for _ in range(scaled(5_000)))
    return Figure(f"{by_name}; {unseen} changed within unpacked XML, {packed} within packed", not packed and met["the XML"] > 0)


def _changed(pdf: bytes, dice: random.Random) -> bytes:
    """Cut off, or one byte of it another."""
    at = dice.randrange(len(pdf))
    return pdf[:at] if dice.random() < 0.3 else pdf[:at] + bytes([dice.randrange(256)]) + pdf[at + 1 :]


def _ended(pdf: bytes, xml: bytes) -> str:
    try:
        return "the XML" if einvoice.extract(pdf) == xml else "other bytes"
    except EInvoiceError as error:
        return type(error).__name__


@figure("extract-bombs", bar="each bomb that unpacks to 10 GB is refused in at most 2 s and 300 MB", item=3)
def bombs() -> Figure:
    from tests.pdf import test_opening_bombs as tests

    worst = [0.0, 0.0]
    names = Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for name, make in tests.BIG.items():
            path = Path(folder, f"{name}.pdf")
            path.write_bytes(make())  # type: ignore[no-untyped-call]
            run = subprocess.run([sys.executable, "-m", "tests.pdf.refusing", str(path)], capture_output=True, text=True, check=True)
            error, seconds, megabytes = run.stdout.split()
            names[error] += 1
            worst = [max(worst[0], float(seconds)), max(worst[1], float(megabytes))]
    holds = set(names) == {"UnsafePDF"} and worst[0] <= 2 and worst[1] <= 300
    return Figure(f"{dict(names)}, at most {worst[0]:.1f} s and {worst[1]:.0f} MB", holds)


@figure("check-pdf", bar="a hybrid is judged by its container and its XML; metadata that name another level make it invalid", item=3)
def check() -> Figure:
    from tests.pdf import papers

    good = einvoice.embed(papers.printed(), papers.cii())
    first, report = einvoice.validate(good), [layer.name for layer in einvoice.validate(good).layers]
    named = {finding.rule for finding in einvoice.validate(_renamed(good)).findings}
    told = any(rule.startswith("FX-") for rule in named)
    holds = first.verdict is Verdict.VALID and report[0] == "pdf" and len(report) > 2 and told
    return Figure(f"{first.verdict}: layers {', '.join(report)}; another level: {', '.join(sorted(named))}", holds)


def _renamed(pdf: bytes) -> bytes:
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        packet = opened.Root.Metadata.read_bytes().replace(b"EN 16931</fx:", b"EXTENDED</fx:")
        opened.Root.Metadata.write(packet)
        opened.save(out)
    return out.getvalue()
