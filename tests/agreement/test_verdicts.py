"""Our rules give the official verdicts: on published files, on mutants of them, and on our own examples; none is left out."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.report import Severity
from einvoice_validators.layers import program
from tests import stylesheets
from tests.agreement import fuzz_rules
from tests.agreement.completeness import missing, never, rules_of, without_example, written
from tests.agreement.verdicts import LAYERS, compare, files
from tests.corpora import ABSENT, folder
from tests.examples import Example, all_examples
from tests.scale import scaled

published = pytest.mark.skipif(folder() is None, reason=ABSENT)


def official(layer: str) -> dict[str, Any]:
    home = folder()
    assert home is not None
    rules: dict[str, Any] = json.loads((home / "rules.json").read_text("utf-8"))[layer]["rules"]
    return rules


def agrees(layer: str, share: int) -> None:
    found = list(files(layer))
    result = compare(layer, found[:: max(1, len(found) // share)])
    assert result.files
    assert not result.missed
    assert not result.added


@published
@pytest.mark.parametrize("layer", LAYERS)
def test_a_sample_of_published_files_gets_the_official_verdict(layer: str) -> None:
    agrees(layer, 150)


@published
@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_every_published_file_gets_the_official_verdict(layer: str) -> None:
    agrees(layer, scaled(len(list(files(layer)))))


@published
@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_mutants_get_the_official_verdict(layer: str) -> None:
    try:
        stylesheets.stylesheet(layer)
        differences, seen = fuzz_rules.compare(layer, partial(stylesheets.broken, layer), scaled(1_000), 7)
    except stylesheets.Absent as absent:
        pytest.skip(str(absent))
    assert seen
    assert not differences


@published
@pytest.mark.parametrize("layer", LAYERS)
def test_every_official_id_is_written_or_never_fires(layer: str) -> None:
    assert not missing(layer, official(layer))


@published
@pytest.mark.parametrize("layer", LAYERS)
def test_no_rule_has_an_id_that_is_not_official(layer: str) -> None:
    assert not written(layer) - set(official(layer))


@pytest.mark.parametrize("layer", LAYERS)
def test_what_never_fires_is_not_written_and_says_why(layer: str) -> None:
    assert not set(never(layer)) & written(layer)
    assert all(len(reason) > 10 for reason in never(layer).values())


@published
@pytest.mark.parametrize("layer", LAYERS)
def test_every_fatal_rule_has_an_example_that_breaks_it(layer: str) -> None:
    assert not without_example(layer, official(layer))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_example_shows_what_it_says(layer: str) -> None:
    made = program((LAYERS[layer][0],), LAYERS[layer][1])
    wrong = [f"{example.rule} {example.breaks}" for example in all_examples(layer) if not shows(made, example)]
    assert not wrong


def shows(made: Any, example: Example) -> bool:
    root = parse(example.document).root
    fired = {finding.rule for finding in made.run(root)[0].findings}
    sound = all(found.severity is not Severity.FATAL for found in structure.check(root))
    return sound and (example.rule in fired) is example.breaks


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_every_example_gives_the_same_ids_through_the_official_artefact(layer: str) -> None:
    try:
        stylesheets.stylesheet(layer)
        made = program((LAYERS[layer][0],), LAYERS[layer][1])
        chosen = list(all_examples(layer))
        for example in chosen[:: max(1, len(chosen) // scaled(len(chosen) or 1))]:
            ours = made.run(parse(example.document).root)[0]
            assert not fuzz_rules.different(ours, stylesheets.broken(layer, example.document)), example.rule
    except stylesheets.Absent as absent:
        pytest.skip(str(absent))


@pytest.mark.parametrize("layer", LAYERS)
def test_every_rule_has_a_sentence_and_a_severity(layer: str) -> None:
    for rule in rules_of(layer):
        assert len(rule.text) > 15, rule.id
        assert rule.text[0].isupper() or rule.text[0] == "@", rule.id
        assert rule.text.endswith("."), rule.id
        assert rule.severity in Severity
