"""Widths in the programs that draw glyphs (Adobe Technical Note 5177, Type 2; Adobe Type 1 Font Format, 6)."""

from __future__ import annotations

from typing import Protocol

_STEMS = frozenset({1, 3, 18, 23, 19, 20})
_MOVES = {21: 2, 22: 1, 4: 1}
_CALL, _CALL_GLOBAL, _RETURN, _END = 10, 29, 11, 14
_DEEPEST = 10


class Subroutines(Protocol):
    """A list of programs."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> bytes: ...


def width(program: bytes, own: Subroutines | None, common: Subroutines) -> float | None:
    """The difference from the nominal width with which a Type 2 program begins, None where it has the default width."""
    return _Reader(own, common).read(program, 0)[0]


class _Reader:
    """Reads a program up to the first operator that clears the stack; what it answers with is the width, and whether it came so far."""

    def __init__(self, own: Subroutines | None, common: Subroutines) -> None:
        self.own, self.common = own, common
        self.stack: list[float] = []

    def read(self, program: bytes, depth: int) -> tuple[float | None, bool]:
        at, size = 0, len(program)
        while at < size:
            first = program[at]
            if 32 <= first < 247:  # most numbers: a call for each would take longer than all else
                self.stack.append(first - 139)
                at += 1
                continue
            if first == 28 or first >= 247:
                number, at = integer(program, at, in_dictionary=False)
                self.stack.append(number)
                continue
            if first == _RETURN:
                return None, False
            if first not in {_CALL, _CALL_GLOBAL}:
                return self._first(first), True
            found, ended = self._call(self.own if first == _CALL else self.common, depth)
            if ended:
                return found, True
            at += 1
        return None, False

    def _call(self, programs: Subroutines | None, depth: int) -> tuple[float | None, bool]:
        if programs is None or not self.stack or depth > _DEEPEST:
            return None, True
        count = len(programs)
        number = int(self.stack.pop()) + (107 if count < 1_240 else 1_131 if count < 33_900 else 32_768)
        return self.read(programs[number], depth + 1) if 0 <= number < count else (None, True)

    def _first(self, operator: int) -> float | None:
        """The width among the operands of the operator that clears the stack."""
        count = len(self.stack)
        if operator in _STEMS:
            return self.stack[0] if count % 2 else None
        if operator in _MOVES:
            return self.stack[0] if count > _MOVES[operator] else None
        return self.stack[0] if operator == _END and count in {1, 5} else None


def integer(data: bytes, at: int, *, in_dictionary: bool) -> tuple[float, int]:
    """A number, and where what follows it begins; 255 begins one in 16.16 in programs only."""
    first = data[at]
    if first == 28:
        return float(int.from_bytes(data[at + 1 : at + 3], signed=True)), at + 3
    if first == 29 and in_dictionary:
        return float(int.from_bytes(data[at + 1 : at + 5], signed=True)), at + 5
    if first < 247:
        return float(first - 139), at + 1
    following = data[at + 1] if at + 1 < len(data) else 0
    if first < 251:
        return float((first - 247) * 256 + following + 108), at + 2
    if first < 255:
        return float(-(first - 251) * 256 - following - 108), at + 2
    return int.from_bytes(data[at + 1 : at + 5], signed=True) / 65_536, at + 5


def type_1_width(program: bytes) -> float | None:
    """The width that a Type 1 program states by `hsbw` or `sbw`, None where it begins otherwise."""
    stack: list[float] = []
    at = 0
    while at < len(program):
        first = program[at]
        if first >= 32:
            if first == 255:
                number, at = float(int.from_bytes(program[at + 1 : at + 5], signed=True)), at + 5
            else:
                number, at = integer(program, at, in_dictionary=False)
            stack.append(number)
        elif first == 13:
            return stack[1] if len(stack) > 1 else None
        elif first == 12 and program[at + 1 : at + 2] == b"\x0c" and len(stack) > 1 and stack[-1]:
            divisor = stack.pop()
            stack[-1] /= divisor
            at += 2
        elif first == 12 and program[at + 1 : at + 2] == b"\x07":
            return stack[2] if len(stack) > 2 else None
        else:
            return None
    return None
