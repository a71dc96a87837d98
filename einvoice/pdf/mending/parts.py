"""What pages are painted with: forms, images, fonts, graphics states, each once, wherever they are used (ISO 32000-1, 7.8.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from einvoice.errors import UnsafePDF
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionaries, dictionary, name, stream

MOST = 100_000
"""Pages, annotations and parts that are looked at."""


@dataclass(slots=True)
class Parts:
    """Pages in order and their parts; `bare` are the streams that have no resources of their own, with each of those they are used with."""

    pages: list[Object] = field(default_factory=list)
    forms: list[Object] = field(default_factory=list)
    images: list[Object] = field(default_factory=list)
    fonts: list[Object] = field(default_factory=list)
    states: list[Object] = field(default_factory=list)
    resources: list[Object] = field(default_factory=list)
    bare: dict[tuple[int, int], tuple[Object, list[Object]]] = field(default_factory=dict)
    inherited: list[tuple[Object, dict[str, Object]]] = field(default_factory=list)
    _met: set[tuple[int, int]] = field(default_factory=set)
    _left: int = MOST

    def is_new(self, node: Object) -> bool:
        """Whether it was not met before. Raises UnsafePDF where there is no end."""
        self._left -= 1
        if not self._left:
            raise UnsafePDF(f"the PDF has more than {MOST:,} pages, pictures and fonts", mend="no invoice needs so many")
        if not node.is_indirect:
            return True
        new = node.objgen not in self._met
        self._met.add(node.objgen)
        return new


def parts(root: Object) -> Parts:
    """Everything that the pages of the document are painted with."""
    made = Parts()
    for page, resources in _pages(root, made):
        made.pages.append(page)
        if resources is not None:
            _resources(resources, resources, made)
        for note in dictionaries(page.get("/Annots")):
            for each in _appearances(note):
                _form(each, resources, made)
    return made


_HANDED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")


def _pages(root: Object, made: Parts) -> Iterator[tuple[Object, Object | None]]:
    """Each page with its resources; what it has from above is noted."""
    waiting: list[tuple[Object, dict[str, Object]]] = [(root.get("/Pages"), {})]
    while waiting:
        node, above = waiting.pop()
        if dictionary(node) is None or not made.is_new(node):
            continue
        if "/Kids" in node:
            handed = {**above, **{key: node[key] for key in _HANDED if key in node}}
            waiting += [(each, handed) for each in reversed([*array(node.get("/Kids"))])]
        else:
            if lacking := {key: value for key, value in above.items() if key not in node}:
                made.inherited.append((node, lacking))
            yield node, dictionary(node.get("/Resources", above.get("/Resources")))


def _appearances(note: Object) -> Iterator[Object]:
    """Every stream that an annotation may be drawn with."""
    for key in ("/N", "/D", "/R"):
        drawn = at(note, "/AP", key)
        if stream(drawn) is not None:
            yield drawn
        elif dictionary(drawn) is not None:
            yield from (each for each in drawn.values() if stream(each) is not None)


def _resources(own: Object, page: Object, made: Parts) -> None:
    if not made.is_new(own):
        return
    made.resources.append(own)
    for each in _of(own, "/ExtGState"):
        _state(each, page, made)
    for each in _of(own, "/XObject"):
        if name(each.get("/Subtype")) == "Image":
            _image(each, made)
        else:
            _form(each, page, made)
    for each in _of(own, "/Pattern"):
        _pattern(each, page, made)
    for each in _of(own, "/Font"):
        _font(each, page, made)


def _of(resources: Object, category: str) -> Iterator[Object]:
    """The dictionaries and streams of a category."""
    listed = dictionary(resources.get(category))
    return (each for each in (listed.values() if listed is not None else ()) if dictionary(each) is not None)


def _image(image: Object, made: Parts) -> None:
    if made.is_new(image):
        made.images.append(image)
        for key in ("/SMask", "/Mask"):
            if stream(mask := image.get(key)) is not None:
                _image(mask, made)


def _form(form: Object, page: Object | None, made: Parts) -> None:
    own = dictionary(form.get("/Resources"))
    if own is None and page is not None:
        made.bare.setdefault(form.objgen, (form, []))[1].append(page)
    if made.is_new(form):
        made.forms.append(form)
        if own is not None:
            _resources(own, page if page is not None else own, made)


def _pattern(pattern: Object, page: Object, made: Parts) -> None:
    if stream(pattern) is not None:
        _form(pattern, page, made)
    elif (state := dictionary(pattern.get("/ExtGState"))) is not None:
        _state(state, page, made)


def _state(state: Object, page: Object, made: Parts) -> None:
    if made.is_new(state):
        made.states.append(state)
        if stream(group := at(state, "/SMask", "/G")) is not None:
            _form(group, page, made)


def _font(font: Object, page: Object, made: Parts) -> None:
    if made.is_new(font):
        made.fonts.append(font)
        if (own := dictionary(font.get("/Resources"))) is not None:
            _resources(own, page, made)
