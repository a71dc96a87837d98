"""Faults that pydantic finds in a policy, in words: which key, what is wrong with it, what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from einvoice.receivables.policy import model
from einvoice.receivables.policy.finding import Fault, Path, nearest

_PARTS: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("", model.Policy, "a policy"),
    ("calendar", model.Calendar, "the calendar"),
    ("limits", model.Limits, "the limits"),
    ("exchange.*", model.Rate, "a rate"),
    ("prelude.*", model.Step, "a step"),
    ("segments.*", model.Segment, "a segment"),
    ("flows.*.*", model.Step, "a step"),
    ("flows.*.steps.*", model.Step, "a step"),
    ("flows.*", model.Flow, "a flow"),
    ("disputes", model.Disputes, "disputes"),
    ("payment_plans", model.Plans, "payment_plans"),
    ("payment_plans.on_missed", model.Missed, "on_missed"),
    ("discounts.*", model.Discount, "a discount"),
    ("experiments.*", model.Experiment, "an experiment"),
    ("experiments.*.arms.*", model.Arm, "an arm"),
    ("call_after_ignored", model.Ignored, "call_after_ignored"),
)
_FORMS = {
    model.NAME: "write a letter first, then letters, digits, - and _, at most 60",
    r"^[A-Z]{3}$": "write the three capitals of the currency, like EUR",
    model.WINDOW: "write it like 08:30-12:00",
}
_TYPES = {
    "int": "a whole number",
    "string": "text",
    "bool": "true or false",
    "tuple": "a list, in [ ] or with - before each entry",
    "dict": "a mapping of `key: value`",
    "model": "a mapping of `key: value`",
}
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "greater_than": ("gt", "more than"), "less_than_equal": ("le", "at most")}


def faults(error: ValidationError, data: Any) -> Iterator[Fault]:
    """Every fault once, at the path where it stands in the data."""
    each: dict[Path, list[Any]] = {}
    for detail in error.errors(include_url=False):
        path, rest = _place(detail["loc"], data)
        if detail["type"] == "missing":
            path += rest[-1:]
        if detail["type"] != "too_short" or detail["ctx"]["min_length"] > len(detail["input"]):
            each.setdefault(path, []).append(detail)
    for path, details in each.items():
        yield _fault(path, details)


def _place(loc: tuple[Any, ...], data: Any) -> tuple[Path, Path]:
    """The part of pydantic's location that stands in the data, and the rest: tags of unions, absent keys."""
    path: list[str | int] = []
    rest: list[str | int] = []
    for part in loc:
        if (isinstance(data, dict) and part in data) or (isinstance(data, tuple) and isinstance(part, int) and part < len(data)):
            path.append(part)
            data = data[part]
        else:
            rest.append(part)
    return tuple(path), tuple(rest)


def _fault(path: Path, details: list[Any]) -> Fault:
    """One fault; where a value may be of several types, what each of them expects."""
    detail = details[0]
    if detail["type"] in ("extra_forbidden", "missing"):
        return _wrong_part(path, detail["type"])
    if detail["loc"][-1] == "[key]":
        return _wrong_key(path, detail["type"], detail.get("ctx", {}))
    if detail["input"] is None:
        return Fault(path, "wrong-type", f"{_named(path)} has no value", "write one, or leave the key out")
    return _beyond(path, detail) or _wrong_value(path, details)


def _wrong_part(path: Path, kind: str) -> Fault:
    """A key that its part does not know, or one that it lacks."""
    part, known, what = _part(path[:-1])
    name = path[-1] if path else ""
    if kind == "missing":
        return Fault(path, "missing-key", f"{what} needs `{name}`", f"add `{name}: …`")
    return Fault(path, "unknown-key", f"`{name}` is no key of {what}", nearest(name, known, what=f"{part.__name__.lower()} knows"))


def _beyond(path: Path, detail: Any) -> Fault | None:
    """A value of the right type beyond its bounds, or of another form."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "too_short":
        mend = "add what is missing, or leave the part out"
        return Fault(path, "empty", f"{_named(path)} needs at least {context['min_length']}", mend)
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return Fault(path, "out-of-range", f"{_named(path)} is {value}", f"write {words} {context[bound]}")
    if kind == "string_pattern_mismatch":
        return Fault(
            path, "wrong-form", f"{_named(path)} is {value!r}", _FORMS.get(context["pattern"], f"write it like {context['pattern']}")
        )
    return None


def _named(path: Path) -> str:
    return f"`{path[-1]}`" if path and isinstance(path[-1], str) else "an entry" if path else "the policy"


def _wrong_key(path: Path, kind: str, context: dict[str, Any]) -> Fault:
    name = path[-1]
    if kind == "literal_error":
        return Fault(path, "unknown-key", f"`{name}` is not known here", nearest(name, _expected(context), what="the keys are"))
    return Fault(path, "wrong-form", f"`{name}` is no name", _FORMS.get(context.get("pattern", ""), "write a word"))


def _wrong_value(path: Path, details: list[Any]) -> Fault:
    """A value of the wrong type, or none of those that are known."""
    value = details[0]["input"]
    words = [word for detail in details if detail["type"] == "literal_error" for word in _expected(detail["ctx"])]
    types = [_TYPES[kind] for detail in details if (kind := detail["type"].removesuffix("_type").removesuffix("_parsing")) in _TYPES]
    name = _named(path)
    if types:
        or_words = f" or {', '.join(words)}" if words else ""
        return Fault(path, "wrong-type", f"{name} is {_shown(value)}", f"write {types[0]}{or_words}")
    if words:
        return Fault(path, "unknown-value", f"{name} is {_shown(value)}", nearest(value, words))
    reason = str(details[0].get("ctx", {}).get("error", details[0]["msg"]))
    text, _, mend = reason.partition("; ")
    return Fault(path, "wrong-value", f"{name}: {text}", mend or "write another value")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return "a list"
    return repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"the number {value}"


def _expected(context: dict[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", context["expected"]) or [str(context["expected"])]


def _part(path: Path) -> tuple[type[BaseModel], list[str], str]:
    """The part of the policy at a path: its model, its keys, and what it is called."""
    for pattern, part, what in _PARTS:
        wanted = pattern.split(".") if pattern else []
        if len(wanted) == len(path) and all(word in ("*", key) for word, key in zip(wanted, path, strict=True)):
            return part, _keys(part), what
    return model.Policy, [], "this part"


def _keys(part: type[BaseModel]) -> list[str]:
    """The keys that a part knows, as people write them; the text is no key."""
    names = []
    for name, field in part.model_fields.items():
        alias = field.validation_alias
        names += [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
    return [name for name in names if not (part is model.Policy and name == "text")]
