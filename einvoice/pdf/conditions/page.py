"""The page of the conditions: every one with what to change, and what veraPDF sees that is not seen here.

`python -m einvoice.pdf.conditions.page > docs/container.md` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files

from einvoice.pdf.conditions import SUBJECTS, all_conditions
from einvoice.pdf.conditions.condition import Condition

_TITLES = {
    "file": "The file",
    "limits": "Limits, and what a document may not ask for",
    "colour": "Colours",
    "graphics": "What is painted",
    "fonts": "Fonts",
    "interaction": "What can be clicked on",
    "metadata": "Metadata",
    "embedded": "Attached files",
    "hybrid": "Factur-X and ZUGFeRD",
}
_INTRODUCTION = """# The container of a hybrid invoice

`einvoice check invoice.pdf` holds the PDF against the conditions of PDF/A-3B (ISO 19005-3, level B) and of Factur-X that can be seen
without drawing it; they are the layer `pdf` of the report. `einvoice embed` holds its own result against the same conditions. Ids of
PDF/A are those of the clause and the test in veraPDF's profile of PDF/A-3B, so that both can be compared id by id. A condition that
cannot be computed is fatal.

A PDF that is encrypted, damaged or larger than it may be is refused before that, with an [error](errors.md) of its own.
"""
_LESS = """
Some conditions see less than veraPDF does:

- Codes that are shown with a predefined CMap other than Identity are not followed to glyphs (6.2.11.4.1-2, 6.2.11.5-1, 6.2.11.8-1).
- Expert character sets of compact fonts (CFF) are taken for the standard one.
- Streams packed by LZW, which is forbidden, are unpacked only where they are small.
- Font programs that are damaged, and content with operators within arrays, are given up at other places than veraPDF's.

One sees more: glyphs of a composite font are asked for on every page, where veraPDF asks on the first that shows the font.

What draws pages is not looked at by either: whether the PDF shows what the XML says is for people to see.
"""


def profile() -> tuple[tuple[str, ...], dict[str, str]]:
    """The tests of the profile of PDF/A-3B, and those that are not looked at here, with the reason."""
    stated = json.loads((files(__package__) / "profile.json").read_text("utf-8"))
    return tuple(stated["tests"]), stated["unseen"]


def page() -> str:
    """The page, in Markdown."""
    tests, unseen = profile()
    parts = [_INTRODUCTION, *(part for subject in SUBJECTS for part in _table(subject)), "\n## What veraPDF sees besides\n"]
    seen = len(tests) - len(unseen)
    parts.append(f"\n{seen} of the {len(tests)} tests of the profile are looked at. These are not:\n\n")
    parts += [f"- {test}: {reason}.\n" for test, reason in unseen.items()]
    return "".join([*parts, _LESS])


def _table(subject: str) -> Iterator[str]:
    yield f"\n## {_TITLES[subject]}\n\n| Condition | Weight | What to change |\n|---|---|---|\n"
    for each in all_conditions():
        if each.holds.__module__.rpartition(".")[2] == subject:
            yield _row(each)


def _row(condition: Condition) -> str:
    return f"| {condition.id} | {condition.severity} | {condition.says} |\n"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - its output is the page
