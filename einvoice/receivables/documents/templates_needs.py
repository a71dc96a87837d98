"""What a policy asks of the words, and what their placeholders need of the creditors: found by composing, before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.receivables.documents import compose, sample, voices
from einvoice.receivables.documents.compose_papers import KINDS
from einvoice.receivables.documents.parties import Missing
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.documents.words import LANGUAGES, Words
from einvoice.receivables.planning.languages import PARTY
from einvoice.receivables.policy.finding import Finding, Place, nearest
from einvoice.receivables.policy.model import Policy, Step

_WRITTEN = ("email", "letter", "sms")
_FIRMEST = 4


class Wanted(NamedTuple):
    """A step of a policy, and where it stands in it."""

    step: Step
    firmness: int
    path: tuple[str | int, ...]


class Known(NamedTuple):
    """What is known of an installation: its creditors by key, whether any invoice says what was bought, where it is paid and seen."""

    creditors: Mapping[str, Mapping[str, Any]] = {}
    described: bool = True
    portal: str | None = sample.PORTAL
    pay: str | None = sample.PAY


def steps(policy: Policy) -> Iterator[Wanted]:
    """Every step that sends something, the arms of experiments as steps of their own."""
    for place, step in enumerate(policy.prelude):
        yield Wanted(step, step.firmness or 0, ("prelude", place))
    for name, flow in policy.flows.items():
        for place, step in enumerate(flow.steps):
            yield Wanted(step, flow.firmness_of(step.id), ("flows", name, place))
    for place, experiment in enumerate(policy.experiments):
        flow = policy.flows[experiment.flow]
        for base in (step for step in flow.steps if step.id == experiment.step):
            for name, arm in experiment.arms.items():
                contents = base.contents if arm.contents is None else arm.contents
                step = base.model_copy(update={"voice": arm.voice or base.voice, "contents": contents})
                yield Wanted(step, flow.firmness_of(base.id), ("experiments", place, "arms", name))


def asked(policy: Policy, made: Templates, source: str | None) -> Iterator[Finding]:
    """Documents, voices, contents and languages that the policy asks for and the words lack."""
    seen: set[tuple[str, str]] = set()
    for wanted in steps(policy):
        for code, key, name, text, mend in _lacking(wanted.step, made):
            if (code, name) not in seen:
                seen.add((code, name))
                yield Finding(code, text, mend, Place(source, None, (*wanted.path, key)))


def _lacking(step: Step, made: Templates) -> Iterator[tuple[str, str, str, str, str]]:
    for name in (step.document,) if not step.handover else ():
        lacking = [each for each in LANGUAGES if name != compose.REMINDER and not _has(made.words[each], ("opening", name))]
        if lacking:
            known = [compose.REMINDER, *(key for key in made.words["en"].texts["opening"] if not key.isdigit() and key != "before")]
            mend = f"add `{name}` to [subject] and [opening]; or {nearest(name, known)}"
            yield "unknown-document", "document", name, f"document `{name}` has no words in {', '.join(lacking)}", mend
    for name in step.contents:
        lacking = [each for each in LANGUAGES if name != compose.PAYLINK and not _has(made.words[each], ("contents", name))]
        if lacking:
            mend = f"add `{name}` to [contents]; or {nearest(name, [compose.PAYLINK, *made.words['en'].texts['contents']])}"
            yield "unknown-content", "contents", name, f"content `{name}` has no words in {', '.join(lacking)}", mend
    yield from _voice(step.voice, made)
    for name in step.lang:
        if name != PARTY and name[:2] not in LANGUAGES:
            yield "unknown-language", "lang", name, f"language `{name}` has no words", f"write one of {', '.join((PARTY, *LANGUAGES))}"


def _voice(voice: str | None, made: Templates) -> Iterator[tuple[str, str, str, str, str]]:
    """A voice that has no words of its own, and of which a part has none."""
    for language in LANGUAGES if voice else ():
        known = made.words[language].texts["voice"]
        lacking = [part for part in voices.parts(voice)[1:] or voices.parts(voice) if part not in known] if voice not in known else []
        for part in lacking:
            mend = f"add [voice.{part}.opening] to {language}.toml; or {nearest(part, known)}"
            yield "unknown-voice", "voice", part, f"voice `{part}` has no words in {language}: it would sound like any other", mend


def _has(words: Words, path: tuple[str, ...]) -> bool:
    return words.sentence(path) is not None


def notices(made: Templates, wanted: Collection[str]) -> Iterator[Finding]:
    """Statutory notices that the law gives and the words lack."""
    for name in sorted(wanted):
        lacking = [each for each in LANGUAGES if not _has(made.words[each], ("notice", name))]
        if lacking:
            text = f"notice `{name}`, which the law gives, has no words in {', '.join(lacking)}"
            yield Finding("unknown-notice", text, "add it to [notice], with all that the law wants in it", Place(path=("notice", name)))


def fields(made: Templates, policy: Policy, wanted: Collection[str], known: Known) -> Iterator[Finding]:
    """What messages need and no creditor or invoice has: every step, notice and document composed for each creditor in each language."""
    for key, creditor in known.creditors.items() or {"": sample.CREDITOR}.items():
        missing: dict[tuple[str, str], Finding] = {}
        for who, make in _everything(made, policy, wanted, creditor, known):
            try:
                make()
            except Missing as fault:
                if fault.field.startswith("{"):
                    continue  # no placeholder at all, which the words were found to name
                place = Place(f"creditor {key}" if key else None, None, who)
                text = f"{fault.field} is missing, which {fault.text} needs"
                mend = "fill it in, or write the sentence without it"
                missing.setdefault((fault.field, fault.text), Finding("missing-field", text, mend, place))
            except ReceivablesError as fault:
                missing.setdefault((str(fault), ""), Finding("broken", str(fault), "", Place(None, None, who)))
        yield from missing.values()


def _everything(
    made: Templates, policy: Policy, wanted: Collection[str], creditor: Mapping[str, Any], known: Known
) -> Iterator[tuple[tuple[str, ...], Any]]:
    more: dict[str, Any] = {"creditor": creditor, "templates": made, "portal": known.portal, "pay": known.pay}
    for language in LANGUAGES:
        for one in steps(policy):
            step = one.step
            if not step.handover:
                about = sample.facts(
                    step.document, one.firmness, language, voice=step.voice, contents=step.contents, offset=step.offset, **more
                )
                path = tuple(str(part) for part in one.path)
                yield path, lambda about=about, step=step: [compose.content(about, each, sample.KEY) for each in _channels(step)]
        for notice, channel in product(sorted(wanted), ("email", "letter")):
            about = sample.facts("statutory_notice", 3, language, notice=notice, described=known.described, **more)
            yield ("notice", notice), lambda about=about, channel=channel: compose.content(about, channel, sample.KEY)
        for kind in KINDS:
            if kind != "prenotice" or creditor.get("sepa_id"):
                yield (kind,), lambda kind=kind, language=language: sample.paper(kind, sample.party(language, **more))


def _channels(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*step.all_of, *step.any_of, *step.fallback))) or _WRITTEN


def voiced(made: Templates) -> Iterator[Finding]:
    """Whatever else keeps a sentence of any voice, firmness and document from being written."""
    seen: set[str] = set()
    for language in LANGUAGES:
        texts = made.words[language].texts
        documents = [compose.REMINDER, *(name for name in texts["opening"] if not name.isdigit() and name != "before")]
        for document, voice, firmness in product(documents, (None, *texts["voice"]), range(-1, _FIRMEST + 1)):
            about = sample.facts(document, max(firmness, 0), language, voice=voice, offset=-1 if firmness < 0 else 10, templates=made)
            try:
                compose.content(about, "email", sample.KEY)
            except ReceivablesError as fault:
                if str(fault) not in seen and not (isinstance(fault, Missing) and fault.field.startswith("{")):
                    seen.add(str(fault))
                    yield Finding("broken", str(fault), "", Place(f"{language}.toml", None, (document,)))
