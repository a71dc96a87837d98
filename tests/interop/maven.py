"""Peers written in Java: Maven brings their libraries, the compiler builds our small classes over them, once for each machine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.interop.folders import done, made, need

HERE = Path(__file__).parent / "java"
_LEAN = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true", "-Duser.timezone=UTC")


def built(name: str) -> Path:
    """The folder with the libraries and classes of `java/NAME`, made the first time: a pom, sources, and files for `META-INF`.

    Raises Absent where there is no JDK, no Maven, or Maven cannot bring the libraries.
    """
    source = HERE / name
    files = sorted(path for path in source.rglob("*") if path.is_file())

    def make(folder: Path) -> None:
        need("javac", "mvn")
        pom = source / "pom.xml"
        done(
            ["mvn", "-q", "-B", "-C", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
            f"Maven cannot bring {name}",
        )
        classes = [path for path in files if path.suffix == ".java"]
        done(
            ["javac", "--release", "17", "-encoding", "UTF-8", "-proc:none", "-cp", folder / "*", "-d", folder, *classes], f"javac: {name}"
        )
        for path in files:
            if path.suffix != ".java" and path != pom:
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())

    need("java")
    return made(name, b"".join(path.read_bytes() for path in files), make)


def command(folder: Path, main: str, arguments: Sequence[str | Path], properties: Mapping[str, str]) -> list[str]:
    """What runs a class of a folder that `built`."""
    stated = [f"-D{name}={value}" for name, value in properties.items()]
    return ["java", *_LEAN, *stated, "-cp", os.pathsep.join((str(folder), str(folder / "*"))), main, *map(str, arguments)]
