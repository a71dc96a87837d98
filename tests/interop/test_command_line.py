"""By commands alone, as a person would: a PKI is made, its CAs trusted, an access point served and sent from, phase4 at the other end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from einvoice.settings.peppol import Peppol
from einvoice_peppol.pki import identity_files, testing
from tests.interop import folders, phase4, phoss, worlds
from tests.interop.worlds import World
from tests.peppol import dns

pytestmark = pytest.mark.slow

OURS, THEIRS, PUBLISHER = "PNL000001", "PBE000002", "PNL000901"
_PATIENCE = 120


class House:
    """A folder with settings, and the commands that are given in it."""

    sml: dns.Dns

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir()
        (folder / "einvoice.toml").write_text(settings, "utf-8")
        self.folder = folder
        self._environment = {**os.environ, "EINVOICE_CONFIG": str(folder / "einvoice.toml"), "COLUMNS": "200"}

    def says(self, *command: str, code: int | None = 0) -> str:
        """What a command prints; it must end with this exit code, unless None."""
        ran = subprocess.run(
            [sys.executable, "-m", "einvoice.cli", *command],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
            timeout=_PATIENCE,
        )
        assert code in (None, ran.returncode), (command, ran.stdout, ran.stderr)
        return ran.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The access point while the block runs, and its address."""
        command = [sys.executable, "-m", "einvoice.cli", "serve", "--app", "peppol", "--port", "0"]
        with (self.folder / "serve.log").open("wb") as log:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=self._environment, text=True)
            assert server.stdout is not None
            try:
                said = server.stdout.readline()
                assert said.startswith("listening on "), (said, (self.folder / "serve.log").read_text("utf-8"))
                yield said.split()[2].rstrip(",") + "/as4"
            finally:
                server.terminate()
                server.wait(30)
                server.stdout.close()


def settings(folder: Path, sml: dns.Dns) -> str:
    """einvoice.toml of our access point: what `peppol pki test` says, and a network of our own."""
    return f"""
[database]
url = "sqlite:///{folder}/ours/house.db"
[peppol]
certificate = "{folder}/pki/{OURS}.pem"
key = "{folder}/pki/{OURS}.key"
trust = "{folder}/ours/trusted"
revocation = "where_reachable"
participants = ["{worlds.paper("invoice").receiver.id}"]
dns = ["{sml.address}"]
zone = "{sml.zone}"
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The PKI that a command made."""
    command = ["peppol", "pki", "test", "--into", f"{tmp_path}/pki", "--seat", OURS, "--seat", THEIRS, "--smp", PUBLISHER]
    House(tmp_path / "empty", "").says(*command)
    pki, seats = testing.network(tmp_path / "pki"), [tmp_path / "pki" / seat for seat in (OURS, THEIRS)]
    ours, theirs = (identity_files.load(Peppol(certificate=one.with_suffix(".pem"), key=one.with_suffix(".key"))) for one in seats)
    return World(pki, ours, theirs, pki.trust())


@pytest.fixture
def house(tmp_path: Path, world: World) -> Iterator[House]:
    """Our access point: its database made, the CAs trusted that a person named by their fingerprints; and an SML."""
    with dns.serving() as sml:
        house = House(tmp_path / "ours", settings(tmp_path, sml))
        house.sml = sml
        house.says("doctor", "--migrate", code=None)
        install = ["peppol", "trust", "install", "--from", f"{tmp_path}/pki/anchors.pem"]
        shown = json.loads(house.says(*install, "--format", "json", code=1))
        assert {one["role"] for one in shown} == {"root", "ap", "smp"}
        house.says(*install, *(word for one in shown for word in ("--fingerprint", one["sha256"])))
        yield house


def test_what_phase4_sends_is_in_the_inbox(house: House, world: World, tmp_path: Path) -> None:
    paper, folder = worlds.paper("invoice"), tmp_path / "sender"
    folder.mkdir()
    try:
        with house.serving() as url, phase4.sending(world.c3, world.anchors, folder) as sender:
            to = (paper.sender, paper.receiver, paper.kind, paper.process, paper.country)
            said = sender.send(url, world.c2.certificate, paper.data, *to)
            assert (said["result"], said["references"], said["signer"], said["errors"]) == ("success", "same", OURS, [])
            stranger = sender.send(url, world.c2.certificate, paper.data, paper.sender, paper.sender, paper.kind, paper.process)
            assert stranger["errors"] == ["EBMS:0004: PEPPOL:NOT_SERVICED"]
    except folders.Absent as reason:
        pytest.skip(str(reason))
    listed = json.loads(house.says("inbox", "list", "--format", "json"))["messages"]
    assert [one["message_id"] for one in listed] == [said["message_id"]]
    exported = house.says("inbox", "export", said["message_id"])
    assert worlds.canonical(exported.encode()) == worlds.canonical(paper.data)


def test_what_is_sent_reaches_phase4(house: House, world: World, tmp_path: Path) -> None:
    paper = worlds.paper("invoice")
    invoice, proof, places = tmp_path / "invoice.xml", tmp_path / "proof.zip", [tmp_path / name for name in ("phase4", "phoss")]
    invoice.write_bytes(paper.data)
    for place in places:
        place.mkdir()
    publishers = [world.pki.smp_ca.certificate, world.pki.root.certificate]
    try:
        with (
            phase4.receiving(world.c3, world.anchors, world.pki.ap_ca.certificate, places[0]) as receiver,
            phoss.publishing(world.pki.smp(PUBLISHER), publishers, places[1]) as smp,
        ):
            house.sml.register(paper.receiver, smp.url)
            smp.register(paper.receiver, paper.kind, paper.process, url=receiver.url, certificate=world.c3.certificate)
            found = json.loads(house.says("lookup", paper.receiver.id, "--format", "json"))
            assert receiver.url in json.dumps(found)
            confirm = house.says("peppol", "mode", "live", code=1).split("--confirm ")[1].split()[0]
            house.says("peppol", "mode", "live", "--confirm", confirm)
            sent = json.loads(house.says("send", str(invoice), "--format", "json"))
            message_id = sent[0]["message_id"]
            kept = receiver.received(message_id)
            assert (kept["problems"], kept["signer"]) == ([], OURS)
    except folders.Absent as reason:
        pytest.skip(str(reason))
    house.says("peppol", "proof", message_id, "-o", str(proof))
    house.says("peppol", "proof", "--verify", str(proof))
