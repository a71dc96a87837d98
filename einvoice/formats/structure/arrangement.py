"""The children of one element against its content model, going on after a fault as if it were mended."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import lru_cache

from lxml import etree

from einvoice.formats.structure.places import LONGEST_NAME, allowed, belongs, close_name, local, same_name
from einvoice.formats.structure.table import Kind, Type
from einvoice.formats.structure.where import Where, at, elements
from einvoice.formats.syntax import Document

Tell = Callable[[str, etree._Element, str], None]  # rule, element, text
Passed = tuple[tuple[str, ...], ...]  # required children, each as the tags that would do


@lru_cache(4096)
def between(made: Type, position: int, target: int | None) -> Passed | None:
    """The children required on the way from one place in the order to another, or to the end (None).

    Each is given as the tags that would do, more than one in a choice. None where no way leads there.
    """
    came: dict[int, int | None] = {position: None}
    queue = deque([position])
    while queue:
        here = queue.popleft()
        state = made.states[here]
        if state.accepts if target is None else target in state.follow:
            return _alternatives(made, came, here, target)
        for following in state.follow:
            if following not in came:
                came[following] = here
                queue.append(following)
    return None


def _alternatives(made: Type, came: dict[int, int | None], here: int, target: int | None) -> Passed:
    """The way back from `here`, with what could stand in the place of each child on it."""
    passed: list[tuple[str, ...]] = []
    goal = target
    while (before := came[here]) is not None:
        leads = [p for p in made.states[before].follow if (made.states[p].accepts if goal is None else goal in made.states[p].follow)]
        passed.append(tuple(made.leaves[p][0] for p in leads))
        goal, here = here, before
    return tuple(reversed(passed))


class Arrangement:
    """The children of `parent`, of type `made`; `judge` tells the faults and gives the children with their types."""

    def __init__(self, where: Where, document: Document, tell: Tell) -> None:
        self.where = where
        self.table = where.table
        self.document = document
        self.tell = tell

    def judge(self, parent: etree._Element, made: Type) -> list[tuple[etree._Element, Type]]:
        """Go through the children, telling what is wrong; the children whose type is known, in document order."""
        self.parent, self.made, self.state = parent, made, made.start
        self.found: list[tuple[etree._Element, Type]] = []
        self.first: dict[int, etree._Element] = {}  # place in the order to the first and the last child there
        self.last: dict[int, etree._Element] = {}
        self.told: set[str] = set()
        self.doubtful: etree._Element | None = None
        children = elements(parent)
        self.present = {child.tag for child in children}
        for child in children:
            step = self.table.step(made, self.state, child.tag, self.document)
            if step is None:
                self._misfit(child)
            else:
                self._take(child, step[0].position)
                self.found.append((child, step[1]))
        if made.kind is not Kind.ANYTHING:
            self._end()
        return self.found

    def _take(self, child: etree._Element, position: int) -> None:
        """Go on from after a child."""
        self.first.setdefault(position, child)
        self.last[position] = child
        self.state = self.made.states[position]

    def _misfit(self, child: etree._Element) -> None:
        position = self.made.position(child.tag)
        if position is None:
            self._stranger(child)
            return
        self.found.append((child, self.table.type(self.made.leaves[position][1])))
        here = self.state.position
        if position in self.first:
            self._again(child, position)
        elif (lacking := between(self.made, here, position)) is not None and position > here:
            self._ahead(child, position, lacking)
        elif between(self.made, position, here) is None:
            self._once("structure-choice", child, f"{self._name(child)} cannot stand beside {self._after()}: keep one of them")
        else:
            self._behind(child, position)

    def _ahead(self, child: etree._Element, position: int, lacking: Passed) -> None:
        """Something required was left out before the child, or comes later: then it is told where it stands."""
        absent = [tags for tags in lacking if not self.present.intersection(tags)]
        if absent:
            after = f"after {self._after()} and " if self.last else ""
            self._missing(absent, f"{after}before {self._name(child)}{at(child)}")
        else:
            self.doubtful = child
        self._take(child, position)

    def _again(self, child: etree._Element, position: int) -> None:
        """A child that was there already."""
        name, first = self._name(child), self.first[position]
        if position in self.made.states[position].follow:
            self._once("structure-order", child, f"{name} is in the wrong place: move it to the other {name}{at(first)}")
        else:
            text = f"{name} may occur only once in {self._name(self.parent)}, and stands there already{at(first)}: remove one of them"
            self._once("structure-repeated", child, text)

    def _behind(self, child: etree._Element, position: int) -> None:
        """A child whose place has passed."""
        after = [self.last[p] for p in sorted(self.last) if p < position][-1:]
        before = [self.first[p] for p in sorted(self.first) if p > position][:1]
        places = [f"{word} {self._name(other)}{at(other)}" for word, others in (("after", after), ("before", before)) for other in others]
        self._once("structure-order", child, f"{self._name(child)} is in the wrong place: move it {' and '.join(places) or 'up'}")
        self.first[position] = self.last[position] = child

    def _stranger(self, child: etree._Element) -> None:
        """A child that the parent does not take anywhere."""
        name, parent = self._name(child), self._name(self.parent)
        short = local(child.tag) if len(child.tag) <= LONGEST_NAME else ""
        same = same_name(self.made, short)
        meant = same or close_name(self.made, short)
        if same:
            uri = etree.QName(child).namespace
            text = f"{name} is in {f'namespace {uri}' if uri else 'no namespace'}; in {parent} it must be {self._short(same)}, in namespace"
            self.tell("structure-namespace", child, f"{text} {same[1:].partition('}')[0]}")
        else:
            home = belongs(self.where, child, self.made)
            mends = [home or "", f"did you mean {self._short(meant)}?" if meant else ""]
            mend = "; ".join(filter(None, mends)) or f"{allowed(self.table, child)}; {self._expected()}"
            self.tell("structure-unexpected", child, f"{name} is not allowed in {parent}: {mend}")
        self.told.add(child.tag)
        self.present.add(meant or "")
        if meant in self.state.moves:
            self._take(child, self.state.moves[meant])
        elif self.state.wildcards:
            self._take(child, self.state.wildcards[0])

    def _end(self) -> None:
        """What is lacking at the end; nothing, where its absence was told already."""
        absent = [tags for tags in between(self.made, self.state.position, None) or () if not self.present.intersection(tags)]
        if absent:
            self._missing(absent, f"after {self._after()}" if self.last else "at the start")
        elif not self.told and (self.doubtful is not None or not self.state.accepts):
            element = self.parent if self.doubtful is None else self.doubtful
            self.tell("structure-order", element, f"the children of {self._name(self.parent)} are not in order: {self._expected()}")

    def _missing(self, absent: list[tuple[str, ...]], place: str) -> None:
        names = ", ".join(" or ".join(map(self._short, tags)) for tags in absent)
        them = "it" if len(absent) == 1 else "them"
        self.told.update(tags[0] for tags in absent)
        self.tell("structure-missing", self.parent, f"{self._name(self.parent)} lacks {names}: add {them} {place}")

    def _once(self, rule: str, child: etree._Element, text: str) -> None:
        """Tell a fault of a child, for the first child of that name only."""
        if child.tag not in self.told:
            self.told.add(child.tag)
            self.tell(rule, child, text)

    def _name(self, element: etree._Element) -> str:
        return self.where.name(element)

    def _short(self, tag: str) -> str:
        """A tag, or a wildcard, in words."""
        return "an element of another namespace" if tag[0] == "#" else self.table.short(tag)

    def _after(self) -> str:
        """The child gone on from, with its line."""
        last = self.last.get(self.state.position)
        return f"{self._name(last)}{at(last)}" if last is not None else "the start"

    def _expected(self) -> str:
        """What may come next."""
        names = [self._short(self.made.leaves[position][0]) for position in self.state.follow]
        return f"expected {' or '.join(names[:5])}{' …' if len(names) > 5 else ''}" if names else "no further element is allowed there"
