"""Copies the words and layouts of messages into a folder of your own, names what is amiss with them, or shows a message.

The folder is the one that is named, or that of the settings ([receivables] templates). `check` composes every message that the policy
asks for, for each creditor of the database, and ends with 1 where anything is amiss. `show` sends nothing: what it shows is invented."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.cli.options import LANGUAGES

if TYPE_CHECKING:
    from einvoice.receivables.documents.content import Content
    from einvoice.receivables.documents.templates_needs import Known
    from einvoice.receivables.policy import Finding, Policy
    from einvoice.settings import Settings

USAGE = "init DIR | check [DIR] | show KIND"
EXAMPLES = """\
  einvoice receivables templates init templates/
  einvoice receivables templates check templates/ --policy policy.yaml
  einvoice receivables templates show reminder --firmness 2 --voice friendly --language nl
  einvoice receivables templates show plan --channel sms
"""
CHANNELS = ("email", "letter", "sms", "whatsapp", "call", "computer_call")


def options(parser: ArgumentParser) -> None:
    """What `receivables templates` understands."""
    parser.add_argument("action", choices=("init", "check", "show"), help="what to do")
    parser.add_argument("what", metavar="DIR|KIND", nargs="?", help="init, check: the folder; show: reminder, aanmaning, statement, …")
    parser.add_argument("--policy", metavar="FILE", type=Path, help="check: the policy that asks; that of the settings or ours unless told")
    parser.add_argument("--templates", metavar="DIR", type=Path, help="show: the folder; that of the settings unless told")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="show: of the message; en unless told")
    parser.add_argument("--voice", metavar="VOICE", help="show: how it sounds, such as friendly or formal_direct")
    parser.add_argument("--firmness", type=int, choices=range(5), default=1, help="show: how firm, 0 to 4; 1 unless told")
    parser.add_argument("--before", action="store_true", help="show: as it is sent before the due date")
    parser.add_argument("--notice", metavar="NOTICE", help="show: with a statutory notice, such as nl-14-day-letter")
    parser.add_argument("--channel", choices=CHANNELS, default="email", help="show: as this channel carries it; email unless told")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def run(options: Namespace) -> int:
    """Copies, checks or shows."""
    return {"init": _init, "check": _check, "show": _show}[options.action](options)


def _init(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.documents.templates import init

    if options.what is None:
        raise ReceivablesError("name the folder that they are copied to: einvoice receivables templates init templates/")
    folder = Path(options.what)
    made = init(folder)
    if options.format == "json":
        print(json_text([str(path) for path in made], indent=1))
        return 0
    for path in made:
        print(f"{path}: written")
    print(f'{folder}: {len(made)} files; write templates = "{folder}" below [receivables] in einvoice.toml, delete what you keep as it is')
    return 0


def _check(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.receivables import law
    from einvoice.receivables.documents.checking import check
    from einvoice.settings import current

    settings = current()
    folder = Path(options.what) if options.what else settings.receivables.templates
    known, countries, looked = _known(settings)
    source = options.policy or settings.receivables.policy
    policy = _policy(options.policy, settings)
    found = check(folder, policy, law.load(), known, source=str(source) if source else None, countries=countries)
    if options.format == "json":
        print(json_text([_as_json(each) for each in found], indent=1))
    else:
        for each in found:
            print(each)
        if known is not None and not known.pay and not known.portal:
            print("note: there is no page to pay at, so links to pay are left out; set [hooks] url or [receivables] portal_url")
        verdict = f"{len(found)} finding{'' if len(found) == 1 else 's'}" if found else "nothing amiss"
        print(f"{folder or 'the words of this release'}: {looked}; {verdict}")
    return 1 if found else 0


def _policy(path: Path | None, settings: Settings) -> Policy:
    """The policy that is meant. Raises PolicyError, ReceivablesError."""
    from einvoice.cli.receivables.common import policy_of
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.policy import load

    if path is None:
        return policy_of(settings)
    try:
        return load(path)
    except OSError as fault:
        raise ReceivablesError(f"{path}: {fault.strerror}; name a policy that is there") from None


def _known(settings: Settings) -> tuple[Known | None, frozenset[str] | None, str]:
    """What the database of the settings knows, where it is there; and what was looked at, in words."""
    from einvoice.cli.receivables.common import opened
    from einvoice.database import pending, reading
    from einvoice.receivables.documents.checking import known

    portal, pages = settings.receivables.portal_url, settings.hooks.url
    with opened(settings) as engine:
        file = engine.url.database if engine.name == "sqlite" else None
        if (file and not Path(file).exists()) or pending(engine):
            return None, None, "no database to ask which fields creditors have"
        with reading(engine) as connection:
            found, countries = known(connection, portal, pages)
    if not found.creditors:
        return None, None, "no creditor in the database yet"
    return found, countries, f"composed for {', '.join(found.creditors)}"


def _as_json(finding: Finding) -> dict[str, Any]:
    source, line, path = finding.place
    key = ".".join(str(part) for part in path)
    return {"code": finding.code, "file": source, "line": line, "key": key, "text": finding.text, "mend": finding.mend}


def _show(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.documents.sample import message
    from einvoice.receivables.documents.templates import load
    from einvoice.settings import current

    if options.what is None:
        raise ReceivablesError("name what is shown: reminder, aanmaning, notice_of_default, legal_letter, statement, plan, …")
    made = load(options.templates or current().receivables.templates)
    shown = message(
        options.what,
        options.language,
        options.voice,
        options.firmness,
        options.channel,
        made,
        before=options.before,
        notice=options.notice,
    )
    print(json_text(_content(shown), indent=1) if options.format == "json" else _text(shown, options.channel))
    return 0


def _content(shown: Content) -> dict[str, Any]:
    from einvoice.receivables.actions import to_json

    return dict(to_json(shown))


def _text(shown: Content, channel: str) -> str:
    """The message as a channel carries it."""
    from einvoice.receivables.documents.plain import text

    if channel in ("sms", "whatsapp"):
        return shown.short
    if channel == "computer_call":
        return shown.spoken
    return shown.script if channel == "call" else f"{shown.subject}\n\n{text(shown)}"
