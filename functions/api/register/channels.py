"""What became of a promotion's switches at the platforms, and asking for them once more."""

from vouchsafe.edge import audit_table, channels_table, register_table, topic
from vouchsafe.edge.settings import setting
from vouchsafe.pure.asking import Call, Reply
from vouchsafe.pure.audit import Deed
from vouchsafe.pure.channel import Found, switched_again
from vouchsafe.pure.errors import Absent
from vouchsafe.pure.register import Promotion
from vouchsafe.pure.register_entries import promotion_key

from . import parameters
from .promotion_words import ChannelsTold, FoundTold, SwitchAsked


def every(call: Call) -> Reply:
    """By switch, the newest first: each account, and each discount there."""
    promotion = _promotion(call)
    found, after = channels_table.found(
        promotion.promotion_id, parameters.after(call), parameters.page_size(call.query)
    )
    return Reply(body=_told(promotion, found, after))


def again(call: Call) -> Reply:
    """Switched everywhere as the register has it now: once a shop can be reached again."""
    promotion = _promotion(call)
    revision = register_table.newest(
        promotion_key(promotion.promotion_id), register_table.snapshot()
    )
    audit_table.append(
        Deed(
            who=call.caller.id,
            at=call.now,
            what="channels_again",
            subjects=(f"promotion:{promotion.promotion_id}",),
            why=call.asked(SwitchAsked).why,
            after=promotion.status,
        )
    )
    topic.publish(
        switched_again(promotion.promotion_id, revision, stack=setting("STACK_NAME"), at=call.now)
    )
    return Reply(body=_told(promotion, [], None), status=202)


def _promotion(call: Call) -> Promotion:
    promotion_id = parameters.name_asked(call, "promotion_id")
    key = promotion_key(promotion_id)
    held = register_table.held([key], register_table.snapshot()).get(key)
    if held is None or not isinstance(held.entry, Promotion):
        raise Absent(f"promotion {promotion_id}")
    return held.entry


def _told(promotion: Promotion, found: list[Found], after: str | None) -> ChannelsTold:
    return ChannelsTold(
        promotion_id=promotion.promotion_id,
        status=promotion.status,
        found=[
            FoundTold(
                register_revision=each.revision,
                platform=each.platform,
                account=each.account,
                state=each.state,
                why=each.why,
                discount_id=each.object_id,
                name=each.name,
                codes=list(each.codes),
                before=each.before,
                status=each.status,
                at=each.at,
                happening_id=each.happening_id,
            )
            for each in found
        ],
        after=after,
    )
