--
-- Questions of random words: each is declined (AG010) or becomes SQL that the
-- guard lets pass; nothing else may happen.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA regress_salad;
SET search_path = regress_salad;
CREATE TABLE city (city_id int PRIMARY KEY, name text NOT NULL UNIQUE, state text NOT NULL, population int);
CREATE TABLE customer (customer_id int PRIMARY KEY, name text NOT NULL, city_id int REFERENCES city, is_active boolean NOT NULL, opened_on date);
CREATE TABLE product (product_id int PRIMARY KEY, name text NOT NULL, category text, price numeric NOT NULL, weight float8, details jsonb, discontinued_on date);
CREATE TABLE sale (sale_id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, product_id int REFERENCES product, sold_at timestamptz NOT NULL, quantity int NOT NULL, amount numeric NOT NULL);
CREATE TABLE rating (product_id int REFERENCES product, year int NOT NULL, stars numeric, comment text, PRIMARY KEY (product_id, year));
INSERT INTO city VALUES (1, 'Paris', 'France', 2000000), (2, 'Lima', 'Peru', 9000000);
INSERT INTO customer SELECT i, 'Customer ' || i, 1 + i % 2, i % 3 = 0, date '2024-01-01' + i FROM generate_series(1, 20) i;
INSERT INTO product SELECT i, 'Product ' || i, (ARRAY['Books', 'Games'])[1 + i % 2], i * 10, i / 3.0, '{}', NULL FROM generate_series(1, 9) i;
INSERT INTO sale SELECT i, 1 + i % 20, 1 + i % 9, timestamptz '2024-01-01 12:00+00' + i * interval '5 hours', i % 7, i FROM generate_series(1, 300) i;
INSERT INTO rating SELECT i, 2020 + j, j, 'good' FROM generate_series(1, 9) i, generate_series(1, 3) j;
RESET search_path;
SELECT sql_agent.expose_schema('regress_salad');

CREATE TEMP TABLE word AS SELECT unnest(string_to_array(
  'the a of in for by per each every top 5 bottom 3 highest lowest most least number count how many much total average sum median maximum minimum '
  'more than less between and or not without never with no having whose that which what who when where why show list give order sorted ordered by '
  'descending ascending ratio share percentage distinct different monthly weekly yearly year month quarter day since before after last next 30 days 2024 '
  'march may q1 2025-01-31 today yesterday starts with contains like ''Pro'' "Books" is missing null empty customers products sales cities city state name '
  'category price weight details rating stars comment population quantity amount revenue active inactive opened discontinued sold bought cheapest latest '
  'oldest second third 2nd common frequent often same as either neither nor except but popular each cost costs born earns youngest newest cheapest-first Paris Lima peru Books games ? . , ; > < = >= % / ( ) 100 1,000 10k 1.5m 5% -3 above below average over time new zzz ID', ' ')) AS w;

SELECT setseed(0.271828);
DO $$
DECLARE
  question text;
  answered int := 0;
BEGIN
  FOR i IN 1 .. 5000 LOOP
    SELECT string_agg(w, ' ') INTO question
      FROM (SELECT w FROM word ORDER BY random() LIMIT 1 + (random() * 10)::int) s;
    BEGIN
      PERFORM sql_agent.ask_sql(question);
      answered := answered + 1;
    EXCEPTION
      WHEN SQLSTATE 'AG010' OR SQLSTATE 'AG012' THEN NULL;
      WHEN OTHERS THEN RAISE WARNING '% % on: %', SQLSTATE, SQLERRM, question;
    END;
  END LOOP;
  IF answered < 50 THEN RAISE WARNING 'only % of the questions were answered', answered; END IF;
END
$$;
SELECT sql_agent.hide_schema('regress_salad');
DROP SCHEMA regress_salad CASCADE;
