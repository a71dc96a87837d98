"""Words and layouts as files: those of this release, over them those of a folder that the user owns (`[receivables] templates`).

The folder holds `words/en.toml`, … and `layouts/…`, named as here; what it leaves out is the release's. A sentence that it has
replaces ours, key by key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.receivables.documents.words import LANGUAGES, Words, hashed

VERSION = "words/1"
WORDS, LAYOUTS = "words", "layouts"
_OURS = files("einvoice.receivables.documents")
_LARGEST = 1_000_000
"""Bytes of a file that is read: ours have less than 50,000."""


class Templates(NamedTuple):
    """The words of each language, the layouts by name, and per language the SHA-256 of both."""

    words: Mapping[str, Words]
    layouts: Mapping[str, bytes]
    hashes: Mapping[str, str]
    folder: Path | None = None


def load(folder: Path | None) -> Templates:
    """The templates of a folder over those of this release; None are ours alone.

    A folder is read again when one of its files has changed. Raises ReceivablesError where the folder is not there or a file of it
    cannot be read; `templates check` says all that is amiss.
    """
    if folder is None:
        return _load(None, ())
    require(folder)
    return _load(folder, tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in _files(folder)))


def require(folder: Path) -> None:
    """Raises ReceivablesError where there is no such folder."""
    if not folder.is_dir():
        raise ReceivablesError(f"{folder} is no folder; `einvoice receivables templates init {folder}` makes one")


@lru_cache(maxsize=8)
def _load(folder: Path | None, _seen: tuple[tuple[str, int, int], ...]) -> Templates:
    layouts = {**_layouts(_OURS.joinpath(LAYOUTS)), **(_layouts(folder / LAYOUTS) if folder else {})}
    drawn = hashed(*(part for name in sorted(layouts) for part in (name, layouts[name])))
    words = {language: _words(folder, language) for language in LANGUAGES}
    return Templates(words, layouts, {each: hashed(VERSION, words[each].hash, drawn) for each in LANGUAGES}, folder)


def _files(folder: Path) -> list[Path]:
    return sorted(path for part in (WORDS, LAYOUTS) for path in (folder / part).glob("*") if path.is_file())


def _layouts(folder: Any) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith((".", "__"))}


def _words(folder: Path | None, language: str) -> Words:
    name = f"{language}.toml"
    data = [_OURS.joinpath(WORDS, name).read_bytes()]
    texts = tomllib.loads(data[0].decode())
    own = folder / WORDS / name if folder else None
    if own is not None and own.is_file():
        data.append(read(own))
        texts = merged(texts, parsed(own, data[1]))
    return Words(language, texts, hashed(*data))


def original(language: str) -> str:
    """The file of words of a language, as it comes with this release."""
    return _OURS.joinpath(WORDS, f"{language}.toml").read_text("utf-8")


def read(path: Path) -> bytes:
    """A file of the user's. Raises ReceivablesError where it cannot be read or is far larger than words are."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReceivablesError(f"{path} has more than {_LARGEST:,} bytes; words are far smaller, so name another file")
        return path.read_bytes()
    except OSError as fault:
        raise ReceivablesError(f"{path}: {fault.strerror}; make it readable, or remove it") from None


def parsed(path: Path, data: bytes) -> dict[str, Any]:
    """The words in a file. Raises ReceivablesError where it is no TOML in UTF-8."""
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        raise ReceivablesError(f"{path}: {fault}; `einvoice receivables templates check` says what is amiss") from None


def merged(ours: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Ours, with what a file of the user's has in its place, key by key. Raises nothing: what is of another type stays ours."""
    made = dict(ours)
    for name, value in own.items():
        if isinstance(value, Mapping):
            before = ours.get(name, {})
            made[name] = merged(before, value) if isinstance(before, Mapping) else before
        elif not isinstance(ours.get(name), Mapping):
            made[name] = value
    return made


def init(folder: Path) -> tuple[Path, ...]:
    """Copies the words and layouts of this release into a folder, to be changed there; what is there already stays. The files written.

    Raises ReceivablesError where the folder cannot be written.
    """
    try:
        return tuple(_copied(folder))
    except OSError as fault:
        raise ReceivablesError(f"{folder} cannot be written: {fault.strerror}; name another folder") from None


def _copied(folder: Path) -> Iterator[Path]:
    for part in (WORDS, LAYOUTS):
        ours = _OURS.joinpath(part)
        for entry in sorted(ours.iterdir(), key=lambda each: each.name) if ours.is_dir() else ():
            target = folder / part / entry.name
            if not entry.is_file() or entry.name.startswith((".", "__")) or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(entry.read_bytes())
            yield target
