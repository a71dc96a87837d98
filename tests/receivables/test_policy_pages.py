"""The page of a policy: everything that it says, in four languages, and nothing of its text as markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from einvoice.errors import ReceivablesError
from einvoice.receivables.policy import Policy, default, load, page, text
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.vocabulary import VARIABLES
from einvoice.receivables.policy.wording import FOLDER, LANGUAGES, Wording
from tests.receivables.policy_broken import SOUND

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """The elements of a page, that they close, the rows of its tables, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "div":
            self.table = self.tables.setdefault(str(dict(attrs)["id"]), [])
        if tag == "tr":
            self.table.append([])
        if tag in ("th", "td"):
            self.table[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "th" in self.open or "td" in self.open:
            self.table[-1][-1] += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_every_segment_and_step_in_order(language: str) -> None:
    policy = default()
    outline = Outline(page(policy, language))
    segments = outline.tables["segments"][1:]
    assert [(row[1], row[3]) for row in segments] == [(each.id, each.flow) for each in policy.segments]
    words = Wording(language)
    for name, flow in policy.flows.items():
        rows = outline.tables[f"flow-{name}"][1:]
        assert [row[3][0] for row in rows] == [str(flow.firmness_of(step.id)) for step in flow.steps]
        assert [row[0] for row in rows[1:]] == [words.say("after", n=step.offset) for step in flow.steps[1:]]
        for row, step in zip(rows, flow.steps, strict=True):
            assert all(words.word(channel) in row[1] for channel in (*step.all_of, *step.any_of))
            assert not step.handover or words.word(step.handover) in row[1]
    assert [row[1] for row in outline.tables["disputes"][1:]] == [str(days) for days in policy.disputes.categories.values()]
    assert policy.hash in outline.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_used_without_a_mouse_and_without_the_network(language: str) -> None:
    html = page(default(), language)
    outline = Outline(html)
    tags = [tag for tag, _ in outline.seen]
    assert ("html", {"lang": language}) in outline.seen
    assert tags.count("h1") == tags.count("main") == tags.count("header") == 1
    assert "script" not in tags
    assert "http" not in html
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in outline.seen if tag == "th")
    anchors = {attributes["id"] for _, attributes in outline.seen if "id" in attributes}
    links = [str(attributes["href"]) for tag, attributes in outline.seen if tag == "a"]
    assert links
    assert all(link.startswith("#") and link[1:] in anchors for link in links)
    assert len([1 for _, attributes in outline.seen if "id" in attributes]) == len(anchors)


def test_the_page_tells_the_other_parts_of_a_policy() -> None:
    policy = load(SOUND + "promises: {tolerance_days: 3}\ncall_after_ignored: {after_days: 4}\n")
    told = Outline(page(policy)).text
    for part in (
        "trial",
        "Discounts",
        "Promises",
        "day 25 of the month",
        "€5.00",
        "4 days",
        "Europe/Amsterdam",
        "the relation is long-standing",
    ):
        assert part in told


def test_no_text_of_a_policy_becomes_markup() -> None:
    evil = "<script>alert(1)</script>"
    policy = load(SOUND.replace("'b2b'", "'b2b' || party.region == '" + evil + "'").replace("humour_light", f"'humour{evil}'"))
    html = page(policy)
    assert evil not in html
    assert evil in Outline(html).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_fits_its_width(language: str) -> None:
    lines = text(default(), language, 90).splitlines()
    assert max(map(len, lines)) <= 90
    assert len(lines) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_comparison_has_words(language: str) -> None:
    words = Wording(language)
    constants = {"word": "'{0}'", "code": "'NL'", "text": "'north'", "whole": "3", "amount": "3", "share": "0.5", "date": "2026-01-31"}
    for name, variable in VARIABLES.items():
        if variable.type in ("presence", "flag"):
            endings = ("== null", "!= null") if variable.nullable else ("== true", "!= true")
            assert len({words.condition(parse(f"{name} {ending}", step=True)) for ending in endings}) == 2
            continue
        constant = constants[variable.type].format(*variable.values[:1])
        constant = "'nl'" if name == "party.language" else constant
        operators = ("==", "!=") if variable.type in ("word", "code", "text") else ("==", "!=", "<", "<=", ">", ">=")
        told = {words.condition(parse(f"{name} {operator} {constant}")) for operator in operators}
        assert len(told) == len(operators)


def test_the_languages_have_the_same_words() -> None:
    def shape(value: Any) -> Any:
        return (
            {key: shape(each) for key, each in value.items()} if isinstance(value, dict) else len(value) if isinstance(value, list) else str
        )

    files = {language: json.loads((FOLDER / f"{language}.json").read_text("utf-8")) for language in LANGUAGES}
    plain = [{key: shape(value) for key, value in each.items() if key != "words"} for each in files.values()]
    assert all(each == plain[0] for each in plain)
    used = {word for language in LANGUAGES for word in files[language]["words"] if not word.startswith("country_")}
    voices = {step.voice for flow in default().flows.values() for step in flow.steps} - {None}
    for language in ("nl", "de", "fr"):
        assert used | voices <= set(files[language]["words"])


def test_another_language_is_refused() -> None:
    with pytest.raises(ReceivablesError):
        page(default(), "xx")


def test_a_policy_built_in_python_has_a_page() -> None:
    flow = {"steps": [{"id": "r1", "offset": 0, "all_of": ["email"]}], "grace": 3, "gap": 5, "pay_day": "party"}
    segments = [{"id": "a", "when": "true", "flow": "f"}]
    policy = Policy.model_validate({"version": 1, "name": "x", "segments": segments, "flows": {"f": flow}})
    assert "3 days longer" in page(policy)
