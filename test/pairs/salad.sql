-- Asks :count random questions made of the temporary table "line" (real questions)
-- and prints what became of them.  test/suites/word_salad runs it.
CREATE TEMP TABLE word AS
  SELECT DISTINCT w FROM (
    SELECT regexp_split_to_table(question, '\s+') FROM line
    UNION ALL SELECT unnest(string_to_array(
      'the a of in for by per each every top bottom highest lowest most least count much total average sum median maximum minimum more than less '
      'between and or not without never with no having whose that which what who when where why show list give order sorted ordered descending '
      'ascending ratio share percentage distinct different monthly weekly yearly year month quarter day since before after last next 30 2024 march '
      'q1 2025-01-31 today yesterday starts ends contains like is missing null empty ? . , ; > < = >= % / ( ) 1,000 10k 1.5m 5% -3 above below '
      'over second third 2nd common frequent often same as either neither nor except but popular cost costs born earns oldest youngest time new zzz ID vs compared growth correlate where''s "Garden" ''X'' $1 -- /* ç ß 東京', ' '))
    UNION ALL SELECT replace(table_name, '_', ' ') FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'sql_agent')
  ) s(w) WHERE w <> '';

CREATE FUNCTION pg_temp.pick() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT question FROM line ORDER BY random() LIMIT 1 $$;
CREATE FUNCTION pg_temp.make(kind int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  a text[];
  b text[];
BEGIN
  IF kind = 0 THEN
    RETURN (SELECT string_agg(w, ' ') FROM (SELECT w FROM word ORDER BY random() LIMIT 1 + (random() * 12)::int) s);
  END IF;
  a := string_to_array(pg_temp.pick(), ' ');
  IF kind = 1 THEN
    a[1 + (random() * (cardinality(a) - 1))::int] := (SELECT w FROM word ORDER BY random() LIMIT 1);
    RETURN array_to_string(a, ' ');
  END IF;
  b := string_to_array(pg_temp.pick(), ' ');
  RETURN array_to_string(a[1 : 1 + (random() * cardinality(a))::int] || b[1 + (random() * cardinality(b))::int : ], ' ');
END $$;

CREATE TEMP TABLE asked (question text, answered boolean, ms float8);
CREATE FUNCTION pg_temp.ask_all(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  q text;
  started timestamptz;
  ok boolean;
BEGIN
  FOR i IN 1 .. n LOOP
    q := pg_temp.make(i % 3);
    started := clock_timestamp();
    ok := false;
    BEGIN
      PERFORM sql_agent.ask_sql(q, options => '{"record": false}');
      ok := true;
    EXCEPTION
      WHEN SQLSTATE 'AG010' OR SQLSTATE 'AG012' THEN NULL;
      WHEN OTHERS THEN RAISE INFO 'unexpected % % on: %', SQLSTATE, SQLERRM, q;
    END;
    INSERT INTO asked VALUES (q, ok, extract(epoch FROM clock_timestamp() - started) * 1000);
    BEGIN
      IF i % 10 = 0 THEN PERFORM sql_agent.validate_question(q); END IF;
    EXCEPTION
      WHEN SQLSTATE 'AG012' THEN NULL;
      WHEN OTHERS THEN RAISE INFO 'unexpected % % on validating: %', SQLSTATE, SQLERRM, q;
    END;
  END LOOP;
END $$;
-- the first tenth warms up
SELECT FROM pg_temp.ask_all(:count / 10);
CREATE TEMP TABLE before AS SELECT count(*) AS n FROM asked;
SELECT FROM pg_temp.ask_all(:count - :count / 10);
SELECT format('asked %s, answered %s, slowest %s ms, median %s ms', count(*), count(*) FILTER (WHERE answered),
              round(max(ms) FILTER (WHERE place > (SELECT n FROM before))::numeric, 1), round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 2))
  FROM (SELECT *, row_number() OVER () AS place FROM asked) s;
SELECT 'slow: ' || round(ms::numeric, 1) || ' ms ' || question FROM (SELECT *, row_number() OVER () AS place FROM asked) s
  WHERE place > (SELECT n FROM before) ORDER BY ms DESC LIMIT 3;

-- what is offered is answered, and is about tables that others point to or that point to others
SELECT 'suggestion: ' || s || ' ' || (ask_json(s, options => '{"record": false}')->>'status') FROM sql_agent.suggest_questions(20) s;
SELECT 'suggestions ' || CASE WHEN count(*) >= 10 AND bool_and(ask_json(s, options => '{"record": false}')->>'status' = 'answered') THEN 't' ELSE 'f' END
  FROM sql_agent.suggest_questions(20) s;
