"""The invariants of the whole daily run, on a migrated database, with its real channels but for the mail server."""

from __future__ import annotations

import logging

from tests.evidence import Figure, figure, scaled

_REACHED = ("due", "between", "meanwhile", "task hand_over", "failures", "charges", "reversed", "bounced", "answer raises", "answer busy")


@figure("invariants-run", bar="invariants 1, 2, 5, 9, 10, 13 of the whole run hold after every event of every random world", item=7)
def invariants_run() -> Figure:
    """Events before, between and during plan, dispatch and relay; debtors that fail; judged by bookkeeping of the machine's own."""
    from tests.receivables.run_machine import drive

    logging.disable(logging.CRITICAL)
    try:
        done = drive(scaled(150), derandomize=False)
    finally:
        logging.disable(logging.NOTSET)
    missing = [what for what in _REACHED if not done[what]]
    text = f"{done['worlds']} worlds, {done['runs']} mornings each run twice, {done['handed in']} messages, {done['due']} debtors due"
    text += f", {done['between']} changes between plan and sending, {done['meanwhile']} during it, {done['task hand_over']} hand-overs"
    text += f", {done['failures']} debtors failed, charges on up to {done['charges']} invoices at once; broken: none"
    return Figure(f"{text}; not reached: {', '.join(missing) or 'none'}", not missing)
