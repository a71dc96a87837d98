"""What the server counts, as text for Prometheus (exposition format 0.0.4)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from threading import Lock

TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds, the upper ends of the histogram's buckets."""
_PREFIX = "einvoice_peppol"
_HELP = {
    "received": "Messages that were kept and acknowledged for the first time.",
    "repeated": "Messages that were acknowledged and known already: as a whole, or their document under another message id.",
    "refused": "Messages that were refused, by the code of ebMS they were answered with.",
    "unanswered": "Requests without an answer of AS4: too slow, broken off, too many, or the database or spool failed.",
}


class Metrics:
    """Counters and one histogram; any thread may count."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in _HELP}
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self.under_way = 0

    def count(self, name: str, label: str = "") -> None:
        """One more of `received`, `repeated`, `refused` (by code), `unanswered` (by reason)."""
        with self._lock:
            self._counts[name][label] += 1

    def took(self, seconds: float) -> None:
        """How long an answer took, from the first byte of the request."""
        with self._lock:
            self._buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds += seconds

    def text(self, inbox: Mapping[str, int], certificate_days: float) -> str:
        """Everything, with how many messages of each state the inbox has, and for how many days our certificate is valid."""
        with self._lock:
            lines = [*self._counted(), *self._histogram(), *_gauges(inbox, certificate_days, self.under_way)]
        return "\n".join([*lines, ""])

    def _counted(self) -> Iterator[str]:
        labels = {"refused": "code", "unanswered": "reason", "repeated": "what"}
        for name, words in _HELP.items():
            yield from _head(f"{name}_total", "counter", words)
            if name not in labels:
                yield f"{_PREFIX}_{name}_total {self._counts[name]['']}"
                continue
            for label, count in sorted(self._counts[name].items()):
                yield f'{_PREFIX}_{name}_total{{{labels[name]}="{label}"}} {count}'

    def _histogram(self) -> Iterator[str]:
        yield from _head("answer_seconds", "histogram", "How long answers took, from the first byte of the request.")
        total = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._buckets, strict=True):
            total += count
            yield f'{_PREFIX}_answer_seconds_bucket{{le="{bound}"}} {total}'
        yield f"{_PREFIX}_answer_seconds_sum {self._seconds:.6f}"
        yield f"{_PREFIX}_answer_seconds_count {total}"


def _gauges(inbox: Mapping[str, int], certificate_days: float, under_way: int) -> Iterator[str]:
    yield from _head("inbox_messages", "gauge", "Messages of the inbox by state; received and leased ones wait to be handed over.")
    for state, count in sorted(inbox.items()):
        yield f'{_PREFIX}_inbox_messages{{state="{state}"}} {count}'
    yield from _head("certificate_days", "gauge", "Days until our certificate is no longer valid.")
    yield f"{_PREFIX}_certificate_days {certificate_days:.2f}"
    yield from _head("under_way", "gauge", "Requests that are being answered.")
    yield f"{_PREFIX}_under_way {under_way}"


def _head(name: str, kind: str, words: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}_{name} {words}"
    yield f"# TYPE {_PREFIX}_{name} {kind}"
