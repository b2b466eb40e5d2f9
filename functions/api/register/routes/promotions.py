"""Routes: what the register holds, and the switches of promotions."""

from functions.api.register import channels, deciding, promotion_words, proposal_words, reading
from functions.api.register.parameters import PAGE
from vouchsafe.pure.asking import Route

ROUTES = (
    Route(
        method="GET",
        path="/register/campaigns",
        name="listCampaigns",
        summary="Lists campaigns by id.",
        right="read",
        handle=reading.campaigns,
        answers=promotion_words.CampaignsTold,
        query=PAGE,
    ),
    Route(
        method="GET",
        path="/register/campaigns/{campaign_id}",
        name="readCampaign",
        summary="Reads a campaign, its promotions and its history.",
        right="read",
        handle=reading.campaign,
        answers=promotion_words.CampaignTold,
    ),
    Route(
        method="GET",
        path="/register/promotions/{promotion_id}",
        name="readPromotion",
        summary="Reads a promotion, whether it runs, and its history.",
        right="read",
        handle=reading.promotion,
        answers=promotion_words.PromotionTold,
    ),
    Route(
        method="GET",
        path="/register/codes/{code}",
        name="readCode",
        summary="Reads a code, whether it runs, and its history.",
        right="read",
        handle=reading.code,
        answers=promotion_words.CodeTold,
    ),
    *(
        Route(
            method="POST",
            path=f"/register/promotions/{{promotion_id}}/{verb}",
            name=f"{verb}Promotion",
            summary=summary,
            right="approve",
            handle=handle,
            asks=promotion_words.SwitchAsked,
            answers=proposal_words.ProposalTold,
            status=202,
        )
        for verb, summary, handle in (
            (
                "pause",
                "Switches a promotion off; within a minute nobody may use it.",
                deciding.pause,
            ),
            ("resume", "Switches a paused promotion on again.", deciding.resume),
            ("retire", "Ends a promotion for good; what met it keeps it.", deciding.retire),
        )
    ),
    Route(
        method="GET",
        path="/register/promotions/{promotion_id}/channels",
        name="listChannels",
        summary="Tells what became of a promotion's switches at shops and tills.",
        right="read",
        handle=channels.every,
        answers=promotion_words.ChannelsTold,
        query=PAGE,
    ),
    Route(
        method="POST",
        path="/register/promotions/{promotion_id}/channels/again",
        name="switchAgain",
        summary="Switches a promotion's codes at shops and tills once more.",
        right="approve",
        handle=channels.again,
        asks=promotion_words.SwitchAsked,
        answers=promotion_words.ChannelsTold,
        status=202,
    ),
)
