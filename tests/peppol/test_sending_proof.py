"""The evidence of a message: complete, verified link by link, and no link can be altered unnoticed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from einvoice.database import connect, reading
from einvoice.errors import PeppolError
from einvoice_peppol import inbox
from einvoice_peppol.as4 import receipts
from einvoice_peppol.as4.receiving import receive
from einvoice_peppol.sending import proof, running
from tests.peppol import networks, sending_world
from tests.peppol.sending_world import World, invoice

ALL = {
    "document.xml",
    "envelope.xml",
    "how-to-verify.txt",
    "manifest.json",
    "message.mime",
    "payload.gz",
    "receipt.xml",
    "receiver.pem",
    "sbdh.xml",
    "sender.pem",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which a message was sent."""
    with networks.standing() as here, sending_world.standing(tmp_path_factory.mktemp("proof"), here) as found:
        found.submit("1")
        running.run(found.engine, found.means, found.settings)
        yield found


def exported(world: World, name: int | str = 1, *, inbox: bool = False) -> bytes:
    with reading(world.engine) as connection:
        return proof.export(connection, name, bodies=world.means.bodies, inbox=inbox)


def contents(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> BytesIO:
    into = BytesIO()
    with ZipFile(into, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return into


def restated(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same with a manifest that states what is there: a forger would write it so."""
    from hashlib import sha256

    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [
        {**entry, "sha256": sha256(files[entry["name"]]).hexdigest(), "size": len(files[entry["name"]])}
        for entry in manifest["files"]
        if entry["name"] in files
    ]
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def verdicts(world: World, files: dict[str, bytes]) -> list[bool | None]:
    return [check.holds for check in proof.verify(zipped(files), world.means.trust)]


def test_everything_is_in_it_and_holds(world: World) -> None:
    found = contents(exported(world))
    assert found.keys() == ALL
    assert found["document.xml"] == invoice("1")
    assert found["message.mime"] == world.peer.took[0].request
    assert [found["receipt.xml"]] == world.peer.receipts[world.peer.took[0].message_id]
    assert gzip.decompress(found["payload.gz"]) == found["sbdh.xml"]
    assert verdicts(world, found) == [True] * 5


def test_it_is_found_by_each_of_its_names_and_is_the_same(world: World) -> None:
    row = world.row(1)
    hashes = []
    for name in (1, "1", row.message_id, row.instance_id):
        found = contents(exported(world, name))
        found.pop("manifest.json")
        hashes.append(found)
    assert all(found == hashes[0] for found in hashes)
    with pytest.raises(PeppolError):
        exported(world, 999)
    with pytest.raises(PeppolError):
        exported(world, "nobody@nowhere")


@pytest.mark.parametrize("name", sorted(ALL - {"manifest.json"}))
def test_a_file_that_was_altered_or_taken_out_is_found(world: World, name: str) -> None:
    found = contents(exported(world))
    altered = {**found, name: found[name][:-9] + bytes([found[name][-9] ^ 1]) + found[name][-8:]}
    assert verdicts(world, altered)[0] is False
    without = {key: data for key, data in found.items() if key != name}
    assert verdicts(world, without)[0] is False
    added = {**found, "more.txt": b"more"}
    assert verdicts(world, added)[0] is False


@pytest.mark.parametrize("name", ["document.xml", "sbdh.xml", "payload.gz", "receipt.xml", "receiver.pem"])
def test_a_forger_who_restates_the_manifest_breaks_the_chain(world: World, name: str) -> None:
    found = contents(exported(world))
    forged = {
        "document.xml": lambda: invoice("2"),
        "sbdh.xml": lambda: found["sbdh.xml"].replace(b">1<", b">2<"),
        "payload.gz": lambda: gzip.compress(found["sbdh.xml"], 1, mtime=0),
        "receipt.xml": lambda: found["receipt.xml"].replace(b"DigestValue>", b"DigestValue>A", 1),
        "receiver.pem": lambda: found["sender.pem"],
    }[name]()
    assert forged != found[name]
    checks = verdicts(world, restated({**found, name: forged}))
    assert checks[0] is True
    assert False in checks


def test_without_anchors_the_receipt_is_not_judged(world: World) -> None:
    checks = proof.verify(BytesIO(exported(world)))
    assert [check.holds for check in checks] == [True, True, True, True, None]


def test_what_is_no_evidence_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"no zip", zipped({"a": b"b"}).getvalue(), zipped({"manifest.json": b"[1"}).getvalue()):
        (tmp_path / "x.zip").write_bytes(data)
        with pytest.raises(PeppolError):
            proof.verify(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "manifest",
    [b"[]", b"1", b'{"files": 3}', b'{"files": [1]}', b'{"version": 1, "files": [{}]}', b"[" * 100_000 + b"]" * 100_000, b"\xff", b""],
)
def test_any_manifest_is_read_or_refused(manifest: bytes) -> None:
    with pytest.raises(PeppolError):
        proof.verify(zipped({"manifest.json": manifest}))


@pytest.mark.parametrize("value", [[1], {"file": "receipt.xml"}, "\x1b[2J", 7, None])
@pytest.mark.parametrize("name", ["signed", "receipt", "direction", "sent_at", "message_id"])
def test_whatever_a_manifest_states_a_proof_does_not_hold_by_it(world: World, name: str, value: object) -> None:
    files = contents(exported(world))
    changed = json.loads(files["manifest.json"]) | {name: value}
    try:
        checks = proof.verify(zipped({**files, "manifest.json": json.dumps(changed).encode()}), world.means.trust)
    except PeppolError:
        return
    assert not [check for check in checks if check.holds and "receipt" in check.name]


def test_who_signed_is_told_by_the_receipt_and_not_by_the_manifest(world: World) -> None:
    files = contents(exported(world))
    stated = json.loads(files["manifest.json"])
    *_, told = proof.verify(
        zipped({**files, "manifest.json": json.dumps({**stated, "access_point": "PXX999999"}).encode()}), world.means.trust
    )
    assert told.holds
    assert str(stated["access_point"]) in told.found
    assert "PXX999999" not in told.found


def test_a_message_that_was_not_sent_says_so(world: World) -> None:
    row_id = world.submit("3")
    found = contents(exported(world, row_id))
    assert {"document.xml", "sbdh.xml", "manifest.json", "how-to-verify.txt"} == found.keys()
    assert json.loads(found["manifest.json"])["state"] == "accepted"
    assert verdicts(world, found)[-1] is None


def test_a_message_that_came_has_its_evidence_too(world: World) -> None:
    took, clock, own = world.peer.took[0], world.here.clock, world.peer.own
    effect, trust = world.effects()[0], world.here.pki.trust()
    received = receive(
        effect.headers["content_type"], BytesIO(took.request), own, trust, world.means.bodies, clock(), serviced=lambda *_: True
    )
    receipt = receipts.receipt(received, own, clock())[1]
    with connect(world.engine) as connection:
        kept = inbox.keep(connection, received, receipt, clock())
    found = contents(exported(world, kept.id, inbox=True))
    assert {"document.xml", "sbdh.xml", "envelope.xml", "sender.pem", "receipt.xml", "manifest.json", "how-to-verify.txt"} == found.keys()
    assert found["receipt.xml"] == receipt
    assert found["sbdh.xml"] == contents(exported(world))["sbdh.xml"]
    assert False not in verdicts(world, found)
