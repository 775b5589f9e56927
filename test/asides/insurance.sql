-- Insurance: plural names in snake_case, Y/N flags, months and years in columns of their own, people who recruited each other.
CREATE TABLE agents (agent_id serial PRIMARY KEY, agent_name text NOT NULL, region text, commission_rate numeric(4,3), recruited_by int REFERENCES agents, licensed char(1) CHECK (licensed IN ('Y', 'N')), start_date date);
CREATE TABLE policyholders (holder_id serial PRIMARY KEY, first_name text, last_name text, gender char(1), date_of_birth date, marital_status text, occupation text, city text, annual_income numeric(12,2), smoker char(1));
CREATE TABLE policies (policy_no text PRIMARY KEY, holder_id int NOT NULL REFERENCES policyholders, agent_id int REFERENCES agents, policy_type text, premium numeric(10,2), coverage_amount numeric(12,2),
  effective_date date, expiration_date date, auto_renew char(1), status text);
CREATE TABLE claims (claim_id serial PRIMARY KEY, policy_no text NOT NULL REFERENCES policies, claim_date date, incident_type text, amount_claimed numeric(12,2), amount_paid numeric(12,2), claim_status text, fraud_flag smallint);
CREATE TABLE premium_payments (payment_id serial PRIMARY KEY, policy_no text NOT NULL REFERENCES policies, pay_year int, pay_month text, amount numeric(10,2), payment_method text, late smallint);
CREATE TABLE coverages (coverage_id int PRIMARY KEY, coverage_name text, deductible numeric(8,2));
CREATE TABLE policy_coverages (policy_no text REFERENCES policies, coverage_id int REFERENCES coverages, PRIMARY KEY (policy_no, coverage_id));

INSERT INTO agents (agent_name, region, commission_rate, recruited_by, licensed, start_date) VALUES
 ('Clara Voss', 'North', 0.080, NULL, 'Y', '2010-02-01'), ('Ben Okafor', 'South', 0.065, 1, 'Y', '2013-06-15'), ('Dana Pruitt', 'North', 0.070, 1, 'Y', '2016-09-01'),
 ('Igor Malik', 'West', 0.060, 2, 'N', '2019-01-10'), ('Tess Lang', 'East', 0.075, 2, 'Y', '2020-04-20'), ('Hugo Brandt', 'South', 0.055, 5, 'N', '2024-03-01');
INSERT INTO policyholders (first_name, last_name, gender, date_of_birth, marital_status, occupation, city, annual_income, smoker)
SELECT (ARRAY['Ada','Bruno','Celia','Dmitri','Elsa','Farid','Greta'])[1 + g % 7], (ARRAY['Novak','Quinn','Rossi','Sato','Tran'])[1 + g % 5] || CASE WHEN g > 35 THEN '-Hill' ELSE '' END, (ARRAY['F','M'])[1 + g % 2],
  date '1950-05-10' + g * 419, (ARRAY['single','married','divorced','widowed'])[1 + g % 4], (ARRAY['teacher','nurse','engineer','farmer','driver','lawyer'])[1 + g % 6],
  (ARRAY['Lindum','Port Arlen','Kestwick','Mora'])[1 + g * 3 % 4], 21000 + (g * 3571) % 90000, CASE WHEN g % 5 = 0 THEN 'Y' ELSE 'N' END FROM generate_series(1, 40) AS g;
INSERT INTO policies SELECT 'P-' || 1000 + g, 1 + (g * 7) % 37, CASE WHEN g % 13 = 0 THEN NULL ELSE 1 + g % 5 END, (ARRAY['auto','home','life','health','travel'])[1 + g % 5], 180 + (g * 97) % 1400, 10000 * (1 + (g * 11) % 40),
  date '2021-01-15' + g * 17, date '2021-01-15' + g * 17 + 365 * (1 + g % 3), (ARRAY['Y','Y','N'])[1 + g % 3], (ARRAY['active','lapsed','cancelled','active'])[1 + g % 4] FROM generate_series(1, 80) AS g;
INSERT INTO claims (policy_no, claim_date, incident_type, amount_claimed, amount_paid, claim_status, fraud_flag)
SELECT 'P-' || 1001 + (g * 9) % 60, date '2022-02-01' + g * 21, (ARRAY['collision','theft','fire','water damage','illness'])[1 + g % 5], 400 + (g * 733) % 9000,
  CASE WHEN g % 4 = 1 THEN 0 WHEN g % 4 = 3 THEN NULL ELSE 300 + (g * 733) % 9000 * 0.8 END, (ARRAY['approved','denied','approved','open'])[1 + g % 4], CASE WHEN g % 11 = 0 THEN 1 ELSE 0 END FROM generate_series(1, 55) AS g;
INSERT INTO premium_payments (policy_no, pay_year, pay_month, amount, payment_method, late)
SELECT 'P-' || 1000 + p, 2023 + m / 12, (ARRAY['January','February','March','April','May','June','July','August','September','October','November','December'])[1 + m % 12], 20 + (p * 13) % 90,
  (ARRAY['card','bank transfer','cheque'])[1 + (p + m) % 3], CASE WHEN (p * m) % 7 = 1 THEN 1 ELSE 0 END FROM generate_series(1, 30) AS p, generate_series(0, 17, 3) AS m;
INSERT INTO coverages VALUES (1, 'Collision', 500), (2, 'Liability', 250), (3, 'Flood', 1000), (4, 'Dental', 50), (5, 'Earthquake', 2500);
INSERT INTO policy_coverages SELECT 'P-' || 1000 + g, 1 + (g + c * (1 + g / 4 % 3)) % 4 FROM generate_series(1, 80) AS g, generate_series(0, 1) AS c WHERE c <= g % 2;
