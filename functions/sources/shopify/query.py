"""What Shopify's Admin API is asked for: an order in the webhook's own words, and webhooks.

Every field is renamed (GraphQL aliases) to what the webhook calls it: one reader reads both.
https://shopify.dev/docs/api/admin-graphql/2026-04/objects/Order, read 2026-11-20.
"""

VERSION = "2026-04"
MOST_REFUNDS = 50

_MONEY = "{ shop_money: shopMoney { amount currency_code: currencyCode } }"
_APPLICATION = """
fragment Application on DiscountApplication {
  index
  type: __typename
  ... on DiscountCodeApplication { code }
  ... on ManualDiscountApplication { title description }
  ... on AutomaticDiscountApplication { title }
  ... on ScriptDiscountApplication { title }
}"""
_ALLOCATIONS = f"""discount_allocations: discountAllocations {{
      amount_set: allocatedAmountSet {_MONEY}
      discount_application: discountApplication {{ ...Application }}
    }}"""
PAGE = "page_info: pageInfo { has_next_page: hasNextPage end_cursor: endCursor }"
_LINES = f"""nodes {{
    id
    sku
    quantity
    price_set: originalUnitPriceSet {_MONEY}
    gift_card: isGiftCard
    product {{ id }}
    {_ALLOCATIONS}
  }}
  {PAGE}"""


def order_fragment(*, staff: bool) -> str:
    """The fragment of an order, with the staff member where the shop's plan lets an app see it."""
    return f"""
fragment Told on Order {{
  id: legacyResourceId
  updated_at: updatedAt
  processed_at: processedAt
  cancelled_at: cancelledAt
  cancel_reason: cancelReason
  financial_status: displayFinancialStatus
  test
  currency: currencyCode
  taxes_included: taxesIncluded
  source_name: sourceName
  email
  phone
  customer {{ id: legacyResourceId }}
  location: retailLocation {{ id: legacyResourceId }}
  {"staff: staffMember { id }" if staff else ""}
  total_price_set: totalPriceSet {_MONEY}
  total_discounts_set: totalDiscountsSet {_MONEY}
  total_tax_set: totalTaxSet {_MONEY}
  total_tip_received_set: totalTipReceivedSet {_MONEY}
  original_total_duties_set: originalTotalDutiesSet {_MONEY}
  original_total_additional_fees_set: originalTotalAdditionalFeesSet {_MONEY}
  codes: discountCodes
  discount_applications: discountApplications(first: $many) {{
    nodes {{ ...Application }}
    {PAGE}
  }}
  line_items: lineItems(first: $many, after: $after_line) {{
  {_LINES}
  }}
  shipping_lines: shippingLines(first: 20) {{
    nodes {{
      id
      price_set: originalPriceSet {_MONEY}
      is_removed: isRemoved
      {_ALLOCATIONS}
    }}
    {PAGE}
  }}
  refunds(first: {MOST_REFUNDS}) {{
    id: legacyResourceId
    processed_at: processedAt
    refund_line_items: refundLineItems(first: $many) {{
      nodes {{
        line_item: lineItem {{ id }}
        quantity
        subtotal_set: subtotalSet {_MONEY}
        total_tax_set: totalTaxSet {_MONEY}
      }}
      {PAGE}
    }}
    refund_shipping_lines: refundShippingLines(first: 20) {{
      nodes {{
        shipping_line: shippingLine {{ id discounted_price_set: discountedPriceSet {_MONEY} }}
        subtotal_amount_set: subtotalAmountSet {_MONEY}
        tax_amount_set: taxAmountSet {_MONEY}
      }}
      {PAGE}
    }}
    order_adjustments: orderAdjustments(first: 20) {{
      nodes {{
        amount_set: amountSet {_MONEY}
        tax_amount_set: taxAmountSet {_MONEY}
      }}
      {PAGE}
    }}
    transactions(first: 20) {{
      nodes {{
        kind
        status
        amount_set: amountSet {{
          presentment_money: presentmentMoney {{ amount currency_code: currencyCode }}
        }}
      }}
      {PAGE}
    }}
  }}
}}
{_APPLICATION}"""


LIST = """
query Orders(
  $first: Int!, $many: Int!, $after: String, $after_line: String,
  $query: String!, $by: OrderSortKeys!
) {
  orders(first: $first, after: $after, query: $query, sortKey: $by) {
    nodes { ...Told }
    page_info: pageInfo { has_next_page: hasNextPage end_cursor: endCursor }
  }
}"""
ONE = """
query Order($id: ID!, $many: Int!, $after_line: String) {
  order(id: $id) { ...Told }
}"""
WISHES = f"""
query Wishes($uri: String!, $after: String) {{
  webhookSubscriptions(first: 50, uri: $uri, after: $after) {{
    nodes {{ topic uri format filter include_fields: includeFields }}
    {PAGE}
  }}
}}"""
WISH = """
mutation Wish($topic: WebhookSubscriptionTopic!, $wish: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $wish) {
    wish: webhookSubscription { id }
    complaints: userErrors { message }
  }
}"""
