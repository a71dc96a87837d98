"""What fetches artefacts, against a real server on this machine: bounds, redirects, silence, and where it may ask at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import ArtefactError, ArtefactMissing
from einvoice_validators.artefacts import fetch
from einvoice_validators.artefacts.fetch import download
from tests.serving import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.mark.parametrize(
    "path",
    ["/none", "/elsewhere", "/file", "/large", "/loop"],
    ids=["404", "redirect to http elsewhere", "redirect to a file", "too large", "redirects without end"],
)
def test_what_the_adapter_refuses(server: Server, tmp_path: Path, path: str) -> None:
    server.redirects = {"/elsewhere": "http://example.invalid/x", "/file": "file:///etc/passwd", "/loop": server.url("/loop")}
    server.files["/large"] = b"x" * 1_001
    with pytest.raises(ArtefactError):
        download(server.url(path), tmp_path / "got", 1_000)


def test_the_adapter_follows_redirects_and_keeps_to_the_bound(server: Server, tmp_path: Path) -> None:
    server.redirects["/a"] = server.url("/b")
    server.files["/b"] = b"x" * 1_000
    download(server.url("/a"), tmp_path / "got", 1_000)
    assert (tmp_path / "got").read_bytes() == b"x" * 1_000


@pytest.mark.parametrize(
    "url", ["http://example.com/a.zip", "ftp://127.0.0.1/a", "file:///etc/passwd", "/etc/passwd", "http://127.0.0.1.example.com/"]
)
def test_only_https_and_this_machine_are_fetched_from(url: str, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="HTTPS"):
        download(url, tmp_path / "got", 1_000)


def test_a_silent_server_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files["/slow"] = b"x" * 1_000
    server.slow.add("/slow")
    monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
    with pytest.raises(ArtefactMissing):
        download(server.url("/slow"), tmp_path / "got", 10_000)


def test_an_unreachable_server_says_how_else() -> None:
    with pytest.raises(ArtefactMissing, match="--from"):
        download("http://127.0.0.1:1/a", Path(os.devnull), 10)
