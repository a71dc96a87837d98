"""The graphics state, as far as conditions ask for it (ISO 32000-1, 8.4), and the names of the operators (annex A)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from einvoice.pdf.conditions.seen.colours import Space
from einvoice.pdf.conditions.seen.painted import Font
from einvoice.pdf.conditions.seen.values import Object, array, dictionary, identity, integer, name, number

OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG rg ri s S SC sc "
    b"SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
INVISIBLE = 3


@dataclass(slots=True)
class State:
    """What is set. The last four decide whether a mark is transparent, and start anew in every stream."""

    fill: Space | None = None
    stroke: Space | None = None
    fill_pattern: Object | None = None
    stroke_pattern: Object | None = None
    font: Font | None = None
    mode: int = 0
    overprint_fill: bool = False
    overprint_stroke: bool = False
    overprint_mode: int = 0
    alpha_fill: float = 1.0
    alpha_stroke: float = 1.0
    blended: bool = False
    masked: bool = False

    def copy(self) -> State:
        """What `q` keeps."""
        return State(
            self.fill,
            self.stroke,
            self.fill_pattern,
            self.stroke_pattern,
            self.font,
            self.mode,
            self.overprint_fill,
            self.overprint_stroke,
            self.overprint_mode,
            self.alpha_fill,
            self.alpha_stroke,
            self.blended,
            self.masked,
        )

    def handed_on(self) -> State:
        """What a form begins with."""
        return replace(self, alpha_fill=1.0, alpha_stroke=1.0, blended=False, masked=False)

    @property
    def is_plain(self) -> bool:
        """Whether what is filled is neither transparent nor overprinted."""
        return not (self.masked or self.blended or self.alpha_fill < 1 or self.overprint_mode)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one beginning of a form from another."""
        return (
            self.fill and self.fill.key,
            self.stroke and self.stroke.key,
            self.mode,
            self.overprint_fill,
            self.overprint_stroke,
            self.overprint_mode,
            None if self.font is None else identity(self.font.dictionary),
        )

    def apply(self, stated: Object) -> None:
        """What a graphics state parameter dictionary sets, but for the font."""
        if isinstance(value := stated.get("/OP"), bool):
            self.overprint_stroke = value
            self.overprint_fill = value
        if isinstance(value := stated.get("/op"), bool):
            self.overprint_fill = value
        if (mode := integer(stated.get("/OPM"))) is not None:
            self.overprint_mode = mode
        if (alpha := number(stated.get("/CA"))) is not None:
            self.alpha_stroke = alpha
        if (alpha := number(stated.get("/ca"))) is not None:
            self.alpha_fill = alpha
        if (blend := stated.get("/BM")) is not None:
            self.blended = _is_blend(blend)
        if (mask := stated.get("/SMask")) is not None:
            self.masked = dictionary(mask) is not None


def _is_blend(blend: Object) -> bool:
    """Whether a blend mode mixes."""
    listed = array(blend)
    if len(listed):
        return len(listed) != 1 or name(listed[0]) not in {None, "Normal"}
    return name(blend) != "Normal"
