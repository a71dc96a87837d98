"""Reading a policy: YAML, its shape, and how its parts fit together; every fault at once, each with file, line and mend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path as File
from typing import NamedTuple

from pydantic import ValidationError

from einvoice.errors import PolicyError
from einvoice.receivables.policy import consistency, faults, nodes
from einvoice.receivables.policy.finding import Fault, Finding, Path, Place
from einvoice.receivables.policy.model import Policy

DEFAULT = File(__file__).with_name("default.yaml")


class Examined(NamedTuple):
    """A policy, None where it cannot be used, and everything that is wrong with its text."""

    policy: Policy | None
    findings: tuple[Finding, ...]


def load(source: File | str) -> Policy:
    """The policy in a file (a path), or in a text of YAML; `policy.text` is what was read and `policy.hash` its SHA-256.

    Raises PolicyError with a finding for every fault: unknown keys, wrong types, expressions that mean nothing, flows that do not
    exist, firmness that falls, a missing catch-all. Raises OSError where the file cannot be read.
    """
    found = examine(source)
    if found.policy is None:
        raise refusal(source, found.findings)
    return found.policy


def refusal(source: File | str, findings: Sequence[Finding]) -> PolicyError:
    """The error that tells all faults."""
    name = str(source) if isinstance(source, File) else "the policy"
    return PolicyError(f"{name} cannot be used; {len(findings)} fault{'' if len(findings) == 1 else 's'}:", findings)


def examine(source: File | str) -> Examined:
    """The policy in a file or text with all that is wrong with it; nothing is raised for what it says."""
    name = str(source) if isinstance(source, File) else None
    try:
        text = source.read_bytes().decode("utf-8-sig") if isinstance(source, File) else source
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Examined(None, (Finding("yaml-encoding", "the file is not UTF-8", "save it as UTF-8", Place(name, line)),))
    document = nodes.read(text, name)
    policy, found = _built(document, text)
    findings = sorted({*document.findings, *found}, key=lambda each: (each.place.line or 0, str(each)))
    return Examined(None if findings else policy, tuple(findings))


def _built(document: nodes.Document, text: str) -> tuple[Policy | None, list[Finding]]:
    """The policy where its data has the right shape, and the faults of shape and fit."""
    data = document.data
    if not isinstance(data, dict):
        wrong = (
            [] if document.findings else [Finding("wrong-type", "the policy is no mapping", "begin with `version: 1`", document.place(()))]
        )
        return None, wrong
    found: list[Fault] = []
    policy = None
    if "text" in data:
        found.append(Fault(("text",), "unknown-key", "`text` is no key of a policy", "leave it out"))
    try:
        policy = Policy.model_validate({**data, "text": text}, strict=True)
    except ValidationError as error:
        found.extend(faults.faults(error, data))
    shapes = {fault.path for fault in found}
    found.extend(fault for fault in consistency.faults(data) if fault.path not in shapes and not _follows(fault, shapes))
    return policy, [Finding(fault.code, fault.text, fault.mend, document.place(fault.path)) for fault in found]


def _follows(fault: Fault, shapes: set[Path]) -> bool:
    """Whether a step only has no channel because the key of its channels is misspelt."""
    return fault.code == "no-channel" and any(path[:-1] == fault.path for path in shapes)


@cache
def default() -> Policy:
    """The policy that comes with this release: ten flows with 37 steps, eleven segments."""
    return load(DEFAULT)
