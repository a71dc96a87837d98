"""A plugin's settings: the same in every ERP, with words in four languages, and judged before they are believed."""

from __future__ import annotations

from typing import Any

import pytest

from einvoice.errors import SettingsError
from einvoice_plugins import words
from einvoice_plugins.posting import Weigh
from einvoice_plugins.settings import SETTINGS, Chosen, read


def test_the_defaults_are_those_that_are_shown() -> None:
    assert read({}) == Chosen()
    assert read(dict.fromkeys(Chosen._fields)) == Chosen()
    assert {setting.name: setting.default for setting in SETTINGS} == Chosen()._asdict()
    assert all(setting.default in setting.choices for setting in SETTINGS if setting.kind == "choice")
    assert read({}).mode == "dry_run"


def test_every_setting_and_choice_has_words_and_no_word_is_left_over() -> None:
    wanted = {name for setting in SETTINGS for name in (setting.name, f"{setting.name}?")}
    wanted |= {f"{setting.name}={value}" for setting in SETTINGS if setting.name != "profile" for value in setting.choices}
    assert set(words.table("settings")) == wanted
    for told in words.table("settings").values():
        assert set(told) == set(words.LANGUAGES)
    for setting in SETTINGS:
        assert all(setting.choice(value, "de") and setting.label("fr") and setting.help("nl") for value in setting.choices)
    assert {weigh.value for weigh in Weigh} == set(next(setting for setting in SETTINGS if setting.name == "weigh").choices)


def test_what_was_set_is_taken() -> None:
    chosen = read({"profile": "xrechnung", "weigh": "warn", "mode": "redirect", "redirect": "test@example.com", "attempts": 3})
    assert (chosen.profile, chosen.weigh, chosen.redirect, chosen.attempts) == ("xrechnung", "warn", "test@example.com", 3)


@pytest.mark.parametrize(
    "stored",
    [
        {"weight": "warn"},
        {"weigh": "perhaps"},
        {"profile": "ublbe"},
        {"hybrid": "yes"},
        {"hybrid": 1},
        {"attempts": 0},
        {"attempts": True},
        {"attempts": "3"},
        {"via": 3},
        {"mode": "redirect"},
    ],
)
def test_what_cannot_be_is_refused_and_named(stored: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(stored))):
        read(stored)
