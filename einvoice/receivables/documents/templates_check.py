"""What is amiss with words and layouts, found before anything is sent: each with its file, line, key and mend."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.receivables.documents import compose_spoken, placeholders, templates
from einvoice.receivables.documents.templates_lines import fault_line, lines
from einvoice.receivables.documents.words import LANGUAGES, WITHOUT
from einvoice.receivables.policy.finding import Finding, Place, nearest

KeyPath = tuple[str, ...]
_OPEN = frozenset({"subject", "opening", "short", "contents", "notice"})
"""Tables where a key of the user's own is a document, content or notice of theirs."""
_WIDE: Mapping[str, str] = {
    "creditor": "W" * compose_spoken.NAME,
    "about": "Rechnung 2026-000000117",
    "number": "2026-000000117",
    "reference": "+++090/9337/55493+++",
    "due": "30. September 2026",
    "total": "1.234.567,89 €",
    "principal": "1.234.567,89 €",
    "link": "https://pay.creditor.example/pay/" + "a" * 32,
    "iban": "NL91 ABNA 0417 1643 00 00",
    "code": "7T4K-9D2P-0MQX-C",
}
"""What a short message must have room for; every other placeholder is this long:"""
_USUAL = "x" * 22


class Source(NamedTuple):
    """A file of words: what it says, by path, and on which line."""

    language: str
    path: str
    texts: Mapping[KeyPath, Any]
    lines: Mapping[KeyPath, int]

    def place(self, path: KeyPath) -> Place:
        """Where a key stands."""
        at = next((self.lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.lines), None)
        return Place(self.path, at, path)


def words(folder: Path | None) -> Iterator[Finding]:
    """What is amiss with the words of a folder: files, keys, placeholders, what one language has and another lacks, room."""
    found = ours()
    own: dict[str, Source] = {}
    for path in sorted((folder / templates.WORDS).iterdir()) if folder and (folder / templates.WORDS).is_dir() else ():
        source = _source(path)
        if isinstance(source, Finding):
            yield source
        elif source is not None:
            own[source.language] = source
    for language, source in own.items():
        yield from _keys(source, found[language])
    yield from _agree(own, found)
    for language in LANGUAGES:
        yield from _room(own.get(language), found[language])


def ours() -> dict[str, Source]:
    """The words of this release, by language."""
    return {language: _read(language, f"words/{language}.toml of this release", templates.original(language)) for language in LANGUAGES}


def _read(language: str, name: str, text: str) -> Source:
    return Source(language, name, dict(_flat(tomllib.loads(text))), lines(text))


def _source(path: Path) -> Source | Finding | None:
    """A file of the user's, or what keeps it from being read."""
    if path.name.startswith(".") or path.is_dir():
        return None
    if path.suffix != ".toml" or path.stem not in LANGUAGES:
        known = [f"{language}.toml" for language in LANGUAGES]
        return Finding(
            "unknown-file", f"{path.name} is no file of words", nearest(path.name, known, what="the files are"), Place(str(path))
        )
    try:
        text = templates.read(path).decode()
        return _read(path.stem, str(path), text)
    except ReceivablesError as fault:
        return Finding("unreadable", str(fault), "", Place(str(path)))
    except UnicodeDecodeError as fault:
        return Finding("toml", f"it is not UTF-8: {fault.reason} at byte {fault.start}", "save it as UTF-8", Place(str(path)))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        mend = 'a sentence stands on one line between quotes; write \\" for a quote in it'
        return Finding("toml", f"it is no TOML: {fault}", mend, Place(str(path), fault_line(str(fault))))


def _flat(texts: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    for name, value in texts.items():
        if isinstance(value, dict):
            yield from _flat(value, (*path, name))
        else:
            yield (*path, name), value


def _keys(source: Source, known: Source) -> Iterator[Finding]:
    """Every key of a file of the user's: is there such a one, is it a text, may it name what it names?"""
    for path, value in source.texts.items():
        if (finding := _unknown(path, known)) is not None:
            yield finding._replace(place=source.place(path))
        elif not isinstance(value, str) or not value.strip():
            what = "is empty" if isinstance(value, str) else f"is {value!r}, no text"
            yield Finding("wrong-type", f"`{path[-1]}` {what}", "write a sentence between quotes, or leave the key out", source.place(path))
        else:
            yield from (each._replace(place=source.place(path)) for each in _placeholders(path, value))


def _unknown(path: KeyPath, known: Source) -> Finding | None:
    """Whether there is no such key: the user may have documents, contents, notices and voices of their own."""
    bare = path[2:] if path[0] == "voice" and len(path) > 2 else path
    name, without, field = bare[-1].partition(WITHOUT)
    base = (*bare[:-1], name)
    voiced = path[0] == "voice" and (bare == ("remark",) or (len(bare) == 2 and bare[0] in ("script", *_OPEN, "frame")))
    is_key = base in known.texts or (len(base) == 2 and base[0] in _OPEN) or (voiced and (base in known.texts or bare == ("remark",)))
    if not is_key:
        tables = {each[-1] for each in known.texts if each[:-1] == bare[:-1]} or {each[0] for each in known.texts}
        wrong = bare[-1] if any(each[:-1] == bare[:-1] for each in known.texts) else bare[0]
        return Finding("unknown-key", f"`{wrong}` is no key of the words", nearest(wrong, tables, what="the keys here are"))
    if without and field not in placeholders.allowed(base) | placeholders.SWITCHES:
        return Finding("unknown-placeholder", f"`{field}` after {WITHOUT} is no placeholder", nearest(field, placeholders.allowed(base)))
    return None


def _placeholders(path: KeyPath, text: str) -> Iterator[Finding]:
    try:
        parsed = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as fault:
        yield Finding("braces", f"its braces do not match: {fault}", "write each placeholder as {name}")
        return
    may = placeholders.allowed(path)
    for _, field, form, conversion in parsed:
        if form or conversion:
            yield Finding(
                "placeholder-form", f"{{{field}}} has a format", f"write {{{field}}} alone: amounts and days are written as usual"
            )
        elif field not in may:
            what = "placeholders here are" if may else ""
            mend = nearest(field, may, what=what) or "this sentence has no placeholders: write it without"
            yield Finding("unknown-placeholder", f"{{{field}}} says nothing here", mend)


def _agree(own: Mapping[str, Source], found: Mapping[str, Source]) -> Iterator[Finding]:
    """What the user added in one language is there in each, and a document of theirs has a subject and an opening."""
    added: dict[KeyPath, Source] = {}
    for language, source in own.items():
        fresh = (path for path in source.texts if path not in found[language].texts and WITHOUT not in path[-1])
        added |= {path: source for path in fresh if _unknown(path, found[language]) is None}
    for path, source in added.items():
        also = [(("subject" if path[0] == "opening" else "opening"), path[1])] if path[0] in ("subject", "opening") else []
        for wanted in (path, *also):
            lacking = [each for each in LANGUAGES if not _has(wanted, own.get(each), found[each])]
            if lacking:
                key = ".".join(wanted)
                text = f"`{key}` is missing in {', '.join(lacking)}"
                yield Finding("missing-key", text, f"add it to {', '.join(f'{each}.toml' for each in lacking)}", source.place(path))


def _has(path: KeyPath, own: Source | None, found: Source) -> bool:
    return path in found.texts or (own is not None and path in own.texts)


def _room(own: Source | None, found: Source) -> Iterator[Finding]:
    """Short messages that have no room for what they name."""
    merged = {**found.texts, **(own.texts if own else {})}
    code = merged.get(("short", "code"), "")
    for path, text in merged.items():
        if not isinstance(text, str) or not _is_short(path):
            continue
        length = len(f"{_wide(text)} {_wide(str(code))}")
        if length > compose_spoken.LONGEST:
            place = (own if own and path in own.texts else found).place(path)
            much = length - compose_spoken.LONGEST
            what = f"with long names it has {length} characters, {compose_spoken.LONGEST} are the most of a short message"
            yield Finding("too-long", what, f"make it {much} characters shorter", place)


def _is_short(path: KeyPath) -> bool:
    bare = path[2:] if path[0] == "voice" else path
    return len(bare) == 2 and ((bare[0] == "short" and bare[1] != "code") or bare[1].partition(WITHOUT)[0] == "short")


def _wide(text: str) -> str:
    try:
        return "".join(before + (_WIDE.get(field, _USUAL) if field is not None else "") for before, field, _, _ in Formatter().parse(text))
    except ValueError:
        return ""
