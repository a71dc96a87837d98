"""Shows a policy as a page that people read, names what is amiss with it, or tries it out on what the database holds.

The policy is the file that is named, that of the settings, or the one that comes with this release. `show --init` writes a copy of
that one to start from. `check` ends with 1 where anything is amiss. `simulate` writes and sends nothing; over several days it supposes
that nobody pays and that everything arrives."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.cli.options import LANGUAGES
from einvoice.cli.receivables.common import creditor_option
from einvoice.cli.receivables.values import day

if TYPE_CHECKING:
    from einvoice.receivables.policy import Finding, Policy

USAGE = "show|check|simulate [FILE]"
EXAMPLES = """\
  einvoice receivables policy show
  einvoice receivables policy show --init policy.yaml
  einvoice receivables policy show policy.yaml --format html --language nl -o policy.html
  einvoice receivables policy check policy.yaml
  einvoice receivables policy simulate policy.yaml --as-of 2026-12-01 --days 30
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables policy` understands."""
    parser.add_argument("action", choices=("show", "check", "simulate"), help="what to do")
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="the policy; that of the settings or ours unless told")
    parser.add_argument("--init", metavar="FILE", type=Path, help="show: write a copy of our policy there; never over a file")
    parser.add_argument("--format", choices=("text", "html", "json"), default="text", help="how to print; text unless told")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the page; en unless told")
    parser.add_argument("-o", "--output", metavar="FILE", help="show: write the page there, not to standard output")
    parser.add_argument("--force", action="store_true", help="replace the file that -o names")
    parser.add_argument("--as-of", type=day, metavar="DAY", help="simulate: the first day; today unless told")
    parser.add_argument("--days", type=_count, default=1, metavar="N", help="simulate: so many days in a row; 1 unless told")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="simulate: show so many actions a day; 20 unless told, 0 all")
    creditor_option(parser)


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 1000:
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to 1000")
    return int(text)


def run(options: Namespace) -> int:
    """Shows, checks or simulates."""
    if options.action == "check":
        return _check(options)
    if options.action == "simulate":
        from einvoice.cli.receivables.simulated import simulated

        return simulated(options, _policy(options))
    return _init(options.init) if options.init else _show(options)


def _policy(options: Namespace) -> Policy:
    """The policy that is meant. Raises PolicyError."""
    from einvoice.cli.receivables.common import policy_of
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.policy import load
    from einvoice.settings import current

    if options.file is None:
        return policy_of(current())
    try:
        return load(options.file)
    except OSError as fault:
        raise ReceivablesError(f"{options.file}: {fault.strerror}; `policy show --init {options.file}` writes a policy there") from None


def _init(target: Path) -> int:
    """A copy of our policy, in a file that is not there yet."""
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.policy import default

    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(default().text)
    except FileExistsError:
        raise ReceivablesError(f"{target} is there already; name another file") from None
    except OSError as fault:
        raise ReceivablesError(f"{target} cannot be written: {fault.strerror}") from None
    print(f"{target}: written; `einvoice receivables policy check {target}` says what is amiss once you have changed it")
    return 0


def _show(options: Namespace) -> int:
    from einvoice.cli.printing import json_text, save
    from einvoice.receivables.policy import page, text

    policy = _policy(options)
    if options.format == "json":
        made = json_text({"hash": policy.hash, **policy.model_dump(mode="json")}, indent=1) + "\n"
    else:
        made = (page if options.format == "html" else text)(policy, options.language)
    save(made.encode(), options.output, force=options.force)
    return 0


def _check(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.receivables.policy import check

    policy, name, found = _examined(options)
    if policy is not None:
        found = check(policy, name)
    if options.format == "json":
        print(json_text([_as_json(each) for each in found], indent=1))
    else:
        for each in found:
            print(each)
        if policy is not None:
            steps = sum(len(flow.steps) for flow in policy.flows.values())
            verdict = f"{len(found)} finding{'' if len(found) == 1 else 's'}" if found else "nothing amiss"
            print(f"{name or policy.name}: {len(policy.segments)} segments, {len(policy.flows)} flows, {steps} steps; {verdict}")
    return 1 if found else 0


def _examined(options: Namespace) -> tuple[Policy | None, str | None, tuple[Finding, ...]]:
    """The policy that is meant, its file's name, and the faults that keep it from being used."""
    from einvoice.errors import PolicyError

    try:
        return _policy(options), str(options.file) if options.file else None, ()
    except PolicyError as error:
        return None, None, error.findings


def _as_json(finding: Finding) -> dict[str, Any]:
    from einvoice.receivables.policy.finding import written

    source, line, path = finding.place
    return {"code": finding.code, "file": source, "line": line, "path": written(path), "text": finding.text, "mend": finding.mend}
