"""The words that systems have for the fields of a list of codes, their kinds and statuses.

Sources: WooCommerce REST coupons and the coupon columns of its CSV tools; Shopify discounts as its
export apps write them; Klaviyo coupon codes; Mailchimp promo rules and codes; Square's catalogue;
Toast's configuration; read 2026-11-21.
"""

from collections.abc import Mapping

from vouchsafe.pure.census import Kind, Status


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The first header of a field that a list has is taken; others say something else there.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": _words(
        "code coupon_code discount_code promo_code promocode voucher_code unique_code redeem_code"
        " voucher post_title coupon"
    ),
    "ref": _words("id discount_id rule_id promo_rule_id coupon_id catalog_object_id guid"),
    "name": _words(
        "name title discount_name promotion_name promotion campaign coupon_name coupon"
        " description post_excerpt"
    ),
    "owner": _words("owner responsible team manager department"),
    "kind": _words("kind discount_value_type value_type discount_type amount_type type method"),
    "value": _words(
        "value discount_value coupon_amount amount discount percentage percent"
        " discount_percentage discount_amount"
    ),
    "currency": _words("currency currency_code"),
    "starts_on": _words(
        "starts_at starts_on starts start_date start valid_from active_from date_start from"
    ),
    "ends_on": _words(
        "ends_at ends_on ends end_date end date_expires expires_at expires expiry_date expiry"
        " expiration_date expiration valid_until valid_to until"
    ),
    "status": _words("status state post_status active enabled is_active"),
    "limit": _words("usage_limit limit max_uses total_usage_limit maximum_uses"),
    "uses": _words(
        "times_used code_used_count usage_count used_count uses used redemptions redeemed"
    ),
    "cost": _words("cost discount_total total_discount amount_discounted total_discounted"),
    "made_on": _words("created_at created_on created date_created post_date"),
}
PERCENT_HEADERS = frozenset({"percentage", "percent", "discount_percentage"})
KINDS: Mapping[Kind, frozenset[str]] = {
    "percent": frozenset(
        _words(
            "percent percentage percent_product fixed_percentage variable_percentage open_percent"
        )
    ),
    "amount": frozenset(
        _words("amount fixed fixed_amount fixed_cart fixed_product variable_amount open_fixed")
    ),
    "free_shipping": frozenset(_words("shipping free_shipping")),
    "free_item": frozenset(_words("bogo bxgy buy_x_get_y free_item")),
}
STATUSES: Mapping[Status, frozenset[str]] = {
    "active": frozenset(
        _words(
            "active enabled publish published live running on true yes 1 unassigned assigned"
            " assigned_to_profile"
        )
    ),
    "paused": frozenset(
        _words(
            "paused disabled draft private pending trash inactive off false no 0 processing"
            " deleting version_not_active"
        )
    ),
    "scheduled": frozenset(_words("scheduled future upcoming")),
    "ended": frozenset(_words("expired ended used archived")),
}
