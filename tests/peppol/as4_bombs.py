"""Bombs: small messages that would become large, or long, if they were taken in."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, cast

from lxml import etree

from einvoice_peppol.as4 import receiving
from einvoice_peppol.as4.ebms import Refused
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.pki import testing, testing_files
from tests.peppol.as4_attacks import INVOICE
from tests.peppol.as4_messages import NOW, Made, Recipe, find, made, sbdh
from tests.speed.clock import ROOT
from tests.speed.memory import peak

_BLOCK = 10_000_000
_RELATED = "multipart/related; boundary=x"
Arriving: TypeAlias = tuple[str, bytes]


class Bomb(NamedTuple):
    """What became of a bomb: seconds until it was refused, MB that the peak of memory grew by."""

    name: str
    is_refused: bool
    seconds: float
    megabytes: float


def explode(size: int = 10_000_000_000) -> list[Bomb]:
    """Receives each bomb with the limits of every day, in a process that made none; `size` is what the bomb of gzip unpacks to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pki = testing.network(folder / "pki", now=NOW)
        own = pki.access_point("PNL000002")
        testing_files.write(folder, "receiver", own)
        recipe = Recipe(pki.access_point("PDE000001", "DE"), own.certificate)
        for number, make in enumerate(_BOMBS.values()):
            content_type, body = make(recipe, size)
            (folder / f"{number}.type").write_text(content_type, "ascii")
            (folder / f"{number}.body").write_bytes(body)
        command = [sys.executable, "-m", "tests.peppol.as4_bombs", name]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True, cwd=ROOT)
    return [Bomb(*one) for one in json.loads(ran.stdout)]


def main(folder: Path) -> None:
    """Receives the bombs of a folder, and prints what became of them."""
    own, trust = testing_files.read(folder, "receiver"), testing.network(folder / "pki").trust()
    bodies, found = Bodies(folder / "spool"), []
    for number, name in enumerate(_BOMBS):
        content_type = (folder / f"{number}.type").read_text("ascii")
        _forget()
        before, started, is_refused = peak(), time.perf_counter(), False
        with (folder / f"{number}.body").open("rb", buffering=0) as stream, suppress(Refused):
            is_refused = True  # unless what follows returns
            receiving.receive(content_type, cast("BinaryIO", stream), own, trust, bodies, NOW, serviced=lambda *_: True)
            is_refused = False
        found.append(Bomb(name, is_refused, time.perf_counter() - started, peak() - before))
    print(json.dumps(found))


def gzip_bomb(size: int) -> bytes:
    """A gzip of a document that begins well and goes on for `size` bytes of white space; its checksum is of nothing."""
    begin = sbdh(f"<Invoice xmlns='{INVOICE}'>").partition(b"</StandardBusinessDocument>")[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(begin) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // _BLOCK)


def _forget() -> None:
    """Has the system forget the peak of this process until now, where it can."""
    path = Path("/proc/self/clear_refs")
    if path.exists():
        path.write_text("5", "ascii")
    else:
        resource.getrusage(resource.RUSAGE_SELF)


def _sent(good: Made) -> Arriving:
    return good.content_type, good.body()


def _enveloped(recipe: Recipe, change: Callable[[bytes], bytes]) -> Arriving:
    good = made(recipe)
    return _sent(replace(good, envelope=change(good.envelope)))


def _documented(recipe: Recipe, inside: str, attributes: str = "") -> Arriving:
    return _sent(made(recipe.but(document=sbdh(f"<Invoice xmlns='{INVOICE}'{attributes}>{inside}</Invoice>"))))


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l9;</x>'.encode()


def _crowded(count: int) -> Callable[[bytes], bytes]:
    attributes = "".join(f' a{n}="x"' for n in range(count)).encode()
    return lambda data: data.replace(b"<S12:Header", b"<S12:Header" + attributes, 1)


def _repeated(path: str, count: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        root = etree.fromstring(data)
        text = etree.tostring(find(root, path))
        return data.replace(b"</S12:Header>", text * count + b"</S12:Header>", 1)

    return change


_BOMBS: dict[str, Callable[[Recipe, int], Arriving]] = {
    "gzip": lambda recipe, size: _sent(made(recipe.but(packed=lambda _: gzip_bomb(size)))),
    "entities in the envelope": lambda recipe, _: _enveloped(recipe, lambda data: _laughs()),
    "entities in the document": lambda recipe, _: _sent(made(recipe.but(document=_laughs()))),
    "a deep envelope": lambda recipe, _: _enveloped(recipe, lambda data: data.replace(b"<S12:Body", b"<a>" * 100_000 + b"<S12:Body", 1)),
    "a deep document": lambda recipe, _: _documented(recipe, "<a>" * 3_000_000),
    "attributes of the envelope": lambda recipe, _: _enveloped(recipe, _crowded(60_000)),
    "attributes of the document": lambda recipe, _: _documented(recipe, "", "".join(f" a{n}='x'" for n in range(500_000))),
    "elements of the envelope": lambda recipe, _: _enveloped(recipe, _repeated("eb:Role", 5_000)),
    "names of the document": lambda recipe, _: _documented(recipe, "".join(f"<a{n}/>" for n in range(500_000)) + "<"),
    "a long name": lambda recipe, _: _documented(recipe, f"<{'a' * 20_000_000}/>"),
    "a long attribute": lambda recipe, _: _documented(recipe, f"<a b='{'a' * 20_000_000}'/>"),
    "a long comment": lambda recipe, _: _documented(recipe, f"<!--{'a' * 20_000_000}"),
    "a long header of MIME": lambda _, __: (_RELATED, b"--x\r\n" + b"A: " + b"b" * 20_000_000),
    "many headers of MIME": lambda _, __: (_RELATED, b"--x\r\n" + b"A: b\r\n" * 3_000_000),
    "a long preamble": lambda _, __: (_RELATED, b"\r\n-" * 10_000_000),
    "many boundaries": lambda _, __: (_RELATED, b"--x\r\n\r\n" * 1_000_000),
    "a long Content-Type": lambda _, __: ("multipart/related; " + "a=b;" * 1_000_000, b""),
    "backslashes in the Content-Type": lambda _, __: ('multipart/related; a="' + "\\" * 16_001, b""),
}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
