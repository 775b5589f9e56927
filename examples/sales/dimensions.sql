-- Rows of the dimensions.  All names of people, firms and brands are made up.

-- A 32-bit mix of an integer: the only source of chance in the sample.
CREATE FUNCTION pg_temp.mix(x bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  x := ((x & 4294967295) # (x >> 16 & 65535)) * 73244475 & 4294967295;
  x := (x # (x >> 16)) * 73244475 & 4294967295;
  RETURN x # (x >> 16);
END $$;

CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY ord)::integer AS geography_id, city, state, zone, retailers
FROM (VALUES
    (1, 'New Delhi', 'Delhi', 'North', 26),
    (2, 'Gurugram', 'Haryana', 'North', 12),
    (3, 'Faridabad', 'Haryana', 'North', 8),
    (4, 'Lucknow', 'Uttar Pradesh', 'North', 16),
    (5, 'Kanpur', 'Uttar Pradesh', 'North', 12),
    (6, 'Varanasi', 'Uttar Pradesh', 'North', 9),
    (7, 'Jaipur', 'Rajasthan', 'North', 15),
    (8, 'Jodhpur', 'Rajasthan', 'North', 7),
    (9, 'Udaipur', 'Rajasthan', 'North', 6),
    (10, 'Ludhiana', 'Punjab', 'North', 10),
    (11, 'Amritsar', 'Punjab', 'North', 8),
    (12, 'Mumbai', 'Maharashtra', 'West', 30),
    (13, 'Pune', 'Maharashtra', 'West', 20),
    (14, 'Nagpur', 'Maharashtra', 'West', 10),
    (15, 'Nashik', 'Maharashtra', 'West', 8),
    (16, 'Ahmedabad', 'Gujarat', 'West', 18),
    (17, 'Surat', 'Gujarat', 'West', 14),
    (18, 'Vadodara', 'Gujarat', 'West', 9),
    (19, 'Indore', 'Madhya Pradesh', 'West', 11),
    (20, 'Bhopal', 'Madhya Pradesh', 'West', 9),
    (21, 'Panaji', 'Goa', 'West', 4),
    (22, 'Bengaluru', 'Karnataka', 'South', 26),
    (23, 'Mysuru', 'Karnataka', 'South', 9),
    (24, 'Mangaluru', 'Karnataka', 'South', 6),
    (25, 'Chennai', 'Tamil Nadu', 'South', 22),
    (26, 'Coimbatore', 'Tamil Nadu', 'South', 11),
    (27, 'Madurai', 'Tamil Nadu', 'South', 8),
    (28, 'Hyderabad', 'Telangana', 'South', 21),
    (29, 'Warangal', 'Telangana', 'South', 6),
    (30, 'Visakhapatnam', 'Andhra Pradesh', 'South', 9),
    (31, 'Vijayawada', 'Andhra Pradesh', 'South', 8),
    (32, 'Kochi', 'Kerala', 'South', 12),
    (33, 'Kozhikode', 'Kerala', 'South', 7),
    (34, 'Kolkata', 'West Bengal', 'East', 22),
    (35, 'Siliguri', 'West Bengal', 'East', 7),
    (36, 'Patna', 'Bihar', 'East', 12),
    (37, 'Ranchi', 'Jharkhand', 'East', 8),
    (38, 'Jamshedpur', 'Jharkhand', 'East', 7),
    (39, 'Bhubaneswar', 'Odisha', 'East', 9),
    (40, 'Guwahati', 'Assam', 'East', 8)
  ) AS t (ord, city, state, zone, retailers);

INSERT INTO dim_geography
SELECT geography_id, city, state, zone FROM place ORDER BY geography_id;

INSERT INTO dim_date
SELECT d,
  (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[extract(isodow FROM d)::integer],
  extract(isodow FROM d), extract(isodow FROM d) > 5, extract(week FROM d), extract(month FROM d),
  (ARRAY['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
         'September', 'October', 'November', 'December'])[extract(month FROM d)::integer],
  extract(quarter FROM d), extract(year FROM d),
  'FY' || extract(year FROM d - interval '3 months') || '-' ||
    lpad((extract(year FROM d - interval '3 months')::integer % 100 + 1)::text, 2, '0'),
  CASE extract(month FROM d) * 100 + extract(day FROM d)
    WHEN 101 THEN 'New Year' WHEN 126 THEN 'Republic Day' WHEN 501 THEN 'Labour Day'
    WHEN 815 THEN 'Independence Day' WHEN 1002 THEN 'Gandhi Jayanti' WHEN 1225 THEN 'Christmas'
  END
FROM (SELECT date '2023-01-01' + i AS d FROM generate_series(0, date '2025-12-31' - date '2023-01-01') AS i) AS days
ORDER BY d;

-- twenty kinds of goods in three pack sizes each
INSERT INTO dim_product
SELECT row_number() OVER (ORDER BY k.ord, p.pack),
  'SKU-' || k.ord + 100 || '-' || p.pack,
  k.kind || ' ' || k.sizes[p.pack], k.category, k.sub_category, k.brand, k.uom,
  round(k.weight * p.multiple, 3), round(k.volume * p.multiple, 3),
  round(k.price * p.price_multiple), k.tax,
  CASE k.kind WHEN 'Cold Brew Coffee' THEN date '2023-05-15' WHEN 'Oat Cookies' THEN date '2024-02-01'
    ELSE date '2019-01-01' + (pg_temp.mix(k.ord * 10 + p.pack) % 1400)::integer END,
  CASE WHEN k.kind = 'Bath Soap' AND p.pack = 1 THEN date '2024-09-30'
       WHEN k.kind = 'Lemon Soda' AND p.pack = 3 THEN date '2024-12-31' END
FROM (VALUES
    (1, 'Mango Juice', 'Beverages', 'Juices', 'Sunsip', 'bottle', ARRAY['200 ml', '500 ml', '1 l'], 0.540, 0.500, 45, 12),
    (2, 'Orange Juice', 'Beverages', 'Juices', 'Sunsip', 'bottle', ARRAY['200 ml', '500 ml', '1 l'], 0.535, 0.500, 48, 12),
    (3, 'Cola', 'Beverages', 'Soft Drinks', 'Fizzo', 'bottle', ARRAY['250 ml', '600 ml', '1.25 l'], 0.640, 0.600, 36, 18),
    (4, 'Lemon Soda', 'Beverages', 'Soft Drinks', 'Fizzo', 'bottle', ARRAY['250 ml', '600 ml', '1.25 l'], 0.640, 0.600, 34, 18),
    (5, 'Assam Tea', 'Beverages', 'Tea and Coffee', 'Hillcrest', 'box', ARRAY['100 g', '250 g', '500 g'], 0.270, 0.620, 120, 5),
    (6, 'Cold Brew Coffee', 'Beverages', 'Tea and Coffee', 'Hillcrest', 'can', ARRAY['100 ml', '250 ml', '500 ml'], 0.280, 0.250, 75, 12),
    (7, 'Salted Chips', 'Snacks', 'Chips', 'Crispia', 'pouch', ARRAY['40 g', '90 g', '200 g'], 0.095, 0.900, 28, 12),
    (8, 'Masala Chips', 'Snacks', 'Chips', 'Crispia', 'pouch', ARRAY['40 g', '90 g', '200 g'], 0.095, 0.900, 29, 12),
    (9, 'Butter Biscuits', 'Snacks', 'Biscuits', 'Golden Oat', 'pack', ARRAY['60 g', '150 g', '300 g'], 0.155, 0.400, 32, 18),
    (10, 'Oat Cookies', 'Snacks', 'Biscuits', 'Golden Oat', 'pack', ARRAY['60 g', '150 g', '300 g'], 0.155, 0.420, 55, 18),
    (11, 'Milk Chocolate', 'Snacks', 'Confectionery', 'Cocoa Lane', 'bar', ARRAY['20 g', '50 g', '110 g'], 0.052, 0.060, 60, 18),
    (12, 'Ghee', 'Dairy', 'Milk Products', 'Meadow', 'jar', ARRAY['200 ml', '500 ml', '1 l'], 0.560, 0.500, 320, 12),
    (13, 'Cheese Spread', 'Dairy', 'Milk Products', 'Meadow', 'tub', ARRAY['90 g', '180 g', '360 g'], 0.200, 0.190, 110, 12),
    (14, 'Herbal Shampoo', 'Personal Care', 'Hair Care', 'Silken', 'bottle', ARRAY['90 ml', '200 ml', '400 ml'], 0.225, 0.200, 145, 18),
    (15, 'Hair Oil', 'Personal Care', 'Hair Care', 'Silken', 'bottle', ARRAY['90 ml', '200 ml', '400 ml'], 0.205, 0.200, 130, 18),
    (16, 'Body Lotion', 'Personal Care', 'Skin Care', 'Dewdrop', 'bottle', ARRAY['100 ml', '250 ml', '500 ml'], 0.275, 0.250, 190, 18),
    (17, 'Bath Soap', 'Personal Care', 'Skin Care', 'Dewdrop', 'bar', ARRAY['50 g', '100 g', '150 g'], 0.105, 0.110, 38, 18),
    (18, 'Toothpaste', 'Personal Care', 'Oral Care', 'Brightmint', 'tube', ARRAY['50 g', '100 g', '200 g'], 0.120, 0.095, 62, 18),
    (19, 'Detergent Powder', 'Home Care', 'Laundry', 'Spotless', 'pouch', ARRAY['500 g', '1 kg', '2 kg'], 1.020, 1.500, 105, 18),
    (20, 'Dishwash Gel', 'Home Care', 'Dishwashing', 'Lemlux', 'bottle', ARRAY['250 ml', '500 ml', '1 l'], 0.540, 0.500, 98, 18)
  ) AS k (ord, kind, category, sub_category, brand, uom, sizes, weight, volume, price, tax),
  (VALUES (1, 0.4, 0.45), (2, 1.0, 1.0), (3, 2.0, 1.85)) AS p (pack, multiple, price_multiple)
ORDER BY 1;

-- one officer a city, one manager a state and a zone, one for the country
CREATE TEMP TABLE seat ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY rank, first_place)::integer AS employee_id, *
FROM (
  SELECT 1 AS rank, 1 AS first_place, 'NSM' AS position, 'National' AS territory, NULL AS above_position, NULL AS above
  UNION ALL SELECT 2, min(geography_id), 'ZSM', zone, 'NSM', 'National' FROM place GROUP BY zone
  UNION ALL SELECT 3, min(geography_id), 'ASM', state, 'ZSM', min(zone) FROM place GROUP BY state
  UNION ALL SELECT 4, geography_id, 'SO', city, 'ASM', state FROM place
) AS s;

INSERT INTO dim_sales_hierarchy
SELECT s.employee_id, 'E' || lpad(s.employee_id::text, 4, '0'),
  (ARRAY['Aarav', 'Ananya', 'Vikram', 'Meera', 'Rohan', 'Kavya', 'Arjun', 'Nisha', 'Dev'])[s.employee_id % 9 + 1] || ' ' ||
  (ARRAY['Sharma', 'Iyer', 'Banerjee', 'Patil', 'Reddy', 'Singh', 'Menon', 'Gupta'])[s.employee_id % 8 + 1],
  s.position, s.territory, boss.employee_id,
  date '2012-01-01' + (pg_temp.mix(7000 + s.employee_id) % 3900)::integer
FROM seat AS s
LEFT JOIN seat AS boss ON boss.position = s.above_position AND boss.territory = s.above
ORDER BY s.employee_id;

INSERT INTO dim_distributor
SELECT n, 'D' || lpad(n::text, 5, '0'),
  (ARRAY['Sunrise', 'Everest', 'Ganga', 'Orient', 'Prime', 'Metro', 'Coastal', 'Royal', 'Unity', 'Apex', 'Silverline',
         'Northern', 'Deccan', 'Pioneer', 'Swift', 'Bluewater', 'Crown', 'Heritage', 'Trident', 'Zenith', 'Maple', 'Anchor',
         'Highland', 'Capital', 'Lotus'])[(n - 1) % 25 + 1] || ' ' ||
  (ARRAY['Distributors', 'Agencies', 'Traders', 'Marketing'])[(n - 1) / 25 % 4 + 1] ||
  CASE WHEN n > 100 THEN ' No. ' || (n - 1) / 100 + 1 ELSE '' END,
  geography_id,
  CASE WHEN pg_temp.mix(20000 + n) % 8 > 0 THEN (pg_temp.mix(21000 + n) % 46 + 5) * 50000 END,
  date '2014-01-01' + (pg_temp.mix(22000 + n) % 3200)::integer
FROM (
  SELECT row_number() OVER (ORDER BY i, geography_id)::integer AS n, geography_id
  FROM place, generate_series(1, greatest(1, (CASE WHEN retailers >= 20 THEN 2 ELSE 1 END * least(:factor, 10))::integer)) AS i
) AS d
ORDER BY n;

INSERT INTO dim_customer
SELECT n, 'C' || lpad(n::text, 6, '0'),
  -- a name that is taken gets a number
  name || CASE WHEN row_number() OVER w > 1 THEN ' No. ' || row_number() OVER w ELSE '' END,
  channel,
  CASE WHEN pg_temp.mix(31000 + n) % 20 > 0 THEN substr('AABBBCCCCC', (pg_temp.mix(32000 + n) % 10)::integer + 1, 1) END,
  geography_id,
  CASE WHEN pg_temp.mix(33000 + n) % 9 > 0 THEN '+91 0' || lpad((pg_temp.mix(34000 + n) % 1000000000)::text, 9, '0') END,
  date '2016-01-01' + (pg_temp.mix(35000 + n) % 2500)::integer,
  pg_temp.mix(36000 + n) % 50 > 0
FROM (
  SELECT n, geography_id, channel,
    (ARRAY['Lakshmi', 'Ganesh', 'Balaji', 'Annapurna', 'Krishna', 'Saraswati', 'Durga', 'Om', 'Shree', 'Kaveri',
           'Narmada', 'Jyoti', 'Asha', 'Kamal', 'Pooja', 'Mahalaxmi', 'Siddhi', 'Bharat', 'Navjeevan', 'New Star',
           'Chandra', 'Moti', 'Nandini', 'Famous', 'Friends', 'Golden', 'Green', 'Happy', 'Jai', 'Kumar',
           'Laxman', 'Mehta', 'Noor', 'Patel', 'Quality', 'Rainbow', 'Sagar', 'Tulsi', 'Uday', 'Vijay'])[(n - 1) % 40 + 1] || ' ' ||
    CASE channel
      WHEN 'Modern Trade' THEN (ARRAY['Supermarket', 'Hypermart', 'Fresh Mart'])[(n - 1) / 40 % 3 + 1]
      WHEN 'Pharmacy' THEN (ARRAY['Medicals', 'Pharmacy', 'Chemists'])[(n - 1) / 40 % 3 + 1]
      WHEN 'Wholesale' THEN (ARRAY['Wholesale', 'Cash and Carry', 'Trading'])[(n - 1) / 40 % 3 + 1]
      ELSE (ARRAY['Stores', 'Kirana', 'General Store', 'Provisions', 'Traders', 'Mart',
                  'Bazaar', 'Corner', 'Retail', 'Emporium', 'Shop', 'Market'])[(n - 1) / 40 % 12 + 1]
    END AS name
  FROM (
    SELECT row_number() OVER (ORDER BY i, geography_id)::integer AS n, geography_id
    FROM place, generate_series(1, greatest(1, (retailers * :factor)::integer)) AS i
  ) AS numbered
  CROSS JOIN LATERAL (SELECT pg_temp.mix(30000 + n) % 100 AS chance OFFSET 0) AS d
  CROSS JOIN LATERAL (
    SELECT CASE WHEN chance < 62 THEN 'General Trade' WHEN chance < 76 THEN 'Modern Trade'
                WHEN chance < 90 THEN 'Pharmacy' ELSE 'Wholesale' END AS channel
  ) AS ch
) AS c
WINDOW w AS (PARTITION BY name ORDER BY n)
ORDER BY n;
