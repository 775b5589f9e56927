-- What can I ask?  Every suggestion is answered, whatever the tables are about.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_suggest_ann;
GRANT sql_agent_user TO regress_suggest_ann;
CREATE SCHEMA suggest_shop;
CREATE TABLE suggest_shop.category (category_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE suggest_shop.product (product_id int PRIMARY KEY, category_id int REFERENCES suggest_shop.category, name text NOT NULL, brand text, list_price numeric);
CREATE TABLE suggest_shop.customer (customer_id int PRIMARY KEY, name text NOT NULL, city text, signed_up_on date);
CREATE TABLE suggest_shop.orders (order_id int PRIMARY KEY, customer_id int REFERENCES suggest_shop.customer, ordered_on date, channel text, total numeric);
CREATE TABLE suggest_shop.order_line (order_id int REFERENCES suggest_shop.orders, line int, product_id int REFERENCES suggest_shop.product, quantity int, amount numeric, PRIMARY KEY (order_id, line));
CREATE SCHEMA suggest_clinic;
CREATE TABLE suggest_clinic.department (department_id int PRIMARY KEY, name text NOT NULL, floor int);
CREATE TABLE suggest_clinic.doctor (doctor_id int PRIMARY KEY, full_name text NOT NULL, specialty text, department_id int REFERENCES suggest_clinic.department, salary numeric);
CREATE TABLE suggest_clinic.patient (patient_id int PRIMARY KEY, full_name text NOT NULL, city text, born_on date);
CREATE TABLE suggest_clinic.appointment (appointment_id int PRIMARY KEY, patient_id int REFERENCES suggest_clinic.patient, doctor_id int REFERENCES suggest_clinic.doctor, scheduled_at timestamp, status text, fee numeric);
CREATE SCHEMA suggest_fleet;
CREATE TABLE suggest_fleet.vehicle (vehicle_id int PRIMARY KEY, plate text UNIQUE, make text, model text, purchase_price numeric, bought_on date);
CREATE TABLE suggest_fleet.driver (driver_id int PRIMARY KEY, name text NOT NULL, licence text);
CREATE TABLE suggest_fleet.trip (trip_id int PRIMARY KEY, vehicle_id int REFERENCES suggest_fleet.vehicle, driver_id int REFERENCES suggest_fleet.driver, started_at timestamp, purpose text, distance numeric, comment text);
CREATE TABLE suggest_fleet.fuel (fuel_id int PRIMARY KEY, vehicle_id int REFERENCES suggest_fleet.vehicle, filled_on date, station text, litres numeric, amount numeric);
CREATE TABLE suggest_fleet.tag (tag text);
INSERT INTO suggest_clinic.department VALUES (1, 'Surgery', 1);
GRANT USAGE ON SCHEMA suggest_shop, suggest_clinic, suggest_fleet TO regress_suggest_ann;
GRANT SELECT ON ALL TABLES IN SCHEMA suggest_shop, suggest_clinic, suggest_fleet TO regress_suggest_ann;
RESET client_min_messages;

SET sql_agent.allowed_schemas = 'suggest_shop';
SET ROLE regress_suggest_ann;
SELECT q, ask_json(q, options => '{"record": false}') ->> 'status' AS status FROM sql_agent.suggest_questions(20) q;
RESET ROLE;
SET sql_agent.allowed_schemas = 'suggest_clinic';
SET ROLE regress_suggest_ann;
SELECT q, ask_json(q, options => '{"record": false}') ->> 'status' AS status FROM sql_agent.suggest_questions(20) q;
RESET ROLE;
SET sql_agent.allowed_schemas = 'suggest_fleet';
SET ROLE regress_suggest_ann;
SELECT q, ask_json(q, options => '{"record": false}') ->> 'status' AS status FROM sql_agent.suggest_questions(20) q;

-- what was asked about comes first, and the same twice is the same
SELECT ask_json(q) ->> 'status' FROM unnest(ARRAY['how many tags are there', 'tags', 'how many different tags are there']) q;
SELECT sql_agent.suggest_questions(3);
SELECT array_agg(a) = array_agg(b) AS same FROM ROWS FROM (sql_agent.suggest_questions(12), sql_agent.suggest_questions(12)) AS t (a, b);
-- not what failed, and not what others asked
SELECT sql_agent.forget_questions();
SELECT ask_json('tags that glow') ->> 'status';
SELECT sql_agent.suggest_questions(3);
RESET ROLE;

-- bounds
SELECT sql_agent.suggest_questions(0);
SELECT sql_agent.suggest_questions(101);

SET client_min_messages = warning;
DROP OWNED BY regress_suggest_ann;
DELETE FROM sql_agent.question;
DROP SCHEMA suggest_shop, suggest_clinic, suggest_fleet CASCADE;
DROP ROLE regress_suggest_ann;
