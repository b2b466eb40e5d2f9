-- The recount's own road: money as DECIMAL, days by the database's zones, choices by window functions.
-- It is given two days (`span`), who sells for which shop (`shops`), and what was injected (`fates`,
-- `came_back`, `leaks`); everything else comes straight from the published tables.

CREATE TABLE sold AS
SELECT
    basket_id AS basket,
    household_id AS household,
    store_id AS store,
    product_id AS product,
    quantity,
    CAST(sales_value AS DECIMAL(12, 2)) AS sales,
    CAST(retail_disc AS DECIMAL(12, 2)) AS loyalty,
    CAST(coupon_match_disc AS DECIMAL(12, 2)) AS matched,
    CAST(coupon_disc AS DECIMAL(12, 2)) AS coupon,
    CAST(timezone('America/New_York', timezone('UTC', transaction_timestamp)) AS DATE) AS day
FROM transactions
WHERE CAST(timezone('America/New_York', timezone('UTC', transaction_timestamp)) AS DATE)
    BETWEEN (SELECT first FROM span) AND (SELECT last FROM span);

CREATE TABLE visits AS
SELECT
    basket, household, store, day,
    sum(sales) AS sales,
    sum(sales + loyalty + matched) AS shelf,
    sum(loyalty) AS loyalty,
    sum(matched) AS matched,
    sum(coupon) AS coupon,
    -- Coupons beyond the sale are paid out in cash, which the till rings as a line.
    greatest(sum(coupon) - sum(sales), 0) AS paid_out,
    bool_or(product = 5978656 AND coupon > 0) AS rang_alone
FROM sold
GROUP BY ALL;

-- DISTINCT: the coupon table repeats 4,872 of its rows.
CREATE TABLE good_for AS
SELECT DISTINCT CAST(coupon_upc AS VARCHAR) AS code, campaign_id AS campaign, product_id AS product
FROM coupons;

CREATE TABLE claimed AS
SELECT DISTINCT
    household_id AS household,
    CAST(coupon_upc AS VARCHAR) AS code,
    campaign_id AS campaign,
    CAST(redemption_date AS DATE) AS day
FROM coupon_redemptions
WHERE CAST(redemption_date AS DATE) BETWEEN (SELECT first FROM span) AND (SELECT last FROM span);

-- Every basket that a row of the redemption table could mean, with how well it fits.
CREATE TABLE candidates AS
SELECT
    claimed.*,
    visits.basket,
    CASE
        WHEN count(good_for.product) FILTER (sold.coupon > 0) > 0 THEN 1
        WHEN count(good_for.product) > 0 AND bool_or(visits.rang_alone) THEN 2
        WHEN count(good_for.product) > 0 THEN 3
        WHEN max(visits.coupon) > 0 THEN 4
        ELSE 5
    END AS tier
FROM claimed
JOIN visits USING (household, day)
JOIN sold USING (basket)
LEFT JOIN good_for
    ON good_for.code = claimed.code
    AND good_for.campaign = claimed.campaign
    AND good_for.product = sold.product
GROUP BY ALL;

-- One household, code and day is one redemption, whatever number of campaigns claims it.
CREATE TABLE redeemed AS
SELECT household, code, day, first(basket ORDER BY tier, basket) AS basket, min(tier) AS tier
FROM candidates
GROUP BY household, code, day;

-- What each code on a basket is good for, under every campaign that claims it.
CREATE TABLE fitting AS
SELECT DISTINCT redeemed.basket, redeemed.code, good_for.product
FROM redeemed
JOIN claimed USING (household, code, day)
JOIN good_for ON good_for.code = claimed.code AND good_for.campaign = claimed.campaign;

-- Coupon money of a line in equal shares to the codes that fit it; odd cents to the first codes.
CREATE TABLE code_money AS
SELECT
    sold.basket,
    fitting.code,
    sold.product,
    CAST(
        CAST(sold.coupon * 100 AS BIGINT) // count(*) OVER line
        + CASE
            WHEN row_number() OVER (PARTITION BY sold.basket, sold.product ORDER BY fitting.code)
                <= CAST(sold.coupon * 100 AS BIGINT) % count(*) OVER line
            THEN 1 ELSE 0
        END
        AS DECIMAL(14, 0)
    ) * 0.01 AS money
FROM sold
JOIN fitting ON fitting.basket = sold.basket AND fitting.product = sold.product
WHERE sold.coupon > 0
WINDOW line AS (PARTITION BY sold.basket, sold.product);

-- What stands on a bill, in the till's terms. A WooCommerce shop sells at members' prices, so that
-- loyalty and match never show there; the others show the shelf price and what was taken off it.
CREATE TABLE bills AS
SELECT
    visits.basket,
    visits.day,
    shops.platform,
    shops.account,
    shops.place,
    CASE WHEN shops.platform = 'woocommerce' THEN visits.sales ELSE visits.shelf END
        + visits.paid_out AS gross,
    CASE WHEN shops.platform = 'woocommerce' THEN 0 ELSE visits.loyalty + visits.matched END
        + visits.coupon AS discount,
    visits.sales + visits.paid_out - visits.coupon AS total,
    visits.coupon,
    coalesce(fates.kind, '') AS fate,
    false AS injected
FROM visits
JOIN shops USING (store)
LEFT JOIN fates USING (basket)
UNION ALL
SELECT
    leaks.basket, leaks.day, shops.platform, shops.account, shops.place,
    leaks.gross, leaks.discount, leaks.gross - leaks.discount, leaks.discount, '', true
FROM leaks
JOIN shops USING (store);

-- Money for what came back: all of it, or the lines' own, for where a part came back no coupon of
-- the bill exceeds its line.
CREATE TABLE refunds AS
SELECT basket, total AS money FROM bills WHERE fate = 'full'
UNION ALL
SELECT
    bills.basket,
    -- Each unit's part of what was paid; of the coupon, which may not divide, the part rounded down.
    sum(
        (sold.sales * 100)::BIGINT * came_back.units // came_back.of_units
        - (sold.coupon * 100)::BIGINT * came_back.units // came_back.of_units
    )::DECIMAL(14, 0) * 0.01
FROM bills
JOIN sold USING (basket)
JOIN came_back USING (basket, product)
WHERE bills.fate = 'partial'
GROUP BY bills.basket;

CREATE TABLE orders AS
SELECT
    bills.*,
    coalesce(refunds.money, 0) AS refunded,
    CASE
        WHEN fate IN ('cancelled', 'full') THEN 'reversed'
        WHEN fate = 'unpaid' THEN 'open'
        ELSE 'confirmed'
    END AS stage,
    CASE
        WHEN fate IN ('cancelled', 'full') THEN 0
        ELSE total - coalesce(refunds.money, 0)
    END AS kept
FROM bills
LEFT JOIN refunds USING (basket);

-- One row for each code on each bill.
CREATE TABLE taken AS
SELECT
    redeemed.basket,
    redeemed.code,
    redeemed.tier,
    coalesce(sum(code_money.money), 0) AS discount,
    coalesce(
        sum((code_money.money * 100)::BIGINT * came_back.units // came_back.of_units)
        ::DECIMAL(14, 0) * 0.01, 0
    ) AS came_back
FROM redeemed
LEFT JOIN code_money USING (basket, code)
LEFT JOIN came_back
    ON came_back.basket = code_money.basket AND came_back.product = code_money.product
GROUP BY ALL
UNION ALL
SELECT basket, code, 0, discount, 0 FROM leaks;

CREATE TABLE stated AS
SELECT
    orders.basket, orders.day, orders.platform, orders.account, orders.place, orders.kept,
    orders.injected, taken.code, taken.tier, taken.discount,
    CASE
        WHEN orders.stage = 'reversed' THEN 'rolled_back'
        WHEN orders.stage = 'open' THEN 'redeemed'
        WHEN taken.came_back = 0 THEN 'confirmed'
        WHEN taken.came_back >= taken.discount THEN 'rolled_back'
        ELSE 'partially_returned'
    END AS state,
    CASE WHEN orders.stage = 'reversed' THEN taken.discount ELSE taken.came_back END AS returned
FROM taken
JOIN orders USING (basket);

-- What a bill kept, in shares of its codes that stand: by discount, equally where none has any.
CREATE TABLE weighed AS
SELECT
    stated.*,
    CASE
        WHEN state = 'rolled_back' THEN 0
        WHEN sum(discount) FILTER (state <> 'rolled_back') OVER (PARTITION BY basket) = 0 THEN 1
        ELSE CAST(discount * 100 AS BIGINT)
    END AS weight
FROM stated;

CREATE TABLE shared AS
SELECT
    weighed.*,
    CAST(kept * 100 AS HUGEINT) * weight // greatest(sum(weight) OVER bill, 1) AS floor_cents,
    CAST(kept * 100 AS HUGEINT) * weight % greatest(sum(weight) OVER bill, 1) AS remainder
FROM weighed
WINDOW bill AS (PARTITION BY basket);

CREATE TABLE redemptions AS
SELECT
    basket, day, platform, account, place, injected, code, tier, discount, state, returned,
    CASE
        WHEN state = 'rolled_back' THEN 0
        ELSE CAST(
            floor_cents + CASE
                WHEN row_number() OVER (
                    PARTITION BY basket
                    ORDER BY state = 'rolled_back', remainder DESC, code
                ) <= CAST(kept * 100 AS BIGINT) - sum(floor_cents) OVER (PARTITION BY basket)
                THEN 1 ELSE 0
            END
            AS DECIMAL(14, 0)
        ) * 0.01
    END AS revenue,
    state IN ('confirmed', 'partially_returned') AS counts
FROM shared;

-- Coupon money that no code on the bill is good for: one discount without a code on each bill.
CREATE TABLE codeless AS
SELECT
    orders.basket, orders.day, orders.platform, orders.account, orders.place,
    orders.coupon - coalesce(named.money, 0) AS discount,
    CASE
        WHEN orders.stage = 'reversed' THEN orders.coupon - coalesce(named.money, 0)
        ELSE coalesce(back.money, 0)
    END AS returned,
    orders.stage
FROM orders
LEFT JOIN (SELECT basket, sum(discount) AS money FROM taken GROUP BY 1) AS named USING (basket)
LEFT JOIN (
    SELECT
        sold.basket,
        sum(
            ((sold.coupon - coalesce(coded.money, 0)) * 100)::BIGINT
            * came_back.units // came_back.of_units
        )::DECIMAL(14, 0) * 0.01 AS money
    FROM sold
    JOIN came_back USING (basket, product)
    LEFT JOIN (SELECT basket, product, sum(money) AS money FROM code_money GROUP BY ALL) AS coded
        USING (basket, product)
    GROUP BY 1
) AS back USING (basket)
WHERE orders.coupon > coalesce(named.money, 0);

-- Which campaigns a redemption is credited to: those of its code that run on its day.
CREATE TABLE credits AS
SELECT DISTINCT
    redemptions.basket, redemptions.code, coupons.campaign_id AS campaign
FROM redemptions
JOIN coupons ON CAST(coupons.coupon_upc AS VARCHAR) = redemptions.code
JOIN campaign_descriptions AS told
    ON told.campaign_id = coupons.campaign_id
    AND redemptions.day BETWEEN CAST(told.start_date AS DATE) AND CAST(told.end_date AS DATE)
WHERE redemptions.counts;
