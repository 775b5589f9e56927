--
-- Templates over the sales sample: examples are added, then other questions
-- asked.  Each answer of memory is compared, row by row, with hand-written SQL;
-- where something may not be filled in, memory must not answer.
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
SET sql_agent.ask_summary = off;
SET search_path = sales, public;

CREATE TABLE public.regress_example (question text, sql text);
INSERT INTO public.regress_example VALUES
-- values, numbers and ranges of days
('top 5 customers in Gujarat by revenue in 2024', $$SELECT c.customer_name, sum(f.net_amount) AS total
  FROM sales.fact_secondary_sales f JOIN sales.dim_customer c USING (customer_id) JOIN sales.dim_geography g ON g.geography_id = f.geography_id
  WHERE g.state = 'Gujarat' AND f.invoice_date >= '2024-01-01' AND f.invoice_date < '2025-01-01'
  GROUP BY c.customer_id, c.customer_name ORDER BY total DESC, c.customer_name LIMIT 5$$),
('products of category Snacks priced over 100', $$SELECT product_name FROM sales.dim_product WHERE category = 'Snacks' AND 100 < list_price$$),
('products priced over 99.5', $$SELECT product_name FROM sales.dim_product WHERE list_price > 99.5$$),
('secondary revenue between March and May 2024', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date BETWEEN '2024-03-01' AND '2024-05-31'$$),
('takings since 2024', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date >= DATE '2024-01-01'$$),
('takings before 2024', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date < DATE '2024-01-01'$$),
('takings by month in 2024', $$SELECT date_trunc('month', invoice_date)::date AS month, sum(net_amount) FROM sales.fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024 GROUP BY 1$$),
('takings on 2024-03-05', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date = '2024-03-05'$$),
('takings in March 2024', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date >= '2024-03-01'::date AND invoice_date < '2024-04-01'::date$$),
('Pharmacy customers in Gujarat', $$SELECT customer_name FROM sales.dim_customer JOIN sales.dim_geography USING (geography_id) WHERE channel = 'Pharmacy' AND state = 'Gujarat'$$),
('takings of North and South', $$SELECT zone, sum(net_amount) FROM sales.fact_secondary_sales JOIN sales.dim_geography USING (geography_id) WHERE zone IN ('North', 'South') GROUP BY zone$$),
('customers with more than 100 receipts', $$SELECT customer_name FROM sales.fact_secondary_sales JOIN sales.dim_customer USING (customer_id) GROUP BY customer_id, customer_name HAVING count(*) > 100$$),
('dearest 3 products of each category', $$WITH ranked AS (SELECT category, product_name, row_number() OVER (PARTITION BY category ORDER BY list_price DESC, product_name) AS place
  FROM sales.dim_product) SELECT category, product_name FROM ranked WHERE place <= 3$$),
('takings of Mumbai through a query', $$SELECT sum(s.amount) FROM (SELECT g.city AS place, f.net_amount AS amount FROM sales.fact_secondary_sales f
  JOIN sales.dim_geography g USING (geography_id)) s WHERE s.place = 'Mumbai'$$),
-- what can not be filled in
('products labelled Snacks', $$SELECT product_name, 'Snacks' AS label FROM sales.dim_product WHERE category = 'Snacks'$$),
('named takings in 2024', $$SELECT sum(net_amount) AS takings_2024 FROM sales.fact_secondary_sales WHERE invoice_date >= '2024-01-01' AND invoice_date < '2025-01-01'$$),
('named customers of Gujarat', $$SELECT count(*) AS customers_gujarat FROM sales.dim_customer JOIN sales.dim_geography USING (geography_id) WHERE state = 'Gujarat'$$),
('top 5 products with more than 5 receipts', $$SELECT product_name, count(*) AS receipts FROM sales.fact_secondary_sales JOIN sales.dim_product USING (product_id)
  GROUP BY product_id, product_name HAVING count(*) > 5 ORDER BY receipts DESC, product_name LIMIT 5$$),
('drug stores in Gujarat', $$SELECT customer_name FROM sales.dim_customer JOIN sales.dim_geography USING (geography_id) WHERE channel = 'Pharmacy' AND state = 'Gujarat'$$),
('small caps towns of Gujarat', $$SELECT city FROM sales.dim_geography WHERE lower(state) = 'gujarat'$$),
('top 2 categories by size', $$SELECT category, count(*) FROM sales.dim_product GROUP BY category ORDER BY 2 DESC LIMIT 2$$),
('takings of the fiscal year 2024', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date BETWEEN '2024-04-01' AND '2025-03-31'$$),
('products taxed over 12%', $$SELECT product_name FROM sales.dim_product WHERE tax_rate > 12$$),
('words with Tea', $$SELECT product_name FROM sales.dim_product WHERE product_name ILIKE '%Tea%'$$),
('rounded price of products over 2', $$SELECT product_name, round(list_price, 2) FROM sales.dim_product$$),
('takings of March 2024 by two numbers', $$SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024 AND extract(month FROM invoice_date) = 3$$),
('customers of Gujarat either way', $$SELECT customer_name FROM sales.dim_customer JOIN sales.dim_geography USING (geography_id) WHERE state = 'Gujarat' OR city = 'Surat'$$),
('towns of Gujarat or all', $$SELECT city FROM sales.dim_geography WHERE state = 'Gujarat' UNION ALL SELECT 'Gujarat'$$),
('customers outside Gujarat', $$SELECT customer_name FROM sales.dim_customer JOIN sales.dim_geography USING (geography_id) WHERE state <> 'Gujarat'$$);
SELECT count(sql_agent.example_add(question, sql)) FROM public.regress_example;
SELECT question, template FROM sql_agent.memory ORDER BY template DESC, created_at;

-- gold null: memory must not answer
CREATE TABLE public.regress_pair (id int GENERATED ALWAYS AS IDENTITY, question text, gold text);
INSERT INTO public.regress_pair (question, gold) VALUES
('top 5 customers in Gujarat by revenue in 2024', $$SELECT customer_name, sum(net_amount) FROM fact_secondary_sales f JOIN dim_customer USING (customer_id) JOIN dim_geography g ON g.geography_id = f.geography_id
  WHERE state = 'Gujarat' AND extract(year FROM invoice_date) = 2024 GROUP BY customer_id, 1 ORDER BY 2 DESC LIMIT 5$$),
('Top 10 customers in Kerala by revenue in 2023?', $$SELECT customer_name, sum(net_amount) FROM fact_secondary_sales f JOIN dim_customer USING (customer_id) JOIN dim_geography g ON g.geography_id = f.geography_id
  WHERE state = 'Kerala' AND extract(year FROM invoice_date) = 2023 GROUP BY customer_id, 1 ORDER BY 2 DESC LIMIT 10$$),
('top three customers in Tamil Nadu by revenue in 2025', $$SELECT customer_name, sum(net_amount) FROM fact_secondary_sales f JOIN dim_customer USING (customer_id) JOIN dim_geography g ON g.geography_id = f.geography_id
  WHERE state = 'Tamil Nadu' AND extract(year FROM invoice_date) = 2025 GROUP BY customer_id, 1 ORDER BY 2 DESC LIMIT 3$$),
('top 1 customers in Delhi by revenue in 2024', $$SELECT customer_name, sum(net_amount) FROM fact_secondary_sales f JOIN dim_customer USING (customer_id) JOIN dim_geography g ON g.geography_id = f.geography_id
  WHERE state = 'Delhi' AND extract(year FROM invoice_date) = 2024 GROUP BY customer_id, 1 ORDER BY 2 DESC LIMIT 1$$),
('top 5 customers in Mumbai by revenue in 2024', NULL),
('top 5 customers in Beverages by revenue in 2024', NULL),
('top 5 customers in Atlantis by revenue in 2024', NULL),
('top 5 customers in Gujarat by revenue in March 2024', NULL),
('top 5 customers in Gujarat by revenue in Q1 2024', NULL),
('top 5 customers in Gujarat by revenue in the last year', NULL),
('top 5 customers in Gujarat by revenue since 2024', NULL),
('top 2.5 customers in Gujarat by revenue in 2024', NULL),
('top 0 customers in Gujarat by revenue in 2024', NULL),
('bottom 5 customers in Gujarat by revenue in 2024', NULL),
('top 5 customers not in Gujarat by revenue in 2024', NULL),
('top 5% customers in Gujarat by revenue in 2024', NULL),
('top -5 customers in Gujarat by revenue in 2024', NULL),
('products of category Dairy priced over 50', $$SELECT product_name FROM dim_product WHERE category = 'Dairy' AND list_price > 50$$),
('products of category Home Care priced over 1k', $$SELECT product_name FROM dim_product WHERE category = 'Home Care' AND list_price > 1000$$),
('products of category beverages priced over 100', $$SELECT product_name FROM dim_product WHERE category = 'Beverages' AND list_price > 100$$),
('products of category Fizzo priced over 100', NULL),
('products of category Snacks priced over 99.5', NULL),
('products of category Snacks priced under 100', NULL),
('products priced over 120.25', $$SELECT product_name FROM dim_product WHERE list_price > 120.25$$),
('products priced over 120', NULL),
('secondary revenue between June and August 2023', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date >= '2023-06-01' AND invoice_date < '2023-09-01'$$),
('takings since 2023', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date >= '2023-01-01'$$),
('takings since March 2023', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date >= '2023-03-01'$$),
('takings before 2023', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date < '2023-01-01'$$),
('takings since yesterday', NULL),
('takings by month in 2023', $$SELECT date_trunc('month', invoice_date)::date, sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2023-01-01' AND '2023-12-31' GROUP BY 1$$),
('takings by month in March 2023', NULL),
('takings on 2023-08-11', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date = '2023-08-11'$$),
('takings in December 2023', $$SELECT sum(net_amount) FROM fact_secondary_sales WHERE invoice_date BETWEEN '2023-12-01' AND '2023-12-31'$$),
('takings in March', NULL),
('takings in 2023', NULL),
('Wholesale customers in Kerala', $$SELECT customer_name FROM dim_customer JOIN dim_geography USING (geography_id) WHERE channel = 'Wholesale' AND state = 'Kerala'$$),
('Modern Trade customers in West Bengal', $$SELECT customer_name FROM dim_customer JOIN dim_geography USING (geography_id) WHERE channel = 'Modern Trade' AND state = 'West Bengal'$$),
('Gujarat customers in Pharmacy', NULL),
('takings of East and West', $$SELECT zone, sum(net_amount) FROM fact_secondary_sales JOIN dim_geography USING (geography_id) WHERE zone IN ('East', 'West') GROUP BY zone$$),
('takings of East or West', NULL),
('customers with more than 50 receipts', $$SELECT customer_name FROM fact_secondary_sales JOIN dim_customer USING (customer_id) GROUP BY customer_id, 1 HAVING count(*) > 50$$),
('customers with more than 50.5 receipts', NULL),
('dearest two products of each category', $$SELECT category, product_name FROM (SELECT category, product_name, row_number() OVER (PARTITION BY category ORDER BY list_price DESC, product_name) r FROM dim_product) s WHERE r <= 2$$),
('takings of Pune through a query', $$SELECT sum(net_amount) FROM fact_secondary_sales JOIN dim_geography USING (geography_id) WHERE city = 'Pune'$$),
('takings of Gujarat through a query', NULL),
('products labelled Dairy', NULL),
('named takings in 2023', NULL),
('named customers of Kerala', NULL),
('top 3 products with more than 5 receipts', NULL),
('top 5 products with more than 10 receipts', NULL),
('top 9 products with more than 9 receipts', NULL),
('drug stores in Kerala', NULL),
('small caps towns of Kerala', NULL),
('top 3 categories by size', NULL),
('takings of the fiscal year 2023', NULL),
('products taxed over 5%', NULL),
('products taxed over 12', NULL),
('words with Juice', NULL),
('rounded price of products over 3', NULL),
('takings of March 2023 by two numbers', NULL),
('takings of May 2024 by two numbers', NULL),
('customers of Kerala either way', NULL),
('towns of Kerala or all', NULL),
('customers outside Kerala', NULL);

CREATE FUNCTION public.regress_row(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(CASE WHEN value ~ '^-?\d+\.?\d*$' THEN round(value::numeric, 6)::text ELSE value END, '|' ORDER BY value COLLATE "C")
   FROM jsonb_each_text(r) $$;

-- 'right', 'wrong', or which translator answered instead of memory
CREATE FUNCTION public.regress_check(asked text, gold text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
  answer jsonb := ask_json(asked);
  differs boolean;
BEGIN
  IF answer->>'status' IS DISTINCT FROM 'answered' OR answer->>'translator' IS DISTINCT FROM 'memory' THEN
    RETURN 'not by memory';
  ELSIF gold IS NULL THEN
    RETURN 'by memory: ' || (answer->>'query_used');
  END IF;
  EXECUTE format('SELECT EXISTS ((SELECT regress_row(to_jsonb(g)) FROM (%1$s) g EXCEPT ALL SELECT regress_row(r) FROM jsonb_array_elements($1) r)
      UNION ALL (SELECT regress_row(r) FROM jsonb_array_elements($1) r EXCEPT ALL SELECT regress_row(to_jsonb(g)) FROM (%1$s) g))', gold)
    INTO differs USING answer->'result';
  RETURN CASE WHEN differs THEN 'wrong: ' || (answer->>'query_used') ELSE 'right' END;
END
$$;
CREATE TABLE public.regress_verdict AS SELECT p.*, regress_check(p.question, p.gold) AS verdict FROM public.regress_pair p;
-- only what is not as it should be
SELECT id, question, verdict FROM public.regress_verdict
 WHERE verdict IS DISTINCT FROM CASE WHEN gold IS NULL THEN 'not by memory' ELSE 'right' END ORDER BY id;
SELECT verdict, count(*) FROM public.regress_verdict GROUP BY 1 ORDER BY 1;

-- a filled answer says so, and what stands in the SQL is quoted
SELECT * FROM ask('Wholesale customers in Kerala', max_rows => 1);

-- a value of two columns: filled where the first was one of the same two, or the second is one of fewer
CREATE TABLE sales.port (port_id int PRIMARY KEY, port_name text, harbour text);
INSERT INTO sales.port VALUES (1, 'Alpha', 'Beta'), (2, 'Beta', 'Gamma'), (3, 'Gamma', 'Omega'), (4, 'Delta', 'Sigma');
GRANT SELECT ON sales.port TO sql_agent_reader;
SELECT sql_agent.example_add('keys of Alpha', $$SELECT port_id FROM sales.port WHERE port_name = 'Alpha'$$) IS NOT NULL AS added;
SELECT q, regress_check(q, NULL) FROM unnest(ARRAY['keys of Delta', 'keys of Beta', 'keys of Sigma']) q;
SELECT sql_agent.example_add('codes of Beta', $$SELECT port_id FROM sales.port WHERE port_name = 'Beta'$$) IS NOT NULL AS added;
SELECT q, regress_check(q, NULL) FROM unnest(ARRAY['codes of Gamma', 'codes of Alpha', 'codes of Omega']) q;

DELETE FROM sql_agent.memory_entry;
DELETE FROM sql_agent.question;
DROP TABLE public.regress_example, public.regress_pair, public.regress_verdict;
DROP FUNCTION public.regress_check(text, text), public.regress_row(jsonb);
DROP SCHEMA sales CASCADE;
