"""The print folder: whole files, the same letter once, and what a full or missing disk does."""

from __future__ import annotations

import json
from pathlib import Path

from einvoice.outbox import Effect, State
from einvoice.receivables.channels.folder import FolderSender, name_of

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
