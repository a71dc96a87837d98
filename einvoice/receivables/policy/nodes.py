"""YAML as plain data with the line of everything in it: a small, safe part of YAML.

Read are mappings, sequences and scalars: `null`, `true`, `false`, whole and decimal numbers; everything else is text, so `no`, `on`,
`08:30` and `2026-01-31` stay as they are written. Anchors, aliases, tags, repeated keys, and documents beyond the bounds are faults.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from einvoice.receivables.policy.finding import Finding, Path, Place

MOST_BYTES = 256 * 1024
MOST_NODES = 20_000
DEEPEST = 16


class Document(NamedTuple):
    """Plain data (dict, tuple, text, int, Decimal, bool, None) and the line of every value and key, by path."""

    data: Any
    lines: dict[Path, int]
    findings: tuple[Finding, ...]
    source: str | None

    def place(self, path: Path) -> Place:
        """Where a path stands; the nearest part above it that is written where it is not."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return Place(self.source, self.lines[path[:length]], path)
        return Place(self.source, None, path)


def read(text: str, source: str | None = None) -> Document:
    """The document that a text holds, with its faults as findings; `data` is None where there is no telling what it means."""
    if len(text.encode()) > MOST_BYTES:
        place = Place(source, 1)
        return _nothing(source, "yaml-too-large", f"the policy has more than {MOST_BYTES // 1024} KiB", "leave out what repeats", place)
    loader: Any = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except _RefusedError as refused:
        return _nothing(source, refused.code, refused.text, refused.mend, Place(source, refused.line))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(str(error.problem or error.context or "this is no YAML").split())
        mend = "mind the indentation, and quote text that holds : or #"
        return _nothing(source, "yaml-syntax", problem, mend, Place(source, mark.line + 1 if mark else None))
    except yaml.YAMLError as error:
        return _nothing(source, "yaml-syntax", str(error).splitlines()[0], "save the file as plain UTF-8 text", Place(source, 1))
    finally:
        if loader is not None:
            loader.dispose()
    reading = _Reading(source)
    data = reading.value(node, ()) if node is not None else None
    return Document(data, reading.lines, tuple(reading.findings), source)


def _nothing(source: str | None, code: str, text: str, mend: str, place: Place) -> Document:
    return Document(None, {}, (Finding(code, text, mend, place),), source)


class _RefusedError(Exception):
    """A part of YAML that a policy may not use."""

    def __init__(self, code: str, text: str, mend: str, line: int) -> None:
        super().__init__(text)
        self.code, self.text, self.mend, self.line = code, text, mend, line


class _Loader(yaml.SafeLoader):
    """Composes nodes within bounds; no value is ever constructed by YAML itself."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own table of what plain scalars mean: none here

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.depth = 0
        self.count = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """A node, unless it is one that a policy may not hold."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call, unused-ignore]
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _RefusedError("yaml-anchor", "a policy has no anchors (&) and aliases (*)", "write it out, or quote the text", line)
        if getattr(event, "tag", None) is not None:
            raise _RefusedError("yaml-tag", "a policy has no tags (!)", "leave the tag out, or quote the text", line)
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise _RefusedError("yaml-too-deep", f"more than {DEEPEST} levels within each other", "a policy needs 7 at most", line)
        if self.count > MOST_NODES:
            raise _RefusedError("yaml-too-large", f"more than {MOST_NODES} values", "split the policy by creditor", line)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Reading:
    """From nodes to plain data."""

    def __init__(self, source: str | None) -> None:
        self.source = source
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []

    def value(self, node: Node, path: Path) -> Any:
        """What a node says, its lines kept."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return tuple(self.value(child, (*path, index)) for index, child in enumerate(node.value))
        assert isinstance(node, ScalarNode)
        return scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                mend = "write `key: value`; text with [ or { stands in quotes"
                self.findings.append(Finding("wrong-key", "a key is a word", mend, Place(self.source, line, path)))
            elif key.value in made:
                first = self.lines[*path, key.value]
                place = Place(self.source, line, (*path, key.value))
                self.findings.append(Finding("duplicate-key", f"`{key.value}` stands in line {first} already", "leave one out", place))
            else:
                self.lines[*path, key.value] = line
                made[key.value] = self.value(child, (*path, key.value))
        return made


_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,12}")


def scalar(node: ScalarNode) -> str | int | Decimal | bool | None:
    """A scalar's value: text where it is quoted or looks like nothing else."""
    text: str = node.value
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
