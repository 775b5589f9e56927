-- The ask family: one question, its answer as lines, JSON, rows, typed rows, SQL and a view.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_ask_user;
GRANT sql_agent_user TO regress_ask_user;
CREATE SCHEMA ask_shop;
CREATE SCHEMA regress_ask_views AUTHORIZATION regress_ask_user;
CREATE TABLE ask_shop.products (id int PRIMARY KEY, name text NOT NULL, category text NOT NULL, price numeric(10,2));
CREATE TABLE ask_shop.orders (
  id int PRIMARY KEY,
  product_id int NOT NULL REFERENCES ask_shop.products,
  order_date date NOT NULL,
  revenue numeric(12,2)
);
INSERT INTO ask_shop.products VALUES
  (1, 'Widget A', 'Tools', 100), (2, 'Widget B', 'Tools', 250.5), (3, 'Gadget', 'Toys', 1234567.89),
  (4, 'Ünïcödé 日本', 'Toys', 7), (5, 'Nothing', 'Spare', NULL);
INSERT INTO ask_shop.orders
  SELECT i, i % 4 + 1, date '2025-01-01' + i * 3, i * 10.5 FROM generate_series(1, 100) i;
ANALYZE ask_shop.products, ask_shop.orders;
GRANT USAGE ON SCHEMA ask_shop TO regress_ask_user;
GRANT SELECT ON ALL TABLES IN SCHEMA ask_shop TO regress_ask_user;
SET sql_agent.allowed_schemas = 'ask_shop';
SET sql_agent.ask_summary = off;
SET client_min_messages = notice;

SET ROLE regress_ask_user;
SET search_path = regress_ask_views, pg_catalog;
\pset format unaligned

-- lines: a sentence, the rows, the statement, a chart where it says more
SELECT * FROM public.ask('how many products');
SELECT * FROM public.ask('top 3 products by revenue');
SELECT * FROM public.ask('total revenue by month');
SELECT * FROM public.ask('total revenue by quarter');
SELECT * FROM public.ask('share of revenue by product');
SELECT * FROM public.ask('total revenue');
SELECT * FROM public.ask('list products');
SELECT * FROM public.ask('number of products by category');
SELECT * FROM public.ask('products where category is "Nowhere"');
-- in any session, with the function's name alone
SET search_path = public;
SELECT ask('how many orders');
-- fewer lines, cut rows
SELECT ask('list orders', max_rows => 4, options => '{"display_rows": 2}');
SELECT count(*) FILTER (WHERE line ~ '^Translator: builtin  Time: [0-9.]+ ms [(]query [0-9.]+ ms[)]  Cost: none$') AS summary_lines
  FROM ask('how many orders', options => '{"summary": true}') AS line;
-- names of the settings hold for the call only
SHOW sql_agent.display_rows;
SHOW sql_agent.ask_summary;

-- what can not be answered is said, with questions that can
SELECT ask('how many flurbles');

-- JSON
CREATE FUNCTION regress_ask_views.stable(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT answer - '{question_id,chat_id,execution_time,total_time,database_results}'::text[]
         || jsonb_build_object('database_results',
              (SELECT coalesce(jsonb_agg(d - '{execution_time,connection_name}'::text[]), '[]')
                 FROM jsonb_array_elements(answer->'database_results') d)) $$;
SELECT jsonb_pretty(regress_ask_views.stable(ask_json('top 2 products by revenue')));
SELECT jsonb_pretty(regress_ask_views.stable(ask_json('how many flurbles')));
\pset format aligned
-- the members are the same in every answer
SELECT (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(ask_json('how many products')) k)
     = (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(ask_json('how many flurbles')) k) AS same_members;
SELECT jsonb_typeof(a->'question_id'), jsonb_typeof(a->'chat_id'), jsonb_typeof(a->'total_time'), a->'row_count', a->'truncated'
  FROM ask_json('list orders', max_rows => 4) AS a;
SELECT a->'chart' AS chart FROM ask_json('top 2 products by revenue', options => '{"chart": false}') AS a;
-- picture of an answer
SELECT sql_agent.chart_text(a->'chart', a->'result', 40) FROM ask_json('top 2 products by revenue') AS a;

-- rows
SELECT * FROM ask_rows('top 2 products by revenue');
SELECT r->>'name' AS name FROM ask_rows('top 3 products by revenue') AS r;
SELECT * FROM ask_rows('how many flurbles');

-- typed rows: by name, then by type; values are converted as an assignment would
CREATE TYPE regress_ask_views.ranking AS (total_revenue numeric(12,1), name varchar(20));
CREATE TYPE regress_ask_views.other_names AS (who text, how_much int);
CREATE TYPE regress_ask_views.too_much AS (name text, color text, weight int, built date);
CREATE DOMAIN regress_ask_views.small AS int CHECK (value < 5);
SELECT * FROM ask_as(null::regress_ask_views.ranking, 'top 2 products by revenue');
SELECT * FROM ask_as(null::regress_ask_views.other_names, 'top 2 products by revenue');
SELECT * FROM ask_as(null::ask_shop.products, 'list products');
SELECT ask_as(null::int, 'how many products') + 1 AS six;
SELECT * FROM ask_as(null::regress_ask_views.too_much, 'top 2 products by revenue');
SELECT ask_as(null::date, 'how many products');
SELECT ask_as(null::regress_ask_views.small, 'how many products');
SELECT * FROM ask_as(null::record, 'how many products') AS r(a int);
SELECT * FROM ask_as(null::regress_ask_views.ranking, 'how many flurbles');

-- the statement, for \gexec
SELECT ask_sql('top 2 products by revenue');
SELECT ask_sql('top 2 products by revenue') \gexec
SELECT ask_sql('how many flurbles');

-- a view of the caller's
SET search_path = regress_ask_views, public;
SELECT ask_view('Top "2"', 'top 2 products by revenue');
SELECT * FROM "Top ""2""";
SELECT reloptions, obj_description(oid), relowner::regrole FROM pg_class WHERE relname = 'Top "2"';
SELECT ask_view('Top "2"', 'top 3 products by revenue');
SELECT ask_view('Top "2"', 'top 3 products by revenue', replace => true);
SELECT count(*) FROM "Top ""2""";
SELECT ask_view('nothing', 'how many flurbles');
SELECT ask_view('', 'how many products');
SELECT ask_view(repeat('x', 64), 'how many products');
SELECT ask_view(NULL, 'how many products');
SELECT ask_view('none', NULL);
SET search_path = pg_catalog;
SELECT public.ask_view('nowhere', 'how many products');
SET search_path = regress_ask_views, public;

-- questions that can be answered are answered
SELECT count(*) = 5 AS five, bool_and((ask_json(q)->>'success')::boolean) AS answered FROM sql_agent.suggest_questions() q;
SELECT count(*) FROM sql_agent.suggest_questions(1);
SELECT * FROM sql_agent.suggest_questions(0);

-- read-only transactions answer, and record nothing
SELECT count(*) AS before FROM sql_agent.questions \gset
BEGIN READ ONLY;
SELECT a->>'answer' AS answer, a->'question_id' AS question_id FROM ask_json('how many products') AS a;
SELECT * FROM ask('how many products') LIMIT 1;
SELECT ask_view('v', 'how many products');
ROLLBACK;
SELECT count(*) - :before AS recorded FROM sql_agent.questions;
-- inside a function of the caller's, in a stable one too
CREATE FUNCTION regress_ask_views.counted() RETURNS jsonb STABLE LANGUAGE plpgsql AS $$
BEGIN RETURN ask_json('how many products')->'result'; END $$;
SELECT regress_ask_views.counted();

RESET ROLE;
RESET search_path;
SET client_min_messages = warning;
DROP OWNED BY regress_ask_user CASCADE;
DROP SCHEMA ask_shop CASCADE;
DROP ROLE regress_ask_user;
