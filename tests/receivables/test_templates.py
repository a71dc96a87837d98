"""Words and layouts as files: what a folder of the user's overrides, and what `templates check` finds before anything is sent."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from einvoice import settings
from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.receivables import law, policy
from einvoice.receivables.documents import facts, messages, sample, templates
from einvoice.receivables.documents.checking import check
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.parties import Missing
from einvoice.receivables.documents.templates_lines import lines
from einvoice.receivables.documents.templates_needs import Known
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.policy import Finding, Policy
from tests.cli.conftest import Run
from tests.cli.conftest import run as _run
from tests.receivables import books
from tests.receivables.words_broken import PLANTS, Planted, found, placeholders_known, planted, sound

run = _run  # the fixture of the command line's tests
LAW = law.load()
FAULTS = [*planted(4)]


def write(folder: Path, language: str = "en", **tables: str) -> Path:
    """A folder of templates that has these tables in one language."""
    words = folder / "words"
    words.mkdir(parents=True, exist_ok=True)
    (words / f"{language}.toml").write_text("\n".join(f"[{name}]\n{text}" for name, text in tables.items()), "utf-8")
    return folder


def findings(folder: Path | None, asked: Policy | None = None, known: Known | None = None) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(finding.code, finding.place.path) for finding in check(folder, asked or policy.default(), LAW, known)]


def test_the_words_of_this_release_are_sound(tmp_path: Path) -> None:
    assert findings(None) == []
    assert sound(tmp_path)
    assert placeholders_known()


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.code}-{fault.language}-{fault.line}" for fault in FAULTS])
def test_a_fault_is_found_at_its_line(fault: Planted, tmp_path: Path) -> None:
    assert found(fault, tmp_path)


def test_every_kind_of_fault_is_planted() -> None:
    assert Counter(fault.code for fault in FAULTS) == dict.fromkeys(PLANTS, 4)


def test_what_a_folder_has_replaces_ours_key_by_key(tmp_path: Path) -> None:
    made = templates.load(write(tmp_path, opening='1 = "Our own words about {about}."'))
    own = content(sample.facts("reminder", 1, "en", templates=made), "email", "k")
    ours = content(sample.facts("reminder", 1, "en"), "email", "k")
    assert own.opening == ("Our own words about 2 invoices.",)
    assert own._replace(opening=ours.opening, template=ours.template) == ours
    assert content(sample.facts("reminder", 1, "nl", templates=made), "email", "k") == content(
        sample.facts("reminder", 1, "nl"), "email", "k"
    )


def test_the_hash_covers_words_and_layouts_and_a_changed_file_is_read_again(tmp_path: Path) -> None:
    folder = write(tmp_path, opening='1 = "One."')
    first = templates.load(folder)
    assert templates.load(folder) is first
    path = write(tmp_path, opening='1 = "Two."') / "words" / "en.toml"
    os.utime(path, ns=(1, 1))
    second = templates.load(folder)
    (folder / "layouts").mkdir()
    (folder / "layouts" / "labels.toml").write_text("", "utf-8")
    third = templates.load(folder)
    assert len({made.hashes["en"] for made in (templates.load(None), first, second, third)}) == 4
    assert first.hashes["nl"] == second.hashes["nl"] != third.hashes["nl"]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for use in (templates.load, lambda folder: check(folder, policy.default(), LAW)):
        with pytest.raises(ReceivablesError):
            use(tmp_path / "none")


def test_what_is_not_words_is_found(tmp_path: Path) -> None:
    (write(tmp_path) / "words" / "es.toml").write_text("", "utf-8")
    (tmp_path / "words" / "nl.toml").write_bytes(b'[opening]\n1 = "caf\xe9"\n')
    assert findings(tmp_path) == [("unknown-file", ()), ("toml", ())]
    (tmp_path / "words" / "nl.toml").write_bytes(b"x" * 1_000_001)
    assert ("unreadable", ()) in findings(tmp_path)
    with pytest.raises(ReceivablesError):
        templates.load(tmp_path)


def test_a_document_of_ones_own_is_said_in_every_language(tmp_path: Path) -> None:
    folder = write(tmp_path, opening='last_word = "Our last word about {about}."')
    lacking = [code for code, _ in findings(folder)]
    assert lacking.count("missing-key") == 2
    for language in LANGUAGES:
        write(tmp_path, language, opening='last_word = "Our last word about {about}."', subject='last_word = "{about}"')
    assert findings(folder) == []
    made = content(sample.facts("last_word", 3, "fr", templates=templates.load(folder)), "sms", "k")
    assert made.opening == ("Our last word about 2 factures.",)


def test_a_voice_of_ones_own_speaks(tmp_path: Path) -> None:
    for language in LANGUAGES:
        write(tmp_path, language, **{"voice.captain": 'remark = "Ahoy."', "voice.captain.opening": '1 = "Ahoy, {first_name}."'})
    assert findings(tmp_path, _asking(voice="captain_friendly")) == []
    made = content(sample.facts("reminder", 1, "de", voice="captain_friendly", templates=templates.load(tmp_path)), "email", "k")
    assert made.opening == ("Ahoy, Ann.",)
    assert made.greeting == "Hallo Ann,"
    assert "Ahoy." in made.remarks


def _asking(**step: object) -> Policy:
    """The default policy whose first flow asks for something else."""
    made = policy.default()
    flow = made.flows["nl"]
    first = flow.steps[0].model_copy(update=step)
    return made.model_copy(update={"flows": {**made.flows, "nl": flow.model_copy(update={"steps": (first, *flow.steps[1:])})}})


@pytest.mark.parametrize(
    ("step", "code", "key"),
    [
        ({"document": "last_word"}, "unknown-document", "document"),
        ({"contents": ("paylink", "poem")}, "unknown-content", "contents"),
        ({"voice": "friendly_pirate"}, "unknown-voice", "voice"),
        ({"lang": ("sv", "en")}, "unknown-language", "lang"),
    ],
)
def test_what_a_policy_asks_and_the_words_lack_is_found(step: dict[str, object], code: str, key: str) -> None:
    found = findings(None, _asking(**step))
    assert {(each, path[-1]) for each, path in found} == {(code, key)}
    assert {path[:3] for _, path in found} == {("flows", "nl", 0)}


@pytest.mark.parametrize("field", ["phone", "legal_id", "iban", "name"])
def test_a_field_that_a_creditor_lacks_is_found_before_anything_is_sent(field: str) -> None:
    creditor = {**sample.CREDITOR, field: None}
    made = check(None, policy.default(), LAW, Known({"acme": creditor}))
    assert {finding.code for finding in made} == {"missing-field"}
    assert {finding.place.source for finding in made} == {"creditor acme"}
    assert check(None, policy.default(), LAW, Known({"acme": dict(sample.CREDITOR)})) == ()


def test_an_enterprise_number_is_asked_for_only_where_a_notice_needs_it() -> None:
    known = Known({"acme": {**sample.CREDITOR, "legal_id": None}})
    assert check(None, policy.default(), LAW, known, countries={"NL", "DE"}) == ()
    assert check(None, policy.default(), LAW, known, countries={"NL", "BE"}) != ()
    undescribed = Known({"acme": dict(sample.CREDITOR)}, described=False)
    assert check(None, policy.default(), LAW, undescribed, countries={"NL"}) == ()
    assert check(None, policy.default(), LAW, undescribed, countries={"BE"}) != ()


def test_a_sentence_of_ones_own_may_need_what_a_creditor_lacks(tmp_path: Path) -> None:
    folder = write(tmp_path, frame='closing = "Call {phone}!"')
    known = Known({"acme": {**sample.CREDITOR, "phone": None}})
    asked = _asking(contents=())
    found = check(folder, asked, LAW, known)
    assert any("frame.closing" in str(finding) for finding in found)
    with pytest.raises(Missing):
        content(sample.facts("reminder", 1, "en", creditor=known.creditors["acme"], templates=templates.load(folder)), "email", "k")


def test_keys_are_found_at_their_lines() -> None:
    text = '# one\n[a.b]\n"x y" = "1"\nz = """\n[c]\nq = 2\n"""\n[d]\ne.f = "3" # four\n'
    assert lines(text) == {("a", "b"): 2, ("a", "b", "x y"): 3, ("a", "b", "z"): 4, ("d",): 8, ("d", "e", "f"): 9}


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings and no database but those of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EINVOICE_DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")
    settings.current.cache_clear()
    return tmp_path


def test_init_copies_once_and_keeps_what_is_there(apart: Path, run: Run) -> None:
    assert run("receivables", "templates", "init", "own").code == 0
    assert {path.name for path in (apart / "own" / "words").iterdir()} == {f"{language}.toml" for language in LANGUAGES}
    (apart / "own" / "words" / "en.toml").write_text("", "utf-8")
    assert run("receivables", "templates", "init", "own").code == 0
    assert (apart / "own" / "words" / "en.toml").read_text("utf-8") == ""
    assert run("receivables", "templates", "init").code == 2
    assert run("receivables", "templates", "init", "own/words/en.toml").code == 2


def test_check_ends_with_what_it_found(apart: Path, run: Run) -> None:
    assert run("receivables", "templates", "check").code == 0
    write(apart / "own", frame='closin = "x"')
    made = run("receivables", "templates", "check", "own", "--format", "json")
    assert made.code == 1
    (only,) = json.loads(made.out)
    assert (only["code"], only["line"], only["key"]) == ("unknown-key", 2, "frame.closin")
    assert run("receivables", "templates", "check", "nowhere").code == 2
    assert run("receivables", "templates", "check", "--policy", "nowhere.yaml").code == 2


def test_check_asks_the_database_what_creditors_have(apart: Path, run: Run) -> None:
    with books.database(apart) as engine, connect(engine) as connection:
        books.creditor(connection, iban="BE71096123456769", email="ar@acme.example")
    made = run("receivables", "templates", "check", "--format", "json")
    assert made.code == 1
    assert {(each["code"], each["file"]) for each in json.loads(made.out)} == {("missing-field", "creditor acme")}


@pytest.mark.parametrize(
    "kind", ["reminder", "aanmaning", "notice_of_default", "legal_letter", "statement", "plan", "thank_you", "prenotice"]
)
def test_show_shows_any_document(apart: Path, run: Run, kind: str) -> None:
    shown = {channel: run("receivables", "templates", "show", kind, "--channel", channel).out for channel in ("email", "sms", "call")}
    assert len(set(shown.values())) == 3
    made = run("receivables", "templates", "show", kind, "--language", "fr", "--voice", "formal", "--format", "json")
    assert json.loads(made.out)["language"] == "fr"


def test_show_names_what_there_is(apart: Path, run: Run) -> None:
    assert run("receivables", "templates", "show", "poem").code == 2
    assert run("receivables", "templates", "show").code == 2


def test_a_finding_shows_its_place_and_mend() -> None:
    (finding,) = check(None, _asking(voice="pirate"), LAW)[:1]
    assert isinstance(finding, Finding)
    assert finding.mend


def test_tasks_are_told_in_the_words_of_the_folder_unless_they_name_what_is_not_there(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine, connect(engine) as connection:
        creditor = books.creditor(connection)
        debtor = books.debtor(connection, creditor)
        invoice = books.invoice(connection, debtor)
        asked = sample.action("reminder", 1, "en")
        asked = asked._replace(creditor=creditor, debtor=debtor, invoices=(asked.invoices[0]._replace(invoice=invoice),))
        told = []
        for number, words in enumerate(('failed = "Look: {reason}"', 'failed = "Look: {nobody}"', "")):
            own = templates.load(write(tmp_path / str(number), task=words))
            told.append(messages.said(facts.load(connection, creditor, [asked], templates=own), asked, "failed", None, reason="why"))
    assert told[0] == "Look: why"
    assert told[1] == told[2] != told[0]
