"""The claims policy, or a promotion's terms, in plain words for customers or staff."""

from collections.abc import Mapping
from typing import TypeVar

from vouchsafe.edge import register_table, standings_table
from vouchsafe.pure import policy_text, terms_text
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.errors import Absent, Invalid
from vouchsafe.pure.plain_words import LANGS, READERS, Lang, Reader
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.register_entries import promotion_key
from vouchsafe.pure.register_values import LONGEST

from .policy_words import PolicyTextTold

W = TypeVar("W", bound=str)


def tell(call: Call) -> Reply:
    """Written anew at each call, from what is enforced by then."""
    lang = _one_of("lang", call.query, LANGS)
    reader = _one_of("for", call.query, READERS)
    promotion_id = call.query.get("promotion")
    if promotion_id is not None:
        return Reply(body=_terms(promotion_id, lang, reader))
    policy = standings_table.read([], newest=True).policy
    told = PolicyTextTold(
        lang=lang,
        audience=reader,
        title=policy_text.title(lang),
        sentences=policy_text.sentences(policy, lang, reader),
        policy_version=policy.version,
    )
    return Reply(body=told)


def _terms(promotion_id: str, lang: Lang, reader: Reader) -> PolicyTextTold:
    if not 0 < len(promotion_id) <= LONGEST:
        raise Absent("such promotion")
    key, at = promotion_key(promotion_id), register_table.snapshot()
    held = register_table.held([key], at).get(key)
    if held is None or not isinstance(held.entry, Promotion):
        raise Absent(f"promotion {promotion_id}")
    return PolicyTextTold(
        lang=lang,
        audience=reader,
        title=terms_text.title(held.entry, lang),
        sentences=terms_text.sentences(held.entry, lang, reader),
        register_revision=at.revision,
    )


def _one_of(name: str, query: Mapping[str, str], words: tuple[W, ...]) -> W:
    """The word that is asked for, the first where none is. Raises Invalid."""
    said = query.get(name, words[0])
    for word in words:
        if word == said:
            return word
    raise Invalid(name, f"must be one of {', '.join(words)}")
