"""A register in memory, for judgements that ask one."""

from dataclasses import dataclass, field

from vouchsafe.pure.register import Account, Campaign, Code, Location, Promotion, Segment


@dataclass
class Shelf:
    """What is laid into it is what it knows."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    locations: dict[tuple[str, str, str], Location] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    aliases: dict[tuple[str, str, str], str] = field(default_factory=dict)
    promotions: dict[str, Promotion] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    at_revision: int = 1

    def account(self, platform: str, account: str) -> Account | None:
        return self.accounts.get((platform, account))

    def location(self, platform: str, account: str, location_id: str) -> Location | None:
        return self.locations.get((platform, account, location_id))

    def code(self, canonical: str) -> Code | None:
        return self.codes.get(canonical)

    def alias(self, platform: str, account: str, alias: str) -> str | None:
        return self.aliases.get((platform, account, alias))

    def promotion(self, promotion_id: str) -> Promotion | None:
        return self.promotions.get(promotion_id)

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self.campaigns.get(campaign_id)

    def segment(self, segment_id: str) -> Segment | None:
        return self.segments.get(segment_id)

    def revision(self) -> int:
        return self.at_revision
