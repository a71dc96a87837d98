"""What a plugin lets its administrator set: data with types, defaults and labels in four languages, so that each ERP asks the same.

A plugin makes a field of its ERP of each `Setting` and hands what it stores to `read`, which judges it. Secrets stay in the library's
own settings: none of these is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from einvoice.errors import SettingsError
from einvoice_plugins.words import say
from einvoice_schemas.profiles import profiles


class Setting(NamedTuple):
    """One thing to set: `kind` is choice, flag, number or text; `choices` their values, `least` and `most` the bounds of a number."""

    name: str
    kind: str
    default: str | bool | int
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    def label(self, language: str = "en") -> str:
        """What it is called in nl, en, de or fr."""
        return say("settings", self.name, language)

    def help(self, language: str = "en") -> str:
        """What it does, in a sentence."""
        return say("settings", f"{self.name}?", language)

    def choice(self, value: str, language: str = "en") -> str:
        """What a choice is called: a profile by its own title.

        Raises KeyError where it is no choice.
        """
        return profiles()[value].title if self.name == "profile" else say("settings", f"{self.name}={value}", language)


_PROFILES = tuple(name for name, profile in profiles().items() if profile.supported and "ubl" in profile.syntaxes)
SETTINGS: tuple[Setting, ...] = (
    Setting("profile", "choice", "peppol", _PROFILES),
    Setting("weigh", "choice", "block", ("block", "warn")),
    Setting("hybrid", "flag", True),
    Setting("send", "choice", "asked", ("asked", "posted")),
    Setting("via", "text", "as4"),
    Setting("mode", "choice", "dry_run", ("dry_run", "redirect", "live")),
    Setting("redirect", "text", ""),
    Setting("dunning", "flag", False),
    Setting("policy", "text", ""),
    Setting("charges", "choice", "proposed", ("never", "proposed", "booked")),
    Setting("attempts", "number", 24, least=1, most=100),
)
"""Every setting that the contract knows, in the order in which they are shown."""


class Chosen(NamedTuple):
    """What was set, by the names of `SETTINGS`."""

    profile: str = "peppol"
    weigh: str = "block"
    hybrid: bool = True
    send: str = "asked"
    via: str = "as4"
    mode: str = "dry_run"
    redirect: str = ""
    dunning: bool = False
    policy: str = ""
    charges: str = "proposed"
    attempts: int = 24


def read(stored: Mapping[str, Any]) -> Chosen:
    """What an ERP has stored, with the defaults for what it has not; None counts as not stored.

    Raises SettingsError that names the setting and what may stand there.
    """
    known = {setting.name: setting for setting in SETTINGS}
    for name in stored:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}; there are: {', '.join(known)}")
    found = Chosen(**{name: _checked(known[name], value) for name, value in stored.items() if value is not None})
    if found.mode == "redirect" and not found.redirect:
        raise SettingsError("mode is redirect, but nothing says where to; set redirect to an address")
    return found


def _checked(setting: Setting, value: Any) -> Any:
    kinds: dict[str, type] = {"flag": bool, "number": int, "choice": str, "text": str}
    if type(value) is not kinds[setting.kind]:
        raise SettingsError(f"{setting.name} is a {setting.kind}, and {value!r} is none")
    if setting.kind == "choice" and value not in setting.choices:
        raise SettingsError(f"{setting.name} is one of {', '.join(setting.choices)}, not {value!r}")
    if setting.kind == "number" and value not in range(setting.least, setting.most + 1):
        raise SettingsError(f"{setting.name} is between {setting.least} and {setting.most}, not {value}")
    return value
