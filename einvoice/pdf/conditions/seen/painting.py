"""Reading content streams: what they paint, with what, and whether it is transparent (ISO 32000-1, 8 to 11).

Only what conditions ask for is followed: colours, fonts and the codes shown with them, graphics states, forms, images, patterns.
A form is read again only where it begins with other colours; everything together is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pikepdf

from einvoice.errors import UnsafePDF
from einvoice.pdf.conditions.seen import colours, encodings, inline_image, tokens, written
from einvoice.pdf.conditions.seen.colours import PATTERN, Space
from einvoice.pdf.conditions.seen.painted import Content, Font, Image, Inline, Named, Painted, Part
from einvoice.pdf.conditions.seen.resources import Resources
from einvoice.pdf.conditions.seen.state import INVISIBLE, OPERATORS, State
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.values import Object, array, dictionaries, dictionary, identity, integer, name, stream

MOST_READ = 50_000_000
"""Bytes of content that are read, those of a form once for each beginning."""
MOST_STEPS = 2_000_000
"""Operators that are followed."""
DEEPEST = 60
_MODES = frozenset(b"0 1 2 3 4 5 6 7".split())


class Painter:
    """Reads the content of pages, and of what is painted on them, into `painted`."""

    def __init__(self, streams: Streams) -> None:
        self.streams, self.painted = streams, Painted()
        self.left, self.steps, self.depth = MOST_READ, MOST_STEPS, 0
        self._seen: dict[object, bool] = {}

    def page(self, data: bytes, resources: Resources, place: str) -> bool:
        """Reads the content of a page; whether it paints anything transparent."""
        begun = colours.device("/DeviceGray", resources)
        return self._read(data, resources, State(begun, begun), place, coloured=True)

    def form(self, form: Object, resources: Resources, state: State | None, place: str) -> bool:
        """Reads a form XObject; whether it is transparent: its group is, or what it paints."""
        inner = resources.within(form)
        self.painted.forms.setdefault(identity(form), Part(form, place))
        group = dictionary(form.get("/Group"))
        if group is not None:
            self.painted.colour(colours.space(group.get("/CS"), inner), place)
        if state is None:
            begun = colours.device("/DeviceGray", inner)
            state = State(begun, begun)
        transparent = self._once(form, inner, state.handed_on(), place, coloured=True)
        return transparent or (group is not None and name(group.get("/S")) == "Transparency")

    def _once(self, content: Object, resources: Resources, state: State, place: str, *, coloured: bool) -> bool:
        """Reads a stream where it was not read with such a beginning; in a loop it is not transparent."""
        root = None if resources.root is None else identity(resources.root)
        key = (identity(content), state.key, root, coloured)
        if key not in self._seen:
            self._seen[key] = False
            if self.depth < DEEPEST and (data := self.streams.read(content)) is not None:
                self.depth += 1
                self._seen[key] = self._read(data, resources, state, place, coloured=coloured)
                self.depth -= 1
        return self._seen[key]

    def _read(self, data: bytes, resources: Resources, state: State, place: str, *, coloured: bool) -> bool:
        self.left -= len(data)
        if self.left < 0:
            raise UnsafePDF(f"the content of the pages is more than {MOST_READ:,} bytes", mend="no invoice needs so much")
        return Stream(self, resources, state, place, coloured=coloured).read(data)

    def tiles(self, pattern: Object, state: State, resources: Resources, place: str) -> bool:
        """Reads the cell of a tiling pattern; whether it is transparent."""
        coloured = integer(pattern.get("/PaintType")) != 2
        inner = resources.within(pattern)
        begun = state.handed_on()
        begun.fill = begun.stroke = colours.device("/DeviceGray", inner)
        return self._once(pattern, inner, begun, place, coloured=coloured)

    def glyphs(self, font: Object, codes: Iterable[bytes], state: State, resources: Resources, place: str) -> bool:
        """Reads the procedures of a Type 3 font; whether one of those that are shown is transparent."""
        procedures = font.get("/CharProcs")
        if not isinstance(procedures, pikepdf.Dictionary):
            return False
        inner, names = resources.within(font), encodings.differences(font)
        shown = {names.get(code) for codes_shown in codes for code in codes_shown}
        transparent = False
        for key, each in procedures.items():
            if stream(each) is not None:
                own = resources.within(each) if "/Resources" in each else inner
                found = self._once(each, own, state.handed_on(), place, coloured=True)
                transparent |= found and key[1:] in shown
        return transparent


class Stream:
    """Reads one content stream."""

    def __init__(self, painter: Painter, resources: Resources, state: State, place: str, *, coloured: bool) -> None:
        self.painter, self.painted, self.resources, self.place = painter, painter.painted, resources, place
        self.state, self.kept, self.coloured = state, list[State](), coloured
        self.nesting, self.transparent = 0, False
        self.undefined: dict[str, None] = {}
        self.recorded: set[int] = set()
        self.odd: list[bytes] = []
        self.lines: dict[tuple[bytes, bytes], Font] = {}

    def read(self, data: bytes) -> bool:
        """Every operator in turn; whether anything transparent was painted."""
        number = longest = 0
        for number, (operator, operands) in enumerate(tokens.instructions(data), 1):
            if number > self.painter.steps:
                raise UnsafePDF(f"the content of the pages is more than {MOST_STEPS:,} operators", mend="no invoice needs so many")
            longest = max(longest, len(operands))
            if operator is tokens.LINE:
                self._line(operands)
                continue
            if operator is tokens.NONE:
                break
            if b">>" in operands and operands.count(b">>") > operands.count(b"<<") and tokens.closes_too_much(operands):
                self.undefined[">>"] = None
            if step := _STEPS.get(operator):
                step(self, operands)
            elif operator not in OPERATORS:
                self.undefined[operator.decode("latin-1")] = None
        self.painter.steps -= number
        undefined, found = tuple(self.undefined), tuple(self.resources.inherited)
        self.painted.contents.append(Content(data, self.place, undefined, self.nesting, found, b" ".join(self.odd), longest))
        return self.transparent

    def _find(self, category: str, operands: bytes) -> Object | None:
        named = tokens.last_name(operands)
        return None if named is None else self.resources.find(category, named)

    def _push(self, _: bytes) -> None:
        self.kept.append(self.state.copy())
        self.nesting = max(self.nesting, len(self.kept))

    def _pop(self, _: bytes) -> None:
        if self.kept:
            self.state = self.kept.pop()

    def _record(self, space: Space | None) -> None:
        """Uses a colour space; one that this stream used already costs nothing."""
        if id(space) not in self.recorded:
            self.recorded.add(id(space))
            self.painted.colour(space, self.place)

    def _device(self, stated: str, *, stroke: bool) -> None:
        if self.coloured:
            self._set(colours.device(stated, self.resources), stroke=stroke)

    def _set(self, space: Space | None, *, stroke: bool) -> None:
        if stroke:
            self.state.stroke, self.state.stroke_pattern = space, None
        else:
            self.state.fill, self.state.fill_pattern = space, None
        self._record(space)

    def _space(self, operands: bytes, *, stroke: bool) -> None:
        if self.coloured:
            named = tokens.last_name(operands)
            found = None if named is None else colours.named(named, self.resources)
            self._set(found or colours.UNREADABLE, stroke=stroke)

    def _colour(self, operands: bytes, *, stroke: bool) -> None:
        space = self.state.stroke if stroke else self.state.fill
        if not self.coloured or space is None:
            return
        self._record(space)
        if space.kind != PATTERN.kind:
            return
        found = dictionary(self._find("/Pattern", operands))
        if stroke:
            self.state.stroke_pattern = found
        else:
            self.state.fill_pattern = found
        if found is not None:
            self._pattern(found)

    def _pattern(self, pattern: Object) -> bool:
        """Uses a pattern; whether it is transparent."""
        if integer(pattern.get("/PatternType")) == 1 and stream(pattern) is not None:
            return self.painter.tiles(pattern, self.state, self.resources, self.place)
        self._shading(dictionary(pattern.get("/Shading")))
        return False

    def _shading(self, shading: Object | None) -> None:
        if shading is not None:
            self.painted.colour(colours.space(shading.get("/ColorSpace"), self.resources), self.place)

    def _shade(self, operands: bytes) -> None:
        if self.coloured:
            self._shading(dictionary(self._find("/Shading", operands)))
        self._mark(fill=True)

    def _graphics_state(self, operands: bytes) -> None:
        found = dictionary(self._find("/ExtGState", operands))
        if found is not None:
            self.painted.states.setdefault(identity(found), Part(found, self.place))
            self.state.apply(found)
            font = array(found.get("/Font"))
            if len(font) == 2 and dictionary(font[0]) is not None:
                self.state.font = self.painted.font(font[0], self.place)

    def _intent(self, operands: bytes) -> None:
        if self.coloured and (named := tokens.last_name(operands)):
            self.painted.intents.append(Named(named[1:], self.place))

    def _mark(self, *, fill: bool = False, stroke: bool = False) -> None:
        state = self.state
        if state.masked or state.blended or (fill and state.alpha_fill < 1) or (stroke and state.alpha_stroke < 1):
            self.transparent = True

    def _paint(self, *, fill: bool, stroke: bool) -> None:
        self._mark(fill=fill, stroke=stroke)
        state, mixes = self.state, self.state.overprint_mode != 0
        if fill:
            self._with(state.fill, state.fill_pattern, mixes=mixes and state.overprint_fill)
        if stroke:
            self._with(state.stroke, state.stroke_pattern, mixes=mixes and state.overprint_stroke)

    def _with(self, space: Space | None, pattern: Object | None, *, mixes: bool) -> None:
        if self.coloured:
            if mixes:
                self.painted.colour(space, self.place, mixes=True)
            else:
                self._record(space)
        if pattern is not None and self._pattern(pattern):
            self.transparent = True

    def _show(self, operands: bytes) -> None:
        state, font = self.state, self.state.font
        fill, stroke = state.mode in {0, 2, 4, 6}, state.mode in {1, 2, 5, 6}
        if fill or stroke:
            self._paint(fill=fill, stroke=stroke)
        if b"<" in operands and written.is_odd(operands):
            self.odd.append(operands)
        if font is None:
            return
        font.used = True
        font.visible |= state.mode != INVISIBLE
        (font.hidden if state.mode == INVISIBLE else font.shown).append(operands)
        if font.drawn:
            transparent = self.painter.glyphs(font.dictionary, tokens.strings(operands), state, self.resources, self.place)
            self.transparent |= transparent and (fill or stroke)

    def _line(self, operands: bytes) -> None:
        """A line of text: the colour space, the font, and the strings; one like an earlier line adds its strings only."""
        space, named, shown = operands.split(b" ", 2)
        if b"<" not in shown and (font := self.lines.get((space, named))) and self.state.is_plain:
            font.shown.append(shown)
            if len(self.kept) >= self.nesting:
                self.nesting = len(self.kept) + 1
            return
        self._push(b"")
        self._space(space, stroke=False)
        self.state.mode = 0
        self._font(named)
        self._show(shown)
        if (font := self.state.font) is not None and not font.drawn and self.state.fill is not None:
            self.lines[space, named] = font
        self._pop(b"")

    def _mode(self, operands: bytes) -> None:
        stated = operands.split()[-1:]
        self.state.mode = int(stated[0]) if stated and stated[0] in _MODES else 0

    def _font(self, operands: bytes) -> None:
        named = tokens.last_name(operands) or ""
        if named not in self.resources.fonts:
            found = dictionary(self.resources.find("/Font", named))
            self.resources.fonts[named] = None if found is None else self.painted.font(found, self.place)
        self.state.font = self.resources.fonts[named]

    def _uncoloured(self, _: bytes) -> None:
        self.coloured = False

    def _marked(self, operands: bytes) -> None:
        if operands.count(b"<") > 2 * operands.count(b"<<") and written.is_odd(operands):
            self.odd.append(operands)
        if b"<" not in operands and operands.count(b"/") > 1:
            found = self._find("/Properties", operands)
            if found is not None and operands.replace(b"/", b" /").split()[-2:-1] == [b"/AF"]:
                self.painted.associated.extend(dictionaries(found))

    def _external(self, operands: bytes) -> None:
        self._mark(fill=True)
        found = stream(self._find("/XObject", operands))
        kind = None if found is None else name(found.get("/Subtype"))
        if kind == "Form" or (found is not None and name(found.get("/Subtype2")) == "PS" and kind == "Form"):
            self.transparent |= self.painter.form(found, self.resources, self.state, self.place)
        elif kind == "Image" and found is not None:
            self._image(found, "image")
            self.transparent |= stream(found.get("/SMask")) is not None or (integer(found.get("/SMaskInData")) or 0) > 0
        elif kind == "PS" and found is not None:
            self.painted.scripts.setdefault(identity(found), Part(found, self.place))

    def _image(self, image: Object, role: str) -> None:
        key = (identity(image), role)
        if key in self.painted.images:
            return
        self.painted.images[key] = Image(image, self.place, role)
        if role in {"image", "alternate"}:
            if image.get("/ImageMask") is True:
                if self.coloured:
                    self.painted.colour(self.state.fill, self.place)
            else:
                self.painted.colour(colours.space(image.get("/ColorSpace"), self.resources), self.place)
        if role in {"image", "alternate", "soft mask"} and (intent := name(image.get("/Intent"))) is not None:
            self.painted.intents.append(Named(intent, self.place))
        self._other_images(image, role)

    def _other_images(self, image: Object, role: str) -> None:
        if role != "soft mask" and (mask := stream(image.get("/SMask"))) is not None:
            self._image(mask, "soft mask")
        if role in {"image", "alternate"} and (mask := stream(image.get("/Mask"))) is not None:
            self._image(mask, "mask")
        if role != "soft mask":
            for each in array(image.get("/Alternates")):
                if (other := stream(each.get("/Image") if dictionary(each) is not None else None)) is not None:
                    self._image(other, "alternate")

    def _inline(self, operands: bytes) -> None:
        self._mark(fill=True)
        entries = inline_image.entries(list(tokens.tokens(operands)))
        self.painted.inline.append(Inline(entries, self.place))
        if entries.get("/ImageMask") is True:
            if self.coloured:
                self.painted.colour(self.state.fill, self.place)
        elif isinstance(stated := entries.get("/ColorSpace"), str):
            self.painted.colour(colours.named(f"/{stated}", self.resources), self.place)
        if isinstance(intent := entries.get("/Intent"), str):
            self.painted.intents.append(Named(intent, self.place))


def _painting(*, fill: bool = False, stroke: bool = False) -> Callable[[Stream, bytes], None]:
    return lambda stream, _: stream._paint(fill=fill, stroke=stroke)


def _device(stated: str, *, stroke: bool = False) -> Callable[[Stream, bytes], None]:
    return lambda stream, _: stream._device(stated, stroke=stroke)


_STEPS: dict[bytes, Callable[[Stream, bytes], None]] = {
    b"q": Stream._push,
    b"Q": Stream._pop,
    b"gs": Stream._graphics_state,
    b"ri": Stream._intent,
    b"g": _device("/DeviceGray"),
    b"G": _device("/DeviceGray", stroke=True),
    b"rg": _device("/DeviceRGB"),
    b"RG": _device("/DeviceRGB", stroke=True),
    b"k": _device("/DeviceCMYK"),
    b"K": _device("/DeviceCMYK", stroke=True),
    b"cs": lambda stream, operands: stream._space(operands, stroke=False),
    b"CS": lambda stream, operands: stream._space(operands, stroke=True),
    b"scn": lambda stream, operands: stream._colour(operands, stroke=False),
    b"SCN": lambda stream, operands: stream._colour(operands, stroke=True),
    b"sh": Stream._shade,
    b"Tr": Stream._mode,
    b"Tf": Stream._font,
    b"d1": Stream._uncoloured,
    b"BDC": Stream._marked,
    b"DP": Stream._marked,
    b"Do": Stream._external,
    b"EI": Stream._inline,
}
_STEPS |= dict.fromkeys((b"Tj", b"TJ", b"'", b'"'), Stream._show)
_STEPS |= dict.fromkeys((b"f", b"F", b"f*"), _painting(fill=True))
_STEPS |= dict.fromkeys((b"S", b"s"), _painting(stroke=True))
_STEPS |= dict.fromkeys((b"B", b"B*", b"b", b"b*"), _painting(fill=True, stroke=True))
