"""The verbs of the receivables: help, the way in, who is owed, and the modes that keep everything silent until somebody says so."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from einvoice.cli import receivables
from einvoice.cli.verbs import parser
from einvoice.settings import current
from tests import extras
from tests.cli.conftest import Run

for _needed in extras.RECEIVABLES:
    pytest.importorskip(_needed)

ACME = ("--name", "Acme NV", "--country", "BE", "--iban", "BE71096123456769", "--email", "ar@acme.example")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with nobody's settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("EINVOICE_CONFIG", raising=False)
    current.cache_clear()
    return tmp_path


def copied(here: Path) -> None:
    """Puts a database of this release's shape where `init` looks for one: to make one takes ten times as long."""
    from tests.receivables.run_world import migrated

    (here / "einvoice.db").write_bytes(migrated())


@pytest.fixture
def begun(here: Path, run: Run) -> Path:
    """The folder after `init` and a creditor."""
    copied(here)
    assert run("receivables", "init").code == 0
    current.cache_clear()
    assert run("receivables", "creditor", "add", "acme", *ACME).code == 0
    return here


@pytest.mark.parametrize("verb", receivables.VERBS)
def test_every_verb_has_help_with_examples_that_its_parser_understands(run: Run, verb: str) -> None:
    ran = run("receivables", verb, "--help")
    assert ran.code == 0
    module = import_module(f"einvoice.cli.receivables.{receivables.MODULES.get(verb, verb)}")
    assert module.EXAMPLES.strip() in ran.out
    for example in module.EXAMPLES.splitlines():
        words = _words(example)
        if words[:2] == ["einvoice", "receivables"]:
            assert words[2] == verb
            parser(f"receivables {verb}", module).parse_intermixed_args(words[3:])


def _words(example: str) -> list[str]:
    import shlex

    return shlex.split(example.partition(" | ")[0].partition(" > ")[0], comments=True)


def test_an_unknown_verb_is_2_with_the_nearest(run: Run) -> None:
    ran = run("receivables", "rum")
    assert (ran.code, ran.out) == (2, "")
    assert "einvoice receivables run" in ran.err


def test_without_a_verb_it_lists_them(run: Run) -> None:
    ran = run("receivables")
    assert ran.code == 0
    assert all(verb in ran.out for verb in receivables.VERBS)


def test_init_writes_what_is_missing_and_never_overwrites(here: Path, run: Run) -> None:
    assert run("receivables", "init").code == 0
    assert {path.name for path in here.iterdir()} >= {"einvoice.toml", "policy.yaml", "einvoice.db"}
    (here / "policy.yaml").write_text("mine", "utf-8")
    before = (here / "einvoice.toml").read_text("utf-8")
    assert run("receivables", "init").code == 0
    assert (here / "policy.yaml").read_text("utf-8") == "mine"
    assert (here / "einvoice.toml").read_text("utf-8") == before


def test_init_takes_another_folder(here: Path, run: Run) -> None:
    assert run("receivables", "init", here / "a b" / "c").code == 0
    assert (here / "a b" / "c" / "einvoice.db").exists()


def test_without_init_the_mend_is_said(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{here / 'empty.db'}")
    current.cache_clear()
    ran = run("receivables", "plan")
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_without_a_creditor_the_mend_is_said(here: Path, run: Run) -> None:
    copied(here)
    run("receivables", "init")
    current.cache_clear()
    ran = run("receivables", "plan")
    assert ran.code == 2
    assert "creditor add" in ran.err


def test_a_creditor_is_added_once_changed_and_listed(begun: Path, run: Run) -> None:
    assert run("receivables", "creditor", "add", "acme", *ACME).code == 2
    assert run("receivables", "creditor", "set", "acme", "--phone", "+32 2 000 00 00", "--street", "Main Street 1").code == 0
    assert run("receivables", "creditor", "set", "acme", "--city", "Brussels", "--deducts-vat", "no").code == 0
    listed = json.loads(run("receivables", "creditor", "list", "--format", "json").out)
    assert [(row["key"], row["phone"], row["deducts_vat"]) for row in listed] == [("acme", "+32 2 000 00 00", False)]
    assert listed[0]["address"] == {"street": "Main Street 1", "city": "Brussels", "country": "BE"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--country", "Belgium"),
        ("--currency", "EURO"),
        ("--iban", "BE71096123456768"),
        ("--email", "nobody"),
        ("--time-zone", "Europe/Nowhere"),
        ("--size", "huge"),
    ],
)
def test_a_field_that_is_wrong_is_refused(begun: Path, run: Run, wrong: tuple[str, str]) -> None:
    ran = run("receivables", "creditor", "set", "acme", *wrong)
    assert ran.code == 2
    assert wrong[1] in ran.err


def test_a_creditor_that_is_not_there_cannot_be_changed(begun: Path, run: Run) -> None:
    assert run("receivables", "creditor", "set", "other", "--phone", "1").code == 2
    assert run("receivables", "creditor", "set").code == 2
    assert run("receivables", "creditor", "add", "other").code == 2


def test_it_is_silent_until_somebody_says_otherwise(begun: Path, run: Run) -> None:
    assert "dry_run" in run("receivables", "mode").out
    assert "redirect me@acme.example" in run("receivables", "mode", "redirect", "me@acme.example").out
    assert "dry_run" in run("receivables", "mode", "dry-run").out


@pytest.mark.parametrize("wrong", [("redirect",), ("live", "me@acme.example"), ("redirect", "nobody"), ("loud",)])
def test_a_wrong_mode_is_2_and_changes_nothing(begun: Path, run: Run, wrong: tuple[str, ...]) -> None:
    assert run("receivables", "mode", *wrong).code == 2
    assert "dry_run" in run("receivables", "mode").out


def test_live_wants_the_word_of_what_it_showed(begun: Path, run: Run) -> None:
    asked = run("receivables", "mode", "live")
    assert asked.code == 1
    word = asked.out.split("--confirm ")[1].split()[0]
    assert "dry_run" in run("receivables", "mode").out
    assert run("receivables", "mode", "live", "--confirm", "12345678").code == 2
    assert "dry_run" in run("receivables", "mode").out
    assert run("receivables", "mode", "live", "--confirm", word).code == 0
    assert "mode: live" in run("receivables", "mode").out


def test_the_settings_are_a_ceiling(begun: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    word = run("receivables", "mode", "live").out.split("--confirm ")[1].split()[0]
    monkeypatch.setenv("EINVOICE_SENDING_MODE", "dry_run")
    current.cache_clear()
    assert "mode: dry_run" in run("receivables", "mode", "live", "--confirm", word).out
