--
-- Times in questions, and the conditions that they become
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA regress_times;
CREATE TABLE regress_times.event (event_id int PRIMARY KEY, title text NOT NULL, happened_on date NOT NULL);
CREATE TABLE regress_times.paper (paper_id int PRIMARY KEY, title text NOT NULL, year int NOT NULL);
SELECT sql_agent.expose_schema('regress_times');

-- the condition of a question, without what stands before it
CREATE FUNCTION regress_times.condition(question text) RETURNS text LANGUAGE plpgsql AS
$$
BEGIN
  RETURN replace(regexp_replace(sql_agent.ask_sql(question), '^.*\nWHERE ', ''), 'e.happened_on', '*');
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  RETURN 'declined';
END
$$;

CREATE TABLE regress_times.phrase (id int GENERATED ALWAYS AS IDENTITY, phrase text);
INSERT INTO regress_times.phrase (phrase) VALUES
  ('in 2024'), ('in the year 2023'), ('during 2022'), ('since 2023'), ('after 2023'), ('before 2023'), ('until 2023'),
  ('in March 2024'), ('in Mar 2024'), ('in march'), ('in September'), ('in the month of May 2023'),
  ('on March 5, 2024'), ('on 2024-02-29'), ('since March 2024'),
  ('in Q1 2025'), ('in the first quarter of 2024'), ('in the last quarter of 2023'), ('in Q3'),
  ('between March and May 2024'), ('between November and February 2024'), ('from January to June 2023'),
  ('between 2021 and 2023'), ('between 2024-01-10 and 2024-01-20'),
  ('today'), ('yesterday'), ('this week'), ('last week'), ('this month'), ('last month'), ('last quarter'),
  ('this year'), ('last year'), ('year to date'), ('in the last 30 days'), ('in the past 2 weeks'),
  ('in the last 3 months'), ('in the last 2 quarters'), ('in the previous year');

-- counted from a fixed day
SET sql_agent.as_of = '2024-08-15';
SELECT phrase, regress_times.condition('events ' || phrase) FROM regress_times.phrase ORDER BY id;

-- counted from today they stay relative
SET sql_agent.as_of = '';
SELECT phrase, regress_times.condition('events ' || phrase) FROM regress_times.phrase
WHERE phrase ~ '(last|past|this|previous|today|yesterday|to date)' ORDER BY id;

-- the end of a short month, and of a leap year
SET sql_agent.as_of = '2024-03-31';
SELECT regress_times.condition('events in the last 1 months');
SET sql_agent.as_of = '2024-02-29';
SELECT regress_times.condition('events in the last 1 years');
RESET sql_agent.as_of;

-- a column of years serves whole years and nothing finer
SELECT sql_agent.ask_sql('papers in 2021');
SELECT sql_agent.ask_sql('papers between 2019 and 2021');
SELECT sql_agent.ask_sql('papers since 2020');
SELECT sql_agent.ask_sql('papers in March 2021');

-- buckets
SELECT sql_agent.ask_sql('number of events per week');
SELECT sql_agent.ask_sql('number of papers per year');
SELECT sql_agent.ask_sql('monthly number of events in 2024');

-- the setting
SET sql_agent.as_of = '2024-02-30';
SET sql_agent.as_of = 'tomorrow';
SET sql_agent.as_of = '2024-2-3';
SHOW sql_agent.as_of;
RESET sql_agent.as_of;

SELECT sql_agent.hide_schema('regress_times');
DROP SCHEMA regress_times CASCADE;
