--
-- The built-in translator: what people do over time
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
SET sql_agent.as_of = '2024-12-31';
CREATE SCHEMA regress_lending;
SET search_path = regress_lending;
CREATE TABLE reader (id int PRIMARY KEY, name text NOT NULL, town text NOT NULL);
CREATE TABLE book (id int PRIMARY KEY, title text NOT NULL, published_on date NOT NULL);
CREATE TABLE loan (id int PRIMARY KEY, reader_id int REFERENCES reader, book_id int NOT NULL REFERENCES book, lent_on date NOT NULL);
INSERT INTO reader VALUES (1, 'Ann', 'Oslo'), (2, 'Bob', 'Bern'), (3, 'Cy', 'Oslo'), (4, 'Dee', 'Bern');
INSERT INTO book VALUES (1, 'Logic', '2020-01-01'), (2, 'Sets', '2021-01-01');
INSERT INTO loan VALUES (1, 1, 1, '2023-01-05'), (2, 1, 2, '2023-02-05'), (3, 2, 1, '2023-02-07'), (4, NULL, 1, '2023-02-08'),
  (5, 3, 2, '2024-01-05'), (6, 1, 2, '2024-02-05');
CREATE SCHEMA regress_till;
SET search_path = regress_till;
CREATE TABLE customer (customer_id int PRIMARY KEY, customer_name text NOT NULL, region text NOT NULL);
CREATE TABLE sale_line (sale_line_id int PRIMARY KEY, receipt_number text NOT NULL, line_number int NOT NULL,
  customer_id int NOT NULL REFERENCES customer, sold_on date NOT NULL, amount numeric NOT NULL);
INSERT INTO customer VALUES (1, 'Ann', 'North'), (2, 'Bob', 'South'), (3, 'Cy', 'North'), (4, 'Cy', 'North');
-- Bob has two lines of one receipt: he came once
INSERT INTO sale_line VALUES (1, 'R1', 1, 1, '2023-05-01', 10), (2, 'R2', 1, 1, '2024-05-02', 20), (3, 'R3', 1, 2, '2023-06-01', 5),
  (4, 'R3', 2, 2, '2023-06-01', 5), (5, 'R4', 1, 3, '2024-06-01', 40);
RESET search_path;
CREATE FUNCTION pg_temp.told(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb := sql_agent.ask_json(question, options => '{"record": false}');
BEGIN
  IF answer ->> 'status' = 'failed' THEN
    RETURN answer #>> '{error,detail}';
  END IF;
  RETURN concat_ws(E'\n', sql_agent.ask_sql(question, options => '{"record": false}'),
    (SELECT string_agg('-- ' || a, E'\n') FROM jsonb_array_elements_text(answer -> 'assumptions') AS a),
    '-- ' || (answer ->> 'explanation'), '-- ' || (answer #>> '{chart,type}'));
END $$;
\pset format unaligned
\pset tuples_only on

-- nothing here has an amount: events are what is dated and points to people
SELECT sql_agent.expose_schema('regress_lending');
SELECT pg_temp.told('readers with more than one loan');
SELECT pg_temp.told('readers who borrowed more than once');
SELECT pg_temp.told('how many returning readers are there by town');
SELECT pg_temp.told('repeat rate of readers');
SELECT pg_temp.told('new readers per month');
SELECT pg_temp.told('how many new readers were there in 2024');
SELECT pg_temp.told('retention of readers by year');
SELECT pg_temp.told('readers with loans in 2023 but not in 2024');
SELECT pg_temp.told('how many readers from Oslo had loans in 2023 and again in 2024');
SELECT pg_temp.told('readers with no loans in 2023 but loans in 2024');
SELECT pg_temp.told('new books per year');
SELECT pg_temp.told('new loans per month');
SELECT pg_temp.told('readers who borrowed Logic again');
SELECT pg_temp.told('readers who never came again');
SELECT pg_temp.told('readers with loans again in 2024');
SELECT pg_temp.told('churned readers');
SELECT pg_temp.told('new readers by town');
SELECT pg_temp.told('books published in 2020 but not in 2021');
SELECT pg_temp.told('monthly retention of Logic');
SELECT pg_temp.told('reader lifetime value');
SELECT count(*) FROM sql_agent.hide_schema('regress_lending');

-- lines of receipts: occasions are receipts
SELECT sql_agent.expose_schema('regress_till');
SELECT pg_temp.told('how many customers bought more than once');
SELECT ask('share of customers who bought more than once');
SELECT pg_temp.told('repeat rate by region');
SELECT pg_temp.told('customer lifetime value');
SELECT pg_temp.told('average customer lifetime value');
SELECT pg_temp.told('lifetime value by region');
SELECT pg_temp.told('top 2 customers by lifetime value');
SELECT pg_temp.told('average receipt value by year');
SELECT pg_temp.told('average order value per region');
SELECT pg_temp.told('customers of 2023 who also bought in 2024');
SELECT pg_temp.told('churned customers: bought in 2023 but not in 2024');
SELECT pg_temp.told('lifetime value in 2024');
SELECT pg_temp.told('lifetime value of R3');
SELECT pg_temp.told('median lifetime value');
SET sql_agent.builtin_confidence = 0.95;
SELECT pg_temp.told('new customers per year');
RESET sql_agent.builtin_confidence;
\pset format aligned
\pset tuples_only off
DROP SCHEMA regress_lending, regress_till CASCADE;
