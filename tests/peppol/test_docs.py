"""The pages on Peppol: each command in them is understood, each program in them compiles, each file that they name is there."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from einvoice.cli import VERBS
from einvoice.cli.verbs import member, parser

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("peppol*.md"))
_COMMAND = re.compile(r"^\$ (einvoice .+?)(?:  +#.*| #.*)?$|`(einvoice [a-z][^`]*)`", re.MULTILINE)
_PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every command and the page it is on; what is only the name of a verb, or shortened, aside."""
    found = [(page.name, (one[0] or one[1]).strip()) for page in PAGES for one in _COMMAND.findall(page.read_text("utf-8"))]
    return [(page, command) for page, command in dict.fromkeys(found) if "…" not in command and "|" not in command]


@pytest.mark.parametrize(("page", "command"), commands())
def test_each_command_is_understood(page: str, command: str) -> None:
    verb, *words = shlex.split(command)[1:]
    assert verb in VERBS, page
    module = import_module(f"einvoice.cli.{verb}")
    if hasattr(module, "VERBS"):
        word, *words = words or ["?"]
        if word == "?":
            return  # a family by its name
        assert word in module.VERBS, page
        module = member(module, word)
    if words:
        parser(verb, module).parse_intermixed_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_program_compiles_and_each_page_it_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for program in _PROGRAM.findall(text):
        compile(program, page.name, "exec")
        for module, names in re.findall(r"^\s*from (einvoice[\w.]*) import (.+)$", program, re.MULTILINE):
            for name in names.split(", "):
                if not hasattr(import_module(module), name):
                    import_module(f"{module}.{name}")
    for named in re.findall(r"\]\(([\w-]+\.md)", text):
        assert (DOCS / named).exists(), named
    for figure in re.findall(r"scripts/evidence peppol --only ([\w-]+)", text):
        assert any(f'"{figure}"' in file.read_text("utf-8") for file in (DOCS.parent / "tests" / "evidence").glob("peppol*.py")), figure
