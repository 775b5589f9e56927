-- 10,000 questions out of memory in one backend, and writing to it: what the
-- backend holds afterwards is what it held before.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_memory_growth;
GRANT sql_agent_user TO regress_memory_growth;
CREATE SCHEMA memory_growth;
CREATE TABLE memory_growth.items (id int PRIMARY KEY, name text, kind text, price numeric);
INSERT INTO memory_growth.items SELECT i, 'item ' || i, (ARRAY['Tea', 'Coffee', 'Cocoa'])[1 + i % 3], i FROM generate_series(1, 50) i;
GRANT USAGE ON SCHEMA memory_growth TO regress_memory_growth;
GRANT SELECT ON memory_growth.items TO regress_memory_growth;
SET sql_agent.allowed_schemas = 'memory_growth';
SET search_path = public;
CREATE FUNCTION memory_growth.ask_all(n int) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM generate_series(1, n) i
   WHERE ask_json(CASE i % 4 WHEN 0 THEN 'best 3 of Tea' WHEN 1 THEN 'best 5 of Coffee' WHEN 2 THEN 'best 7 of Cocoa'
                  ELSE 'best 2.5 of Tea' END, options => '{"record": false}')->>'translator' = 'memory' $$;
CREATE FUNCTION memory_growth.write_all(n int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE asked uuid;
BEGIN
  FOR i IN 1 .. n LOOP
    PERFORM sql_agent.example_add('one of ' || i % 10, 'SELECT name FROM memory_growth.items WHERE id = ' || i % 10);
    asked := ask_json('best 4 of Tea')->>'question_id';
    PERFORM sql_agent.feedback(asked, true);
    PERFORM sql_agent.forget(question_id => asked);
    BEGIN
      PERFORM sql_agent.example_add('one', 'SELECT nothing');
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
  RETURN (SELECT count(*) FROM sql_agent.memory);
END $$;
CREATE FUNCTION memory_growth.held() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts $$;
CREATE TEMP TABLE held (at text, bytes bigint);
GRANT SELECT, INSERT ON held TO regress_memory_growth;
GRANT SELECT ON pg_backend_memory_contexts TO regress_memory_growth;
GRANT EXECUTE ON FUNCTION pg_get_backend_memory_contexts() TO regress_memory_growth;
SET ROLE regress_memory_growth;
SELECT sql_agent.example_add('best 3 of Tea', 'SELECT name FROM memory_growth.items WHERE kind = ''Tea'' ORDER BY price DESC LIMIT 3') IS NOT NULL AS added;
SELECT memory_growth.ask_all(100);
SELECT memory_growth.write_all(20);
INSERT INTO held SELECT 'first', memory_growth.held();
INSERT INTO held SELECT 'before', memory_growth.held();
SELECT memory_growth.ask_all(10000);
INSERT INTO held SELECT 'asked', memory_growth.held();
SELECT memory_growth.write_all(300);
INSERT INTO held SELECT 'written', memory_growth.held();
SELECT h.at, (h.bytes - b.bytes) / 1024 < 64 AS flat
  FROM held h JOIN held b ON b.at = 'before' WHERE h.at IN ('asked', 'written') ORDER BY 1;
SELECT sql_agent.forget(everything => true);
SELECT sql_agent.forget_questions() > 0 AS forgot;
RESET ROLE;
DROP OWNED BY regress_memory_growth;
DROP SCHEMA memory_growth CASCADE;
DROP ROLE regress_memory_growth;
