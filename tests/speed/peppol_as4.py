"""Speed of AS4: messages of 10 KB built and received beside `as4` and peppol-py in one run; 100 MB in bounded memory."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, BinaryIO, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop import environments, peppol_py
from tests.peppol import as4_messages
from tests.peppol.as4_exchange import message, received, sent, sides

ROUNDS = 5
_ENOUGH = 0.5
_HERE = Path(__file__).parent


class Speeds(NamedTuple):
    """Messages a second on one core, ours and theirs: build+sign+encrypt, verify+decrypt+receipt."""

    build: float
    receive: float
    as4_build: float
    as4_receive: float
    peppol_py_build: float


def speeds() -> Speeds:
    """The median of five rounds, in which all take turns. Raises folders.Absent."""
    rounds = [{**_ours(), **_theirs()} for _ in range(ROUNDS)]
    return Speeds(*(1_000 / median(one[name] for one in rounds) for name in Speeds._fields))


def invoice(size: int = 10_000) -> bytes:
    """An SBDH document of about this size that shrinks as invoices do."""
    line = "<Line><ID>{0}</ID><Quantity unitCode='H87'>{0}</Quantity><Amount currencyID='EUR'>{0}.00</Amount><Name>Desk {0}</Name></Line>"
    lines = "".join(line.format(number) for number in range(size // 115))
    return as4_messages.sbdh(f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>{lines}</Invoice>")


def _ours() -> dict[str, float]:
    from einvoice_peppol.as4 import packaging, receipts
    from tests.peppol.as4_exchange import NOW

    data, one, all_sides = invoice(), sent(invoice()), sides()

    def build() -> None:
        packaging.build(message(), BytesIO(data), all_sides.sender, all_sides.receiver.certificate, BytesIO())

    def receive() -> None:
        receipts.receipt(received(one), all_sides.receiver, NOW)

    return {"build": _each(build), "receive": _each(receive)}


def _each(work: Any) -> float:
    """Milliseconds of processor time of one call."""
    work()
    begun, count = process_time(), 0
    while (spent := process_time() - begun) < _ENOUGH:
        work()
        count += 1
    return spent / count * 1_000


def _theirs() -> dict[str, float]:
    as4 = environments.python("as4", "as4==0.2.0")
    other = environments.python("peppol-py", "peppol-py==1.2.5", "xmlsec==1.3.17")
    words = (as4_messages.DOCUMENT, as4_messages.PROCESS)
    with TemporaryDirectory() as name:
        folder = Path(name)
        _files(folder)
        shim = peppol_py._xmlsec1(other, folder)
        theirs = _ran(as4, "as4_peer_speed.py", folder, *words)
        py = _ran(other, "peppol_py_speed.py", folder, str(shim), *words)
    return {"as4_build": theirs["build"], "as4_receive": theirs["receive"], "peppol_py_build": py["build"]}


def _files(folder: Path) -> None:
    own = sides().receiver
    chain = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in own.issuers)
    (folder / "own.pem").write_bytes(own.certificate.public_bytes(Encoding.PEM))
    (folder / "own.key").write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "ca.pem").write_bytes(chain)
    (folder / "document.xml").write_bytes(
        invoice().partition(b"</StandardBusinessDocumentHeader>")[2].removesuffix(b"</StandardBusinessDocument>")
    )


def _ran(python: Path, driver: str, folder: Path, *words: str) -> dict[str, float]:
    ran = subprocess.run(
        [python, "-P", _HERE / driver, folder, str(_ENOUGH), *words], capture_output=True, text=True, timeout=120, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"{driver}: {ran.stderr[-1_000:]}")
    found: dict[str, float] = json.loads(ran.stdout)
    return found


class Large(NamedTuple):
    """One large message built in a process of its own: seconds, MB above what the process had before, MB that it became."""

    seconds: float
    above: float
    became: float


def large(shape: str, size: int = 100_000_000) -> Large:
    """A document of `lines` or of one text node (`node`), packed, signed and encrypted into a file, in a fresh process."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.speed.peppol_as4", shape, str(size)], capture_output=True, text=True, timeout=600, check=False
    )
    if ran.returncode:
        raise RuntimeError(ran.stderr[-1_000:])
    return Large(*json.loads(ran.stdout))


def main(shape: str, size: int) -> None:
    """Builds one large message, and prints what it took."""
    from einvoice_peppol.as4 import packaging
    from tests.speed.memory import peak

    with TemporaryDirectory() as name:
        path, into = Path(name) / "document.xml", Path(name) / "message"
        write(path, shape, size)
        sent(invoice())  # warm: imports and keys are not what is measured
        before = peak()
        with path.open("rb") as source, into.open("wb") as target:
            begun = perf_counter()
            packaging.build(message(), source, sides().sender, sides().receiver.certificate, target)
            seconds = perf_counter() - begun
        print(json.dumps([seconds, peak() - before, into.stat().st_size / 1e6]))


def write(path: Path, shape: str, size: int) -> None:
    """An SBDH document of a size, in bounded memory: `lines` of 1,000 characters, or one text node of Base64."""
    head, tail = as4_messages.sbdh("<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>%</Invoice>").split(b"%")
    with path.open("wb") as target:
        target.write(head + (b"<Note>" if shape == "node" else b""))
        _fill(target, _pieces(shape), size)
        target.write((b"</Note>" if shape == "node" else b"") + tail)


def _pieces(shape: str) -> Iterator[bytes]:
    while True:
        text = base64.b64encode(os.urandom(750))
        yield text if shape == "node" else b"<Note>" + text + b"</Note>"


def _fill(target: BinaryIO, pieces: Iterator[bytes], size: int) -> None:
    written = 0
    while written < size:
        written += target.write(next(pieces))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
