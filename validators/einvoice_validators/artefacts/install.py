"""Installing artefacts: fetched by address with a checksum, or taken from a folder or archive. Wholly or not at all."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from einvoice.errors import ArtefactError, ArtefactMissing, ChecksumMismatch
from einvoice_schemas import artefacts as known
from einvoice_validators.artefacts import store
from einvoice_validators.artefacts.fetch import Fetch, download
from einvoice_validators.artefacts.files import LARGEST_ARCHIVE, Archive, Files, Folder, opened, with_references
from einvoice_validators.artefacts.store import Installed

_BATCH = "set-"
_STALE = 24 * 3600
"""Seconds after which a folder that the index does not name is a leftover of an installation that was killed."""


def install(
    names: Iterable[str] = (), *, source: Path | None = None, fetch: Fetch = download, today: Callable[[], date] = date.today
) -> list[Installed]:
    """Installs artefacts and returns them; none is installed where one fails.

    `names` are of artefacts or layers, each with `@VERSION` or without; none means all that can be had. `source` is a folder, an
    archive or a file to take them from, the newest of each; without it the pinned releases are fetched.
    Raises ArtefactMissing where one cannot be had, ChecksumMismatch where it is not what was pinned, else ArtefactError.
    """
    wanted = store.wanted(names)
    home = store.folder()
    stated = store.index(home)
    home.mkdir(parents=True, exist_ok=True)
    batch = Path(tempfile.mkdtemp(prefix=_BATCH, dir=home))
    batch.chmod(0o755)  # a store may serve other users too
    try:
        seen: dict[str, str] = {}
        if source is not None:
            found = list(_taken(wanted, opened(source), batch))
        else:
            found = list(_fetched(wanted, fetch, batch, stated["seen"], seen))
        made = [_on(each, today()) for each in found]
        _commit(home, made, seen)
    except BaseException:
        shutil.rmtree(batch, ignore_errors=True)
        raise
    _tidy(home, stated["artefacts"])
    return made


def _taken(wanted: dict[str, str | None], sources: list[Files], batch: Path) -> Iterator[Installed]:
    """The newest of each artefact that the sources have.

    Raises ArtefactMissing where one that is asked for by name is not there, and where there is none at all.
    """
    some = False
    for name in wanted or known.artefacts():
        version = wanted.get(name)
        found = [each for each in _candidates(name, sources) if _is(each[0], version)]
        if found:
            some = True
            chosen, files, path = max(found, key=lambda each: _order(each[0]))
            yield _written(name, chosen, files, path, files.label, batch)
        elif name in wanted:
            what = f"{name} {version}" if version else name
            raise ArtefactMissing(f"{sources[0].label} has no file of {what}: {known.artefact(name).names}")
    if not some:
        raise ArtefactMissing(f"{sources[0].label} has none of the artefacts that `einvoice artefacts list` names")


def _candidates(name: str, sources: list[Files]) -> Iterator[tuple[str, Files, str]]:
    """Each file of the sources that is named like the artefact, with its version."""
    pattern = re.compile(known.artefact(name).names)
    for files in sources:
        for path in files.names():
            if pattern.fullmatch(posixpath.basename(path)):
                yield store.version(name, files.read(path), path, files.label), files, path


def _is(version: str, asked: str | None) -> bool:
    return asked is None or version == asked or version.endswith(f"-{asked}")


def _order(version: str) -> list[int]:
    """Versions by their numbers, so that 2.0.3.13 comes after 2.0.3.9."""
    return [int(number) for number in re.findall(r"[0-9]+", version)]


def _fetched(wanted: dict[str, str | None], fetch: Fetch, batch: Path, held: dict[str, str], seen: dict[str, str]) -> Iterator[Installed]:
    """The releases, each address fetched once; `held` are the checksums seen before, `seen` receives those seen now."""
    chosen = [_release(name, wanted.get(name)) for name in wanted or [each for each in known.artefacts() if known.releases(each)]]
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=batch) as folder:
        fetched: dict[str, tuple[Path, str]] = {}
        for release in chosen:
            if release.url not in fetched:
                into = Path(folder, f"{len(fetched)}-{posixpath.basename(release.url)}")
                fetch(release.url, into, LARGEST_ARCHIVE)
                fetched[release.url] = into, _checked(release, into, held, seen)
        for release in chosen:
            into, checksum = fetched[release.url]
            made = _unpacked(release, into, batch)
            yield Installed(made.name, made.version, made.home, made.file, release.url, checksum, made.files)


def _release(name: str, version: str | None) -> known.Release:
    """The release to fetch: the first, or that of the version asked for."""
    releases = known.releases(name)
    if not releases:
        raise ArtefactMissing(f"{name} has no release to fetch; it comes with: {store.EXTRA}, or from a folder: --from PATH")
    found = next((each for each in releases if _is(each.version, version)), None)
    if found is None:
        raise ArtefactMissing(f"{name} {version} is not known; known are {', '.join(each.version for each in releases)}")
    return found


def _checked(release: known.Release, path: Path, held: dict[str, str], seen: dict[str, str]) -> str:
    """The checksum of what was fetched.

    Raises ChecksumMismatch where it is neither the pinned one nor, without a pin, the one seen first.
    """
    checksum = store.digest(path.read_bytes())
    expected = release.sha256 or held.get(release.url)
    if expected is not None and checksum != expected:
        what = "pinned" if release.sha256 else "seen when it was first fetched"
        raise ChecksumMismatch(f"{release.url}: its SHA-256 is {checksum}, but {expected} was {what}; nothing was installed")
    if release.sha256 is None:
        seen[release.url] = checksum
    return checksum


def _unpacked(release: known.Release, path: Path, batch: Path) -> Installed:
    """An artefact of a release that was fetched."""
    files: Files = Archive(path, release.url) if release.path else Folder(path.parent, path.name)
    inside = release.path or path.name
    if not files.has(inside):
        raise ArtefactError(f"{release.url} has no {inside}; the release is not laid out as it was")
    made = _written(release.artefact, release.version, files, inside, release.url, batch)
    if release.file_sha256 not in (None, made.files[made.file]):
        raise ChecksumMismatch(f"{release.url}!{inside}: it is not the file that was pinned; nothing was installed")
    return made


def _written(name: str, version: str, files: Files, path: str, source: str, batch: Path) -> Installed:
    """Writes an artefact with what it refers to below `batch`, laid out as it was below their common folder."""
    found = with_references(files, path)
    top = posixpath.commonpath([posixpath.dirname(each) for each in found]) if len(found) > 1 else posixpath.dirname(path)
    home = batch / name
    checksums = {}
    for each, data in found.items():
        inside = each[len(top) :].lstrip("/")
        target = home / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        checksums[inside] = store.digest(data)
    file = path[len(top) :].lstrip("/")
    return Installed(name, version, home, file, source, checksums[file], checksums)


def _on(made: Installed, day: date) -> Installed:
    return Installed(made.name, made.version, made.home, made.file, made.source, made.checksum, made.files, day)


def _commit(home: Path, made: list[Installed], seen: dict[str, str]) -> None:
    """Puts the artefacts into the index, which is read anew and replaced in one step."""
    stated = store.index(home)
    rows: dict[str, Any] = {each.name: store.row(each, home) for each in made}
    text = json.dumps({"artefacts": stated["artefacts"] | rows, "seen": stated["seen"] | seen}, indent=1, ensure_ascii=False)
    handle, name = tempfile.mkstemp(prefix=".index-", dir=home)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.replace(name, home / store.INDEX)  # noqa: PTH105 - the name is text already
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tidy(home: Path, before: dict[str, Any]) -> None:
    """Removes what the index no longer names: replaced artefacts, and leftovers of installations that were killed."""
    used = {home / each["home"] for each in store.index(home)["artefacts"].values()}
    for replaced in {home / each["home"] for each in before.values()} - used:
        shutil.rmtree(replaced, ignore_errors=True)
    for batch in home.glob(f"{_BATCH}*"):
        if not any(each.parent == batch for each in used) and (_is_empty(batch) or batch.stat().st_mtime < time.time() - _STALE):
            shutil.rmtree(batch, ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None
