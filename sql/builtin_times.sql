--
-- The built-in translator on times: periods beside each other, growth, fiscal
-- years, weekdays, running totals
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA regress_over_time;
SET search_path = regress_over_time, sql_agent;
CREATE TABLE region (region_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE sale (
  sale_id int PRIMARY KEY, region_id int NOT NULL REFERENCES region, sold_at timestamp NOT NULL, amount numeric NOT NULL);
INSERT INTO region VALUES (1, 'North'), (2, 'South');
-- nothing in March 2024; 2024-01-01 was a Monday
INSERT INTO sale VALUES
  (1, 1, '2023-02-10 09:30', 100), (2, 2, '2023-05-06 10:00', 50), (3, 1, '2024-01-01 09:00', 80), (4, 1, '2024-02-03 11:00', 120),
  (5, 2, '2024-04-07 09:15', 60), (6, 1, '2024-05-18 17:00', 30), (7, 2, '2025-01-04 08:00', 90), (8, 1, '2025-02-11 09:59', 10);
SELECT sql_agent.expose_schema('regress_over_time');
SET sql_agent.as_of = '2025-03-15';

-- the rows, how they are said to be, and what was assumed; or why there are none
CREATE FUNCTION answer(question text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  j jsonb := sql_agent.ask_json(question);
BEGIN
  RETURN NEXT coalesce(j ->> 'explanation', 'declined: ' || (j -> 'error' ->> 'detail'));
  RETURN QUERY SELECT 'assumed: ' || a FROM jsonb_array_elements_text(j -> 'assumptions') a;
  RETURN QUERY SELECT (SELECT string_agg(format('%s %s', c ->> 'name', coalesce(r ->> (c ->> 'name'), '-')), ', ' ORDER BY n)
                       FROM jsonb_array_elements(j -> 'columns') WITH ORDINALITY e(c, n))
               FROM jsonb_array_elements(j -> 'result') r;
END $$;

-- periods beside each other
SELECT ask_sql('total amount in 2023 vs 2024 by region');
SELECT * FROM answer('total amount in 2023 vs 2024 by region');
SELECT * FROM answer('compare sales in 2023, 2024 and 2025');
SELECT ask_sql('compare the number of sales in Q1 2024 with Q1 2025');
SELECT * FROM answer('total amount this year compared to last year');
SELECT * FROM answer('compare total amount by month in 2023 and 2024');
SELECT * FROM answer('how does the number of sales in 2024 compare to 2023');
SELECT ask_json('number of sales in 2023 vs 2024 by region') -> 'chart' -> 'y' AS drawn;
-- of one period there is nothing to compare, nor of periods of other lengths
SELECT * FROM answer('compare sales in 2024');
SELECT * FROM answer('compare sales in 2024 and March 2025');
SELECT * FROM answer('compare sales of the plan in 2023 and 2024');
SELECT * FROM answer('compare total amount of North in 2023 and South in 2024');
SELECT * FROM answer('total amount in 2023 versus number of sales in 2024');

-- growth
SELECT ask_sql('growth of total amount by month');
-- March 2024 had no rows: April has no month before
SELECT * FROM answer('growth in the number of sales by month in 2024');
SELECT * FROM answer('year over year growth of total amount by region');
SELECT * FROM answer('year over year growth in sales by quarter');
SELECT * FROM answer('how much did the total amount grow in 2024');
SELECT * FROM answer('by how much did the number of sales change from 2023 to 2024');
SELECT * FROM answer('how much did the number of sales grow this quarter');
SELECT ask_json('growth in the number of sales by year') -> 'chart' -> 'y' AS drawn;
SELECT * FROM answer('growth of total amount');
SELECT * FROM answer('growth of total amount by happiness');
SELECT * FROM answer('year over year growth of sales by week');
SELECT * FROM answer('year over year growth of sales by month in 2024');

-- so far, and on average of some
SELECT ask_sql('cumulative number of sales by month and region');
SELECT * FROM answer('running total of amount by year');
SELECT * FROM answer('2-month moving average of amount in 2024');
SELECT * FROM answer('moving average of amount');
SELECT * FROM answer('cumulative average amount by month');

-- weekdays, hours, months of the year
SELECT ask_sql('sales on weekends');
SELECT ask_sql('sales on Mondays and Tuesdays');
SELECT ask_sql('sales from Monday to Friday');
SELECT ask_sql('sales on weekdays that are not on Fridays');
SELECT ask_sql('number of sales by weekday');
SELECT * FROM answer('total amount by month of the year');
SELECT * FROM answer('number of sales by hour of the day');
SELECT * FROM answer('which day of the week has the most sales');
SELECT * FROM answer('busiest hour of the day for sales');

-- fiscal years
CREATE FUNCTION condition(question text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN replace(regexp_replace(sql_agent.ask_sql(question), '^.*\nWHERE ', ''), 's.sold_at', '*');
EXCEPTION WHEN SQLSTATE 'AG010' THEN
  RETURN 'declined';
END $$;
CREATE TEMP TABLE phrase (id int GENERATED ALWAYS AS IDENTITY, phrase text);
INSERT INTO phrase (phrase) VALUES ('in FY24'), ('in FY2024'), ('in fiscal year 2024'), ('in fiscal 1999'), ('in Q2 FY24'), ('in the second quarter of fiscal year 2024'),
  ('in fiscal Q4 2024'), ('this fiscal year'), ('last fiscal year'), ('this fiscal quarter'), ('last fiscal quarter'), ('fiscal YTD'), ('in Q1 of this fiscal year'), ('since FY23');
SET sql_agent.fiscal_year_start = 4;
SELECT phrase, condition('how many sales ' || phrase) FROM phrase ORDER BY id;
RESET sql_agent.as_of;
SELECT phrase, condition('how many sales ' || phrase) FROM phrase WHERE phrase ~ 'this|last|YTD' ORDER BY id;
SET sql_agent.as_of = '2025-03-15';
SELECT * FROM answer('total amount by fiscal year');
SELECT ask_sql('number of sales by fiscal quarter');
SELECT * FROM answer('growth of total amount by fiscal year');
SELECT * FROM answer('number of sales this fiscal year versus last fiscal year');
SET sql_agent.fiscal_year_start = 2;
SELECT ask_sql('number of sales by fiscal quarter');
SELECT condition('how many sales this fiscal quarter');
RESET sql_agent.fiscal_year_start;
SELECT phrase, condition('how many sales ' || phrase) FROM phrase WHERE id < 4 ORDER BY id;
SELECT * FROM answer('number of sales in FY24');
SET sql_agent.fiscal_year_start = 13;

-- lengths of time
CREATE TABLE member (member_id int PRIMARY KEY, name text NOT NULL, birth_date date NOT NULL, joined_on date NOT NULL);
CREATE TABLE stay (
  stay_id int PRIMARY KEY, member_id int NOT NULL REFERENCES member, room text NOT NULL, arrived_on date NOT NULL, departed_on date);
CREATE TABLE parcel (
  parcel_id int PRIMARY KEY, stay_id int NOT NULL REFERENCES stay, shipped_at timestamp NOT NULL, delivered_at timestamp);
INSERT INTO member VALUES (1, 'Ann', '1950-03-15', '2024-01-01'), (2, 'Bob', '1950-03-16', '2024-06-01'), (3, 'Cid', '2010-01-01', '2025-03-01');
INSERT INTO stay VALUES (1, 1, 'blue', '2024-01-05', '2024-01-09'), (2, 1, 'red', '2024-03-01', '2024-03-03'), (3, 2, 'blue', '2024-06-11', NULL);
INSERT INTO parcel VALUES (1, 1, '2024-01-06 12:00', '2024-01-08 06:00');
SELECT sql_agent.expose_schema('regress_over_time');
SELECT ask_sql('average age of members');
SELECT * FROM answer('how old are members on average');
SELECT * FROM answer('members older than 74');
SELECT * FROM answer('members over 70 years old');
SELECT * FROM answer('how many members are younger than 18');
SELECT * FROM answer('number of members by age');
SELECT ask_sql('average days between arrival and departure by room');
SELECT * FROM answer('average number of days between joining and arrival');
SELECT * FROM answer('how many days are there on average between joining and arrival');
SELECT * FROM answer('how long does shipping take on average');
SELECT * FROM answer('average shipping time in days');
SELECT * FROM answer('longest days between arrival and departure');
SELECT * FROM answer('average days between arrival and graduation');
SELECT * FROM answer('average age of sales');
SELECT * FROM answer('top 2 members by age');
SELECT ask_sql('stays older than 30 days');
SELECT ask_sql('stays from more than 2 years ago');
SELECT ask_sql('members that joined less than 3 weeks ago');
SELECT ask_sql('members who had a stay within the last 90 days');
-- the first and the last
SELECT ask_sql('when was the first stay of each member');
SELECT * FROM answer('last stay date per member');
SELECT * FROM answer('when was the latest stay');
RESET sql_agent.as_of;
SELECT ask_sql('members older than 74');

DROP SCHEMA regress_over_time CASCADE;
