-- 10,000 snapshots asked for in one backend, with changes in between: memory stays flat.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_memory_user;
GRANT sql_agent_user TO regress_memory_user;
CREATE SCHEMA memory_shop;
GRANT USAGE ON SCHEMA memory_shop TO regress_memory_user;
SET sql_agent.allowed_schemas = 'memory_shop';
DO $$
BEGIN
  FOR i IN 1..50 LOOP
    EXECUTE format('CREATE TABLE memory_shop.item_%s (id int PRIMARY KEY, name text, city text)', i);
    EXECUTE format('INSERT INTO memory_shop.item_%s SELECT g, ''name '' || g, ''city '' || g %% 5 FROM generate_series(1, 50) g', i);
    EXECUTE format('GRANT SELECT ON memory_shop.item_%s TO regress_memory_user', i);
  END LOOP;
END $$;
CREATE PROCEDURE pg_temp.ask(rounds int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..rounds LOOP
    IF i % 10 = 0 THEN
      EXECUTE format('COMMENT ON TABLE memory_shop.item_%s IS %L', 1 + i % 50, 'round ' || i);
    END IF;
    IF i % 100 = 0 THEN
      EXECUTE format('ALTER TABLE memory_shop.item_%s ADD COLUMN IF NOT EXISTS extra text', 1 + i % 7);
      COMMIT;
      EXECUTE format('ALTER TABLE memory_shop.item_%s DROP COLUMN extra', 1 + i % 7);
    END IF;
    SET LOCAL ROLE regress_memory_user;
    PERFORM count(*) FROM sql_agent.find_word('city');
    IF i % 20 = 0 THEN
      PERFORM count(*) FROM sql_agent.find_value('name 7');
    END IF;
    RESET ROLE;
    COMMIT;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.used() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(used_bytes)::bigint FROM pg_backend_memory_contexts
   WHERE name LIKE 'sql_agent%' OR parent LIKE 'sql_agent%' OR name IN ('TopMemoryContext', 'CacheMemoryContext')
$$;
CALL pg_temp.ask(1000);
CREATE TEMP TABLE before AS SELECT pg_temp.used() AS used;
CALL pg_temp.ask(10000);
SELECT CASE WHEN pg_temp.used() <= before.used * 1.05 + 65536 THEN 'flat'
            ELSE format('grew from %s to %s bytes', before.used, pg_temp.used()) END AS memory
  FROM before;
-- the list of messages of one transaction is not ours: many changes in one
SET ROLE regress_memory_user;
SELECT profiles > 0 AS has_profiles, profile_bytes < 4000000 AS small FROM sql_agent.snapshot_info();
RESET ROLE;
DROP SCHEMA memory_shop CASCADE;
DROP ROLE regress_memory_user;
