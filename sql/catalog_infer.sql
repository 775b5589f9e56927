-- Relationships that no foreign key declares.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_infer_user;
GRANT sql_agent_user TO regress_infer_user;
CREATE SCHEMA infer_papers;
CREATE SCHEMA infer_shop;
GRANT USAGE ON SCHEMA infer_papers, infer_shop TO regress_infer_user;
SET sql_agent.allowed_schemas = 'infer_papers, infer_shop';
SET sql_agent.profile_timeout = '10s';

-- no key declared at all: columns of the same name, one relation that they identify
CREATE TABLE infer_papers.author (aid bigint, name text);
CREATE TABLE infer_papers.publication (title text, year int, pid bigint, jid bigint);
CREATE TABLE infer_papers.writes (aid bigint, pid bigint);
CREATE TABLE infer_papers.journal (jid bigint, name text);
INSERT INTO infer_papers.author SELECT g, 'author ' || g FROM generate_series(1, 9) g;
INSERT INTO infer_papers.journal SELECT g, 'journal ' || g FROM generate_series(1, 3) g;
INSERT INTO infer_papers.publication SELECT 'paper ' || g, 2000 + g, g, 1 + g % 3 FROM generate_series(1, 20) g;
INSERT INTO infer_papers.writes SELECT 1 + g % 9, 1 + g % 20 FROM generate_series(1, 40) g;

-- named after the other table
CREATE TABLE infer_shop.customers (id int PRIMARY KEY, name text, city_name text);
CREATE TABLE infer_shop.dim_product (id int PRIMARY KEY, parent_id int, label text);
CREATE TABLE infer_shop.categories (code text UNIQUE, label text);
CREATE TABLE infer_shop.orders (
  id int PRIMARY KEY, customer_id int, billing_customer_id int, product_id bigint, "CategoryCode" text,
  year int, paid int, status_id int
);
CREATE TABLE infer_shop.suppliers (supplier_id int PRIMARY KEY, code text UNIQUE, main_supplier_id int);
CREATE TABLE infer_shop.deliveries (first_supplier_id int, supplier_code text, supplier_name text);
CREATE TABLE infer_shop.cities (city_name text, country text);
INSERT INTO infer_shop.customers VALUES (1, 'a', 'Rome'), (2, 'b', 'Paris'), (3, 'c', 'Rome');
INSERT INTO infer_shop.suppliers VALUES (1, 'a', NULL), (2, 'b', 1);
INSERT INTO infer_shop.deliveries VALUES (1, 'b', 'x'), (2, 'b', 'y');
INSERT INTO infer_shop.cities VALUES ('Rome', 'Italy'), ('Paris', 'France');
INSERT INTO infer_shop.dim_product VALUES (1, NULL, 'x'), (2, 1, 'y');
INSERT INTO infer_shop.categories VALUES ('F', 'food'), ('T', 'toys');
INSERT INTO infer_shop.orders VALUES (1, 1, 2, 1, 'F', 1, 1, 1), (2, 2, 3, 2, 'T', 2, 2, 2), (3, 2, 77, 1, 'T', 1, 1, 1);
GRANT SELECT ON ALL TABLES IN SCHEMA infer_papers, infer_shop TO regress_infer_user;

SET ROLE regress_infer_user;
SELECT r.from_schema || '.' || r.from_table || r.from_columns::text || ' -> '
       || r.to_table || r.to_columns::text AS link, r.declared, r.score
  FROM sql_agent.my_relationships r ORDER BY r.from_table, r.from_columns;
SELECT in_foreign_key FROM sql_agent.my_columns WHERE "table" = 'writes';
RESET ROLE;

-- a declared key between the two settles it
ALTER TABLE infer_shop.orders ADD FOREIGN KEY (customer_id) REFERENCES infer_shop.customers;
-- and values that are not there refute a supposition
INSERT INTO infer_papers.writes SELECT 1000 + g, 1 FROM generate_series(1, 20) g;
\c -
SET sql_agent.allowed_schemas = 'infer_papers, infer_shop';
SET sql_agent.profile_timeout = '10s';
SET ROLE regress_infer_user;
SELECT r.from_schema || '.' || r.from_table || r.from_columns::text || ' -> '
       || r.to_table || r.to_columns::text AS link, r.declared, r.score
  FROM sql_agent.my_relationships r WHERE from_table IN ('orders', 'writes') ORDER BY r.from_table, r.from_columns;
RESET ROLE;

-- without values only names that lead to declared keys count
SET sql_agent.profile_timeout = 0;
\c -
SET sql_agent.allowed_schemas = 'infer_papers, infer_shop';
SET sql_agent.profile_timeout = 0;
SET ROLE regress_infer_user;
SELECT r.from_schema || '.' || r.from_table || r.from_columns::text || ' -> '
       || r.to_table || r.to_columns::text AS link, r.declared, r.score
  FROM sql_agent.my_relationships r ORDER BY r.from_table, r.from_columns;
RESET ROLE;

SET client_min_messages = warning;
DROP SCHEMA infer_papers, infer_shop CASCADE;
DROP ROLE regress_infer_user;
