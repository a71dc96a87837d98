"""The page of a policy that people can read: HTML that needs nothing else, and plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import wrap

from einvoice.receivables.policy.content import Facts, Section, Sentences, Table, sections
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.policy.wording import Wording

WIDTH = 110
STEP_COLUMNS = 6
_STYLE = Path(__file__).with_name("page.css")


def page(policy: Policy, language: str = "en") -> str:
    """The policy as one HTML page without scripts or outside parts, in en, nl, de or fr.

    Raises ReceivablesError for another language.
    """
    words = Wording(language, policy.currency)
    title = escape(words.say("title", name=policy.name))
    body = "\n".join(line for each in sections(policy, words) for line in _section(each, policy))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE.read_text('utf-8')}</style>\n</head>\n<body>\n"
        f'<header>\n<h1>{title}</h1>\n<p class="lead">{escape(words.say("lead"))}</p>\n</header>\n'
        f"<main>\n{body}\n</main>\n<footer>{escape(policy.name)} · {policy.hash}</footer>\n</body>\n</html>\n"
    )


def _section(section: Section, policy: Policy) -> Iterator[str]:
    yield f"<section>\n<h2>{escape(section.title)}</h2>"
    for block in section.blocks:
        if isinstance(block, Facts):
            yield f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{escape(text)}</dd>' for label, text in block.rows)}</dl>"
        elif isinstance(block, Sentences):
            yield f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in block.lines)}</ul>"
        else:
            yield from _table(section, block, policy)
    yield "</section>"


def _table(section: Section, table: Table, policy: Policy) -> Iterator[str]:
    """A table that a keyboard can scroll; its first column heads the rows."""
    name = escape(table.caption or section.title)
    kind = "steps" if len(table.head) == STEP_COLUMNS else "list"
    yield f'<div class="wide {kind}" id="{escape(table.anchor)}" role="region" aria-label="{name}" tabindex="0">\n<table>'
    yield f"<caption>{name}</caption>" if table.caption else ""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in table.head)
    yield f"<thead><tr>{head}</tr></thead>\n<tbody>"
    for row in table.rows:
        first, *rest, last = row
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        yield f'<tr><th scope="row">{escape(first)}</th>{cells}<td>{_linked(last, table, policy)}</td></tr>'
    yield "</tbody>\n</table>\n</div>"
    yield from (f'<p class="note">{escape(note)}</p>' for note in table.notes)


def _linked(cell: str, table: Table, policy: Policy) -> str:
    """A cell; the name of a flow in the table of segments leads to its steps."""
    if table.anchor == "segments" and cell in policy.flows:
        return f'<a href="#flow-{escape(cell)}">{escape(cell)}</a>'
    return escape(cell)


def text(policy: Policy, language: str = "en", width: int = WIDTH) -> str:
    """The same page as plain text, lines of `width` characters. Raises ReceivablesError for another language."""
    words = Wording(language, policy.currency)
    title = words.say("title", name=policy.name)
    lines = [title, "═" * len(title), *wrap(words.say("lead"), width)]
    for section in sections(policy, words):
        lines += ["", section.title, "─" * len(section.title)]
        for block in section.blocks:
            lines += _lines(block, width)
    return "\n".join(lines) + "\n"


def _lines(block: Facts | Table | Sentences, width: int) -> list[str]:
    if isinstance(block, Sentences):
        return [line for sentence in block.lines for line in wrap(sentence, width, initial_indent="- ", subsequent_indent="  ")]
    if isinstance(block, Facts):
        column = max(len(label) for label, _ in block.rows) + 2
        return [line for row in block.rows for line in _beside(row, (column - 2, max(width - column, 20)))]
    return [*([block.caption] if block.caption else []), *_columns(block, width), *block.notes, ""]


def _columns(table: Table, width: int) -> list[str]:
    """Rows whose cells stand below each other; columns share what there is, the long ones wrap."""
    rows = (table.head, *table.rows)
    widest = [max(len(row[place]) for row in rows) for place in range(len(table.head))]
    while sum(widest) + 2 * (len(widest) - 1) > width:
        widest[widest.index(max(widest))] -= 1
    return [line for row in rows for line in _beside(row, widest)]


def _beside(cells: tuple[str, ...], widths: list[int] | tuple[int, ...]) -> list[str]:
    columns = [wrap(cell, size) or [""] for cell, size in zip(cells, widths, strict=True)]
    made = []
    for place in range(max(map(len, columns))):
        parts = [f"{column[place] if place < len(column) else '':{size}}" for column, size in zip(columns, widths, strict=True)]
        made.append("  ".join(parts).rstrip())
    return made
