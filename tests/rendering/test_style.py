"""style.toml: every key is read, every fault names file and key; colours can be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from einvoice.errors import RenderError
from einvoice.rendering import house, style
from einvoice.rendering.contrast import WHITE, Colour, colour, contrast, mixed, readable
from einvoice.rendering.house import House
from einvoice.rendering.style import Style
from einvoice.rendering.windows import names
from einvoice.samples import sample
from tests.rendering.fonts import font
from tests.rendering.pages import colours, page

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
ACCENTS = ("#1d4f91", "#ffcc00", "#ffffff", "#000000", "#777777", "#00aaff", "#ff0000", "#39ff14", "#0b0b3b")


def loaded(folder: Path, text: str) -> Style:
    """The style that a file says."""
    (folder / "style.toml").write_text(text, "utf-8")
    return style.load(folder)


def refused(folder: Path, text: str, key: str) -> None:
    """Holds that the file is refused, with its name and the key's."""
    with pytest.raises(RenderError) as fault:
        loaded(folder, text)
    assert str(folder / "style.toml") in str(fault.value)
    assert key in str(fault.value)


def test_the_file_of_the_package_says_what_holds_without_one() -> None:
    stated = tomllib.loads(house.load().template("style.toml"))
    stated["footer"] = tuple(map(tuple, stated["footer"]))
    assert Style(**stated) == Style() == style.load(None)
    assert set(Style._fields) - set(stated) == {"logo"}


def test_an_empty_folder_and_an_empty_file_have_the_style_of_the_package(tmp_path: Path) -> None:
    assert style.load(tmp_path) == Style()
    assert loaded(tmp_path, "") == Style()


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "our logo.PNG").write_bytes(PNG)
    text = """
    logo = "our logo.PNG"
    logo_height = "2.5cm"
    accent = "#A1B"
    font = "new computer modern"
    size = "10 pt"
    paper = "us-letter"
    window = "none"
    fold_marks = false
    footer = [["A", "B"], []]
    qr = false
    """
    made = Style("our logo.PNG", "2.5cm", "#aa11bb", "New Computer Modern", "10pt", "us-letter", "none", False, (("A", "B"), ()), False)
    assert loaded(tmp_path, text) == made


@pytest.mark.parametrize("window", names())
def test_every_window_may_be_named(tmp_path: Path, window: str) -> None:
    assert loaded(tmp_path, f'window = "{window}"').window == window


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('colour = "#123456"', "colour"),
        ('acent = "#123456"', "accent"),
        ("[style]", "style"),
        ('accent = "blue"', "accent"),
        ('accent = "#12345"', "accent"),
        ('accent = "#12345g"', "accent"),
        ('accent = "#123456; }"', "accent"),
        ("accent = 123456", "accent"),
        ('logo = "absent.svg"', "logo"),
        ('logo = "logo.gif"', "logo"),
        ('logo = "../outside.png"', "logo"),
        ('logo = "fake.png"', "logo"),
        ('logo = "fake.svg"', "logo"),
        ("logo = 1", "logo"),
        ('logo_height = "big"', "logo_height"),
        ('logo_height = "1mm"', "logo_height"),
        ('logo_height = "7cm"', "logo_height"),
        ("logo_height = 18", "logo_height"),
        ('size = "3pt"', "size"),
        ('size = "9,5pt"', "size"),
        ('size = "15pt"', "size"),
        ('font = "Comic Sans MS"', "font"),
        ('font = ""', "font"),
        ('paper = "A4"', "paper"),
        ("paper = []", "paper"),
        ('window = "din"', "window"),
        ('fold_marks = "yes"', "fold_marks"),
        ("qr = 1", "qr"),
        ('footer = "Name"', "footer"),
        ('footer = ["Name"]', "footer"),
        ("footer = [[1]]", "footer"),
        ("footer = [[], [], [], [], [], []]", "footer"),
        ("qr = true\nqr = false", "style.toml"),
        ("accent = #123456", "line 1"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, text: str, key: str) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    (tmp_path / "outside.png").write_bytes(PNG)
    (folder / "logo.gif").write_bytes(b"GIF89a")
    (folder / "fake.png").write_bytes(b"GIF89a")
    (folder / "fake.svg").write_bytes(PNG)
    refused(folder, text, key)


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(RenderError):
        style.load(tmp_path / "absent")
    (tmp_path / "style.toml").write_bytes(b"accent = '\xff'")
    with pytest.raises(RenderError):
        style.load(tmp_path)
    with pytest.raises(RenderError):
        style.load(tmp_path / "style.toml")


def test_a_font_is_known_once_its_file_is_there(tmp_path: Path) -> None:
    refused(tmp_path, 'font = "House Sans"', "House Sans")
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "any name.ttf").write_bytes(font("House Sans"))
    assert loaded(tmp_path, 'font = "HOUSE SANS"').font == "House Sans"


@pytest.mark.parametrize("accent", ACCENTS)
def test_text_in_the_accent_can_be_read_whatever_the_accent(accent: str) -> None:
    made = Style(accent=accent)
    assert contrast(colour(made.ink), WHITE) >= 4.5
    assert contrast(colour(made.ink), colour(made.tint)) >= 4.5


def test_an_accent_that_can_be_read_stays_as_it_is() -> None:
    assert Style(accent="#1d4f91").ink == "#1d4f91"
    assert Style(accent="#ffcc00").ink != "#ffcc00"
    assert Style(accent="#ffcc00").accent == "#ffcc00"


@pytest.mark.parametrize("accent", ACCENTS)
def test_all_text_of_the_page_can_be_read_by_day_and_by_night(accent: str) -> None:
    for named in colours(page(sample(), style=House(None, Style(accent=accent)))):
        for text in ("ink", "muted", "accent-ink"):
            for ground in ("paper", "tint"):
                assert contrast(colour(named[text]), colour(named[ground])) >= 4.5, (text, ground)


def test_contrast_is_that_of_the_guidelines() -> None:
    """Values that the guidelines and their techniques state: 21 for black on white; #767676 just passes, #777777 does not (G18)."""
    assert contrast(Colour(0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == 1
    assert contrast(colour("#767676"), WHITE) >= 4.5 > contrast(colour("#777777"), WHITE)
    assert contrast(colour("#f00"), WHITE) == pytest.approx(3.998, abs=0.001)


def test_shades() -> None:
    assert readable(colour("#123"), WHITE) == colour("#112233")
    assert readable(WHITE, WHITE) == colour("#757575")
    assert mixed(Colour(0, 100, 255), WHITE, 1) == Colour(0, 100, 255)
    assert str(mixed(Colour(0, 0, 0), WHITE, 0.5)) == "#808080"
