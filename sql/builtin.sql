--
-- The built-in translator: names, joins, what it refuses to guess
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
SET sql_agent.ask_summary = off;
CREATE SCHEMA regress_shop;
SET search_path = regress_shop;
CREATE TABLE category (category_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE product (product_id int PRIMARY KEY, name text NOT NULL, category_id int NOT NULL REFERENCES category, price numeric NOT NULL, in_stock boolean NOT NULL);
CREATE TABLE customer (customer_id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, country text, referred_by int REFERENCES customer);
CREATE TABLE "Order" ("OrderId" int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, "OrderDate" date NOT NULL, "ShippingFee" numeric NOT NULL);
CREATE TABLE order_line ("OrderId" int REFERENCES "Order", line int, product_id int NOT NULL REFERENCES product, quantity int NOT NULL, amount numeric NOT NULL, PRIMARY KEY ("OrderId", line));
CREATE TABLE "select" (id int PRIMARY KEY, "from" text, "weird ""name""" int);
CREATE TABLE tag (tag_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE product_tag (product_id int REFERENCES product, tag_id int REFERENCES tag, PRIMARY KEY (product_id, tag_id));
INSERT INTO category VALUES (1, 'Books'), (2, 'Games'), (3, 'It''s odd; DROP TABLE x --');
INSERT INTO product VALUES (1, 'Atlas', 1, 30, true), (2, 'Chess', 2, 25, true), (3, 'Dice', 2, 5, false), (4, 'Novel', 1, 12, true);
INSERT INTO customer VALUES (1, 'Ann', 'Lee', 'France', NULL), (2, 'Bob', 'Ray', 'Peru', 1), (3, 'Cy', 'Dunn', 'France', 1), (4, 'Dee', 'Fox', NULL, 2);
INSERT INTO "Order" VALUES (1, 1, '2024-01-10', 5), (2, 1, '2024-02-10', 5), (3, 2, '2024-02-11', 7);
INSERT INTO order_line VALUES (1, 1, 1, 1, 30), (1, 2, 3, 2, 10), (2, 1, 2, 1, 25), (3, 1, 1, 2, 60);
INSERT INTO "select" VALUES (1, 'a', 10), (2, 'b', 20);
INSERT INTO tag VALUES (1, 'gift'), (2, 'classic');
INSERT INTO product_tag VALUES (1, 1), (2, 1), (2, 2), (4, 2);
RESET search_path;
SELECT sql_agent.expose_schema('regress_shop');

-- singular, plural, CamelCase, quoted and reserved names
SELECT sql_agent.ask_sql('how many orders');
SELECT sql_agent.ask_sql('total shipping fee by order date');
SELECT sql_agent.ask_sql('how many selects are there');
SELECT ask('list the customers');

-- joins: the facts stay single, the many side becomes EXISTS or a count by key
SELECT sql_agent.ask_sql('total amount by category');
SELECT sql_agent.ask_sql('how many customers bought ''Atlas''');
SELECT sql_agent.ask_sql('number of products per tag');
SELECT sql_agent.ask_sql('customers with more than 1 order');
SELECT sql_agent.ask_sql('customers without orders');
SELECT sql_agent.ask_sql('products with no tags');
SELECT ask('top 2 customers by amount');
SELECT ask('which category has the most products');

-- a sum that the join would count twice is refused
SELECT ask('total shipping fee by product');
SELECT ask('average price by tag');

-- values: folded, quoted, hostile
SELECT sql_agent.ask_sql('customers from france');
SELECT sql_agent.ask_sql('products in category "It''s odd; DROP TABLE x --"');
SELECT sql_agent.ask_sql('products in category Books or Games');
SELECT sql_agent.ask_sql('products in category Books and Games');
SELECT sql_agent.ask_sql('products not in category Books');
SELECT sql_agent.ask_sql('customers from France or products in Games');
SELECT sql_agent.ask_sql('customers who bought ''Atlas'' or ''Chess''');
SELECT sql_agent.ask_sql('customers who bought ''Atlas'' and ''Chess''');
SELECT sql_agent.ask_sql('products whose name contains ''100%_\''');

-- a part of a value, and a value written a moment ago
SELECT ask('products in the category Boo');
INSERT INTO regress_shop.category VALUES (4, 'Board Games Deluxe');
SELECT sql_agent.ask_sql('products in category Board Games Deluxe');
SELECT ask('products in the category Deluxe');

-- numbers
SELECT sql_agent.ask_sql('products with a price of at least 12');
SELECT sql_agent.ask_sql('products with price between 5 and 1.5k');
SELECT sql_agent.ask_sql('products above average price');
SELECT sql_agent.ask_sql('products with a price above average');

-- yes, no, missing
SELECT sql_agent.ask_sql('products in stock');
SELECT sql_agent.ask_sql('how many products are not in stock');
SELECT sql_agent.ask_sql('customers whose country is missing');

-- what the words announce must come
SELECT ask('products without');
SELECT ask('how many');
SELECT ask('top 3');
SELECT ask('products with more than');
SELECT ask('total');

-- a condition that lost what it compares with is no condition to drop
SELECT ask('average price of products where name is a');
SELECT sql_agent.ask_sql('average price by category of products');

-- a column that is called like a word of the lexicon
CREATE TABLE regress_shop.bill (bill_id int PRIMARY KEY, payer text NOT NULL, issued_on date NOT NULL, total numeric NOT NULL);
INSERT INTO regress_shop.bill VALUES (1, 'Ann', '2024-01-01', 10), (2, 'Bob', '2024-01-02', 20), (3, 'Ann', '2024-02-01', 30);
SELECT sql_agent.ask_sql('total by payer');
SELECT ask('top 2 payers by total');
SELECT sql_agent.ask_sql('bills with total over 15');
SELECT sql_agent.ask_sql('average total of bills');
SELECT sql_agent.ask_sql('total number of bills');
SELECT sql_agent.ask_sql('total total');

-- the latest, the largest: of things, by when they happened or what they amount to
SELECT ask('the 2 latest bills');
SELECT sql_agent.ask_sql('what is the earliest bill');
SELECT sql_agent.ask_sql('what is the largest bill');
SELECT sql_agent.ask_sql('which payer has the highest total');
SELECT ask('newest categories');

-- nothing is guessed
SELECT ask('what is the capital of France');
SELECT ask('products by weight');
SELECT ask('ratio of products to customers');
SELECT ask('DROP TABLE customer; --');
SELECT ask('''; DELETE FROM customer; --');

-- a threshold that nothing reaches
SET sql_agent.builtin_confidence = 1.0;
SELECT ask('clients from france');
RESET sql_agent.builtin_confidence;

-- what can be asked
SELECT sql_agent.suggest_questions(4);

-- SQL text of a question is data
SELECT count(*) FROM regress_shop.customer;

SELECT sql_agent.hide_schema('regress_shop');
DROP SCHEMA regress_shop CASCADE;
