"""A message as HTML that mail programs show: one file in the style of the house, its pictures beside it or within it.

The layout is Jinja2 in a sandbox, every text escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from einvoice.errors import RenderError
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.forms_view import MAIL, View, dressed, view
from einvoice.receivables.documents.mail_pictures import LOGO_HEIGHT, Picture, logo, qr
from einvoice.receivables.documents.templates import Templates, load
from einvoice.rendering.house import House


class Page(NamedTuple):
    """The HTML of a mail and the pictures that it names by `cid:` (RFC 2392)."""

    html: str
    pictures: tuple[Picture, ...]


def page(content: Content, house: House, templates: Templates | None = None) -> Page:
    """The HTML of a message, its pictures beside it.

    Raises RenderError that names the line where the layout is wrong, or where the logo cannot be drawn.
    """
    pictures: list[Picture] = []

    def placed(picture: Picture | None) -> str:
        if picture is None:
            return ""
        pictures.append(picture)
        return f"cid:{picture.cid}"

    made = _rendered(content, house, templates, placed)
    return Page(made, tuple(pictures))


def html(content: Content, house: House, templates: Templates | None = None) -> str:
    """The HTML of a message with its pictures within, for who looks at it outside a mail program. Raises what `page` raises."""

    def within(picture: Picture | None) -> str:
        return f"data:{picture.type};base64,{base64.b64encode(picture.data).decode()}" if picture else ""

    return _rendered(content, house, templates, within)


def _rendered(content: Content, house: House, templates: Templates | None, placed: Callable[[Picture | None], str]) -> str:
    named = templates or load(None)
    made = view(content, named)
    given = _given(made, house, placed)
    try:
        return _layout(named.layouts[MAIL]).render(given)
    except Exception as fault:  # whatever a layout does
        raise wrong(fault, named) from None


def _given(made: View, house: House, placed: Callable[[Picture | None], str]) -> dict[str, Any]:
    style = house.style
    footer = [line for column in style.footer for line in column] or list(made.content.signature)
    return {
        "content": made.content,
        "facts": made.facts,
        "labels": made.labels,
        "style": dressed(style),
        "creditor": made.creditor,
        "footer": footer,
        "logo": placed(logo(house)),
        "logo_height": LOGO_HEIGHT,
        "qr": placed(qr(made.qr)) if made.qr and style.qr else "",
        "qr_alt": made.qr_alt,
    }


@lru_cache(maxsize=16)
def _layout(source: bytes) -> jinja2.Template:
    return ENVIRONMENT.from_string(source.decode())


ENVIRONMENT = SandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def wrong(fault: Exception, templates: Templates) -> RenderError:
    """The error of ours that a fault of a layout is, with its line."""
    file = templates.folder / "layouts" / MAIL if templates.folder else f"layouts/{MAIL}"
    line = fault.lineno if isinstance(fault, jinja2.TemplateSyntaxError) else _line(fault)
    where = f"{file}, line {line}" if line else str(file)
    return RenderError(f"{where}: {getattr(fault, 'message', None) or fault}; correct it, or remove the file: the release's is used then")


def _line(fault: Exception) -> int | None:
    trace, line = fault.__traceback__, None
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
