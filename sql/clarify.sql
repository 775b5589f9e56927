--
-- validate_question() and clarify(): what a question leaves open, and choices for it
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_clarify;
CREATE ROLE regress_clarify_other;
GRANT sql_agent_user TO regress_clarify, regress_clarify_other;
CREATE SCHEMA clarify_shop;
SET search_path = clarify_shop;
CREATE TABLE city (id int PRIMARY KEY, name text NOT NULL UNIQUE, zone text NOT NULL);
CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, segment text NOT NULL, city_id int REFERENCES city);
CREATE TABLE employee (id int PRIMARY KEY, name text NOT NULL, city_id int REFERENCES city);
CREATE TABLE product (id int PRIMARY KEY, name text NOT NULL, category text NOT NULL, secret text NOT NULL, price numeric NOT NULL);
CREATE TABLE invoice (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, employee_id int NOT NULL REFERENCES employee,
  product_id int NOT NULL REFERENCES product, issued_on date NOT NULL, sales_type text NOT NULL, revenue numeric NOT NULL);
INSERT INTO city VALUES (1, 'Oslo', 'North'), (2, 'Rome', 'South'), (3, 'Bern', 'North');
INSERT INTO customer SELECT i, 'Customer ' || i, (ARRAY['retail', 'wholesale'])[1 + i % 2], 1 + i % 3 FROM generate_series(1, 30) i;
INSERT INTO employee SELECT i, 'Employee ' || i, 1 + i % 2 FROM generate_series(1, 5) i;
INSERT INTO product SELECT i, 'Product ' || i, (ARRAY['Books', 'Games', 'Tools'])[1 + i % 3], (ARRAY['x', 'y'])[1 + i % 2], i FROM generate_series(1, 9) i;
INSERT INTO invoice SELECT i, 1 + i % 30, 1 + i % 5, 1 + i % 9, date '2023-06-01' + i * 2, (ARRAY['direct', 'online'])[1 + i % 2], i FROM generate_series(1, 300) i;
ANALYZE;
GRANT USAGE ON SCHEMA clarify_shop TO regress_clarify, regress_clarify_other;
GRANT SELECT ON city, customer, employee, invoice TO regress_clarify, regress_clarify_other;
GRANT SELECT (id, name, category, price) ON product TO regress_clarify, regress_clarify_other;
SET sql_agent.allowed_schemas = 'clarify_shop';
SET sql_agent.ask_summary = off;
SET sql_agent.as_of = '2025-01-15';
SET search_path = public;
SET timezone = 'UTC';
SET ROLE regress_clarify;
\pset format unaligned

-- what is open: time, values, things, each from the tables; the column that the role can not read is not there
CREATE FUNCTION pg_temp.open(q text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT 'too broad: ' || (v->>'is_too_broad') FROM sql_agent.validate_question(q) v
  UNION ALL SELECT concat_ws(' | ', m->>'dimension', m->>'question', m->>'options', m->>'default')
    FROM sql_agent.validate_question(q) v, jsonb_array_elements(v->'missing') m
  UNION ALL SELECT concat_ws(' | ', a->>'word', a->>'readings') FROM sql_agent.validate_question(q) v, jsonb_array_elements(v->'ambiguous') a
  UNION ALL SELECT 'try: ' || s FROM sql_agent.validate_question(q) v, jsonb_array_elements_text(v->'suggestions') s $$;
SELECT pg_temp.open('show me the revenue');
SELECT pg_temp.open('total revenue');
SELECT pg_temp.open('revenue by zone in 2024');
SELECT pg_temp.open('revenue of direct sales type by category');
SELECT pg_temp.open('top 3 products');
SELECT pg_temp.open('give me an overview');
SELECT pg_temp.open('list the cities');
SELECT pg_temp.open('how many flurbles');
SELECT pg_temp.open('revenue by city');
SELECT sql_agent.validate_question(NULL) IS NULL AS null_of_null;

-- each suggestion is answered
SELECT q, s, (ask_json(s)->>'status') AS status
  FROM unnest(ARRAY['show me the revenue', 'top 3 products', 'how many invoices', 'how many flurbles']) q,
       jsonb_array_elements_text(sql_agent.validate_question(q)->'suggestions') s;

-- suggest: answered, and what could be said; ask: asked back; off: answered
SELECT ask('show me the revenue');
SELECT a->>'status', a->'clarification'->'is_too_broad', jsonb_array_length(a->'clarification'->'missing') FROM ask_json('show me the revenue') a;
SELECT regexp_replace(l, '[0-9a-f-]{36}', 'ID') FROM ask('show me the revenue', options => '{"clarify": "ask"}') l;
SELECT * FROM ask_rows('show me the revenue', options => '{"clarify": "ask"}');
SELECT regexp_replace(l, '[0-9a-f-]{36}', 'ID') FROM ask('top 3 products', options => '{"clarify": "ask"}') l;
SELECT ask('top 3 products');
SELECT a->>'status', a->'clarification' FROM ask_json('show me the revenue', options => '{"clarify": "off"}') a;
SELECT a->>'status', a->'clarification' FROM ask_json('how many invoices') a;
SELECT a->>'status' FROM ask_json('how many invoices', options => '{"clarify": "ask"}') a;

-- choices: a chat for each, so that none is remembered by the next
CREATE FUNCTION pg_temp.choose(q text, answers jsonb, chat uuid DEFAULT gen_random_uuid()) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r jsonb;
BEGIN
  r := sql_agent.clarify((ask_json(q, chat => chat)->>'question_id')::uuid, answers);
  RETURN concat_ws(E'\n', r->>'status', r->>'query_used', r->>'assumptions', r->'error'->>'message');
END $$;
SELECT pg_temp.choose('show me the revenue', '{"time": 2024}');
SELECT pg_temp.choose('show me the revenue', '{"Time": "last month", "ZONE": "north"}');
SELECT pg_temp.choose('show me the revenue', '{"time": "by month", "category": ["Books", "games"]}');
SELECT pg_temp.choose('show me the revenue', '{"sales type": "by sales type"}');
SELECT pg_temp.choose('show me the revenue', '{"customer": "by customer"}');
SELECT pg_temp.choose('show me the revenue', '{"product": "product 3", "time": "all"}');
SELECT pg_temp.choose('top 3 products', '{"ranking": "invoice.revenue"}');
SELECT pg_temp.choose('give me an overview', '{"measure": "invoice.revenue"}');
-- a word that can mean two things: whose city
SELECT pg_temp.choose('revenue by city', '{"city": "that of the customer"}');
SELECT pg_temp.choose('revenue by city', '{"city": "that of the employee"}');

-- what was asked before in the chat counts, and the answer says so
SELECT gen_random_uuid() AS chat \gset
SELECT pg_temp.choose('show me the revenue', '{"time": "2024", "zone": "North", "category": "by category"}', :'chat');
SELECT ask('total revenue by sales type', chat => :'chat');
SELECT ask('total revenue in 2023 by zone', chat => :'chat');
SELECT ask('how many employees', chat => :'chat');
SELECT ask_sql('total revenue', chat => :'chat');
-- not in another chat, and not when nothing is to be remembered
SELECT ask_sql('total revenue');
SET sql_agent.remember_answers = 0;
SELECT ask_sql('total revenue', chat => :'chat');
RESET sql_agent.remember_answers;
-- "all" takes it back
SELECT pg_temp.choose('show me the revenue', '{"time": "all", "zone": "all"}', :'chat');
SELECT ask_sql('total revenue', chat => :'chat');
-- readings are remembered by the word
SELECT pg_temp.choose('revenue by city', '{"city": "that of the employee"}', :'chat');
SELECT ask_sql('number of invoices by city', chat => :'chat');
SELECT kind, key, about, answer FROM sql_agent.chat_answer WHERE chat_id = :'chat' ORDER BY kind, key;

-- the default chat remembers nothing
SELECT a->>'chat_id' AS default_chat, sql_agent.clarify((a->>'question_id')::uuid, '{"zone": "North"}')->>'status' AS status FROM ask_json('show me the revenue') a \gset
SELECT :'status' AS status, count(*) AS remembered FROM sql_agent.chat_answer WHERE chat_id = :'default_chat';
SELECT ask_sql('total revenue');

-- errors
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(E'\n', SQLSTATE || ': ' || regexp_replace(SQLERRM, '[0-9a-f-]{36}', 'ID'), hint);
END $$;
CREATE FUNCTION pg_temp.refuses(id uuid, answers jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.fails(format('SELECT sql_agent.clarify(%L, %L)', id, answers)) $$;
SELECT gen_random_uuid() AS failed_chat \gset
SELECT ask_json('show me the revenue', chat => :'failed_chat')->>'question_id' AS id \gset
SELECT pg_temp.refuses(:'id', '{"galaxy": "Milky Way"}');
SELECT pg_temp.refuses(:'id', '{"zone": "East"}');
SELECT pg_temp.refuses(:'id', '{"zone": ["North", "East"]}');
SELECT pg_temp.refuses(:'id', '{"zone": []}');
SELECT pg_temp.refuses(:'id', '{"zone": null}');
SELECT pg_temp.refuses(:'id', '{"zone": {"North": 1}}');
SELECT pg_temp.refuses(:'id', '{"time": "yesteryear"}');
SELECT pg_temp.refuses(:'id', '{"time": "2024 or so"}');
SELECT pg_temp.refuses(:'id', '{"zone": "North''; DROP TABLE clarify_shop.city; --"}');
SELECT pg_temp.refuses(:'id', '{}');
SELECT pg_temp.refuses(:'id', '["time"]');
SELECT pg_temp.refuses(:'id', '"time"');
SELECT pg_temp.refuses('00000000-0000-0000-0000-000000000000', '{"time": "2024"}');
SELECT sql_agent.clarify(NULL, '{"time": "2024"}') IS NULL AS null_of_null;
SELECT ask_json('revenue by city')->>'question_id' AS city_id \gset
SELECT pg_temp.refuses(:'city_id', '{"city": "that of the moon"}');
SELECT ask_json('revenue by category, zone, sales type and customer in 2024')->>'question_id' AS closed_id \gset
SELECT pg_temp.refuses(:'closed_id', '{"time": "2024"}');
SELECT pg_temp.fails($$SELECT sql_agent.validate_question('')$$);
SELECT pg_temp.fails($$SELECT sql_agent.validate_question(E'a\x01b')$$);
SELECT pg_temp.fails($$SELECT sql_agent.validate_question('revenue', ARRAY['x'])$$);
-- a failed one leaves nothing behind
SELECT count(*) AS remembered FROM sql_agent.chat_answer WHERE chat_id = :'failed_chat';
-- in a read-only transaction it answers and remembers nothing
BEGIN READ ONLY;
SELECT r->>'status', r->'question_id' FROM sql_agent.clarify(:'id', '{"time": "2024"}') r;
COMMIT;
SELECT count(*) AS remembered FROM sql_agent.chat_answer WHERE chat_id = :'failed_chat';
RESET ROLE;
-- somebody else's question
SET ROLE regress_clarify_other;
SELECT pg_temp.refuses(:'id', '{"time": "2024"}');
SELECT count(*) AS seen FROM sql_agent.chat_answer;
RESET ROLE;
-- a role that may not
CREATE ROLE regress_clarify_nobody;
SET ROLE regress_clarify_nobody;
SELECT pg_temp.fails($$SELECT sql_agent.validate_question('revenue')$$);
SELECT pg_temp.refuses(:'id', '{"time": "2024"}');
RESET ROLE;

-- the tables have changed since
SET ROLE regress_clarify;
SELECT pg_temp.choose('show me the revenue', '{"sales type": "online"}', :'chat');
RESET ROLE;
ALTER TABLE clarify_shop.invoice RENAME sales_type TO kind_of_sale;
SET ROLE regress_clarify;
SELECT ask_sql('total revenue', chat => :'chat');
SELECT pg_temp.refuses(:'id', '{"sales type": "online"}');
-- a private column is not offered
RESET ROLE;
SELECT sql_agent.mark_private('clarify_shop.city', 'zone');
SELECT sql_agent.mark_private('clarify_shop.employee', 'name');
SET ROLE regress_clarify;
SELECT m->>'dimension' AS dimension FROM jsonb_array_elements(sql_agent.validate_question('total revenue')->'missing') m;
SELECT pg_temp.refuses(:'id', '{"zone": "North"}');
RESET ROLE;
SELECT sql_agent.unmark_private('clarify_shop.city', 'zone'), sql_agent.unmark_private('clarify_shop.employee', 'name');
SET ROLE regress_clarify;

-- forgotten with the questions
SELECT sql_agent.forget_questions() > 0 AS forgotten;
SELECT count(*) AS left FROM sql_agent.chat_answer;
RESET ROLE;

-- nothing is visible
SET sql_agent.allowed_schemas = '';
SET ROLE regress_clarify;
SELECT sql_agent.validate_question('revenue');
RESET ROLE;
DROP OWNED BY regress_clarify, regress_clarify_other;
DROP SCHEMA clarify_shop CASCADE;
DROP ROLE regress_clarify, regress_clarify_other, regress_clarify_nobody;
