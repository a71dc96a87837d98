"""A house folder: what it has comes first, what it lacks is the package's; --init-template replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.errors import RenderError
from einvoice.rendering import house
from einvoice.rendering.style import Style


def test_every_template_of_the_package_is_copied(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "house"
    written = house.init(folder)
    assert {"style.toml", "invoice.html", "invoice.typ", "README.md"} <= {path.name for path in written}
    assert sorted(written) == sorted(folder.iterdir())
    assert all(path.read_bytes() == (house.TEMPLATES / path.name).read_bytes() for path in written)
    assert house.load(folder) == house.House(folder, Style())


@pytest.mark.parametrize("name", ["style.toml", "invoice.html", "invoice.typ", "README.md"])
def test_a_file_that_is_there_is_not_replaced_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(RenderError) as fault:
        house.init(tmp_path)
    assert str(tmp_path / name) in str(fault.value)
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RenderError):
        house.init(tmp_path / "file" / "house")


def test_files_come_from_the_house_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "invoice.html").write_text("ours", "utf-8")
    made = house.load(tmp_path)
    assert made.template("invoice.html") == "ours"
    assert made.template("invoice.typ") == house.load().template("invoice.typ")
    assert house.load().template("invoice.html") != "ours"


@pytest.mark.parametrize("name", ["absent.html", "../x", "..", "", "/etc/passwd", "a\\b"])
def test_there_is_nothing_outside(tmp_path: Path, name: str) -> None:
    assert house.load(tmp_path).path(name) is None
    with pytest.raises(RenderError):
        house.load(tmp_path).template(name)
