"""One layer judged by its official stylesheet: run by Saxon, its report read into findings; without a full report, not judged."""

from __future__ import annotations

from lxml import etree

from einvoice.errors import ArtefactError
from einvoice.formats.syntax import ROOTS
from einvoice.report import Layer
from einvoice_schemas.artefacts import Artefact
from einvoice_validators import saxon, svrl
from einvoice_validators.artefacts import store

ABORTED = "the official stylesheet gave no verdict"
"""How the note of a layer begins whose stylesheet is there but did not judge."""


class Subject:
    """A document to judge, handed to Saxon once for all its layers; `root` is an element that the guard gave."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._node: saxon.Node | None = None

    @property
    def node(self) -> saxon.Node:
        """The document as Saxon holds it.

        Raises ArtefactMissing where saxonche is not installed, saxon.Aborted where Saxon refuses it.
        """
        if self._node is None:
            self._node = saxon.tree(self.root)
        return self._node


def layer(name: str, subject: Subject, artefact: Artefact) -> Layer:
    """What an official stylesheet says of a document, as the layer of that name; its version is the stylesheet's.

    Where the stylesheet is missing, is of other documents, aborts, or tests nothing, the layer is not judged; its note says why and
    what mends it.
    """
    version, document = "", ROOTS[subject.root.tag]
    if document not in artefact.documents:
        return Layer.not_judged(name, version, f"{artefact.title} does not judge {document}")
    try:
        stylesheet = store.find(artefact.name)
        version = stylesheet.version
        found = svrl.findings(saxon.run(stylesheet, subject.node), subject.root)
    except ArtefactError as fault:
        return Layer.not_judged(name, version, str(fault))
    except (saxon.Aborted, svrl.Incomplete) as fault:
        return Layer.not_judged(name, version, f"{ABORTED}: {fault}")
    return Layer.judged(name, version, found)
