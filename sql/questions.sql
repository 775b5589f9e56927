--
-- Questions over the sales sample: each answer is compared, row by row, with
-- hand-written SQL.  Only what differs is printed, and the counts at the end.
--
\getenv srcdir PG_ABS_SRCDIR
\set load :srcdir '/examples/sales/load.sql'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
\o /dev/null
\set ECHO none
\i :load
\set ECHO all
SELECT sql_agent.expose_schema('sales');
\o
SET sql_agent.as_of = '2025-06-30';
SET sql_agent.max_rows = 100000;
SET search_path = sales, public;

-- the values of one row, whatever the columns are called
CREATE FUNCTION public.regress_row(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(CASE WHEN value ~ '^-?\d+\.\d+$' THEN round(value::numeric, 6)::text
                          WHEN value ~ '^-?\d+$' THEN value::numeric::numeric(40, 6)::text
                          ELSE value END, '|' ORDER BY value COLLATE "C")
   FROM jsonb_each_text(r) $$;

CREATE TABLE public.regress_question (
  id int GENERATED ALWAYS AS IDENTITY, question text, gold text, ordered boolean DEFAULT false);

INSERT INTO public.regress_question (question, gold, ordered) VALUES
-- lists and filters
('list products in category Beverages', $$SELECT product_name FROM dim_product WHERE category = 'Beverages'$$, false),
('Which products have a list price over 400?', $$SELECT product_name FROM dim_product WHERE list_price > 400$$, false),
('show product name and list price of products with list price over 400', $$SELECT product_name, list_price FROM dim_product WHERE list_price > 400$$, false),
('products with a list price between 100 and 200', $$SELECT product_name FROM dim_product WHERE list_price BETWEEN 100 AND 200$$, false),
('products whose name contains ''Tea''', $$SELECT product_name FROM dim_product WHERE product_name ILIKE '%tea%'$$, false),
('products whose product name starts with ''S''', $$SELECT product_name FROM dim_product WHERE product_name ILIKE 's%'$$, false),
('distributors with a credit limit above 1000000', $$SELECT distributor_name FROM dim_distributor WHERE credit_limit > 1000000$$, false),
('Which distributors are in Maharashtra?', $$SELECT distributor_name FROM dim_distributor JOIN dim_geography USING (geography_id) WHERE state = 'Maharashtra'$$, false),
('customers opened in 2022', $$SELECT customer_name FROM dim_customer WHERE opened_on BETWEEN '2022-01-01' AND '2022-12-31'$$, false),
('list all zones', $$SELECT DISTINCT zone FROM dim_geography$$, false),
('distinct channels of customers', $$SELECT DISTINCT channel FROM dim_customer$$, false),
-- counts
('how many customers are there', $$SELECT count(*) FROM dim_customer$$, false),
('How many products are there in each category?', $$SELECT category, count(*) FROM dim_product GROUP BY 1$$, false),
('how many customers are there per state', $$SELECT state, count(*) FROM dim_customer JOIN dim_geography USING (geography_id) GROUP BY 1$$, false),
('how many different brands are there', $$SELECT count(DISTINCT brand) FROM dim_product$$, false),
('How many inactive customers are there?', $$SELECT count(*) FROM dim_customer WHERE NOT is_active$$, false),
('number of active customers per channel', $$SELECT channel, count(*) FROM dim_customer WHERE is_active GROUP BY 1$$, false),
('How many customers were opened since January 2022?', $$SELECT count(*) FROM dim_customer WHERE opened_on >= '2022-01-01'$$, false),
('how many products have been discontinued', $$SELECT count(*) FROM dim_product WHERE discontinued_on IS NOT NULL$$, false),
('how many products are not discontinued', $$SELECT count(*) FROM dim_product WHERE discontinued_on IS NULL$$, false),
('How many distributors are in Maharashtra?', $$SELECT count(*) FROM dim_distributor JOIN dim_geography USING (geography_id) WHERE state = 'Maharashtra'$$, false),
('how many customers bought ''Beverages'' in March 2024', $$SELECT count(DISTINCT customer_id) FROM fact_secondary_sales JOIN dim_product USING (product_id) WHERE category = 'Beverages' AND invoice_date BETWEEN '2024-03-01' AND '2024-03-31'$$, false),
-- averages, extremes
('What is the average list price of products?', $$SELECT avg(list_price) FROM dim_product$$, false),
('average list price per brand', $$SELECT brand, avg(list_price) FROM dim_product GROUP BY 1$$, false),
('What is the highest list price?', $$SELECT max(list_price) FROM dim_product$$, false),
('Which product has the highest list price?', $$SELECT product_name, list_price FROM dim_product ORDER BY list_price DESC LIMIT 1$$, true),
('show the 5 cheapest products', $$SELECT product_name, list_price FROM dim_product ORDER BY list_price LIMIT 5$$, true),
('show the 5 most expensive products', $$SELECT product_name, list_price FROM dim_product ORDER BY list_price DESC LIMIT 5$$, true),
-- sums over joins
('total billed weight by category', $$SELECT category, sum(billed_weight) FROM fact_primary_sales JOIN dim_product USING (product_id) GROUP BY 1$$, false),
('total primary sales net amount by distributor', $$SELECT distributor_name, sum(net_amount) FROM fact_primary_sales JOIN dim_distributor USING (distributor_id) GROUP BY distributor_id, 1$$, false),
('net amount of primary sales by warehouse name', $$SELECT seller_warehouse_name, sum(net_amount) FROM fact_primary_sales GROUP BY 1$$, false),
('total billed volume by state in 2024', $$SELECT state, sum(billed_volume) FROM fact_primary_sales JOIN dim_geography USING (geography_id) WHERE extract(year FROM invoice_date) = 2024 GROUP BY 1$$, false),
('secondary sales net amount by zone and category', $$SELECT zone, category, sum(net_amount) FROM fact_secondary_sales f JOIN dim_geography USING (geography_id) JOIN dim_product USING (product_id) GROUP BY 1, 2$$, false),
('share of revenue by zone', $$SELECT zone, sum(net_amount), round(100 * sum(net_amount) / (SELECT sum(net_amount) FROM fact_secondary_sales), 2) FROM fact_secondary_sales JOIN dim_geography USING (geography_id) GROUP BY 1$$, false),
-- times
('quarterly net amount of secondary sales in 2024', $$SELECT date_trunc('quarter', invoice_date)::date, sum(net_amount) FROM fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024 GROUP BY 1 ORDER BY 1$$, true),
('monthly revenue in 2024', $$SELECT date_trunc('month', invoice_date)::date, sum(net_amount) FROM fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024 GROUP BY 1 ORDER BY 1$$, true),
('total secondary sales net amount last month', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2025-05-01' AND '2025-05-31'$$, false),
('total secondary sales net amount in the last 30 days', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2025-05-31' AND '2025-06-30'$$, false),
('secondary sales net amount between March and May 2024', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2024-03-01' AND '2024-05-31'$$, false),
('total secondary sales net amount in Q1 2025', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2025-01-01' AND '2025-03-31'$$, false),
('secondary sales net amount by year', $$SELECT date_trunc('year', invoice_date)::date, sum(net_amount) FROM fact_secondary_sales GROUP BY 1 ORDER BY 1$$, true),
-- ranking
('top 5 products by revenue', $$SELECT product_name, sum(net_amount) FROM fact_secondary_sales JOIN dim_product USING (product_id) GROUP BY product_id, 1 ORDER BY 2 DESC LIMIT 5$$, true),
('top 3 cities by number of customers', $$SELECT city, count(*) FROM dim_customer JOIN dim_geography USING (geography_id) GROUP BY 1 ORDER BY 2 DESC LIMIT 3$$, true),
('Which state has the most customers?', $$SELECT state, count(*) FROM dim_customer JOIN dim_geography USING (geography_id) GROUP BY 1 ORDER BY 2 DESC LIMIT 1$$, true),
('Which distributor sold the most in the last quarter of 2024?', $$SELECT distributor_name, sum(net_amount) FROM fact_primary_sales JOIN dim_distributor USING (distributor_id) WHERE invoice_date BETWEEN '2024-10-01' AND '2024-12-31' GROUP BY distributor_id, 1 ORDER BY 2 DESC LIMIT 1$$, true),
('which brand had the lowest revenue in 2024', $$SELECT brand, sum(net_amount) FROM fact_secondary_sales JOIN dim_product USING (product_id) WHERE extract(year FROM invoice_date) = 2024 GROUP BY 1 ORDER BY 2 LIMIT 1$$, true),
-- without, with more than
('how many customers have no secondary sales', $$SELECT count(*) FROM dim_customer c WHERE NOT EXISTS (SELECT FROM fact_secondary_sales f WHERE f.customer_id = c.customer_id)$$, false),
('customers without secondary sales in 2025', $$SELECT customer_name FROM dim_customer c WHERE NOT EXISTS (SELECT FROM fact_secondary_sales f WHERE f.customer_id = c.customer_id AND invoice_date >= '2025-01-01')$$, false),
('products never sold', $$SELECT product_name FROM dim_product p WHERE NOT EXISTS (SELECT FROM fact_primary_sales f WHERE f.product_id = p.product_id)$$, false),
('customers with more than 100 secondary sales', $$SELECT customer_name FROM fact_secondary_sales JOIN dim_customer USING (customer_id) GROUP BY customer_id, 1 HAVING count(*) > 100$$, false),
('how many customers have more than 100 secondary sales', $$SELECT count(*) FROM (SELECT customer_id FROM fact_secondary_sales GROUP BY 1 HAVING count(*) > 100) s$$, false);

CREATE FUNCTION public.regress_check(q public.regress_question) RETURNS text
LANGUAGE plpgsql AS
$$
DECLARE
  answer text;
  got text[];
  want text[];
BEGIN
  answer := sql_agent.ask_sql(q.question);
  SELECT array_agg(public.regress_row(r)) INTO got FROM sql_agent.run_sql(answer) r;
  EXECUTE format('SELECT array_agg(public.regress_row(to_jsonb(g))) FROM (SELECT * FROM (%s) x) g', q.gold) INTO want;
  IF NOT q.ordered THEN
    SELECT array_agg(x ORDER BY x COLLATE "C") INTO got FROM unnest(got) x;
    SELECT array_agg(x ORDER BY x COLLATE "C") INTO want FROM unnest(want) x;
  END IF;
  IF got IS NOT DISTINCT FROM want THEN
    RETURN 'right';
  END IF;
  RETURN format(E'wrong: %s rows, wanted %s: %s\n%s', cardinality(got), cardinality(want), want[1], answer);
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  RETURN 'declined: ' || SQLERRM;
END
$$;

CREATE TEMP TABLE verdict AS
  SELECT q.id, q.question, public.regress_check(q) AS verdict FROM public.regress_question q;
SELECT question, verdict FROM verdict WHERE verdict <> 'right' ORDER BY id;
SELECT count(*) AS asked, count(*) FILTER (WHERE verdict = 'right') AS answered_right FROM verdict;

-- what can not be answered from this data, or not without guessing, is declined
CREATE TEMP TABLE unanswerable (id int GENERATED ALWAYS AS IDENTITY, question text);
INSERT INTO unanswerable (question) VALUES
  ('what is the weather in Mumbai'),
  ('how satisfied are our customers'),
  ('list the salaries of the sales officers'),
  ('why did revenue fall in March 2024'),
  ('forecast the revenue of next year'),
  ('who is the president of France'),
  ('top 5 products'),
  ('delete all customers'),
  ('customers who bought shampoo and left a review'),
  ('how many customers were not'),
  ('what is the profit margin by brand'),
  ('compare revenue of 2023');
SELECT u.question, j ->> 'status' AS status, j -> 'error' ->> 'detail' AS reason
FROM unanswerable u, LATERAL sql_agent.ask_json(u.question) j
ORDER BY u.id;

\o /dev/null
SELECT sql_agent.hide_schema('sales');
\o
DROP FUNCTION public.regress_check(public.regress_question);
DROP TABLE public.regress_question;
DROP FUNCTION public.regress_row(jsonb);
DROP SCHEMA sales CASCADE;
