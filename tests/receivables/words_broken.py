"""Faults of every kind, planted in the words at a place that is known, and what `templates check` must say of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from einvoice.receivables import law, policy
from einvoice.receivables.documents import templates, templates_check
from einvoice.receivables.documents.checking import check
from einvoice.receivables.documents.placeholders import allowed
from einvoice.receivables.documents.words import LANGUAGES, WITHOUT


class Planted(NamedTuple):
    """A fault: the code and line that must be found, and the file as it is written."""

    code: str
    language: str
    line: int
    text: str


Plant = Callable[[list[str], int, random.Random], str | None]


def _key(rows: list[str], at: int) -> tuple[str, str]:
    key, _, value = rows[at].partition(" = ")
    return key, value.rstrip()


def _unknown_placeholder(rows: list[str], at: int, chance: random.Random) -> str | None:
    key, value = _key(rows, at)
    end = value.rindex('"')
    return f"{key} = {value[:end]} {{{chance.choice(['nobody', 'abuot', 'totl', 'x'])}}}{value[end:]}"


def _braces(rows: list[str], at: int, chance: random.Random) -> str | None:
    key, value = _key(rows, at)
    end = value.rindex('"')
    return f"{key} = {value[:end]}{chance.choice(['{', '}', '{total'])}{value[end:]}"


def _formatted(rows: list[str], at: int, chance: random.Random) -> str | None:
    key, value = _key(rows, at)
    end = value.rindex('"')
    return f"{key} = {value[:end]} {{total{chance.choice([':>10', '!r', ':.2f'])}}}{value[end:]}"


def _unknown_key(rows: list[str], at: int, chance: random.Random) -> str | None:
    key, value = _key(rows, at)
    return f"{key}x = {value}" if _closed(rows, at) and WITHOUT not in key else None


def _closed(rows: list[str], at: int) -> bool:
    """Whether the table of a line has no keys of the user's own."""
    table = next((rows[above].split("]")[0].strip("[ ") for above in range(at, -1, -1) if rows[above].startswith("[")), "")
    return table.rpartition(".")[2] not in ("subject", "opening", "short", "contents", "notice") and ".script" not in table


def _number(rows: list[str], at: int, chance: random.Random) -> str | None:
    return f"{_key(rows, at)[0]} = {chance.choice(['7', 'true', '[]', '3.5', '2026-11-28'])}"


def _empty(rows: list[str], at: int, chance: random.Random) -> str | None:
    return f'{_key(rows, at)[0]} = " "'


def _unclosed(rows: list[str], at: int, chance: random.Random) -> str | None:
    return rows[at].split("#")[0].rstrip().removesuffix('"')


def _long(rows: list[str], at: int, chance: random.Random) -> str | None:
    key, value = _key(rows, at)
    table = next(rows[above] for above in range(at, -1, -1) if rows[above].startswith("["))
    if not table.startswith("[short]") or key == "code":
        return None
    end = value.rindex('"')
    return f"{key} = {value[:end]}{' and so on' * 30}{value[end:]}"


PLANTS: dict[str, tuple[Plant, ...]] = {
    "unknown-placeholder": (_unknown_placeholder,),
    "braces": (_braces,),
    "placeholder-form": (_formatted,),
    "unknown-key": (_unknown_key,),
    "wrong-type": (_number, _empty),
    "toml": (_unclosed,),
    "too-long": (_long,),
}
"""How each fault is planted on a line."""


def planted(count: int, seed: int = 6) -> Iterator[Planted]:
    """So many faults of each kind, each alone in a file."""
    chance = random.Random(seed)
    for code, plants in PLANTS.items():
        made = 0
        while made < count:
            language = chance.choice(LANGUAGES)
            rows = templates.original(language).splitlines()
            at = chance.choice([number for number, row in enumerate(rows) if " = " in row and not row.startswith("#")])
            changed = chance.choice(plants)(rows, at, chance)
            if changed is not None:
                made += 1
                yield Planted(code, language, at + 1, "\n".join([*rows[:at], changed, *rows[at + 1 :]]) + "\n")


def found(fault: Planted, folder: Path) -> bool:
    """Whether the fault is found, at its line, with a mend; nothing else is."""
    words = folder / "words"
    words.mkdir(parents=True, exist_ok=True)
    for path in words.iterdir():
        path.unlink()
    (words / f"{fault.language}.toml").write_text(fault.text, "utf-8")
    seen = [*templates_check.words(folder)]
    near = {fault.line, fault.line + 1} if fault.code == "toml" else {fault.line}
    return [finding.code for finding in seen] == [fault.code] and seen[0].place.line in near and bool(seen[0].mend)


def sound(folder: Path) -> bool:
    """Whether nothing is found in the words and layouts of this release, copied there."""
    templates.init(folder)
    return check(folder, policy.default(), law.load()) == ()


def placeholders_known() -> bool:
    """Whether every placeholder that our own words name is one that their key may."""
    return all(
        not {field for _, field in _named(text)} - allowed(path)
        for source in templates_check.ours().values()
        for path, text in source.texts.items()
    )


def _named(text: str) -> Iterator[tuple[str, str]]:
    from string import Formatter

    yield from ((before, field) for before, field, _, _ in Formatter().parse(text) if field is not None)
