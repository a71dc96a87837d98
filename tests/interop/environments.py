"""Environments of their own for peers written in Python: what they need need not agree with what we need."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.interop.folders import done, made


def python(name: str, *packages: str) -> Path:
    """The interpreter of an environment with these packages (each with its version), made the first time.

    Raises Absent where the package index cannot be reached or has them not.
    """

    def make(folder: Path) -> None:
        done([sys.executable, "-m", "venv", folder], f"an environment for {name}")
        install: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done(install, f"pip cannot bring {', '.join(packages)}")

    return made(name, " ".join((sys.version, *packages)).encode(), make) / "bin" / "python"
