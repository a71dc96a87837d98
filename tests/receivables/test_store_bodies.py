"""Actions as JSON and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.receivables.actions import Action, to_json
from einvoice.receivables.store.bodies import action_from_json, action_json

WORDS = st.text(max_size=8)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    int: st.integers(0, 2**62),
    bool: st.booleans(),
    Decimal: st.integers(-(10**12), 10**12).map(lambda mills: Decimal(mills).scaleb(-3)),
    date: st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    datetime: st.dates(date(2000, 1, 1)).map(lambda day: datetime.combine(day, time(8, 30), UTC)),
    NoneType: st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, whatever fields it has by now."""
    if hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return st.builds(kind, **{name: values(hints[name]) for name in kind._fields})
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=2).map(tuple)
    return st.one_of([values(one) for one in get_args(kind)]) if get_args(kind) else BY_TYPE[kind]


@settings(max_examples=150, deadline=None)
@given(values(Action))
def test_what_is_written_is_the_action_and_reads_back(action: Action) -> None:
    text = action_json(action)
    assert json.loads(text) == json.loads(json.dumps(to_json(action)))
    assert action_from_json(text) == action
    assert action_from_json(json.loads(text)) == action
    assert action_from_json(text).id == action.id


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"kind": "message"}', "7"])
def test_what_is_no_action_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and the reader have words of their own
        action_from_json(body)
