-- Words that somebody gives a meaning to: other words, conditions, numbers.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_term_ann;
CREATE ROLE regress_term_bob;
CREATE ROLE regress_term_admin;
CREATE ROLE regress_term_nobody;
GRANT sql_agent_user TO regress_term_ann, regress_term_bob;
GRANT sql_agent_admin TO regress_term_admin;
CREATE SCHEMA term_shop;
CREATE TABLE term_shop.customers (customer_id int PRIMARY KEY, name text NOT NULL, country text, status text);
CREATE TABLE term_shop.orders (order_id int PRIMARY KEY, customer_id int REFERENCES term_shop.customers, ordered_on date,
  delivered_at date, due_at date, price numeric, cost numeric, "Weird Col" int, channel text);
CREATE TABLE term_shop.secrets (id int, pin text);
INSERT INTO term_shop.customers
SELECT g, 'Customer ' || g, (ARRAY['France', 'Italy', 'Spain'])[g % 3 + 1], (ARRAY['M', 'S'])[g % 2 + 1] FROM generate_series(1, 12) g;
INSERT INTO term_shop.orders
SELECT g, g % 12 + 1, date '2024-01-01' + g, date '2024-01-05' + g + g % 5, date '2024-01-07' + g, g, g * 0.6, g, (ARRAY['web', 'shop'])[g % 2 + 1]
  FROM generate_series(1, 100) g;
ANALYZE term_shop.customers, term_shop.orders;
GRANT USAGE ON SCHEMA term_shop TO regress_term_ann, regress_term_bob, sql_agent_reader;
GRANT SELECT ON term_shop.customers, term_shop.orders TO regress_term_ann, regress_term_bob, sql_agent_reader;
SET sql_agent.allowed_schemas = 'term_shop';
CREATE FUNCTION pg_temp.shown(question text) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE
  why text;
BEGIN
  RETURN sql_agent.ask_sql(question);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
  RETURN 'declined: ' || why;
END $body$;
GRANT USAGE ON SCHEMA term_shop TO PUBLIC;
RESET client_min_messages;
\pset format unaligned
\pset tuples_only on

-- each kind
SET ROLE regress_term_ann;
SELECT sql_agent.term_add('ASP', 'average price');
SELECT sql_agent.term_add('Married', 'status = ''M''');
SELECT sql_agent.term_add('late', 'delivered_at > due_at -- and no more');
SELECT sql_agent.term_add('profit', 'orders.price - term_shop.orders.cost');
SELECT sql_agent.term_add('gross margin', 'sum(price - cost)');
SELECT sql_agent.term_add('margin rate', '100 * sum(price - cost) / nullif(sum(price), 0)');
SELECT sql_agent.term_add('web share', 'count(*) FILTER (WHERE channel = ''web'') * 100.0 / count(*)', 'measure');
SELECT sql_agent.term_add('odd', '"Weird Col" % 2 = 1');
SELECT * FROM sql_agent.terms ORDER BY term;
SELECT "table", "column", source FROM sql_agent.find_word('late');

-- other words
SELECT pg_temp.shown('ASP by channel');
SELECT pg_temp.shown('orders in channel "ASP"');
SELECT ask_json('ASP by channel') ->> 'assumptions';
-- conditions
SELECT pg_temp.shown('how many married customers are there');
SELECT pg_temp.shown('customers with late orders');
SELECT pg_temp.shown('how many orders were not late by channel');
SELECT pg_temp.shown('percentage of orders that were late');
SELECT pg_temp.shown('odd orders over 50');
SELECT j ->> 'explanation', j ->> 'assumptions' FROM ask_json('late orders by country') j;
-- numbers of rows
SELECT pg_temp.shown('total profit by channel');
SELECT pg_temp.shown('orders with profit above average');
SELECT pg_temp.shown('which order has the highest profit');
-- numbers of many rows
SELECT pg_temp.shown('gross margin by country');
SELECT pg_temp.shown('top 3 married customers by gross margin');
SELECT pg_temp.shown('customers with a gross margin over 100');
SELECT pg_temp.shown('margin rate by month');
SELECT pg_temp.shown('share of gross margin by country');
SELECT pg_temp.shown('difference between the gross margin of France and Italy by channel');
SELECT pg_temp.shown('gross margin in 2024 compared to 2023');
SELECT pg_temp.shown('margin rate in January 2024 compared to February 2024');
SELECT pg_temp.shown('web share in January 2024 compared to February 2024');
SELECT j ->> 'explanation', j ->> 'assumptions' FROM ask_json('margin rate by country') j;
-- what can not be done with them
SELECT pg_temp.shown('average gross margin by country');
SELECT pg_temp.shown('share of margin rate by country');
SELECT pg_temp.shown('median margin rate');

-- they are right
SELECT sum(o.price - o.cost) FROM term_shop.orders o JOIN term_shop.customers c USING (customer_id) WHERE c.status = 'M';
SELECT ask_json('gross margin of married customers') -> 'result';

-- what has no limit, and the like
SELECT pg_temp.shown('cheap orders');
SELECT pg_temp.shown('how many status M customers are there');
SELECT pg_temp.shown('total order count by channel');
SELECT pg_temp.shown('how much profit did web orders bring');

-- the meaning of a word is replaced, and dropped
SELECT sql_agent.term_add('ASP', 'number of orders');
SELECT pg_temp.shown('ASP by channel');
SELECT sql_agent.term_drop('asp');
SELECT pg_temp.shown('ASP by channel');
SELECT sql_agent.term_drop('asp');

-- what is refused
SELECT sql_agent.term_add('', 'price');
SELECT sql_agent.term_add('x', ' -- ');
SELECT sql_agent.term_add('x', 'X');
SELECT sql_agent.term_add(repeat('long ', 100), 'price');
SELECT sql_agent.term_add('x', repeat('long ', 300));
SELECT sql_agent.term_add('one two three four five', 'price > 5');
SELECT sql_agent.term_add(NULL, 'price');
SELECT sql_agent.term_add('x', NULL);
SELECT sql_agent.term_add('x', 'price > 5', 'riddle');
SELECT sql_agent.term_add('x', 'average price', 'condition');
SELECT sql_agent.term_add('x', 'price > 5', 'measure');
SELECT sql_agent.term_add('x', 'price - cost', 'condition');
SELECT sql_agent.term_add('x', 'sum(price) - cost');
SELECT sql_agent.term_add('x', 'sum(price) > 5', 'condition');
SELECT sql_agent.term_add('x', 'channel || ''!''');
SELECT sql_agent.term_add('x', 'customer_id > 5');
SELECT sql_agent.term_add('x', 'pin = ''1''');
SELECT sql_agent.term_add('x', 'orders.price > customers.status');
SELECT sql_agent.term_add('x', '1 = 1');
SELECT sql_agent.term_add('x', 'price > 5; DROP TABLE term_shop.orders');
SELECT sql_agent.term_add('x', 'price > 5;', 'condition');
SELECT sql_agent.term_add('x', 'price > 5) OR (true', 'condition');
SELECT sql_agent.term_add('x', 'price > 5 FROM term_shop.secrets', 'condition');
SELECT sql_agent.term_add('x', 'price > 5, cost', 'condition');
SELECT sql_agent.term_add('x', 'price > (SELECT 1)');
SELECT sql_agent.term_add('x', 'EXISTS (SELECT FROM term_shop.secrets)');
SELECT sql_agent.term_add('x', 'price > $1');
SELECT sql_agent.term_add('x', 'count(orders.*)');
SELECT sql_agent.term_add('x', 'sum(price) OVER ()', 'measure');
SELECT sql_agent.term_add('x', 'pg_sleep(price) IS NULL');
SELECT sql_agent.term_add('x', 'channel = E''a\''''');
SELECT sql_agent.term_add('x', 'price > 5', tenant => 'nobody');
SELECT sql_agent.term_drop('x');
INSERT INTO sql_agent.term VALUES ('x', 'phrase', 'y', NULL, '{}', false, NULL);

-- counts for nobody else
SET ROLE regress_term_bob;
SELECT * FROM sql_agent.terms;
SELECT * FROM sql_agent.term;
SELECT pg_temp.shown('late orders by country');
SELECT sql_agent.term_drop('late');

-- an operator's counts for all, and a user's own hides it
SET ROLE regress_term_admin;
SELECT sql_agent.term_add('late', 'delivered_at > due_at + 1');
SELECT sql_agent.term_add('turnover', 'total price');
SET ROLE regress_term_bob;
SELECT * FROM sql_agent.terms ORDER BY term;
SELECT pg_temp.shown('how many late orders are there');
SELECT pg_temp.shown('turnover by channel');
SET ROLE regress_term_ann;
SELECT pg_temp.shown('how many late orders are there');
RESET ROLE;

-- one whose column is gone is inert, and comes back with it
BEGIN;
ALTER TABLE term_shop.orders RENAME COLUMN due_at TO promised_at;
SET LOCAL ROLE regress_term_ann;
SELECT term, active FROM sql_agent.terms WHERE NOT active ORDER BY term;
SELECT pg_temp.shown('how many late orders are there');
ROLLBACK;
REVOKE SELECT ON term_shop.orders FROM regress_term_bob;
GRANT SELECT (order_id, customer_id, price) ON term_shop.orders TO regress_term_bob;
SET ROLE regress_term_bob;
SELECT term, active FROM sql_agent.terms ORDER BY term;
RESET ROLE;

SET client_min_messages = warning;
SELECT count(*) FROM sql_agent.term;
DELETE FROM sql_agent.term;
DROP SCHEMA term_shop CASCADE;
DROP ROLE regress_term_ann, regress_term_bob, regress_term_admin, regress_term_nobody;
