-- The snapshot: what the asking role can ask about, and how it follows changes.
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET client_min_messages = warning;
CREATE SCHEMA catalog_shop;
SET client_min_messages = notice;
CREATE TABLE catalog_shop.customers (
  id int PRIMARY KEY,
  name text NOT NULL,
  city text,
  segment varchar(20)
);
CREATE TABLE catalog_shop.orders (
  order_id int PRIMARY KEY,
  customer_id int REFERENCES catalog_shop.customers,
  order_date date,
  amount numeric(10,2)
);
COMMENT ON TABLE catalog_shop.orders IS 'purchases of customers';
COMMENT ON COLUMN catalog_shop.orders.amount IS 'the revenue in euro';
SELECT sql_agent.expose_schema('catalog_shop');

SELECT schema, name, kind, row_estimate, columns, comment, origin
  FROM sql_agent.my_tables WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.my_columns WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.my_relationships WHERE from_schema = 'catalog_shop';
SELECT * FROM sql_agent.find_word('revenue') WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.find_word('Orders') WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.find_word('nothing') WHERE schema = 'catalog_shop';

-- comments and DDL are followed, and taken back with their transaction
COMMENT ON COLUMN catalog_shop.orders.amount IS 'turnover';
SELECT * FROM sql_agent.find_word('revenue') WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.find_word('turnover') WHERE schema = 'catalog_shop';
BEGIN;
ALTER TABLE catalog_shop.orders RENAME amount TO total;
SELECT * FROM sql_agent.find_word('total') WHERE schema = 'catalog_shop';
ROLLBACK;
SELECT * FROM sql_agent.find_word('total') WHERE schema = 'catalog_shop';
SELECT * FROM sql_agent.find_word('amount') WHERE schema = 'catalog_shop';

SELECT sql_agent.hide_schema('catalog_shop');
SELECT count(*) FROM sql_agent.my_tables WHERE schema = 'catalog_shop';
SET client_min_messages = warning;
DROP SCHEMA catalog_shop CASCADE;
