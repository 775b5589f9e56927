-- Keys, foreign keys and indexes of the sales sample.

ALTER TABLE dim_geography
  ADD PRIMARY KEY (geography_id),
  ADD UNIQUE (city);
ALTER TABLE dim_date
  ADD PRIMARY KEY (calendar_date);
ALTER TABLE dim_product
  ADD PRIMARY KEY (product_id),
  ADD UNIQUE (product_code);
ALTER TABLE dim_sales_hierarchy
  ADD PRIMARY KEY (employee_id),
  ADD UNIQUE (employee_code),
  ADD FOREIGN KEY (reports_to) REFERENCES dim_sales_hierarchy;
ALTER TABLE dim_distributor
  ADD PRIMARY KEY (distributor_id),
  ADD UNIQUE (distributor_code),
  ADD FOREIGN KEY (geography_id) REFERENCES dim_geography;
ALTER TABLE dim_customer
  ADD PRIMARY KEY (customer_id),
  ADD UNIQUE (customer_code),
  ADD FOREIGN KEY (geography_id) REFERENCES dim_geography;
CREATE INDEX ON dim_customer (geography_id);
CREATE INDEX ON dim_distributor (geography_id);

ALTER TABLE fact_primary_sales
  ADD PRIMARY KEY (primary_sale_id),
  ADD FOREIGN KEY (invoice_date) REFERENCES dim_date,
  ADD FOREIGN KEY (distributor_id) REFERENCES dim_distributor,
  ADD FOREIGN KEY (product_id) REFERENCES dim_product,
  ADD FOREIGN KEY (geography_id) REFERENCES dim_geography,
  ADD FOREIGN KEY (sales_officer_id) REFERENCES dim_sales_hierarchy;
CREATE INDEX ON fact_primary_sales (invoice_date);
CREATE INDEX ON fact_primary_sales (distributor_id);
CREATE INDEX ON fact_primary_sales (product_id);

ALTER TABLE fact_secondary_sales
  ADD PRIMARY KEY (secondary_sale_id),
  ADD FOREIGN KEY (invoice_date) REFERENCES dim_date,
  ADD FOREIGN KEY (distributor_id) REFERENCES dim_distributor,
  ADD FOREIGN KEY (customer_id) REFERENCES dim_customer,
  ADD FOREIGN KEY (product_id) REFERENCES dim_product,
  ADD FOREIGN KEY (geography_id) REFERENCES dim_geography,
  ADD FOREIGN KEY (sales_officer_id) REFERENCES dim_sales_hierarchy;
CREATE INDEX ON fact_secondary_sales (invoice_date);
CREATE INDEX ON fact_secondary_sales (customer_id);
CREATE INDEX ON fact_secondary_sales (distributor_id);
CREATE INDEX ON fact_secondary_sales (product_id);
