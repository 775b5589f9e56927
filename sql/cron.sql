-- cron expressions: what they mean, what is wrong with one, and times across changes of the clock
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
RESET client_min_messages;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';

-- ---- what expressions mean: times from 2026-01-01 (a Thursday) on ----
CREATE TEMP TABLE meaning (nr int GENERATED ALWAYS AS IDENTITY, cron text);
INSERT INTO meaning (cron) VALUES
  ('* * * * *'), ('*/20 * * * *'), ('7-59/20 8 * * *'), ('0,30 8-9 * * *'), ('5,1,5,3 0 * * *'), ('0 */6 * * *'), ('59 23 31 12 *'),
  ('30 7 * * 1-5'), ('30 7 * * MON-FRI'), ('30 7 * * mon,Wed,FRI'), ('0 0 * * 0'), ('0 0 * * 7'), ('0 0 * * SUN'), ('0 0 * * 5-7'),
  ('0 0 * * FRI-SUN'), ('0 0 * * 7-2'), ('0 0 * * 0-7'), ('0 0 * * */3'), ('0 0 1 JAN-MAR,OCT *'), ('0 0 1 */5 *'), ('0 0 1 2-12/5 *'),
  ('0 0 31 * *'), ('0 0 30,31 2,4 *'), ('0 0 L * *'), ('0 0 15,L * *'), ('0 0 l 2 *'), ('0 0 L * FRI'), ('0 0 ? * MON'), ('0 0 13 * ?'),
  -- either will do, unless one starts with a star
  ('0 0 13 * FRI'), ('0 0 1,15 * WED'), ('0 0 */2 * MON'), ('0 0 13 * */5'), ('0 0 1-31 * MON'),
  ('0 9 * * MON#1'), ('0 9 * * 5#5'), ('0 9 * * FRIL'), ('0 9 * * 7L'), ('0 9 * * TUE#2,TUE#4,SUN'), ('0 9 15 * SAT#1'), ('0 9 * 2 sun#5'),
  ('0 0 29 2 *'), ('0 0 29 2 ? '),
  ('@hourly'), ('@daily'), ('@midnight'), ('@weekly'), ('@monthly'), ('@yearly'), ('@annually'), (' @Daily  '),
  (E'\t0   12\t* *  *\n'), ('00 007 01 * *');
SELECT cron, string_agg(to_char(n, 'YYYY-MM-DD HH24:MI Dy'), ' | ' ORDER BY n) AS next
  FROM meaning, sql_agent.cron_next(cron, '2026-01-01', 'UTC', 4) AS n GROUP BY nr, cron ORDER BY nr;
-- the time itself is not after it, a moment earlier is
SELECT a, b FROM sql_agent.cron_next('0 8 * * *', '2026-01-01 08:00') AS a, sql_agent.cron_next('0 8 * * *', '2026-01-01 07:59:59.999999') AS b;
SELECT sql_agent.cron_next('0 8 * * *', '2026-01-01 08:00:00.000001');
-- the century is no leap year, 2000 and 2400 are; dates that are far apart
SELECT string_agg(to_char(n, 'YYYY-MM-DD'), ' ' ORDER BY n) FROM sql_agent.cron_next('0 0 29 2 *', '1891-01-01', 'UTC', 5) AS n;
SELECT string_agg(to_char(n, 'YYYY-MM-DD'), ' ' ORDER BY n) FROM sql_agent.cron_next('0 0 29 2 *', '2096-01-01', 'UTC', 3) AS n;
SELECT string_agg(to_char(n, 'YYYY-MM-DD'), ' ' ORDER BY n) FROM sql_agent.cron_next('0 0 29 2 *', '2395-01-01', 'UTC', 2) AS n;
SELECT string_agg(to_char(n, 'YYYY-MM-DD'), ' ' ORDER BY n) FROM sql_agent.cron_next('0 0 ? 2 MON#5', '2072-03-01', 'UTC', 3) AS n;
-- before 1970, and as late as a timestamp can be
SELECT n FROM sql_agent.cron_next('30 12 * * *', '0001-01-01', 'UTC', 2) AS n;
SELECT n FROM sql_agent.cron_next('30 12 * * *', '1969-12-31 12:29:59', 'UTC', 2) AS n;
SELECT n FROM sql_agent.cron_next('0 0 29 2 *', '294270-01-01', 'Europe/Berlin', 10) AS n;
SELECT n FROM sql_agent.cron_next('0 0 1 1 *', '294276-06-01', 'UTC') AS n;
SELECT count(*), max(n) FROM sql_agent.cron_next('*/5 * * * *', '2026-01-01', 'UTC', 10000) AS n;

-- ---- changes of the clock ----
CREATE TEMP TABLE clock (nr int GENERATED ALWAYS AS IDENTITY, zone text, after timestamp, cron text, count int, why text);
INSERT INTO clock (zone, after, cron, count, why) VALUES
  ('Europe/Berlin', '2026-03-28', '30 2 * * *', 3, '02:30 is skipped'),
  ('Europe/Berlin', '2026-03-28 04:00', '0 2 * * *', 2, 'the first skipped minute'),
  ('Europe/Berlin', '2026-03-28 04:00', '0 3 * * *', 2, 'the first minute after'),
  ('Europe/Berlin', '2026-03-28 04:00', '15,45 2,3 * * *', 4, 'skipped ones come as one'),
  ('Europe/Berlin', '2026-03-29 01:40', '*/10 * * * *', 3, 'what is hourly goes on'),
  ('Europe/Berlin', '2026-03-28 23:00', '30 * * * *', 4, 'and makes up for nothing'),
  ('Europe/Berlin', '2026-03-28 23:00', '30 */2 * * *', 3, NULL),
  ('Europe/Berlin', '2026-10-24 04:00', '30 2 * * *', 2, '02:30 is shown twice'),
  ('Europe/Berlin', '2026-10-25 02:30', '30 2 * * *', 1, 'after the first, and after the second'),
  ('Europe/Berlin', '2026-10-24 04:00', '0,30 2-3 * * *', 5, '02:00 and 03:00'),
  ('Europe/Berlin', '2026-10-25 01:30', '30 * * * *', 4, 'what is hourly goes on'),
  ('Europe/Berlin', '2026-10-25 01:30', '30 0-23 * * *', 4, NULL),
  ('Europe/Berlin', '2026-10-25 01:30', '30 0-22 * * *', 4, 'at given hours is not hourly'),
  ('Europe/Berlin', '2026-03-27 09:00', '0 8 * * 1-5', 3, 'winter and summer'),
  ('America/New_York', '2026-03-07 12:00', '30 2 * * *', 2, '02:30 is skipped'),
  ('America/New_York', '2026-10-31 12:00', '30 1 * * *', 2, '01:30 is shown twice'),
  ('America/New_York', '2026-11-01 00:30', '@hourly', 4, NULL),
  ('America/New_York', '2026-03-01', '30 2 8 3 *', 2, 'once a year, and just then'),
  ('Australia/Lord_Howe', '2026-10-03 12:00', '15 2 * * *', 2, '02:00 to 02:30 is skipped'),
  ('Australia/Lord_Howe', '2026-10-03 12:00', '45 2 * * *', 2, NULL),
  ('Australia/Lord_Howe', '2026-04-04 12:00', '45 1 * * *', 2, '01:30 to 02:00 is shown twice'),
  ('Australia/Lord_Howe', '2026-04-05 01:10', '*/15 * * * *', 6, NULL),
  ('America/Sao_Paulo', '2018-11-02', '0 0 * * *', 3, 'midnight is skipped'),
  ('America/Sao_Paulo', '2018-11-02', '0 0 4 * *', 2, NULL),
  ('America/Sao_Paulo', '2018-11-02', '0 0 * * SUN', 2, NULL),
  ('America/Sao_Paulo', '2018-02-16', '30 23 * * *', 3, '23:30 is shown twice'),
  ('America/Sao_Paulo', '2018-02-17', '0 0 * * *', 2, 'midnight after it is shown once'),
  ('Africa/Cairo', '2014-05-15 12:00', '30 0 * * FRI', 2, 'midnight to one is skipped'),
  ('Pacific/Apia', '2011-12-29 01:00', '0 8 * * *', 3, 'a whole day is skipped'),
  ('Pacific/Apia', '2011-12-01', '0 8 30 12 *', 2, NULL),
  ('Pacific/Kwajalein', '1969-09-29 12:00', '0 8 * * *', 3, 'a whole day is shown twice'),
  ('Africa/Casablanca', '2021-04-10 12:00', '30 2 * * *', 3, 'summer time pauses in Ramadan'),
  ('Africa/Monrovia', '1972-01-06 12:00', '0 0 * * *', 2, 'an offset with seconds'),
  ('Asia/Kolkata', '2026-01-01', '0 9 * * *', 1, 'an offset of half hours'),
  ('Asia/Kathmandu', '2026-01-01', '0 9 * * *', 1, 'of quarters'),
  ('America/New_York', '2400-03-11 12:00', '30 2 * * *', 2, 'as rules of today are, then'),
  ('America/New_York', '9999-03-13 12:00', '30 2 14 3 *', 1, NULL);
SELECT zone, cron, string_agg(to_char(n AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI:SS') || ' = ' || to_char(n, 'DD HH24:MI:SS'), ', ' ORDER BY n) AS "local = UTC", why
  FROM clock, sql_agent.cron_next(cron, after AT TIME ZONE zone, zone, count) AS n GROUP BY clock.nr, zone, cron, why ORDER BY nr;

-- between the first and the second 02:30, and after it
SELECT sql_agent.cron_next('30 2 * * *', t, 'Europe/Berlin') FROM unnest('{2026-10-25 00:29,2026-10-25 00:30,2026-10-25 01:00,2026-10-25 01:30,2026-10-25 02:00}'::timestamptz[]) AS t;

/*
 * The same, by brute force over every minute of some days around a change: the
 * local time that PostgreSQL says is shown.  For what is not hourly: the first
 * time that it is shown, or the end of the gap.
 */
CREATE FUNCTION pg_temp.by_force(zone text, hours int[], minutes int[], hourly boolean, from_time timestamptz, to_time timestamptz)
RETURNS SETOF timestamptz LANGUAGE sql AS $$
  WITH shown AS MATERIALIZED (SELECT t, t AT TIME ZONE zone AS local FROM generate_series(from_time - interval '4 hours', to_time + interval '4 hours', '1 minute') AS t),
  wanted AS (SELECT local FROM generate_series(from_time AT TIME ZONE zone - interval '3 hours', to_time AT TIME ZONE zone + interval '3 hours', '1 minute') AS local
              WHERE extract(hour FROM local) = ANY (hours) AND extract(minute FROM local) = ANY (minutes)),
  result AS (
    SELECT s.t FROM shown s JOIN wanted w USING (local) WHERE hourly
    UNION
    SELECT coalesce((SELECT min(s.t) FROM shown s WHERE s.local = w.local),
                    (SELECT min(s.t) FROM shown s WHERE s.local > w.local AND s.t > (SELECT max(b.t) FROM shown b WHERE b.local < w.local)))
      FROM wanted w WHERE NOT hourly)
  SELECT t FROM result WHERE t > from_time AND t <= to_time $$;
CREATE TEMP TABLE change AS
  SELECT zone, change::timestamptz FROM (VALUES
    ('Europe/Berlin', '2026-03-29 01:00'), ('Europe/Berlin', '2026-10-25 01:00'), ('America/New_York', '2026-03-08 07:00'), ('America/New_York', '2026-11-01 06:00'),
    ('Australia/Lord_Howe', '2026-04-04 15:00'), ('Australia/Lord_Howe', '2026-10-03 15:30'), ('America/Sao_Paulo', '2018-11-04 03:00'), ('America/Sao_Paulo', '2018-02-18 02:00'),
    ('Africa/Cairo', '2014-05-15 22:00'), ('Africa/Casablanca', '2021-04-11 02:00'), ('Antarctica/Troll', '2026-03-29 01:00'), ('Antarctica/Troll', '2026-10-25 01:00')) AS c (zone, change);
CREATE TEMP TABLE pattern (cron text, hours int[], minutes int[], hourly boolean);
INSERT INTO pattern
  SELECT format('%s %s * * *', array_to_string(m, ','), h), array(SELECT generate_series(0, 23)), m, true FROM unnest('{*,0-23}'::text[]) AS h, (VALUES ('{0}'::int[]), ('{5,20,35,50}')) AS v (m)
  UNION ALL
  SELECT format('%s %s * * *', array_to_string(m, ','), array_to_string(h, ',')), h, m, false
    FROM (VALUES ('{0}'::int[]), ('{1}'), ('{2}'), ('{3}'), ('{23}'), ('{1,2}'), ('{2,3}'), ('{0,1,2,3,4,23}')) AS v (h), (VALUES ('{0}'::int[]), ('{15}'), ('{0,30}'), ('{1,29,31,59}')) AS w (m);
SELECT count(*) AS compared, count(*) FILTER (WHERE mine IS DISTINCT FROM forced) AS different, sum(cardinality(mine)) AS times
  FROM (SELECT array(SELECT n FROM sql_agent.cron_next(p.cron, c.change - interval '13 hours', c.zone, 1000) AS n WHERE n <= c.change + interval '13 hours' ORDER BY n) AS mine,
               array(SELECT f FROM pg_temp.by_force(c.zone, p.hours, p.minutes, p.hourly, c.change - interval '13 hours', c.change + interval '13 hours') AS f ORDER BY f) AS forced
          FROM change c, pattern p) AS x;
-- whatever time one asks after, the answer is the first of the list that is later
WITH list AS (SELECT c.zone, p.cron, array(SELECT n FROM sql_agent.cron_next(p.cron, c.change - interval '13 hours', c.zone, 400) AS n) AS times, c.change
                FROM change c, (VALUES ('30 2 * * *'), ('*/15 * * * *'), ('0,30 0-3 * * *')) AS p (cron))
SELECT count(*) AS compared, count(*) FILTER (WHERE (SELECT min(n) FROM unnest(times) AS n WHERE n > t) IS DISTINCT FROM (SELECT sql_agent.cron_next(cron, t, zone))) AS different
  FROM list, generate_series(change - interval '3 hours', change + interval '3 hours', '7 minutes 30 seconds') AS t;
-- days: against the calendar of PostgreSQL, 2020 to 2060
CREATE TEMP TABLE day AS
  SELECT d::date AS d, extract(day FROM d)::int AS dom, extract(month FROM d)::int AS mon, extract(dow FROM d)::int AS dow,
         extract(day FROM date_trunc('month', d) + interval '1 month - 1 day')::int AS days FROM generate_series('2020-01-01'::timestamp, '2060-12-31', '1 day') AS d;
SELECT cron, count(*) AS days, array_agg(d ORDER BY d) = array(SELECT n::date FROM sql_agent.cron_next(cron, '2019-12-31 23:59', 'UTC', 10000) AS n WHERE n < '2061-01-01' ORDER BY n) AS same
  FROM (SELECT '0 0 13 * 5' AS cron, d FROM day WHERE dom = 13 OR dow = 5
        UNION ALL SELECT '0 0 */7 * 1', d FROM day WHERE dom IN (1, 8, 15, 22, 29) AND dow = 1
        UNION ALL SELECT '0 0 L 2,11 *', d FROM day WHERE dom = days AND mon IN (2, 11)
        UNION ALL SELECT '0 0 * * WED#3', d FROM day WHERE dow = 3 AND dom BETWEEN 15 AND 21
        UNION ALL SELECT '0 0 * * SATL', d FROM day WHERE dow = 6 AND dom > days - 7
        UNION ALL SELECT '0 0 29-31 1-6/2 *', d FROM day WHERE dom >= 29 AND mon IN (1, 3, 5)
        UNION ALL SELECT '0 0 29 2 *', d FROM day WHERE dom = 29 AND mon = 2) AS x
  GROUP BY cron ORDER BY cron;

-- ---- what is wrong ----
CREATE FUNCTION pg_temp.wrong(cron text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
  hint text;
  state text;
BEGIN
  PERFORM sql_agent.cron_next(cron, '2026-01-01', 'UTC');
  RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN concat_ws(' / ', NULLIF(state, '22023'), NULLIF(SQLERRM, format('invalid cron expression "%s"', cron)), detail, NULLIF(hint, ''));
END
$$;
SELECT cron, pg_temp.wrong(cron) AS wrong FROM unnest(ARRAY[
  '', '   ', '* * * *', '* * * * * *', '0 0 12 * * ? 2026', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 0 *', '* * * 13 *', '* * * * 8',
  '-1 * * * *', '5- * * * *', '5-3 * * * *', '* 22-2 * * *', '5,,6 * * * *', ',5 * * * *', '5, * * * *', '1.5 * * * *', '5/15 * * * *', '*/0 * * * *', '*/ * * * *', '*/x * * * *', '*/60 * * * *',
  '*/61 * * * *', '*/90 * * * *', '10-20/30 * * * *', '** * * * *', '*5 * * * *', '? * * * *', '* * ?,1 * *', '* * ?/2 * *', '* * L-3 * *', '* * LW * *', '* * 15W * *', '* L * * *', '* * * L *', '* * * * L',
  '* * * * MONDAY', '* * * * FOO', '* * * * MON#', '* * * * MON#0', '* * * * MON#6', '* * * * MON#1-2', '* * * JANUARY *', '* * JAN * *', '* * * MON *', '99999999999999999999 * * * *', '0x1 * * * *', '１ * * * *', '* * * * *;',
  '@', '@reboot', '@every 5m', '@daily @daily', '0 0 @daily', '0 0 30 2 *', '0 0 31 2,4,6,9,11 *', '0 0 31 4 ?', '0 0 */15 * MON#5', '0 0 */16 * MON#5', '0 0 30 2 MON', E'0 0 * * \u202e5', E'0 0 * * 1\u0001', '+5 * * * *', '* * * * 1#1/2']) AS cron;
-- shown in part
SELECT sql_agent.cron_next(repeat('1,', 60) || 'x * * * *');
SELECT sql_agent.cron_next(repeat('1,', 600) || '1 * * * *');
SELECT sql_agent.cron_next('* * * * *', '2026-01-01', 'Europe/Berlni');
SELECT sql_agent.cron_next('* * * * *', '2026-01-01', '../../etc/passwd');
SELECT sql_agent.cron_next('* * * * *', '2026-01-01', '');
SELECT sql_agent.cron_next('* * * * *', 'infinity');
SELECT sql_agent.cron_next('* * * * *', '-infinity');
SELECT sql_agent.cron_next('* * * * *', '4000-01-01 BC');
SELECT sql_agent.cron_next('* * * * *', '2026-01-01', 'UTC', 0);
SELECT sql_agent.cron_next('* * * * *', '2026-01-01', 'UTC', 10001);
SELECT sql_agent.cron_next(NULL) IS NULL;
-- the session's zone and the time now, where nothing is said
SET TimeZone = 'Asia/Tokyo';
SELECT to_char(n, 'HH24:MI OF') AS at, n > now() AND n <= now() + interval '1 day' AS soon FROM sql_agent.cron_next('0 8 * * *') AS n;
-- only users
CREATE ROLE regress_cron;
SET ROLE regress_cron;
SELECT sql_agent.cron_next('0 8 * * *');
RESET ROLE;
DROP ROLE regress_cron;
