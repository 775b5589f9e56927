-- Rows of the portfolio sample.  Every company is made up.

-- A 32-bit mix of an integer: the only source of chance in the sample.
CREATE FUNCTION pg_temp.mix(x bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  x := ((x & 4294967295) # (x >> 16 & 65535)) * 73244475 & 4294967295;
  x := (x # (x >> 16)) * 73244475 & 4294967295;
  RETURN x # (x >> 16);
END $$;

-- price: in cents at the start of 2023; drift: change in hundredths of a percent over 100 trading days
CREATE TEMP TABLE quoted ON COMMIT DROP AS
SELECT row_number() OVER ()::integer AS n, *
FROM (VALUES
    ('AXN', 'Axon Mills', 'Industrials', 8450, 150), ('BLT', 'Baltic Steel', 'Materials', 4210, -220),
    ('BRV', 'Bravura Media', 'Communication', 3175, -90), ('CDR', 'Cedar Health', 'Health Care', 12640, 310),
    ('CLX', 'Calyx Biotech', 'Health Care', 6730, 480), ('CNT', 'Contour Bank', 'Financials', 5520, 160),
    ('CRG', 'Cargo Lines', 'Industrials', 2980, -60), ('DLT', 'Delta Grid', 'Utilities', 4890, 60),
    ('DYN', 'Dynacore Systems', 'Technology', 15320, 520), ('EMB', 'Ember Energy', 'Energy', 7015, -140),
    ('FLR', 'Flora Foods', 'Consumer Staples', 5235, 90), ('FRG', 'Forge Motors', 'Consumer Discretionary', 9120, 260),
    ('GLD', 'Goldcrest Mining', 'Materials', 3860, 330), ('GRN', 'Greenhill Homes', 'Real Estate', 4475, -180),
    ('HRB', 'Harbor Insurance', 'Financials', 8890, 140), ('HLX', 'Helix Labs', 'Health Care', 10230, -260),
    ('INV', 'Innovate Cloud', 'Technology', 18450, 640), ('JUN', 'Juniper Retail', 'Consumer Discretionary', 3640, -310),
    ('KNT', 'Kinetic Robotics', 'Industrials', 11870, 420), ('LMN', 'Lumen Optics', 'Technology', 7640, 270),
    ('MRT', 'Meridian Trust', 'Financials', 6480, 110), ('MSN', 'Mason Cement', 'Materials', 2755, 70),
    ('NVL', 'Naval Freight', 'Industrials', 5105, 190), ('NTR', 'Nutria Beverages', 'Consumer Staples', 4790, 130),
    ('OAK', 'Oakline Paper', 'Materials', 1980, -120), ('ORB', 'Orbit Telecom', 'Communication', 6220, 50),
    ('PLS', 'Pulse Fitness', 'Consumer Discretionary', 2340, -280), ('PRM', 'Primrose Pharma', 'Health Care', 9415, 220),
    ('QRY', 'Query Software', 'Technology', 13260, 580), ('RDG', 'Ridge Oil', 'Energy', 8330, 80),
    ('RIV', 'River Power', 'Utilities', 3925, 100), ('SLT', 'Salt Chemicals', 'Materials', 4680, -30),
    ('SNT', 'Sentinel Bank', 'Financials', 7180, 240), ('STR', 'Strata Towers', 'Real Estate', 5860, -70),
    ('TRN', 'Terrain Rail', 'Industrials', 6905, 120), ('UNI', 'Unison Wireless', 'Communication', 4340, 180),
    ('VRD', 'Verdant Farms', 'Consumer Staples', 3520, 200), ('WND', 'Windward Renewables', 'Utilities', 5990, 350),
    ('BRD', 'Broad Market Fund', 'Diversified', 10000, 170), ('DIV', 'Dividend Leaders Fund', 'Diversified', 8000, 120)
  ) AS t (symbol, instrument_name, sector, price, drift);

INSERT INTO instrument
SELECT symbol, instrument_name, sector, CASE sector WHEN 'Diversified' THEN 'ETF' ELSE 'Stock' END, 'USD',
  CASE WHEN n % 13 > 0 THEN date '1995-01-02' + (pg_temp.mix(60000 + n) % 8500)::integer END
FROM quoted ORDER BY symbol;

-- Each day moves the price by up to 1.6 percent of the first price, on top of the drift.
INSERT INTO daily_price
WITH day AS (
  SELECT row_number() OVER (ORDER BY d) AS t, d
  FROM (SELECT date '2023-01-01' + i AS d FROM generate_series(0, date '2025-06-30' - date '2023-01-01') AS i) AS all_days
  WHERE extract(isodow FROM d) < 6 AND to_char(d, 'MM-DD') NOT IN ('01-01', '07-04', '12-25')
), moved AS (
  SELECT q.n, q.symbol, day.t, day.d, q.price,
    greatest(1500, 10000 + day.t * q.drift / 100
      + sum(pg_temp.mix(q.n * 10000 + day.t) % 321 - 160) OVER (PARTITION BY q.n ORDER BY day.t)) AS level
  FROM quoted AS q CROSS JOIN day
), priced AS (
  SELECT *, (price * level / 10000)::bigint AS close,
    (price * lag(level, 1, 10000::numeric) OVER (PARTITION BY n ORDER BY t) / 10000)::bigint AS open
  FROM moved
)
SELECT symbol, d, open / 100.0, (greatest(open, close) * (1000 + pg_temp.mix(700000 + n * 10000 + t) % 12) / 1000) / 100.0,
  (least(open, close) * (1000 - pg_temp.mix(1400000 + n * 10000 + t) % 12) / 1000) / 100.0, close / 100.0,
  (50000 + pg_temp.mix(2100000 + n * 10000 + t) % 400000) * (1 + pg_temp.mix(n) % 6)
FROM priced ORDER BY d, symbol;

-- two in three instruments pay, twice a year
INSERT INTO dividend
SELECT symbol, (make_date(year, month, 10) + n % 15)::date, round(price * (80 + pg_temp.mix(n * 100 + year) % 120)::numeric / 1000000, 4)
FROM quoted, generate_series(2023, 2025) AS year, (VALUES (3), (9)) AS m (month)
WHERE n % 3 > 0 AND (year, month) <= (2025, 6)
ORDER BY 2, 1;

INSERT INTO holding
SELECT tenant, p.symbol, p.trade_date, ((pg_temp.mix(80000 + q.n * 10 + ord) % 60 + 1) * 25)::integer, p.close_price
FROM (VALUES (1, 'acme'), (2, 'globex'), (3, 'initech')) AS t (ord, tenant)
JOIN quoted AS q ON pg_temp.mix(81000 + q.n * 10 + ord) % 5 < 2
CROSS JOIN LATERAL (
  SELECT * FROM daily_price AS d
  WHERE d.symbol = q.symbol AND d.trade_date >= date '2023-01-02' + (pg_temp.mix(82000 + q.n * 10 + ord) % 700)::integer
  ORDER BY d.trade_date LIMIT 1
) AS p
ORDER BY tenant, p.symbol;
