"""The print folder: whole files, the same letter once, and what a full or missing disk does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, State
from einvoice.receivables.channels.folder import FolderSender, name_of
from einvoice.receivables.channels.installed import installed
from einvoice.receivables.channels.senders import folder_of, sender_of
from einvoice.settings import Receivables, Settings
from einvoice.settings.providers import Channels

LETTER = Effect("k", "receivables", "action:1", "letter", "Ann\nMain Street 1\n1000 Brussels", b"text", headers={"type": "text/plain"})


def test_a_letter_and_its_manifest_are_there() -> None:
    assert FolderSender.recognises_keys


def test_the_manifest_says_where_it_goes(tmp_path: Path) -> None:
    outcome = FolderSender(tmp_path / "out").send(LETTER)
    manifest = json.loads((tmp_path / "out" / f"{name_of(LETTER)}.json").read_text("utf-8"))
    assert outcome.state is State.SENT
    assert (tmp_path / "out" / manifest["letter"]).read_bytes() == b"text"
    assert manifest["address"] == ["Ann", "Main Street 1", "1000 Brussels"]
    assert outcome.proof == f"sha256:{manifest['sha256']}"
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".txt", ".json"}


def test_the_same_letter_twice_is_one_also_when_it_was_printed(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    sender.send(LETTER)
    assert sender.send(LETTER).state is State.SENT
    assert len(list(tmp_path.glob("*.txt"))) == 1
    (tmp_path / "printed").mkdir()
    for path in list(tmp_path.glob("*.*")):
        path.rename(tmp_path / "printed" / path.name)
    assert sender.send(LETTER).state is State.SENT
    assert list(tmp_path.glob("*.*")) == []


def test_a_letter_without_manifest_is_not_complete_and_is_written_again(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    (tmp_path / f"{name_of(LETTER)}.txt").write_bytes(b"te")
    sender.send(LETTER)
    assert (tmp_path / f"{name_of(LETTER)}.txt").read_bytes() == b"text"


def test_what_cannot_be_written_is_planned_again(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be", "utf-8")
    outcome = FolderSender(tmp_path / "out").send(LETTER)
    assert outcome.state is State.PLANNED
    assert outcome.reason


@pytest.mark.parametrize(
    ("channel", "type_", "ending"),
    [
        ("email", "message/rfc822", ".eml"),
        ("sms", "text/plain; charset=utf-8", ".txt"),
        ("computer_call", "application/json", ".payload.json"),
        ("letter", "application/pdf", ".pdf"),
        ("registered_letter", "application/pdf", ".pdf"),
        ("peppol", "application/xml", ".xml"),
        ("whatsapp", None, ".bin"),
    ],
)
def test_any_channel_may_be_left_in_a_folder(tmp_path: Path, channel: str, type_: str | None, ending: str) -> None:
    headers = {"pages": 2, "window": "c5-left", "letter": "smuggled"} | ({"type": type_} if type_ else {})
    effect = LETTER._replace(channel=channel, headers=headers, not_before=datetime(2026, 11, 2, 8, tzinfo=UTC))
    name = str(FolderSender(tmp_path).send(effect).provider)
    manifest = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
    assert (manifest["letter"], manifest["channel"], manifest["pages"]) == (f"{name}{ending}", channel, 2)
    assert manifest["registered"] is (channel == "registered_letter")
    assert (tmp_path / manifest["letter"]).read_bytes() == b"text"


def test_the_index_of_a_day_names_every_message_once_however_often_it_is_handed_in(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    for number in (1, 2, 1):
        sender.send(LETTER._replace(key=f"k{number}", not_before=datetime(2026, 11, 2, 8, tzinfo=UTC)))
    sender.send(LETTER._replace(key="k3", not_before=datetime(2026, 11, 3, 8, tzinfo=UTC)))
    lines = [json.loads(line) for line in (tmp_path / "index-2026-11-02.jsonl").read_text("utf-8").splitlines()]
    assert [line["key"] for line in lines] == ["k1", "k2"]
    assert all(json.loads((tmp_path / line["letter"]).with_suffix(".json").read_text("utf-8")) == line for line in lines)
    assert len((tmp_path / "index-2026-11-03.jsonl").read_text("utf-8").splitlines()) == 1


def test_letters_go_into_the_print_folder_and_other_channels_into_their_own(tmp_path: Path) -> None:
    whole = Settings(receivables=Receivables(print_folder=tmp_path / "print"), channels=Channels(sms="folder", folder=tmp_path / "out"))
    assert {channel: folder_of(channel, whole) for channel in ("letter", "registered_letter", "sms")} == {
        "letter": tmp_path / "print",
        "registered_letter": tmp_path / "print",
        "sms": tmp_path / "out" / "sms",
    }
    assert sorted(installed(whole)) == ["letter", "registered_letter", "sms"]
    assert folder_of("sms", Settings(receivables=Receivables(print_folder=tmp_path))) == tmp_path / "sms"
    assert folder_of("letter", Settings(channels=Channels(folder=tmp_path))) == tmp_path / "letter"
    with pytest.raises(SettingsError):
        sender_of("sms", Settings(channels=Channels(sms="folder")))
    assert installed(Settings()) == {}
