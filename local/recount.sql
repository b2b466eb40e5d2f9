-- The recount's own road: money as DECIMAL, days by the database's zones, choices by window functions.
-- It is given two days and one household in how many (`span`), who sells for which shop (`shops`),
-- what was injected (`fates`, `came_back`, `leaks`), and what browsers told of which pages
-- (`reporting`, `pages`, `told`); all else comes from the published tables.

CREATE TABLE sold AS
SELECT
    basket_id AS basket,
    household_id AS household,
    store_id AS store,
    transaction_timestamp AS placed,
    product_id AS product,
    quantity,
    CAST(sales_value AS DECIMAL(12, 2)) AS sales,
    CAST(retail_disc AS DECIMAL(12, 2)) AS loyalty,
    CAST(coupon_match_disc AS DECIMAL(12, 2)) AS matched,
    CAST(coupon_disc AS DECIMAL(12, 2)) AS coupon,
    CAST(timezone('America/New_York', timezone('UTC', transaction_timestamp)) AS DATE) AS day
FROM transactions
WHERE CAST(timezone('America/New_York', timezone('UTC', transaction_timestamp)) AS DATE)
    BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
    AND household_id % (SELECT one_in FROM span) = 0;

CREATE TABLE visits AS
SELECT
    basket, household, store, placed, day,
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
WHERE CAST(redemption_date AS DATE) BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
    AND household_id % (SELECT one_in FROM span) = 0;

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

-- These sell at members' prices, so that loyalty and match never show there.
CREATE TABLE at_members_prices AS
SELECT *
FROM (VALUES
    ('lightspeed'), ('lightspeed_retail'), ('sap_business_one'), ('toast'), ('woocommerce')
) AS told(platform);

-- What stands on a bill, in the till's terms: the shelf price and what was taken off it, but at
-- members' prices.
CREATE TABLE bills AS
SELECT
    visits.basket,
    visits.household,
    visits.placed,
    visits.day,
    shops.platform,
    shops.account,
    shops.place,
    CASE WHEN shops.platform IN (FROM at_members_prices) THEN visits.sales ELSE visits.shelf END
        + visits.paid_out AS gross,
    CASE
        WHEN shops.platform IN (FROM at_members_prices) THEN 0
        ELSE visits.loyalty + visits.matched
    END
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
    leaks.basket, NULL, NULL, leaks.day, shops.platform, shops.account, shops.place,
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
    orders.basket, orders.household, orders.placed, orders.day, orders.platform, orders.account,
    orders.place, orders.kept, orders.injected, orders.fate, orders.total, taken.code, taken.tier, taken.discount,
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

-- These do not say who bought; the K-Series not before the bill is paid.
CREATE TABLE of_nobody AS
SELECT basket
FROM bills
WHERE platform IN ('micros', 'sap_business_one', 'toast', 'upserve')
    OR (platform = 'lightspeed' AND fate = 'unpaid');

CREATE TABLE redemptions AS
SELECT
    basket, household, placed, day, platform, account, place, injected, code, tier, discount, state,
    returned, fate,
    basket IN (FROM of_nobody) AS nobodys,
    -- A Square order without a payment has no e-mail of who bought.
    NOT injected AND basket NOT IN (FROM of_nobody)
        AND NOT (platform = 'square' AND (total = 0 OR fate IN ('unpaid', 'cancelled'))) AS known,
    CASE
        WHEN state = 'rolled_back' THEN 0
        ELSE CAST(
            floor_cents + CASE
                WHEN row_number() OVER (
                    PARTITION BY basket
                    -- Codes are sorted as they are kept, with the letter for the nought.
                    ORDER BY state = 'rolled_back', remainder DESC, replace(code, '0', 'O')
                ) <= CAST(kept * 100 AS BIGINT) - sum(floor_cents) OVER (PARTITION BY basket)
                THEN 1 ELSE 0
            END
            AS DECIMAL(14, 0)
        ) * 0.01
    END AS revenue,
    state IN ('confirmed', 'partially_returned') AS counts
FROM shared;

-- What belongs into the books: whatever was confirmed, though it was taken back later.
CREATE TABLE booked AS
SELECT platform, account, day, code, discount, returned
FROM redemptions
WHERE discount > 0 AND (counts OR (state = 'rolled_back' AND fate <> 'cancelled'));

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
WHERE orders.coupon > coalesce(named.money, 0)
UNION ALL
-- Clover and Revel have no word for a discount that comes by itself: loyalty and match are
-- discounts like any.
SELECT
    orders.basket, orders.day, orders.platform, orders.account, orders.place,
    own.money,
    CASE WHEN orders.stage = 'reversed' THEN own.money ELSE coalesce(own.back, 0) END,
    CASE WHEN own.back >= own.money THEN 'reversed' ELSE orders.stage END
FROM orders
JOIN (
    SELECT
        sold.basket,
        cut.kind,
        sum(cut.money) AS money,
        sum((cut.money * 100)::BIGINT * came_back.units // came_back.of_units)
            ::DECIMAL(14, 0) * 0.01 AS back
    FROM sold
    CROSS JOIN LATERAL (VALUES ('loyalty', sold.loyalty), ('match', sold.matched)) AS cut(kind, money)
    LEFT JOIN came_back USING (basket, product)
    WHERE cut.money > 0
    GROUP BY ALL
) AS own USING (basket)
WHERE orders.platform IN ('clover', 'revel') AND NOT orders.injected;


-- What all codes of an order that count left of it.
CREATE TABLE influenced AS
SELECT basket, sum(revenue) AS kept FROM redemptions WHERE counts GROUP BY basket;

-- The campaigns that run on a day with a code, and the channel that each type of them has.
CREATE TABLE running AS
SELECT DISTINCT
    redemptions.basket,
    redemptions.code,
    told.campaign_id AS campaign,
    CASE told.campaign_type
        WHEN 'Type A' THEN 'direct_mail / print'
        WHEN 'Type B' THEN 'newsletter / email'
        WHEN 'Type C' THEN 'loyalty_app / push'
    END AS channel
FROM redemptions
JOIN coupons ON coupons.coupon_upc::VARCHAR = redemptions.code
JOIN campaign_descriptions AS told
    ON told.campaign_id = coupons.campaign_id
    AND redemptions.day BETWEEN told.start_date::DATE AND told.end_date::DATE;

-- Which campaigns a redemption is credited to: those that targeted the household with the code and
-- run on the day, which are the rows of the redemption table; where nobody knows who bought, all
-- that run with the code.
CREATE TABLE earned AS
SELECT redemptions.basket, redemptions.code, claimed.campaign
FROM redemptions
JOIN claimed USING (household, code, day)
WHERE redemptions.known
UNION ALL
SELECT running.basket, running.code, running.campaign
FROM running
JOIN redemptions USING (basket, code)
WHERE redemptions.nobodys;

CREATE TABLE credits AS
SELECT
    redemptions.basket, redemptions.day, redemptions.code, earned.campaign,
    redemptions.state, redemptions.counts, redemptions.fate, redemptions.discount,
    redemptions.returned, redemptions.revenue,
    count(*) OVER each AS campaigns,
    row_number() OVER (each ORDER BY earned.campaign) AS nth
FROM redemptions
JOIN earned USING (basket, code)
WINDOW each AS (PARTITION BY redemptions.basket, redemptions.code);

-- Equal parts of a credit's money for its campaigns; the odd cents go to the first.
CREATE TABLE campaign_credits AS
SELECT
    basket, day, code, campaign, state, counts, fate, discount = 0 AS no_effect,
    (((discount * 100)::BIGINT // campaigns)
        + (nth <= (discount * 100)::BIGINT % campaigns)::INT)::DECIMAL(14, 0) * 0.01 AS discount,
    (((returned * 100)::BIGINT // campaigns)
        + (nth <= (returned * 100)::BIGINT % campaigns)::INT)::DECIMAL(14, 0) * 0.01 AS returned,
    (((revenue * 100)::BIGINT // campaigns)
        + (nth <= (revenue * 100)::BIGINT % campaigns)::INT)::DECIMAL(14, 0) * 0.01 AS revenue
FROM credits;

-- An order with several codes of one campaign is one order of it.
CREATE TABLE campaign_orders AS
SELECT DISTINCT campaign, day, basket, influenced.kept
FROM campaign_credits
JOIN influenced USING (basket)
WHERE counts;

-- A shared code in the hands of people whom none of its campaigns targeted.
CREATE TABLE leaked AS
SELECT redemptions.basket, redemptions.day, redemptions.code, redemptions.discount, running.campaign
FROM redemptions
JOIN running USING (basket, code)
WHERE redemptions.counts AND NOT redemptions.known AND NOT redemptions.nobodys;

-- What was seen of a person in the ninety days before a redemption; visits from nowhere only where
-- nothing else was seen. Of a long journey the first contact and the newest ones stand for all.
CREATE TABLE seen AS
SELECT
    redemptions.basket, redemptions.code, redemptions.day, redemptions.revenue, touches.channel,
    row_number() OVER (journey ORDER BY touches.seen_at, touches.touchpoint_id) AS nth,
    row_number() OVER (journey ORDER BY touches.seen_at DESC, touches.touchpoint_id DESC) AS from_end
FROM redemptions
JOIN touches
    ON touches.household = redemptions.household
    AND touches.seen_at < redemptions.placed
    AND touches.seen_at >= redemptions.placed - INTERVAL 90 DAY
    AND touches.channel <> ''
WHERE redemptions.counts AND redemptions.known
WINDOW journey AS (PARTITION BY redemptions.basket, redemptions.code);

CREATE TABLE journeys AS
SELECT
    basket, code, day, revenue, channel,
    row_number() OVER (PARTITION BY basket, code ORDER BY nth) AS nth,
    count(*) OVER (PARTITION BY basket, code) AS contacts
FROM seen
WHERE nth = 1 OR from_end <= 35
UNION ALL
SELECT basket, code, day, revenue, '(unknown)', 1, 1
FROM redemptions
WHERE counts AND NOT known AND NOT nobodys
UNION ALL
-- Where nobody knows who bought, the code itself is the only contact: of each campaign that runs
-- with it, for an equal part; the odd cents go to the first.
SELECT
    basket, code || '#' || campaign, day,
    ((revenue * 100)::BIGINT // campaigns
        + (nth <= (revenue * 100)::BIGINT % campaigns)::INT)::DECIMAL(14, 0) * 0.01,
    channel, 1, 1
FROM (
    SELECT
        redemptions.basket, redemptions.code, redemptions.day, redemptions.revenue,
        running.campaign, running.channel,
        count(*) OVER each AS campaigns,
        row_number() OVER (each ORDER BY running.campaign) AS nth
    FROM redemptions
    JOIN running USING (basket, code)
    WHERE redemptions.counts AND redemptions.nobodys
    WINDOW each AS (PARTITION BY redemptions.basket, redemptions.code)
);

CREATE TABLE models AS
SELECT
    journeys.*,
    model,
    CASE model
        WHEN 'first' THEN (nth = 1)::INT
        WHEN 'last' THEN (nth = contacts)::INT
        WHEN 'position' THEN
            CASE WHEN contacts > 2 AND nth IN (1, contacts) THEN 2 * (contacts - 2) ELSE 1 END
        ELSE 1
    END AS weight
FROM journeys
CROSS JOIN (VALUES ('first'), ('last'), ('linear'), ('position')) AS told(model);

CREATE TABLE portions AS
SELECT
    models.*,
    (revenue * 100)::HUGEINT * weight // sum(weight) OVER whole AS floor_cents,
    (revenue * 100)::HUGEINT * weight % sum(weight) OVER whole AS remainder
FROM models
WINDOW whole AS (PARTITION BY basket, code, model);

CREATE TABLE channels AS
SELECT
    basket, code, day, model, channel,
    (
        floor_cents + (
            row_number() OVER (PARTITION BY basket, code, model ORDER BY remainder DESC, nth)
            <= (revenue * 100)::BIGINT - sum(floor_cents) OVER (PARTITION BY basket, code, model)
        )::INT
    )::DECIMAL(14, 0) * 0.01 AS revenue
FROM portions;

-- What pages should have reported: every code that was confirmed on a web shop's order, whatever
-- came of it later.
CREATE TABLE asked AS
SELECT platform, account, day, name, code
FROM redemptions
JOIN pages USING (basket)
WHERE fate NOT IN ('cancelled', 'unpaid');

CREATE TABLE purchases AS
SELECT told.*, orders.platform, orders.account, orders.fate, orders.total, orders.day AS sold_on
FROM told
LEFT JOIN pages USING (name)
LEFT JOIN orders USING (basket)
WHERE kind = 'purchase';

-- What is of no shop's order is told with the first of them by name.
CREATE TABLE first_shop AS SELECT * FROM reporting ORDER BY platform || '/' || account LIMIT 1;

CREATE TABLE fidelity AS
SELECT platform, account, day, name, code, 'confirmed' AS finding, 1 AS times
FROM asked
UNION ALL
SELECT
    platform, account, day, name, code,
    CASE
        WHEN EXISTS (FROM purchases WHERE purchases.name = asked.name AND purchases.code = asked.code)
            THEN 'reported'
        WHEN EXISTS (FROM purchases WHERE purchases.name = asked.name) THEN 'codeless'
        ELSE 'missing'
    END,
    1
FROM asked
UNION ALL
SELECT DISTINCT
    coalesce(purchases.platform, first_shop.platform),
    coalesce(purchases.account, first_shop.account),
    purchases.day, purchases.name, purchases.code,
    CASE
        WHEN purchases.fate IS NULL THEN 'no_such_order'
        WHEN purchases.fate IN ('cancelled', 'unpaid') THEN 'not_confirmed'
        ELSE 'other_codes'
    END,
    1
FROM purchases
CROSS JOIN first_shop
WHERE purchases.code IS NOT NULL
    AND NOT EXISTS (FROM asked WHERE asked.name = purchases.name AND asked.code = purchases.code)
    AND purchases.day BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
UNION ALL
SELECT first_shop.platform, first_shop.account, day, '', code, 'applied', count(*)
FROM told
CROSS JOIN first_shop
WHERE kind = 'code_applied'
    AND day BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
GROUP BY ALL
UNION ALL
SELECT
    coalesce(purchases.platform, first_shop.platform),
    coalesce(purchases.account, first_shop.account),
    day, name, '', 'repeated', 1
FROM purchases
CROSS JOIN first_shop
WHERE day BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
GROUP BY ALL
HAVING count(DISTINCT event) > 1
UNION ALL
SELECT DISTINCT platform, account, sold_on, name, '', 'deviation', 1
FROM purchases
WHERE fate NOT IN ('cancelled', 'unpaid') AND money <> total;
