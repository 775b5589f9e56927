-- A web shop: a database as an application framework would make it, with made-up
-- people and goods.  Plural table names, surrogate keys called id, hardly any
-- comment, and references of reviews and visits that no foreign key declares.
-- The rows are the same on every machine and major.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
CREATE SCHEMA webshop;
SET LOCAL search_path = webshop, pg_catalog;

CREATE TABLE users (
  id          bigint PRIMARY KEY,
  name        text NOT NULL,
  email       text NOT NULL UNIQUE,
  country     text NOT NULL,
  signup_date date NOT NULL,
  is_vip      boolean NOT NULL,
  referred_by bigint REFERENCES users
);
CREATE TABLE categories (
  id        int PRIMARY KEY,
  name      text NOT NULL UNIQUE
);
CREATE TABLE brands (
  id      int PRIMARY KEY,
  name    text NOT NULL UNIQUE,
  country text NOT NULL
);
CREATE TABLE products (
  id              int PRIMARY KEY,
  sku             text NOT NULL UNIQUE,
  title           text NOT NULL,
  brand_id        int NOT NULL REFERENCES brands,
  price           numeric(8,2) NOT NULL,
  cost            numeric(8,2) NOT NULL,
  stock           int NOT NULL,
  weight_kg       double precision,
  launched_at     date NOT NULL,
  is_discontinued boolean NOT NULL
);
COMMENT ON COLUMN products.stock IS 'Pieces in the warehouse';
CREATE TABLE product_categories (
  product_id  int REFERENCES products,
  category_id int REFERENCES categories,
  PRIMARY KEY (product_id, category_id)
);
CREATE TABLE coupons (
  id          int PRIMARY KEY,
  code        text NOT NULL UNIQUE,
  percent_off int NOT NULL,
  valid_until date NOT NULL
);
CREATE TABLE orders (
  id            bigint PRIMARY KEY,
  user_id       bigint NOT NULL REFERENCES users,
  ordered_at    timestamptz NOT NULL,
  status        text NOT NULL,
  channel       text NOT NULL,
  coupon_id     int REFERENCES coupons,
  shipping_cost numeric(8,2) NOT NULL,
  total         numeric(10,2) NOT NULL
);
COMMENT ON COLUMN orders.status IS 'pending, shipped, delivered or cancelled';
COMMENT ON COLUMN orders.total IS 'What the customer pays: items and shipping';
CREATE TABLE order_items (
  order_id   bigint REFERENCES orders,
  product_id int REFERENCES products,
  quantity   int NOT NULL,
  unit_price numeric(8,2) NOT NULL,
  amount     numeric(10,2) NOT NULL,
  PRIMARY KEY (order_id, product_id)
);
COMMENT ON COLUMN order_items.amount IS 'Revenue of the line: quantity times unit price';
CREATE TABLE payments (
  id       bigint PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders,
  method   text NOT NULL,
  paid_at  timestamptz NOT NULL,
  amount   numeric(10,2) NOT NULL
);
CREATE TABLE shipments (
  id           bigint PRIMARY KEY,
  order_id     bigint NOT NULL UNIQUE REFERENCES orders,
  carrier      text NOT NULL,
  shipped_at   timestamptz NOT NULL,
  delivered_at timestamptz,
  weight_kg    double precision NOT NULL
);
CREATE TABLE returns (
  id          bigint PRIMARY KEY,
  order_id    bigint NOT NULL REFERENCES orders,
  product_id  int NOT NULL REFERENCES products,
  reason      text,
  refund      numeric(8,2) NOT NULL,
  returned_at date NOT NULL
);
CREATE TABLE reviews (
  id         bigint PRIMARY KEY,
  product_id int NOT NULL,
  user_id    bigint NOT NULL,
  stars      int NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body       text,
  created_at timestamptz NOT NULL
);
CREATE TABLE visits (
  id               bigint PRIMARY KEY,
  user_id          bigint,
  source           text NOT NULL,
  device           text NOT NULL,
  visited_at       timestamptz NOT NULL,
  duration_seconds int NOT NULL
);

CREATE FUNCTION pg_temp.mix(x bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  x := ((x & 4294967295) # (x >> 16 & 65535)) * 73244475 & 4294967295;
  x := (x # (x >> 16)) * 73244475 & 4294967295;
  RETURN x # (x >> 16);
END $$;

INSERT INTO users
SELECT i, f || ' ' || l, lower(f || '.' || l || i || '@example.org'),
  (ARRAY['Germany', 'France', 'Spain', 'Italy', 'Poland', 'Sweden', 'Portugal'])[1 + (pg_temp.mix(100 + i) % 100 / 17)::int],
  date '2022-01-01' + (pg_temp.mix(200 + i) % 1276)::int, pg_temp.mix(300 + i) % 7 = 0,
  CASE WHEN i > 20 AND pg_temp.mix(400 + i) % 4 = 0 THEN 1 + pg_temp.mix(500 + i) % 20 END
FROM generate_series(1, 180) i,
  LATERAL (SELECT (ARRAY['Anna', 'Ben', 'Clara', 'Diego', 'Elena', 'Frank', 'Greta', 'Hugo', 'Ines', 'Jan', 'Karin', 'Luca'])[1 + i % 12] AS f,
                  (ARRAY['Weber', 'Rossi', 'Garcia', 'Dubois', 'Kowalski', 'Larsson', 'Silva', 'Schmidt', 'Moreau', 'Bianchi', 'Nowak'])[1 + i / 12 % 11] AS l) n;
INSERT INTO categories VALUES (1, 'Electronics'), (2, 'Kitchen'), (3, 'Garden'), (4, 'Toys'), (5, 'Sports'), (6, 'Gifts'), (7, 'Antiques');
INSERT INTO brands VALUES (1, 'Voltix', 'Germany'), (2, 'Casa Nova', 'Italy'), (3, 'Grünwerk', 'Austria'), (4, 'Playmora', 'Spain'), (5, 'Alpinist', 'France'), (6, 'Zenbo', 'Japan'), (7, 'Nordlys', 'Sweden');
INSERT INTO products
SELECT i, 'SKU-' || lpad((i * 37 % 1000)::text, 4, '0'), t.title, t.brand, t.price, round(t.price * (45 + pg_temp.mix(700 + i) % 35) / 100, 2),
  CASE WHEN pg_temp.mix(800 + i) % 9 = 0 THEN 0 ELSE pg_temp.mix(900 + i) % 240 END, CASE WHEN i % 10 > 0 THEN (1 + pg_temp.mix(950 + i) % 90) / 10.0 END,
  date '2021-03-01' + (pg_temp.mix(1000 + i) % 1500)::int, pg_temp.mix(1100 + i) % 8 = 0
FROM (VALUES
    (1, 'Wireless Headphones', 1, 89.90), (2, 'Bluetooth Speaker', 1, 59.00), (3, 'Smart Watch', 6, 199.00), (4, 'USB Charger', 1, 19.50), (5, 'Action Camera', 6, 279.00),
    (6, 'Espresso Machine', 2, 349.00), (7, 'Chef Knife', 2, 74.90), (8, 'Frying Pan', 2, 45.00), (9, 'Electric Kettle', 1, 39.90), (10, 'Wooden Cutting Board', 7, 29.00),
    (11, 'Garden Hose', 3, 34.50), (12, 'Lawn Mower', 3, 419.00), (13, 'Rose Scissors', 3, 22.00), (14, 'Solar Lantern', 7, 27.90), (15, 'Raised Bed', 3, 129.00),
    (16, 'Building Blocks', 4, 49.00), (17, 'Puzzle 1000 Pieces', 4, 17.90), (18, 'Remote Control Car', 6, 64.00), (19, 'Teddy Bear', 4, 24.50), (20, 'Chess Set', 4, 42.00),
    (21, 'Yoga Mat', 5, 31.00), (22, 'Hiking Backpack', 5, 139.00), (23, 'Climbing Rope', 5, 118.00), (24, 'Tennis Racket', 5, 96.00), (25, 'Trail Shoes', 5, 124.00),
    (26, 'Candle Set', 7, 26.00), (27, 'Photo Frame', 2, 18.50), (28, 'Board Game Deluxe', 4, 57.00), (29, 'Wool Blanket', 7, 84.00), (30, 'Camping Stove', 5, 68.00)
  ) AS t (i, title, brand, price);
INSERT INTO product_categories
SELECT id, CASE WHEN id <= 5 THEN 1 WHEN id <= 10 THEN 2 WHEN id <= 15 THEN 3 WHEN id <= 20 OR id = 28 THEN 4 WHEN id <= 25 OR id = 30 THEN 5 ELSE 6 END FROM products
UNION SELECT id, 6 FROM products WHERE id IN (2, 3, 7, 14, 17, 19, 20, 28) UNION SELECT 9, 1 UNION SELECT 14, 1 UNION SELECT 30, 3;
INSERT INTO coupons VALUES (1, 'WELCOME10', 10, '2026-12-31'), (2, 'SUMMER15', 15, '2024-08-31'), (3, 'VIP25', 25, '2025-12-31'), (4, 'BLACKFRIDAY', 30, '2024-11-30'), (5, 'UNUSED5', 5, '2025-03-31');
INSERT INTO orders
SELECT i, 1 + pg_temp.mix(2000 + i) % 60 * (pg_temp.mix(2100 + i) % 3) + pg_temp.mix(2203 + i) % 48,
  timestamptz '2023-01-03 06:00+00' + (i * 909 / 900) * interval '1 day' + (pg_temp.mix(2300 + i) % 1000) * interval '1 minute',
  CASE WHEN i > 880 THEN 'pending' WHEN m < 8 THEN 'cancelled' WHEN i > 850 THEN 'shipped' ELSE 'delivered' END,
  (ARRAY['web', 'mobile app', 'phone'])[1 + (pg_temp.mix(2400 + i) % 10 / 5 + pg_temp.mix(2500 + i) % 10 / 9)::int],
  CASE WHEN pg_temp.mix(2600 + i) % 5 = 0 THEN 1 + pg_temp.mix(2700 + i) % 4 END,
  (ARRAY[0, 4.90, 6.90, 12.50])[1 + (pg_temp.mix(2800 + i) % 4)::int], 0
FROM generate_series(1, 900) i, LATERAL (SELECT pg_temp.mix(2900 + i) % 100 AS m) s;
INSERT INTO order_items
SELECT DISTINCT ON (1, 2) o.id, p.id, p.quantity, products.price, p.quantity * products.price
FROM orders o, generate_series(0, 2) k,
  LATERAL (SELECT (1 + pg_temp.mix(3000 + o.id * 4 + k) % 28)::int AS id, (1 + pg_temp.mix(7000 + o.id * 4 + k) % 3)::int AS quantity) p
  JOIN products ON products.id = p.id
WHERE k = 0 OR pg_temp.mix(11000 + o.id * 4 + k) % 2 = 0
ORDER BY 1, 2, 3;
UPDATE orders SET total = shipping_cost + (SELECT sum(amount) FROM order_items WHERE order_id = orders.id);
INSERT INTO payments
SELECT row_number() OVER (ORDER BY id), id, (ARRAY['credit card', 'paypal', 'invoice', 'bank transfer'])[1 + (pg_temp.mix(15000 + id) % 11 / 3)::int],
  ordered_at + (pg_temp.mix(16000 + id) % 5000) * interval '1 minute', total
FROM orders WHERE status <> 'cancelled' AND pg_temp.mix(17000 + id) % 25 > 0;
INSERT INTO shipments
SELECT row_number() OVER (ORDER BY id), id, (ARRAY['DHL', 'UPS', 'Hermes'])[1 + (pg_temp.mix(18000 + id) % 7 / 3)::int], ordered_at + interval '1 day',
  CASE WHEN status = 'delivered' THEN ordered_at + (2 + pg_temp.mix(19000 + id) % 6) * interval '1 day' END, (5 + pg_temp.mix(20000 + id) % 150) / 10.0
FROM orders WHERE status IN ('shipped', 'delivered');
INSERT INTO returns
SELECT row_number() OVER (ORDER BY order_id, product_id), order_id, product_id, (ARRAY['defective', 'wrong size', 'changed mind', NULL])[1 + (pg_temp.mix(21000 + order_id) % 4)::int],
  i.unit_price, (o.ordered_at AT TIME ZONE 'UTC')::date + 5 + (pg_temp.mix(22000 + order_id) % 20)::int
FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.status = 'delivered' AND pg_temp.mix(23000 + order_id * 31 + product_id) % 14 = 0;
INSERT INTO reviews
SELECT row_number() OVER (ORDER BY order_id, product_id), product_id, o.user_id, 1 + (pg_temp.mix(24000 + order_id + product_id * 7) % 100 + 60) % 100 * 5 / 100, CASE WHEN order_id % 3 > 0 THEN 'ok' END,
  o.ordered_at + (10 + pg_temp.mix(25000 + order_id) % 30) * interval '1 day'
FROM order_items i JOIN orders o ON o.id = i.order_id
WHERE o.status = 'delivered' AND pg_temp.mix(26000 + order_id * 17 + product_id) % 3 = 0 AND product_id <> 13 AND o.id < 840;
INSERT INTO visits
SELECT i, CASE WHEN pg_temp.mix(27000 + i) % 3 > 0 THEN 1 + pg_temp.mix(28000 + i) % 180 END,
  (ARRAY['search', 'newsletter', 'social media', 'direct'])[1 + (pg_temp.mix(29000 + i) % 10 / 3)::int], (ARRAY['desktop', 'phone', 'tablet'])[1 + (pg_temp.mix(30000 + i) % 9 / 4)::int],
  timestamptz '2024-01-01 00:00+00' + (i * 546 / 2500) * interval '1 day' + (pg_temp.mix(31000 + i) % 1440) * interval '1 minute', 5 + pg_temp.mix(32000 + i) % 900
FROM generate_series(1, 2500) i;
COMMIT;
ANALYZE;
