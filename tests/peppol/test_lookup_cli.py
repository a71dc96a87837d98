"""The verb `lookup`: what it prints and how it ends, against real DNS, SMP and directory servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from einvoice.cli import main
from einvoice.settings import current
from einvoice_peppol.lookup import directory
from einvoice_peppol.lookup.words import WORDS
from tests.peppol import directory as servers
from tests.peppol.networks import INVOICE, NOW, URL, WHO, Here, standing, trusted


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def here() -> Iterator[Here]:
    with standing() as found:
        yield found


@pytest.fixture
def run(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    for name, value in trusted(here, tmp_path).items():
        monkeypatch.setenv(name, value)
    current.cache_clear()

    def ran(*words: str) -> Ran:
        code = main(["lookup", *words])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    yield ran
    current.cache_clear()


def test_it_prints_what_a_participant_takes(here: Here, run: Run) -> None:
    here.register(WORDS["credit-note"], activation=NOW - timedelta(days=1), expiration=NOW + timedelta(days=400))
    here.register(WORDS["mls"], expiration=NOW - timedelta(days=1))
    code, out, err = run(WHO.id)
    assert (code, err) == (0, "")
    until = f"{NOW + timedelta(days=400):%Y-%m-%d}"
    for words in (
        WHO.id,
        here.smp.url,
        str(INVOICE),
        str(WORDS["credit-note"]),
        str(WORDS["mls"]),
        URL,
        "PBE000123",
        until,
        "support@ap.example",
    ):
        assert words in out


def test_json_says_the_same_for_programs(here: Here, run: Run) -> None:
    here.register(WORDS["mls"], expiration=NOW - timedelta(days=1))
    code, out, _ = run(WHO.id, "--format", "json")
    said = json.loads(out)
    assert (code, said["participant"], said["network"], said["smp"]) == (0, WHO.id, "test", here.smp.url)
    (service,), (unusable,) = said["services"], said["unusable"]
    assert (service["document"], service["access_point"], service["url"], service["expiration"]) == (str(INVOICE), "PBE000123", URL, None)
    assert service["certificate"]["serial"] == f"{here.access_point.certificate.serial_number:x}"
    assert (unusable["document"], unusable["known"]) == (str(WORDS["mls"]), True)


@pytest.mark.parametrize(
    ("words", "code", "failure"),
    [
        (("0208:0987654365",), 1, "ParticipantNotFound"),
        ((WHO.id, "--document", "mls"), 1, "ServiceNotFound"),
        ((WHO.id, "--document", "invoice"), 0, None),
        ((f"iso6523-actorid-upis::{WHO.id}", "--document", str(INVOICE)), 0, None),
    ],
)
def test_the_exit_code_says_whether_something_is_taken(run: Run, words: tuple[str, ...], code: int, failure: str | None) -> None:
    assert run(*words).code == code
    ran = run(*words, "--format", "json")
    assert (ran.code, json.loads(ran.out).get("failure")) == (code, failure)


def test_who_cannot_be_asked_is_neither_there_nor_absent(here: Here, run: Run) -> None:
    here.smp.status = 500
    ran = run(WHO.id)
    assert (ran.code, ran.out) == (2, "")
    assert here.smp.url in ran.err
    here.sml.mode = "servfail"
    assert (run(WHO.id).code, json.loads(run(WHO.id, "--format", "json").out)["failure"]) == (2, "LookupFailed")


def test_what_has_ended_is_not_taken_and_what_is_not_trusted_may_be(here: Here, run: Run) -> None:
    here.smp.forget(WHO, INVOICE)
    here.register(expiration=NOW - timedelta(days=1))
    assert run(WHO.id).code == 1
    here.register(WORDS["mls"], certificate="nothing")
    assert run(WHO.id).code == 2


def test_wrong_check_digits_are_said_and_asked_for(here: Here, run: Run) -> None:
    code, _, err = run("0208:0123456789")
    assert code == 1
    assert "0123456789" in err
    assert len(here.sml.asked) == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a",),
        ("0208:1", "--search", "a"),
        ("--search", "a", "--most", "0"),
        (WHO.id, "--document", "invoce"),
        (WHO.id, "--network", "other"),
    ],
)
def test_a_wrong_command_is_said(here: Here, run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err
    assert here.sml.asked == []


def test_without_trust_anchors_nothing_is_believed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_PEPPOL_TRUST", str(tmp_path / "nothing"))
    current.cache_clear()
    code, _, err = run(WHO.id)
    assert code == 2
    assert "einvoice peppol trust install" in err


def test_the_directory_is_searched_by_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PER_SECOND", 1_000)
    entries = [servers.match(WHO.id, "Brouwerij \x1b[31mDe\u202e Kroon"), servers.match("0106:12345678", "Other")]
    with servers.serving(entries) as server:
        monkeypatch.setenv("EINVOICE_PEPPOL_DIRECTORY", server.url)
        current.cache_clear()
        code, out, _ = run("--search", "brouwerij", "--country", "BE")
        assert (code, WHO.id in out, "0106" in out, "\x1b" in out, "\u202e" in out) == (0, True, False, False, False)
        assert [entry["participant"] for entry in json.loads(run("--search", "brouwerij", "--format", "json").out)] == [WHO.id]
        assert run("--search", "nobody").code == 1
        server.status = 500
        assert run("--search", "brouwerij").code == 2
