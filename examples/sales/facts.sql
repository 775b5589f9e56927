-- Rows of the fact tables, set-wise.
--
-- Every day has a weight (growth x season x weekday); it decides how many
-- invoice lines the day gets.  Lines are numbered in the order of days; ten
-- lines in a row make four invoices of one to four lines.  The mix of an
-- invoice's number picks the buyer, that of a line's number the product, the
-- quantity, the discount and whether it is a return.

CREATE TEMP TABLE season (category text, percent integer[]) ON COMMIT DROP;
INSERT INTO season VALUES
  ('Beverages',     '{70,80,105,140,155,130,95,90,90,95,85,75}'),
  ('Snacks',        '{95,92,95,95,92,95,100,105,105,130,125,110}'),
  ('Dairy',         '{100,95,98,95,92,92,96,104,102,132,120,108}'),
  ('Personal Care', '{115,108,98,95,95,92,92,94,98,105,112,118}'),
  ('Home Care',     '{98,97,100,98,98,102,104,102,100,110,103,98}');

CREATE TEMP TABLE day_weight ON COMMIT DROP AS
SELECT d AS day, extract(year FROM d)::integer AS year, extract(month FROM d)::integer AS month,
  (1000 + (d - date '2023-01-01') * 2 / 5)
    * ('{92,93,98,100,103,100,96,98,100,114,108,98}'::integer[])[extract(month FROM d)::integer]
    * ('{108,104,104,106,116,92,30}'::integer[])[extract(isodow FROM d)::integer]::bigint AS weight
FROM (SELECT date '2023-01-01' + i AS d FROM generate_series(0, date '2025-06-30' - date '2023-01-01') AS i) AS days;

-- sold products by popularity: 4096 slots, the share of a product falls with its rank
CREATE TEMP TABLE product_slot ON COMMIT DROP AS
WITH ranked AS (
  SELECT p.product_id, row_number() OVER (ORDER BY pg_temp.mix(500 + p.product_id)) AS rank FROM dim_product AS p
), share AS (
  SELECT product_id, sum(60000 / (rank + 4)) OVER (ORDER BY rank) AS upto,
    60000 / (rank + 4) AS width, sum(60000 / (rank + 4)) OVER () AS total
  FROM ranked
)
SELECT slot, s.product_id, p.list_price, p.tax_rate, p.unit_weight, p.unit_volume, p.category, p.launched_on, p.discontinued_on, season.percent
FROM generate_series(0, 4095) AS slot
JOIN share AS s ON slot * s.total / 4096 >= s.upto - s.width AND slot * s.total / 4096 < s.upto
JOIN dim_product AS p USING (product_id)
JOIN season USING (category);

CREATE TEMP TABLE seller ON COMMIT DROP AS
SELECT d.distributor_id, d.geography_id, so.employee_id AS sales_officer_id, g.zone, g.state,
  row_number() OVER (PARTITION BY d.geography_id ORDER BY d.distributor_id) - 1 AS place_rank,
  count(*) OVER (PARTITION BY d.geography_id) AS place_count,
  row_number() OVER (ORDER BY pg_temp.mix(40000 + d.distributor_id), d.distributor_id) - 1 AS rank,
  w.code AS warehouse_code, w.name AS warehouse_name
FROM dim_distributor AS d
JOIN dim_geography AS g USING (geography_id)
JOIN dim_sales_hierarchy AS so ON so.position = 'SO' AND so.territory = g.city
JOIN (VALUES ('North', 0, 'WH-N1', 'Delhi Central Warehouse'), ('North', 1, 'WH-N2', 'Lucknow Warehouse'),
             ('West', 0, 'WH-W1', 'Bhiwandi Warehouse'), ('West', 1, 'WH-W2', 'Ahmedabad Warehouse'),
             ('South', 0, 'WH-S1', 'Hosur Warehouse'), ('South', 1, 'WH-S2', 'Hyderabad Warehouse'),
             ('East', 0, 'WH-E1', 'Dankuni Warehouse'), ('East', 1, 'WH-E1', 'Dankuni Warehouse')) AS w (zone, half, code, name)
  ON w.zone = g.zone AND w.half = g.geography_id % 2;

-- customers that ever bought; some never did
CREATE TEMP TABLE buyer ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY pg_temp.mix(50000 + c.customer_id), c.customer_id) - 1 AS rank,
  c.customer_id, c.geography_id, s.distributor_id, s.sales_officer_id, s.zone,
  CASE c.channel WHEN 'Modern Trade' THEN 300 WHEN 'Wholesale' THEN 450 WHEN 'Pharmacy' THEN 80 ELSE 100 END AS size_percent
FROM dim_customer AS c
JOIN seller AS s ON s.geography_id = c.geography_id AND s.place_rank = c.customer_id % s.place_count
WHERE pg_temp.mix(51000 + c.customer_id) % 25 > 0;

-- how many lines a day gets, and where its numbers begin
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT flow, day, year, month, lines,
  sum(lines) OVER w - lines AS first_line, sum(lines / 10 * 4 + 4) OVER w - (lines / 10 * 4 + 4) AS first_invoice
FROM (
  SELECT flow, day, year, month, round(rows * :factor * weight / sum(weight) OVER (PARTITION BY flow))::integer AS lines
  FROM day_weight, (VALUES ('secondary', 100000), ('primary', 20000)) AS f (flow, rows)
) AS d
WINDOW w AS (PARTITION BY flow ORDER BY day);

ANALYZE product_slot, seller, buyer, plan;

INSERT INTO fact_secondary_sales
SELECT line, 'S' || year || '-' || lpad(invoice::text, 8, '0'), line_in_invoice, day,
  distributor_id, customer_id, product_id, geography_id, sales_officer_id,
  CASE WHEN sign < 0 THEN 'Return' ELSE 'Sale' END,
  CASE WHEN discount = 5 THEN 'SCH-' || year || '-Q' || (month + 2) / 3 WHEN discount = 10 THEN 'FEST-' || year END,
  quantity * sign, gross * sign, rebate * sign, (gross - rebate) * sign, round((gross - rebate) * tax_rate / 100, 2) * sign
FROM (
  SELECT p.*, b.*, s.product_id, s.tax_rate, discount, sign, quantity, gross, round(gross * discount / 100, 2) AS rebate
  FROM (
    SELECT day, year, month, first_line + i AS line,
      first_invoice + (i - 1) / 10 * 4 + ('{0,1,1,2,2,2,3,3,3,3}'::integer[])[(i - 1) % 10 + 1] AS invoice,
      ('{1,1,2,1,2,3,1,2,3,4}'::integer[])[(i - 1) % 10 + 1] AS line_in_invoice,
      pg_temp.mix(first_line + i + 1000003) AS chance
    FROM plan, generate_series(1, lines) AS i
    WHERE flow = 'secondary'
    OFFSET 0
  ) AS p
  CROSS JOIN LATERAL (SELECT pg_temp.mix(invoice + 3000000019) & 1048575 AS pick OFFSET 0) AS v
  JOIN buyer AS b ON b.rank = (SELECT count(*) FROM buyer) * pick * (8 * pick + 1048576) / 9 >> 40
  JOIN product_slot AS s ON s.slot = chance & 4095
  CROSS JOIN LATERAL (
    SELECT CASE WHEN chance >> 22 & 63 = 0 THEN -1 ELSE 1 END AS sign,
      CASE WHEN month IN (10, 11) AND chance >> 28 & 3 = 0 THEN 10 WHEN chance >> 28 & 7 = 1 THEN 5 WHEN chance >> 28 & 7 = 2 THEN 2 ELSE 0 END AS discount,
      greatest(1, (6 + (chance >> 12 & 1023) * (chance >> 12 & 1023) / 26000) * size_percent * s.percent[month]
        -- the bottling line at Hosur stood still in May 2024
        * CASE WHEN zone = 'South' AND s.category = 'Beverages' AND year = 2024 AND month = 5 THEN 45 ELSE 100 END / 1000000) AS quantity
    OFFSET 0
  ) AS q
  CROSS JOIN LATERAL (SELECT round(quantity * s.list_price * (100 + (year - 2023) * 4) / 100, 2) AS gross OFFSET 0) AS g
  WHERE day >= s.launched_on AND (s.discontinued_on IS NULL OR day <= s.discontinued_on)
) AS f;

INSERT INTO fact_primary_sales
SELECT line, 'P' || year || '-' || lpad(invoice::text, 7, '0'), line_in_invoice, day,
  distributor_id, product_id, geography_id, sales_officer_id, warehouse_code, warehouse_name,
  CASE WHEN sign < 0 THEN 'Return' ELSE 'Sale' END,
  quantity * sign, gross * sign, rebate * sign, (gross - rebate) * sign, round((gross - rebate) * tax_rate / 100, 2) * sign,
  quantity * sign * unit_weight, quantity * sign * unit_volume
FROM (
  SELECT p.*, d.*, s.product_id, s.tax_rate, s.unit_weight, s.unit_volume, sign, quantity, gross, round(gross * discount / 100, 2) AS rebate
  FROM (
    SELECT day, year, month, first_line + i AS line,
      first_invoice + (i - 1) / 10 * 4 + ('{0,1,1,2,2,2,3,3,3,3}'::integer[])[(i - 1) % 10 + 1] AS invoice,
      ('{1,1,2,1,2,3,1,2,3,4}'::integer[])[(i - 1) % 10 + 1] AS line_in_invoice,
      pg_temp.mix(first_line + i + 2000000011) AS chance
    FROM plan, generate_series(1, lines) AS i
    WHERE flow = 'primary'
    OFFSET 0
  ) AS p
  CROSS JOIN LATERAL (SELECT pg_temp.mix(invoice + 4000000007) & 1048575 AS pick OFFSET 0) AS v
  JOIN seller AS d ON d.rank = (SELECT count(*) FROM seller) * pick * (pick + 1048576) >> 41
  JOIN product_slot AS s ON s.slot = chance & 4095
  CROSS JOIN LATERAL (
    SELECT CASE WHEN chance >> 22 & 127 = 0 THEN -1 ELSE 1 END AS sign,
      CASE WHEN chance >> 29 & 3 = 0 THEN 3 ELSE 0 END AS discount,
      greatest(12, (60 + (chance >> 12 & 1023) * (chance >> 12 & 1023) / 3600) * s.percent[month]
        * CASE WHEN zone = 'South' AND s.category = 'Beverages' AND year = 2024 AND month = 5 THEN 35 ELSE 100 END / 10000) AS quantity
    OFFSET 0
  ) AS q
  CROSS JOIN LATERAL (SELECT round(quantity * s.list_price * 92 * (100 + (year - 2023) * 4) / 10000, 2) AS gross OFFSET 0) AS g
  WHERE day >= s.launched_on AND (s.discontinued_on IS NULL OR day <= s.discontinued_on)
) AS f;
