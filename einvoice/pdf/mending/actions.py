"""Actions that PDF/A-3 allows (ISO 19005-3, 6.5.1)."""

from __future__ import annotations

import pikepdf

from einvoice.pdf.conditions.seen.values import Object, array, dictionary, name

_ALLOWED = frozenset("GoTo GoToR GoToE Thread URI Named SubmitForm".split())
_NAMED = frozenset("NextPage PrevPage FirstPage LastPage".split())
_DEEPEST = 20


def is_allowed(action: Object, depth: int = 0) -> bool:
    """Whether an action, and all that follow it, may be in a PDF/A-3; what is no action is none that may not."""
    node = dictionary(action)
    if node is None:
        return True
    kind = name(node.get("/S"))
    if depth > _DEEPEST or kind not in _ALLOWED or (kind == "Named" and name(node.get("/N")) not in _NAMED):
        return False
    following = node.get("/Next")
    each = [following] if isinstance(following, pikepdf.Dictionary) else [*array(following)]
    return all(is_allowed(one, depth + 1) for one in each)
