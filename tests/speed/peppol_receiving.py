"""100 MB received: seconds from the first byte to the receipt, and memory above what the process had for a small message.

`python -m tests.speed.peppol_receiving FOLDER` receives the message of a folder in a process that made nothing of it.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from tests.speed.clock import ROOT

SIZE = 100_000_000
_SMALL, _LARGE, _KIND = "small", "large", "content-types.json"


class Receiving(NamedTuple):
    """Seconds by the clock and of processor time until the receipt is made and the document durable, MB above the base, MB of document."""

    seconds: float
    processor: float
    above: float
    document: float


def large(shape: str, size: int = SIZE) -> Receiving:
    """A document of `lines` or of one text node (`node`), received by a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), shape, size)
        command = [sys.executable, "-m", "tests.speed.peppol_receiving", name]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True, cwd=ROOT)
    return Receiving(*json.loads(ran.stdout))


def prepare(folder: Path, shape: str, size: int) -> None:
    """Writes who receives, a small message and a large one."""
    from einvoice_peppol.as4 import packaging
    from einvoice_peppol.pki import testing, testing_files
    from tests.peppol import as4_messages
    from tests.peppol.as4_exchange import message
    from tests.speed import peppol_as4

    pki = testing.network(folder / "pki", now=as4_messages.NOW)
    sender, receiver = pki.access_point("PBE000001"), pki.access_point("PNL000002")
    testing_files.write(folder, "receiver", receiver)
    document = folder / "document.xml"
    peppol_as4.write(document, shape, size)
    kinds = {}
    for name in (_SMALL, _LARGE):
        with document.open("rb") as stream, (folder / name).open("wb") as into:
            source = BytesIO(as4_messages.sbdh()) if name == _SMALL else stream
            one = message(f"{name}@sender.test", sender_party=sender.seat, receiver_party=receiver.seat)
            kinds[name] = packaging.build(one, source, sender, receiver.certificate, into).content_type
    document.unlink()
    (folder / _KIND).write_text(json.dumps(kinds), "utf-8")


def main(folder: Path) -> None:
    """Receives the small message, then the large one, and prints what the large one took."""
    from einvoice_peppol.as4 import receipts, receiving
    from einvoice_peppol.bodies import Bodies
    from einvoice_peppol.pki import testing, testing_files
    from tests.peppol.as4_messages import NOW
    from tests.speed.memory import peak

    own, trust = testing_files.read(folder, "receiver"), testing.network(folder / "pki").trust()
    bodies, kinds = Bodies(folder / "spool"), json.loads((folder / _KIND).read_text("utf-8"))

    def receive(name: str) -> int:
        with (folder / name).open("rb", buffering=0) as stream:
            got = receiving.receive(kinds[name], stream, own, trust, bodies, NOW, serviced=lambda *_: True)
        body = got.body.keep()
        assert receipts.receipt(got, own, NOW)
        return body.size

    receive(_SMALL)
    gc.collect()
    base, started, spent = peak(), perf_counter(), process_time()
    size = receive(_LARGE)
    print(json.dumps([perf_counter() - started, process_time() - spent, peak() - base, size / 1e6]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
