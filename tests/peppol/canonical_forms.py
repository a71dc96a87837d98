"""Canonical XML once more, slowly and from the words of the standards alone, on another parser: what ours is held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.dom import Node, minidom

_LEAVING = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
_QUOTED = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
Scope = Mapping[str, str]


def canonical(text: str, at: int, *, exclusive: bool, prefixes: tuple[str, ...] = ()) -> str:
    """The form of the element with this number, in document order, where it stands."""
    document = minidom.parseString(text.encode())  # noqa: S318  # texts of our own tests
    element = document.getElementsByTagName("*")[at]
    above: list[minidom.Element] = []
    node = element.parentNode
    while isinstance(node, minidom.Element):
        above.append(node)
        node = node.parentNode
    scope: dict[str, str] = {}
    inherited: dict[str, str] = {}
    for one in reversed(above):
        scope |= _declared(one)
        inherited |= {name: value for name, value in one.attributes.items() if name.startswith("xml:")}
    names = frozenset("" if prefix == "#default" else prefix for prefix in prefixes)
    return "".join(_element(element, scope, {}, {} if exclusive else inherited, names if exclusive else None))


def _element(element: minidom.Element, scope: Scope, shown: Scope, extra: Scope, names: frozenset[str] | None) -> Iterator[str]:
    scope = {**scope, **_declared(element)}
    plain = {**extra, **{name: value for name, value in element.attributes.items() if not name.startswith("xmlns")}}
    used = {_prefix(element.tagName)} | {_prefix(name) for name in plain if ":" in name}
    wanted = set(scope) if names is None else used | (names & set(scope))
    new = {}
    for prefix in wanted | {""} - {"xml"}:
        uri = scope.get(prefix, "")
        if prefix in wanted and uri and shown.get(prefix) != uri:
            new[prefix] = uri
        elif prefix == "" and not uri and shown.get("") and (names is None or prefix in used | names):
            new[prefix] = ""
    yield f"<{element.tagName}"
    yield from (f' xmlns{":" if prefix else ""}{prefix}="{_with(_QUOTED, uri)}"' for prefix, uri in sorted(new.items()))
    known = {**scope, "": "", "xml": "http://www.w3.org/XML/1998/namespace"}
    order = {name: (known[_prefix(name)], name.rpartition(":")[2]) for name in plain}
    yield from (f' {name}="{_with(_QUOTED, plain[name])}"' for name in sorted(plain, key=lambda name: order[name]))
    yield ">"
    for child in element.childNodes:
        if isinstance(child, minidom.Element):
            yield from _element(child, scope, {**shown, **new}, {}, names)
        elif child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
            yield _with(_LEAVING, str(child.nodeValue))
    yield f"</{element.tagName}>"


def _declared(element: minidom.Element) -> dict[str, str]:
    return {name[6:]: value for name, value in element.attributes.items() if name == "xmlns" or name.startswith("xmlns:")}


def _prefix(name: str) -> str:
    return name.rpartition(":")[0]


def _with(pairs: Mapping[str, str], text: str) -> str:
    return "".join(pairs.get(letter, letter) for letter in text)
