-- Tables of the sales sample with their comments.  Keys, foreign keys and
-- indexes follow in keys.sql, after the rows, so that loading stays quick.

\if :make_schema
CREATE SCHEMA :"schema";
\endif
COMMENT ON SCHEMA :"schema" IS
  'Sales of a consumer goods company: what it sells to distributors (primary sales) and what distributors sell to retailers (secondary sales)';
SET LOCAL search_path = :"schema", pg_catalog;

CREATE TABLE dim_geography (
  geography_id integer NOT NULL,
  city         text NOT NULL,
  state        text NOT NULL,
  zone         text NOT NULL
);
COMMENT ON TABLE dim_geography IS 'Places: cities with their state and sales zone';
COMMENT ON COLUMN dim_geography.geography_id IS 'Number of the place';
COMMENT ON COLUMN dim_geography.city IS 'City name';
COMMENT ON COLUMN dim_geography.state IS 'State that the city lies in';
COMMENT ON COLUMN dim_geography.zone IS 'Sales zone (region): North, South, East or West';

CREATE TABLE dim_date (
  calendar_date date NOT NULL,
  day_name      text NOT NULL,
  day_of_week   smallint NOT NULL,
  is_weekend    boolean NOT NULL,
  week_of_year  smallint NOT NULL,
  month_number  smallint NOT NULL,
  month_name    text NOT NULL,
  quarter       smallint NOT NULL,
  year          smallint NOT NULL,
  fiscal_year   text NOT NULL,
  holiday_name  text
);
COMMENT ON TABLE dim_date IS 'Calendar: one row a day, 2023 to 2025';
COMMENT ON COLUMN dim_date.calendar_date IS 'The day';
COMMENT ON COLUMN dim_date.day_name IS 'Name of the weekday';
COMMENT ON COLUMN dim_date.day_of_week IS 'Number of the weekday, Monday is 1 and Sunday is 7';
COMMENT ON COLUMN dim_date.is_weekend IS 'Whether the day is a Saturday or Sunday';
COMMENT ON COLUMN dim_date.week_of_year IS 'ISO week number';
COMMENT ON COLUMN dim_date.month_number IS 'Number of the month, January is 1';
COMMENT ON COLUMN dim_date.month_name IS 'Name of the month';
COMMENT ON COLUMN dim_date.quarter IS 'Calendar quarter, 1 to 4';
COMMENT ON COLUMN dim_date.year IS 'Calendar year';
COMMENT ON COLUMN dim_date.fiscal_year IS 'Fiscal year from April to March, for example FY2024-25';
COMMENT ON COLUMN dim_date.holiday_name IS 'Name of the public holiday; empty on other days';

CREATE TABLE dim_product (
  product_id      integer NOT NULL,
  product_code    text NOT NULL,
  product_name    text NOT NULL,
  category        text NOT NULL,
  sub_category    text NOT NULL,
  brand           text NOT NULL,
  unit_of_measure text NOT NULL,
  unit_weight     numeric(8,3) NOT NULL,
  unit_volume     numeric(8,3) NOT NULL,
  list_price      numeric(10,2) NOT NULL,
  tax_rate        numeric(4,2) NOT NULL,
  launched_on     date NOT NULL,
  discontinued_on date
);
COMMENT ON TABLE dim_product IS 'Products (articles, SKUs) that the company makes';
COMMENT ON COLUMN dim_product.product_id IS 'Number of the product';
COMMENT ON COLUMN dim_product.product_code IS 'Article code (SKU)';
COMMENT ON COLUMN dim_product.product_name IS 'Name of the product with its pack size';
COMMENT ON COLUMN dim_product.category IS 'Product category, the coarsest grouping';
COMMENT ON COLUMN dim_product.sub_category IS 'Product sub-category within the category';
COMMENT ON COLUMN dim_product.brand IS 'Brand that the product is sold under';
COMMENT ON COLUMN dim_product.unit_of_measure IS 'What one unit is: bottle, pouch, bar and so on';
COMMENT ON COLUMN dim_product.unit_weight IS 'Weight of one unit in kg';
COMMENT ON COLUMN dim_product.unit_volume IS 'Volume of one unit in litres';
COMMENT ON COLUMN dim_product.list_price IS 'List price of one unit to retailers in 2023, before discount and tax';
COMMENT ON COLUMN dim_product.tax_rate IS 'Tax rate in percent';
COMMENT ON COLUMN dim_product.launched_on IS 'Day the product came to the market';
COMMENT ON COLUMN dim_product.discontinued_on IS 'Day the product was taken off the price list; empty for current products';

CREATE TABLE dim_sales_hierarchy (
  employee_id   integer NOT NULL,
  employee_code text NOT NULL,
  employee_name text NOT NULL,
  position      text NOT NULL,
  territory     text NOT NULL,
  reports_to    integer,
  joined_on     date NOT NULL
);
COMMENT ON TABLE dim_sales_hierarchy IS
  'Sales team (employees): sales officers by city, area managers by state, zonal managers by zone, one national manager';
COMMENT ON COLUMN dim_sales_hierarchy.employee_id IS 'Number of the employee';
COMMENT ON COLUMN dim_sales_hierarchy.employee_code IS 'Personnel code';
COMMENT ON COLUMN dim_sales_hierarchy.employee_name IS 'Name of the employee';
COMMENT ON COLUMN dim_sales_hierarchy.position IS
  'SO (sales officer, a city), ASM (area sales manager, a state), ZSM (zonal sales manager, a zone) or NSM (national sales manager)';
COMMENT ON COLUMN dim_sales_hierarchy.territory IS 'City, state or zone that the employee is responsible for';
COMMENT ON COLUMN dim_sales_hierarchy.reports_to IS 'The manager of the employee; empty for the national manager';
COMMENT ON COLUMN dim_sales_hierarchy.joined_on IS 'Day the employee joined the company';

CREATE TABLE dim_distributor (
  distributor_id   integer NOT NULL,
  distributor_code text NOT NULL,
  distributor_name text NOT NULL,
  geography_id     integer NOT NULL,
  credit_limit     numeric(12,2),
  appointed_on     date NOT NULL
);
COMMENT ON TABLE dim_distributor IS 'Distributors (stockists) that buy from the company and sell to retailers';
COMMENT ON COLUMN dim_distributor.distributor_id IS 'Number of the distributor';
COMMENT ON COLUMN dim_distributor.distributor_code IS 'Code of the distributor';
COMMENT ON COLUMN dim_distributor.distributor_name IS 'Name of the distributor';
COMMENT ON COLUMN dim_distributor.geography_id IS 'Place of the distributor';
COMMENT ON COLUMN dim_distributor.credit_limit IS 'Credit limit in rupees; empty where the distributor pays in advance';
COMMENT ON COLUMN dim_distributor.appointed_on IS 'Day the distributor was appointed';

CREATE TABLE dim_customer (
  customer_id   integer NOT NULL,
  customer_code text NOT NULL,
  customer_name text NOT NULL,
  channel       text NOT NULL,
  outlet_class  text,
  geography_id  integer NOT NULL,
  phone         text,
  opened_on     date NOT NULL,
  is_active     boolean NOT NULL
);
COMMENT ON TABLE dim_customer IS 'Customers: the retailers (outlets, shops) that distributors sell to';
COMMENT ON COLUMN dim_customer.customer_id IS 'Number of the customer';
COMMENT ON COLUMN dim_customer.customer_code IS 'Code of the customer';
COMMENT ON COLUMN dim_customer.customer_name IS 'Name of the retailer';
COMMENT ON COLUMN dim_customer.channel IS 'Trade channel: General Trade, Modern Trade, Pharmacy or Wholesale';
COMMENT ON COLUMN dim_customer.outlet_class IS 'Class of the outlet by size, A to C; empty where not yet rated';
COMMENT ON COLUMN dim_customer.geography_id IS 'Place of the customer';
COMMENT ON COLUMN dim_customer.phone IS 'Telephone number; empty where unknown';
COMMENT ON COLUMN dim_customer.opened_on IS 'Day the customer account was opened';
COMMENT ON COLUMN dim_customer.is_active IS 'Whether the customer may still order';

CREATE TABLE fact_primary_sales (
  primary_sale_id       bigint NOT NULL,
  invoice_number        text NOT NULL,
  line_number           smallint NOT NULL,
  invoice_date          date NOT NULL,
  distributor_id        integer NOT NULL,
  product_id            integer NOT NULL,
  geography_id          integer NOT NULL,
  sales_officer_id      integer NOT NULL,
  seller_warehouse_code text NOT NULL,
  seller_warehouse_name text NOT NULL,
  transaction_type      text NOT NULL,
  quantity              integer NOT NULL,
  gross_amount          numeric(14,2) NOT NULL,
  discount_amount       numeric(14,2) NOT NULL,
  net_amount            numeric(14,2) NOT NULL,
  tax_amount            numeric(14,2) NOT NULL,
  billed_weight         numeric(14,3) NOT NULL,
  billed_volume         numeric(14,3) NOT NULL
);
COMMENT ON TABLE fact_primary_sales IS 'Primary sales: invoice lines of the company to its distributors';
COMMENT ON COLUMN fact_primary_sales.primary_sale_id IS 'Number of the invoice line';
COMMENT ON COLUMN fact_primary_sales.invoice_number IS 'Invoice number; an invoice has one or more lines';
COMMENT ON COLUMN fact_primary_sales.line_number IS 'Line within the invoice';
COMMENT ON COLUMN fact_primary_sales.invoice_date IS 'Day of the invoice';
COMMENT ON COLUMN fact_primary_sales.distributor_id IS 'Distributor that bought';
COMMENT ON COLUMN fact_primary_sales.product_id IS 'Product sold';
COMMENT ON COLUMN fact_primary_sales.geography_id IS 'Place of the distributor';
COMMENT ON COLUMN fact_primary_sales.sales_officer_id IS 'Sales officer of the city';
COMMENT ON COLUMN fact_primary_sales.seller_warehouse_code IS 'Code of the company warehouse that shipped the goods';
COMMENT ON COLUMN fact_primary_sales.seller_warehouse_name IS 'Name of the company warehouse that shipped the goods';
COMMENT ON COLUMN fact_primary_sales.transaction_type IS 'Sale or Return; quantities and amounts of returns are negative';
COMMENT ON COLUMN fact_primary_sales.quantity IS 'Units billed';
COMMENT ON COLUMN fact_primary_sales.gross_amount IS 'Primary sales value at list price, before discount';
COMMENT ON COLUMN fact_primary_sales.discount_amount IS 'Discount given to the distributor';
COMMENT ON COLUMN fact_primary_sales.net_amount IS 'Primary sales value: gross amount less discount, before tax';
COMMENT ON COLUMN fact_primary_sales.tax_amount IS 'Tax on the net amount';
COMMENT ON COLUMN fact_primary_sales.billed_weight IS 'Weight billed in kg: quantity times unit weight of the product';
COMMENT ON COLUMN fact_primary_sales.billed_volume IS 'Volume billed in litres: quantity times unit volume of the product';

CREATE TABLE fact_secondary_sales (
  secondary_sale_id bigint NOT NULL,
  invoice_number    text NOT NULL,
  line_number       smallint NOT NULL,
  invoice_date      date NOT NULL,
  distributor_id    integer NOT NULL,
  customer_id       integer NOT NULL,
  product_id        integer NOT NULL,
  geography_id      integer NOT NULL,
  sales_officer_id  integer NOT NULL,
  transaction_type  text NOT NULL,
  scheme_code       text,
  quantity          integer NOT NULL,
  gross_amount      numeric(14,2) NOT NULL,
  discount_amount   numeric(14,2) NOT NULL,
  net_amount        numeric(14,2) NOT NULL,
  tax_amount        numeric(14,2) NOT NULL
);
COMMENT ON TABLE fact_secondary_sales IS 'Sales (secondary sales): invoice lines of distributors to customers (retailers)';
COMMENT ON COLUMN fact_secondary_sales.secondary_sale_id IS 'Number of the invoice line';
COMMENT ON COLUMN fact_secondary_sales.invoice_number IS 'Invoice number; an invoice has one or more lines';
COMMENT ON COLUMN fact_secondary_sales.line_number IS 'Line within the invoice';
COMMENT ON COLUMN fact_secondary_sales.invoice_date IS 'Day of the invoice (sale)';
COMMENT ON COLUMN fact_secondary_sales.distributor_id IS 'Distributor that sold';
COMMENT ON COLUMN fact_secondary_sales.customer_id IS 'Customer (retailer) that bought';
COMMENT ON COLUMN fact_secondary_sales.product_id IS 'Product sold';
COMMENT ON COLUMN fact_secondary_sales.geography_id IS 'Place of the customer';
COMMENT ON COLUMN fact_secondary_sales.sales_officer_id IS 'Sales officer of the city';
COMMENT ON COLUMN fact_secondary_sales.transaction_type IS 'Sale or Return; quantities and amounts of returns are negative';
COMMENT ON COLUMN fact_secondary_sales.scheme_code IS 'Promotion (trade scheme) that the discount was given under; empty without one';
COMMENT ON COLUMN fact_secondary_sales.quantity IS 'Units sold';
COMMENT ON COLUMN fact_secondary_sales.gross_amount IS 'Value at list price, before discount (gross sales)';
COMMENT ON COLUMN fact_secondary_sales.discount_amount IS 'Discount given to the customer';
COMMENT ON COLUMN fact_secondary_sales.net_amount IS 'Net invoice value (revenue): gross amount less discount, before tax';
COMMENT ON COLUMN fact_secondary_sales.tax_amount IS 'Tax on the net amount';
