"""`einvoice send` and the verbs of `einvoice peppol`, over real DNS, SMP and HTTP to our own server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

import einvoice
from einvoice.cli import main, peppol
from einvoice.cli.verbs import member, parser
from einvoice.database import connect, open_database
from einvoice.outbox import mode
from einvoice.samples import sample
from einvoice.settings import current
from einvoice_peppol.pki import testing, testing_files
from einvoice_peppol.sending.proof.archive import VERSION
from tests.outbox.world import _migrated as migrated
from tests.peppol import sending_network
from tests.peppol.sending_network import WHO, Apart


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.out)
        return found


class Here(NamedTuple):
    """The network, and a way to run commands in it."""

    there: Apart
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Ran:
        self.capsys.readouterr()
        code = main(words)
        said = self.capsys.readouterr()
        return Ran(code, said.out, said.err)

    def invoice(self, name: str = "invoice.xml", number: str | None = None, **more: object) -> str:
        made = sample()
        buyer = made.buyer
        assert buyer is not None
        address = buyer.electronic_address
        assert address is not None
        to = buyer.model_copy(update={"electronic_address": address.model_copy(update={"value": WHO.value})})
        changed = made.model_copy(update={"buyer": to, "number": number or name.partition(".")[0], **more})
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(einvoice.write(changed, einvoice.Syntax.UBL))
        return str(path)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """A network."""
    with sending_network.apart(tmp_path_factory.mktemp("cli")) as found:
        yield found


@pytest.fixture
def here(there: Apart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """A database of its own in it, in mode live."""
    database = tmp_path / "ours.db"
    database.write_bytes(migrated())
    monkeypatch.setenv("EINVOICE_CONFIG", str(there.config))
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("EINVOICE_PEPPOL_SPOOL", str(tmp_path / "spool"))
    monkeypatch.chdir(tmp_path)
    current.cache_clear()
    engine = open_database(f"sqlite:///{database}")
    with connect(engine) as connection:
        mode.set_live(connection, {}, mode.confirmation({}), datetime.now(UTC), "test")
    engine.dispose()
    yield Here(there, tmp_path, capsys)
    current.cache_clear()


def test_one_command_checks_finds_sends_and_proves(here: Here) -> None:
    ran = here.run("send", here.invoice(number="CLI-1"), "--format", "json")
    (told,) = ran.json
    assert (ran.code, told["outcome"], told["verdict"], told["access_point"]) == (0, "sent", "valid", "PBE000123")
    (handed,) = [each for each in here.there.handed() if each.number == "CLI-1"]
    assert (handed.message_id, handed.instance_id) == (told["message_id"], told["instance_id"])
    text = here.run("send", here.invoice(number="CLI-1"))
    assert text.code == 0
    assert str(told["receipt_sha256"]) in text.out  # the same again is not sent again
    assert len([each for each in here.there.handed() if each.number == "CLI-1"]) == 1
    proof = here.run("peppol", "proof", str(told["id"]), "-o", "proof.zip")
    assert proof.code == 0
    verified = here.run("peppol", "proof", "--verify", "proof.zip", "--format", "json")
    assert (verified.code, {check["holds"] for check in verified.json}) == (0, {True})
    listed = here.run("peppol", "status", "--format", "json").json
    assert [(row["state"], row["number"]) for row in listed] == [("sent", "CLI-1")]


def test_the_list_is_asked_by_whatever_names_a_receiver(here: Here) -> None:
    assert here.run("send", here.invoice(number="ASKED")).code == 0
    for name in (WHO.id, WHO.id.upper(), str(WHO)):
        assert [row["number"] for row in here.run("peppol", "status", "--receiver", name, "--format", "json").json] == ["ASKED"]
    for wrong in (("--most", "0"), ("--most", "9" * 30), ("9" * 30,), ("--receiver", "nobody")):
        ran = here.run("peppol", "status", *wrong)
        assert (ran.code, ran.out) == (2, "")
        assert "fault of einvoice-toolkit" not in ran.err


def test_nothing_of_a_foreign_archive_is_obeyed_by_a_terminal(here: Here) -> None:
    with ZipFile(here.folder / "foreign.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps({"version": VERSION, "files": [], "direction": "out", "state": "\x1b[2J\x07"}))
        archive.writestr("\x1b[31mred", b"a")
    ran = here.run("peppol", "proof", "--verify", "foreign.zip")
    assert ran.code == 1
    assert "red" in ran.out
    assert ran.out.replace("\n", "").isprintable()


def test_what_needs_no_certificate_of_ours_goes_on_after_it_has_ended(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = testing.network().access_point("PNL000777", fault="expired")
    for name, file in zip(("CERTIFICATE", "KEY"), testing_files.write(here.folder, "ended", ended), strict=True):
        monkeypatch.setenv(f"EINVOICE_PEPPOL_{name}", str(file))
    current.cache_clear()
    before = len(here.there.requests())
    assert here.run("send", here.invoice(number="ENDED"), "--via", "peppyrus", "--dry-run").code == 0
    ran = here.run("send", here.invoice(number="ENDED"), "--format", "json")
    assert (ran.code, ran.json[0]["state"]) == (2, "accepted")
    assert "[peppol] certificate" in str(ran.json[0]["reason"])
    assert here.run("peppol", "run").code == 0
    assert len(here.there.requests()) == before


def test_a_dry_run_takes_every_step_and_leaves_nothing(here: Here) -> None:
    before = len(here.there.requests())
    ran = here.run("send", here.invoice(number="DRY"), "--dry-run", "--format", "json")
    (told,) = ran.json
    assert (ran.code, told["outcome"], told["access_point"]) == (0, "could be sent", "PBE000123")
    assert int(str(told["size"])) > 5_000
    assert len(here.there.requests()) == before
    assert here.run("peppol", "status", "--format", "json").json == []


def test_in_mode_dry_run_it_waits_and_says_how_to_go_live(here: Here) -> None:
    assert here.run("peppol", "mode", "dry-run").code == 0
    before = len(here.there.requests())
    ran = here.run("send", here.invoice(number="WAITS"))
    assert ran.code == 2
    assert "einvoice peppol mode live" in ran.out
    assert len(here.there.requests()) == before
    shown = here.run("peppol", "mode", "live")
    assert shown.code == 1
    word = shown.out.split("--confirm ")[1].strip()
    assert here.run("peppol", "mode", "live", "--confirm", word).code == 0
    done = here.run("peppol", "run", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["prepared"]["prepared"] == 1
    assert here.run("peppol", "status", "--format", "json").json[0]["state"] == "sent"


def test_what_is_invalid_is_not_sent_without_a_reason(here: Here) -> None:
    path = Path(here.invoice(number="BAD"))
    path.write_bytes(path.read_bytes().replace(b"<cbc:DueDate>", b"<cbc:DueDate>x", 1))
    ran = here.run("send", str(path), "--format", "json")
    assert (ran.code, ran.json[0]["failure"]) == (1, "NotValid")
    broken = Path(here.invoice(number="ROUNDED"))
    text = broken.read_bytes()
    amount = text.split(b"<cbc:PayableAmount")[1].split(b">")[1].split(b"<")[0]
    broken.write_bytes(text.replace(b">" + amount + b"</cbc:PayableAmount>", b">1.00</cbc:PayableAmount>"))
    assert here.run("send", str(broken)).code == 1
    ran = here.run("send", str(broken), "--override", "the buyer asked for it", "--format", "json")
    assert (ran.code, ran.json[0]["outcome"], ran.json[0]["verdict"]) == (0, "sent", "invalid")
    (row,) = here.run("peppol", "status", "--number", "ROUNDED", "--format", "json").json
    assert row["override"] == "the buyer asked for it"


def test_nobody_takes_it_is_1_and_not_readable_is_2(here: Here) -> None:
    ran = here.run("send", here.invoice(), "--to", "0208:0999912325", "--format", "json")
    assert (ran.code, ran.json[0]["outcome"]) == (1, "refused")
    again = here.run("send", here.invoice(), "--to", "0208:0999912325", "--format", "json")  # asked again, as somebody may have registered
    assert (again.code, again.json[0]["id"], again.json[0]["outcome"]) == (1, ran.json[0]["id"], "refused")
    dry = here.run("send", here.invoice(), "--to", "0208:0999912325", "--dry-run", "--format", "json")
    assert (dry.code, dry.json[0]["failure"]) == (1, "ParticipantNotFound")
    (here.folder / "x.xml").write_text("no xml", "utf-8")
    assert here.run("send", str(here.folder / "x.xml")).code == 2
    assert here.run("send", here.invoice(), "--to", "nobody", "--format", "json").code == 1


def test_a_folder_is_sent_and_each_counts(here: Here) -> None:
    for number in range(3):
        here.invoice(f"many/{number}.xml", number=f"MANY-{number}")
    (here.folder / "many" / "broken.xml").write_text("<x/>", "utf-8")
    ran = here.run("send", "many", "--format", "json")
    assert ran.code == 2
    assert sorted(str(each["outcome"]) for each in ran.json) == ["not sent", "sent", "sent", "sent"]


def test_what_waits_can_be_withdrawn_and_taken_up_again(here: Here) -> None:
    assert here.run("peppol", "mode", "dry-run").code == 0
    (told,) = here.run("send", here.invoice(number="BACK"), "--format", "json").json
    row = str(told["id"])
    assert here.run("peppol", "cancel", row, "--reason", "wrong price").code == 0
    assert here.run("peppol", "cancel", row, "--reason", "again").code == 1
    assert here.run("peppol", "status", row).code == 0
    assert here.run("peppol", "resend", row).code == 0
    assert here.run("peppol", "resend", "999").code == 1
    assert here.run("peppol", "status", "--state", "accepted", "--format", "json").json[0]["id"] == told["id"]
    assert here.run("peppol", "status", "--state", "nonsense").code == 2


@pytest.mark.parametrize("verb", ["run", "status", "proof", "resend", "cancel", "mode"])
def test_every_verb_has_help_with_examples_that_its_parser_understands(verb: str) -> None:
    module = member(import_module("einvoice.cli.peppol"), verb)
    assert verb in peppol.VERBS
    for example in module.EXAMPLES.splitlines():
        import shlex

        words = shlex.split(example)
        if words[:2] == ["einvoice", "peppol"]:
            assert words[2] == verb
            parser(f"peppol {verb}", module).parse_intermixed_args(words[3:])
