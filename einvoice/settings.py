"""Settings: one `einvoice.toml` and `EINVOICE_*` variables.

The file is the first of: the path in EINVOICE_CONFIG; `einvoice.toml` in the current directory; `einvoice.toml` in the
user's configuration folder (`$XDG_CONFIG_HOME/einvoice`, by default `~/.config/einvoice`; `%APPDATA%\\einvoice` on Windows).
Files are not merged. A variable `EINVOICE_<SECTION>_<KEY>` wins over the file, the file over the default. A key that does not
exist raises SettingsError, with the nearest that does; so does a variable that comes near the name of a setting, while other
`EINVOICE_*` variables are left to whoever reads them. Read once; `current.cache_clear()` forgets it.

| Setting | Variable | Default | Unit |
|---|---|---|---|
| [documents] max_size | EINVOICE_DOCUMENTS_MAX_SIZE | 100 MB | bytes, or text such as "100 MB" (10^6) or "100 MiB" (2^20) |
| [artefacts] folder | EINVOICE_ARTEFACTS_FOLDER or EINVOICE_ARTEFACTS | the user's data folder | a path; `~` is the home folder |
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.errors import SettingsError

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = r"\s*(\d{1,15})\s*([a-zA-Z]*)\s*"


def size(value: object) -> int:
    """A number of bytes, from a whole number or text such as "100 MB".

    Raises ValueError for anything else, and for sizes below 1.
    """
    match = re.fullmatch(_SIZE, str(value), re.ASCII) if isinstance(value, int | str) and not isinstance(value, bool) else None
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None or not int(match[1]):
        raise ValueError('a size is a whole number of bytes above 0, or text such as "100 MB"')
    return int(match[1]) * unit


class Documents(NamedTuple):
    """What documents may be; `max_size` in bytes."""

    max_size: int = 100_000_000


def folder(value: object) -> Path:
    """A folder, from its path as text.

    Raises ValueError for anything else, and for empty text.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a folder is a path as text")
    return Path(value).expanduser()


class Artefacts(NamedTuple):
    """Where official artefacts are kept; `folder` None means the user's data folder."""

    folder: Path | None = None


class Settings(NamedTuple):
    """Every setting, by section; `file` is where they were read from, None where no file was found."""

    documents: Documents = Documents()
    artefacts: Artefacts = Artefacts()
    file: Path | None = None


READS: dict[str, dict[str, Callable[[object], Any]]] = {"documents": {"max_size": size}, "artefacts": {"folder": folder}}
"""The keys of each section, and how each is read."""
ALSO = {("artefacts", "folder"): ("EINVOICE_ARTEFACTS",)}
"""Variables of a setting besides `EINVOICE_<SECTION>_<KEY>`."""


@cache
def current() -> Settings:
    """The settings in force.

    Raises SettingsError where the file or a variable is wrong.
    """
    return load(os.environ)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings that the environment and the file it leads to say.

    Raises SettingsError.
    """
    path = _path(environ)
    settings = _with_file(Settings(), path)._replace(file=path) if path else Settings()
    return _with_environment(settings, environ)


def _path(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("EINVOICE_CONFIG"):
        return Path(named)
    home = environ.get("APPDATA") if os.name == "nt" else environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    for candidate in ("einvoice.toml", f"{home}/einvoice/einvoice.toml"):
        if os.path.isfile(candidate):  # noqa: PTH113 - a third of the time of Path.is_file, on every start
            return Path(candidate)
    return None


def _with_file(settings: Settings, path: Path) -> Settings:
    import tomllib  # noqa: PLC0415 - only where there is a file

    try:
        stated = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path}: the settings cannot be read: {fault}") from None
    for section, values in stated.items():
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: {section} stands outside a section; write it below [documents]")
        for key, value in values.items():
            settings = _set(settings, section, key, value, f"{path}: [{section}] {key}")
    return settings


def _with_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    variables = _variables()
    for name in environ:
        if name.startswith("EINVOICE_"):
            if name in variables:
                section, key = variables[name]
                settings = _set(settings, section, key, environ[name], name)
            elif name != "EINVOICE_CONFIG":
                _refuse_typing_error(name, variables)
    return settings


def _variables() -> dict[str, tuple[str, str]]:
    """The variables of each setting, with its section and key."""
    return {
        name: (section, key)
        for section, keys in READS.items()
        for key in keys
        for name in (f"EINVOICE_{section}_{key}".upper(), *ALSO.get((section, key), ()))
    }


def _refuse_typing_error(name: str, variables: Mapping[str, object]) -> None:
    near = _nearest(name, variables, cutoff=0.8)
    if near:
        raise SettingsError(f"{name}: there is no such setting; did you mean {near}?")


def _set(settings: Settings, section: str, key: str, value: object, where: str) -> Settings:
    keys = READS[_known(section, READS, where)]
    try:
        read = keys[_known(key, keys, where)](value)
    except ValueError as fault:
        raise SettingsError(f"{where} is {value!r}: {fault}") from None
    return settings._replace(**{section: getattr(settings, section)._replace(**{key: read})})


def _known(name: str, names: Mapping[str, object], where: str) -> str:
    if name in names:
        return name
    near = _nearest(name, names, cutoff=0.5)
    raise SettingsError(f"{where}: there is no setting {name}; " + (f"did you mean {near}?" if near else f"known are {', '.join(names)}"))


def _nearest(name: str, names: Mapping[str, object], *, cutoff: float) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    return next(iter(get_close_matches(name, names, n=1, cutoff=cutoff)), None)
