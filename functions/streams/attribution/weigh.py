"""The five rules by which the contacts of a journey share an order, to the minor unit."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from functions.streams.attribution.journey import Contact, Stand
from vouchsafe.pure.credit import MODELS, WHOLE_MILLIONTHS, Model, Share
from vouchsafe.pure.money import split

# Google Ads API, AttributionModel enum, read 2026-09: half-life one week; 40% first and last.
HALF_LIFE = timedelta(days=7)
_ONE = 10**12

Weights = tuple[int, ...]
Parts = dict[tuple[Stand, bool], list[int]]


def weights(model: Model, instants: Sequence[datetime]) -> Weights:
    """The weight of each contact, given when they were, in order. Only their ratios mean anything.

    Ages are taken from the last contact: shifting all instants, or the order's, changes nothing.
    """
    return _RULES[model](instants)


def shared(journey: Sequence[Contact], revenue_minor: int) -> tuple[Share, ...]:
    """One redemption and its revenue, shared over a journey of at least one contact."""
    minor: Parts = {}
    millionths: Parts = {}
    instants = [each.at for each in journey]
    for at, model in enumerate(MODELS):
        weighed = weights(model, instants)
        _spread(minor, at, journey, split(revenue_minor, weighed))
        _spread(millionths, at, journey, split(WHOLE_MILLIONTHS, weighed))
    shares = [
        Share(
            channel=stand.channel,
            campaign=stand.campaign,
            own=own,
            minor=tuple(minor[stand, own]),
            millionths=tuple(parts),
        )
        for (stand, own), parts in millionths.items()
    ]
    return tuple(sorted(shares, key=lambda each: (each.channel, each.campaign or "", each.own)))


def _first(instants: Sequence[datetime]) -> Weights:
    return 1, *[0] * (len(instants) - 1)


def _last(instants: Sequence[datetime]) -> Weights:
    return *[0] * (len(instants) - 1), 1


def _linear(instants: Sequence[datetime]) -> Weights:
    return (1,) * len(instants)


def _time_decay(instants: Sequence[datetime]) -> Weights:
    return tuple(round(2.0 ** ((at - instants[-1]) / HALF_LIFE) * _ONE) for at in instants)


def _position(instants: Sequence[datetime]) -> Weights:
    """40% first, 40% last, 20% over the middle; two share equally (insight.md 1.1)."""
    middle = len(instants) - 2
    if middle < 1:
        return _linear(instants)
    return 2 * middle, *[1] * middle, 2 * middle


_RULES: dict[Model, Callable[[Sequence[datetime]], Weights]] = dict(
    zip(MODELS, (_first, _last, _linear, _time_decay, _position), strict=True)
)


def _spread(parts: Parts, at: int, journey: Sequence[Contact], earned: Sequence[int]) -> None:
    """Adds what each contact earned under one model to what it stands for, equally."""
    for contact, amount in zip(journey, earned, strict=True):
        equally = split(amount, [1] * len(contact.stands))
        for stand, part in zip(contact.stands, equally, strict=True):
            parts.setdefault((stand, contact.own), [0] * len(MODELS))[at] += part
