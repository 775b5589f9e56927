-- 10,000 questions in one backend: what it holds afterwards is what it held before.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_ask_memory;
GRANT sql_agent_user TO regress_ask_memory;
CREATE SCHEMA memory_test;
CREATE TABLE memory_test.items (id int PRIMARY KEY, name text, sold date, price numeric);
INSERT INTO memory_test.items SELECT i, 'item ' || i, date '2025-01-01' + i, i FROM generate_series(1, 50) i;
ANALYZE memory_test.items;
GRANT USAGE ON SCHEMA memory_test TO regress_ask_memory;
GRANT SELECT ON memory_test.items TO regress_ask_memory;
SET sql_agent.allowed_schemas = 'memory_test';
SET sql_agent.ask_summary = off;
SET search_path = public;
CREATE TYPE memory_test.row_type AS (name text, price numeric(10,1));
CREATE FUNCTION memory_test.ask_all(n int) RETURNS bigint LANGUAGE sql AS $$
  SELECT (SELECT count(ask_json(CASE i % 4 WHEN 0 THEN 'top 3 items by price' WHEN 1 THEN 'how many items'
                                           WHEN 2 THEN 'how many flurbles' ELSE 'total price by month' END))
            FROM generate_series(1, n) i)
       + (SELECT count(*) FROM generate_series(1, n / 20) i, LATERAL ask('top 3 items by price', options => '{"record": false}') WHERE i > 0)
       + (SELECT count(*) FROM generate_series(1, n / 20) i, LATERAL ask_as(CASE WHEN i > 0 THEN null::memory_test.row_type END, 'list items')) $$;
CREATE FUNCTION memory_test.fail(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. n LOOP
    BEGIN
      PERFORM ask_sql('how many flurbles');
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $$;
-- used bytes of the contexts that live as long as the backend
CREATE FUNCTION memory_test.held() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts $$;
CREATE TEMP TABLE held (at text, bytes bigint);
GRANT SELECT, INSERT ON held TO regress_ask_memory;
GRANT SELECT ON pg_backend_memory_contexts TO regress_ask_memory;
GRANT EXECUTE ON FUNCTION pg_get_backend_memory_contexts() TO regress_ask_memory;
SET ROLE regress_ask_memory;

-- everything that is made once has been made after the first ones
SELECT memory_test.ask_all(1000) > 1000 AS asked;
SELECT memory_test.fail(10);
INSERT INTO held SELECT 'first', memory_test.held();
INSERT INTO held SELECT 'before', memory_test.held();
SELECT memory_test.ask_all(9000) > 9000 AS asked;
INSERT INTO held SELECT 'after', memory_test.held();
-- errors leave nothing behind either
SELECT memory_test.fail(1000);
INSERT INTO held SELECT 'errors', memory_test.held();
SELECT h.at, (h.bytes - b.bytes) / 1024 < 64 AS flat
  FROM held h JOIN held b ON b.at = 'before' WHERE h.at IN ('after', 'errors') ORDER BY 1;
-- recorded in one transaction each or all in one, the count is right
SELECT count(*) FROM sql_agent.questions;
SELECT sql_agent.forget_questions();
RESET ROLE;
DROP OWNED BY regress_ask_memory;
DROP SCHEMA memory_test CASCADE;
DROP ROLE regress_ask_memory;
