"""The sheet as one HTML file: style, logo, fonts and QR code within it, no script, nothing from the network.

The template is Jinja2 in a sandbox, every text escaped. It is given `sheet`, `style` and what is in `_given`. Of the sheet it leaves
out what is for the foot of a page (`Row.carried`).
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from einvoice.errors import RenderError
from einvoice.rendering import qr
from einvoice.rendering.fonts import faces
from einvoice.rendering.house import TEMPLATES, House
from einvoice.rendering.sheet import Sheet
from einvoice.rendering.style import LOGOS, PAPERS

FILE = "invoice.html"
FONTS = {".ttf": "font/ttf", ".otf": "font/otf", ".ttc": "font/collection", ".otc": "font/collection"}
_WEB = re.compile(r"https?://[^\s<>\"'\\@\x00-\x20]+", re.IGNORECASE)


class FontFile(NamedTuple):
    """A face of the house's font, its file an address of type `data:`."""

    family: str
    weight: int
    style: str
    address: str


def html(sheet: Sheet, house: House) -> bytes:
    """The page, in UTF-8.

    Raises RenderError that names file and line where a template is wrong.
    """
    try:
        return _environment(house.folder).get_template(FILE).render(_given(sheet, house)).encode()
    except RenderError:
        raise
    except Exception as fault:  # whatever a template does
        raise _explained(fault, house) from fault


def _given(sheet: Sheet, house: House) -> dict[str, Any]:
    code = sheet.payment.qr if sheet.payment and house.style.qr else ""
    return {
        "sheet": sheet,
        "style": house.style,
        "seller": next((block.lines[0] for block in sheet.parties if block.term == "BG-4" and block.lines), ""),
        "page_size": PAPERS[house.style.paper],
        "logo": _logo(house),
        "fonts": _fonts(house),
        "qr": Markup(qr.svg(code)) if code else "",  # noqa: S704 - made of numbers
        "term": term,
        "web": web,
        "css": css,
    }


def term(identifier: str | None) -> Markup:
    """The attribute that names the business term of an element's text, with a space before it."""
    return Markup(' data-term="{}"').format(identifier) if identifier else Markup()


def web(text: str) -> bool:
    """Whether a text is an address on the web that may become a link: http or https, no user in it."""
    return _WEB.fullmatch(text) is not None


def css(text: str) -> Markup:
    """A text as a string of a style sheet; whatever could end it or the element is written as its number."""
    plain = re.sub(r"[^A-Za-z0-9 ]", lambda sign: f"\\{ord(sign[0]):x} ", text)
    return Markup(f'"{plain}"')  # noqa: S704 - letters, digits and numbers only


def _logo(house: House) -> str:
    """The address of the logo, "" where there is none."""
    if not house.folder or not house.style.logo:
        return ""
    path = house.folder / house.style.logo
    return _address(path, LOGOS[path.suffix.lower()])


def _fonts(house: House) -> list[FontFile]:
    """The faces of the house's own font; those that Typst carries are left to the reader's machine."""
    if house.folder is None:
        return []
    own = [face for face in faces(house.folder) if face.path and face.family == house.style.font]
    found = sorted((face.weight, face.style, face.path) for face in own if face.path)
    return [FontFile(house.style.font, weight, style, _address(path, FONTS[path.suffix.lower()])) for weight, style, path in found]


def _address(path: Path, kind: str) -> str:
    try:
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    except OSError as fault:
        raise RenderError(f"{path} cannot be read: {fault.strerror}; put the file back, or correct style.toml") from None


@cache
def _environment(folder: Path | None) -> SandboxedEnvironment:
    """Jinja for a house folder: templates of the folder first, read again when they have changed."""
    house = House(folder)

    def source(name: str) -> tuple[str, str, Any] | None:
        path = house.path(name)
        if not path:
            return None
        seen = _stamp(path)
        return house.template(name), str(path), lambda: house.path(name) == path and _stamp(path) == seen

    return SandboxedEnvironment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=folder is not None,
    )


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _explained(fault: Exception, house: House) -> RenderError:
    file, line = _place(fault)
    mend = "correct the template, or take the package's again: einvoice render --init-template DIR"
    if file and Path(file).parent == TEMPLATES:
        mend = "this is a fault of the package: please report it"
    where = f"{file or (house.folder or TEMPLATES) / FILE}" + (f", line {line}" if line else "")
    said = f"there is no template {fault}" if isinstance(fault, jinja2.TemplateNotFound) else getattr(fault, "message", None) or fault
    return RenderError(f"{where}: {said}; {mend}")


def _place(fault: Exception) -> tuple[str | None, int | None]:
    """The file and line of the template: what the error says, or the last line of a template that ran."""
    if isinstance(fault, jinja2.TemplateSyntaxError):
        return fault.filename, fault.lineno
    trace, file, line = fault.__traceback__, None, None
    while trace:
        if trace.tb_frame.f_globals.get("__jinja_template__") or "__jinja_exception__" in trace.tb_frame.f_globals:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return file, line
