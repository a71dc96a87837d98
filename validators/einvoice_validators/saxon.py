"""Saxon, through saxonche: compiles official stylesheets once a process and runs them on trees that we serialised.

It never sees a document's bytes: `tree` takes an element of a tree that the guard parsed, so no DTD, entity or encoding trick
reaches it. Stylesheets read files beside them only: no network, no extension functions, nothing is written.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import IO, NewType, Protocol, cast

from lxml import etree

from einvoice.errors import ArtefactError, ArtefactMissing
from einvoice_validators.artefacts.store import EXTRA, Installed

Node = NewType("Node", object)
"""A document as Saxon holds it."""

_FEATURE = "http://saxon.sf.net/feature/"
_LOCK = threading.RLock()
"""Held while Saxon works: one stylesheet at a time, whichever thread asks."""


class Aborted(Exception):
    """A stylesheet that ended without a result; the message is Saxon's."""


class _Executable(Protocol):
    def transform_to_string(self, *, xdm_node: object) -> str | None: ...


class _Compiler(Protocol):
    def compile_stylesheet(self, *, stylesheet_file: str) -> _Executable: ...


class _Processor(Protocol):
    version: str

    def set_configuration_property(self, name: str, value: str) -> None: ...
    def new_xslt30_processor(self) -> _Compiler: ...
    def parse_xml(self, *, xml_text: str) -> object: ...


class _Saxon:
    """A processor with what it has compiled; what one compiled is of no use to another."""

    def __init__(self) -> None:
        """Raises ArtefactMissing where saxonche is not installed."""
        try:
            self.processor: _Processor = import_module("saxonche").PySaxonProcessor(license=False)
        except ImportError as fault:
            raise ArtefactMissing(f"saxonche is not installed ({fault}); mend it: {EXTRA}") from None
        self.processor.set_configuration_property(f"{_FEATURE}allowedProtocols", "file")
        self.processor.set_configuration_property(f"{_FEATURE}allow-external-functions", "false")
        self.compiled: dict[tuple[str, str], _Executable] = {}

    def executable(self, stylesheet: Installed) -> _Executable:
        """The stylesheet, compiled once; what was changed since it was installed is not run.

        Raises ArtefactError.
        """
        key = str(stylesheet.path), stylesheet.checksum
        if key not in self.compiled:
            path = stylesheet.verified().path
            try:
                self.compiled[key] = self.processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
            except Exception as fault:
                raise ArtefactError(f"{path} cannot be compiled: {_message(fault)}") from None
        return self.compiled[key]


@cache
def _saxon() -> _Saxon:
    return _Saxon()


def tree(root: etree._Element) -> Node:
    """An element and what is below it as a document of Saxon's, serialised anew.

    Raises ArtefactMissing where saxonche is not installed, Aborted where Saxon refuses the tree.
    """
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    with _LOCK, _quiet():
        processor = _saxon().processor
        try:
            return cast("Node", processor.parse_xml(xml_text=text))
        except Exception as fault:  # saxonche's errors have no class that can be imported by name
            raise Aborted(_message(fault)) from None


def run(stylesheet: Installed, document: Node) -> str:
    """What a stylesheet makes of a document.

    Raises Aborted where it ends without a result, ArtefactError where the stylesheet itself cannot be used.
    """
    with _LOCK, _quiet():
        executable = _saxon().executable(stylesheet)
        try:
            result = executable.transform_to_string(xdm_node=document)
        except Exception as fault:
            raise Aborted(_message(fault)) from None
    if not result:
        raise Aborted("it gave no result")
    return result


def _message(fault: Exception) -> str:
    return " ".join(str(fault).split())[:500] or type(fault).__name__


_WARNING = re.compile(rb"^(?:Warning|(?:\w+ )?[Ee]rror)\b[^\n]* on line [^\n]*\n(?:(?:[ \t]|In |During )[^\n]*\n?)*", re.MULTILINE)
_ERROR = re.compile(rb"^(?:Warning|(?:\w+ )?[Ee]rror)\b.*", re.MULTILINE | re.DOTALL)
"""What Saxon prints on standard error: a head line, then lines that are set in. Of an abort, all to the end: it quotes the document."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps to itself what Saxon prints on standard error, which it offers no way to turn off; what others print there is passed on."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    held, chatter = _held(), _ERROR
    os.dup2(held.fileno(), 2)
    try:
        yield
        chatter = _WARNING
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        if held.seek(0, os.SEEK_END):
            held.seek(0)
            _pass_on(chatter.sub(b"", held.read()))
            held.seek(0)
            held.truncate()


def _pass_on(printed: bytes) -> None:
    if printed:
        os.write(2, printed)


@cache
def _held() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)  # kept for the life of the process
