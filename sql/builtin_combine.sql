--
-- The built-in translator: two numbers together, own and shared tables, two
-- sides of one number
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
SELECT FROM sql_agent.tenant_provision('regress_combine', tenant_key => '7');
SELECT FROM sql_agent.tenant_add_member('regress_combine', 'regress_combine_ann', create_login => true);
CREATE SCHEMA regress_combine_market;
CREATE TABLE regress_combine_market.index_level (day date PRIMARY KEY, level numeric NOT NULL);
CREATE TABLE regress_combine_market.portfolio_return (day date PRIMARY KEY, return_percent numeric NOT NULL);
CREATE TABLE regress_combine_market.sales (id int PRIMARY KEY, tenant_id int NOT NULL, sold_on date NOT NULL, amount numeric NOT NULL);
CREATE TABLE regress_combine.customer (id int PRIMARY KEY, name text NOT NULL, country text NOT NULL, is_active boolean NOT NULL);
CREATE TABLE regress_combine.sales (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES regress_combine.customer,
  sold_on date NOT NULL, amount numeric NOT NULL);
INSERT INTO regress_combine_market.index_level SELECT date '2024-01-01' + i, 100 + i FROM generate_series(0, 120) AS i;
INSERT INTO regress_combine_market.portfolio_return SELECT date '2024-01-01' + 30 * i, (i % 5) / 10.0 FROM generate_series(0, 6) AS i;
INSERT INTO regress_combine_market.sales SELECT i, 7 + i % 2, date '2024-01-10' + i, 1 FROM generate_series(1, 60) AS i;
INSERT INTO regress_combine.customer VALUES (1, 'Ann', 'Peru', true), (2, 'Bob', 'Chad', true), (3, 'Cy', 'Peru', false), (4, 'Cy', 'Mali', true);
INSERT INTO regress_combine.sales SELECT i, 1 + i % 4, date '2024-01-20' + i, i * 10 FROM generate_series(1, 130) AS i;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_combine TO tenant_regress_combine;
SELECT FROM sql_agent.share_table('regress_combine_market.index_level');
SELECT FROM sql_agent.share_table('regress_combine_market.portfolio_return');
SELECT FROM sql_agent.share_table('regress_combine_market.sales', 'tenant_id');
CREATE FUNCTION public.regress_told(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb := sql_agent.ask_json(question, options => '{"record": false}');
BEGIN
  RETURN concat_ws(E'\n', answer #>> '{error,detail}', CASE WHEN answer -> 'error' = 'null' OR NOT answer ? 'error' THEN sql_agent.ask_sql(question, options => '{"record": false}') END,
    (SELECT string_agg('-- ' || a, E'\n') FROM jsonb_array_elements_text(answer -> 'assumptions') AS a),
    '-- ' || (answer ->> 'explanation'), '-- ' || (answer #>> '{chart,type}') || ' ' || (answer #>> '{chart,y}'));
END $$;
GRANT EXECUTE ON FUNCTION public.regress_told TO PUBLIC;
SET SESSION AUTHORIZATION regress_combine_ann;
SET sql_agent.ask_summary = off;
\pset format unaligned
\pset tuples_only on

-- one's own beside what is shared, over the periods that they have in common
SELECT regress_told('compare my sales with the portfolio''s performance by month');
SELECT regress_told('show revenue and average index level by quarter');
SELECT regress_told('does my revenue correlate with the index?');
SELECT ask('is there a correlation between sales and the index level by week');
SELECT ask('compare my sales in March 2024 with the index by week');

-- a name that both have
SELECT regress_told('total sales by month');
SELECT regress_told('total shared sales by month');
SELECT regress_told('sum of amount of regress_combine_market sales');
SELECT regress_told('compare my sales with shared sales by month');

-- two sides
SELECT regress_told('sales in Peru vs Chad');
SELECT regress_told('compare sales in Peru and Chad by month');
SELECT regress_told('active versus inactive customers'' average spend');
SELECT regress_told('difference between total sales in Peru and Chad');
SELECT regress_told('sales in Peru, Chad and Mali compared with each other');
SELECT regress_told('compare sales in Peru, Chad and Mali by month');
SELECT ask('active vs inactive customers');

-- no two numbers, or not of the same
SELECT regress_told('compare sales');
SELECT regress_told('compare sales with the weather by month');
SELECT regress_told('compare Peru and Ann');
SELECT regress_told('does my revenue correlate with customers');
SELECT regress_told('correlation of sales');
SELECT regress_told('compare sales by month with customers by country');
SELECT regress_told('top 5 customers in Peru vs Chad by sales');
RESET SESSION AUTHORIZATION;
\pset format aligned
\pset tuples_only off

SELECT count(sql_agent.tenant_drop(name, cascade => true)) FROM sql_agent.tenants WHERE name = 'regress_combine';
DROP SCHEMA regress_combine_market CASCADE;
DROP FUNCTION public.regress_told;
DROP ROLE regress_combine_ann;
