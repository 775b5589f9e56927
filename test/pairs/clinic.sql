-- A clinic: a database as a small hospital would keep it, with made-up people.
-- Singular table names, a bridge with a quantity, optional dates, two ways from
-- a patient to a department.  Every value is integer arithmetic on row numbers,
-- so the rows are the same on every machine and major.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE SCHEMA clinic;
SET LOCAL search_path = clinic, pg_catalog;

CREATE TABLE department (
  department_id int PRIMARY KEY,
  name          text NOT NULL UNIQUE,
  floor         int NOT NULL
);
CREATE TABLE doctor (
  doctor_id     int PRIMARY KEY,
  full_name     text NOT NULL,
  specialty     text NOT NULL,
  department_id int NOT NULL REFERENCES department,
  hired_on      date NOT NULL,
  salary        numeric(10,2) NOT NULL,
  is_active     boolean NOT NULL
);
COMMENT ON TABLE doctor IS 'Doctors (physicians) of the clinic';
CREATE TABLE insurer (
  insurer_id int PRIMARY KEY,
  name       text NOT NULL,
  kind       text NOT NULL
);
COMMENT ON TABLE insurer IS 'Health insurance companies';
COMMENT ON COLUMN insurer.kind IS 'public or private';
CREATE TABLE patient (
  patient_id    int PRIMARY KEY,
  first_name    text NOT NULL,
  last_name     text NOT NULL,
  gender        text NOT NULL,
  birth_date    date NOT NULL,
  city          text NOT NULL,
  blood_type    text NOT NULL,
  phone         text,
  insurer_id    int REFERENCES insurer,
  registered_on date NOT NULL
);
COMMENT ON COLUMN patient.insurer_id IS 'Insurance of the patient; empty for those who pay themselves';
CREATE TABLE appointment (
  appointment_id   int PRIMARY KEY,
  patient_id       int NOT NULL REFERENCES patient,
  doctor_id        int NOT NULL REFERENCES doctor,
  scheduled_at     timestamp NOT NULL,
  status           text NOT NULL,
  reason           text,
  duration_minutes int NOT NULL
);
COMMENT ON TABLE appointment IS 'Appointments (visits) of patients with doctors';
COMMENT ON COLUMN appointment.status IS 'completed, cancelled, no-show or scheduled';
CREATE TABLE treatment (
  treatment_id int PRIMARY KEY,
  name         text NOT NULL,
  category     text NOT NULL,
  price        numeric(8,2) NOT NULL
);
CREATE TABLE appointment_treatment (
  appointment_id int REFERENCES appointment,
  treatment_id   int REFERENCES treatment,
  quantity       int NOT NULL,
  PRIMARY KEY (appointment_id, treatment_id)
);
COMMENT ON TABLE appointment_treatment IS 'What was done in an appointment';
CREATE TABLE medication (
  medication_id   int PRIMARY KEY,
  name            text NOT NULL,
  manufacturer    text NOT NULL,
  unit_price      numeric(8,2) NOT NULL,
  is_controlled   boolean NOT NULL
);
COMMENT ON TABLE medication IS 'Medications (drugs) that can be prescribed';
CREATE TABLE prescription (
  prescription_id int PRIMARY KEY,
  appointment_id  int NOT NULL REFERENCES appointment,
  medication_id   int NOT NULL REFERENCES medication,
  dosage_mg       int NOT NULL,
  days            int NOT NULL
);
COMMENT ON COLUMN prescription.days IS 'For how many days the medication is to be taken';
CREATE TABLE invoice (
  invoice_id     int PRIMARY KEY,
  appointment_id int NOT NULL UNIQUE REFERENCES appointment,
  issued_on      date NOT NULL,
  amount         numeric(10,2) NOT NULL,
  paid_on        date
);
COMMENT ON TABLE invoice IS 'Bills for appointments';
COMMENT ON COLUMN invoice.paid_on IS 'Day of the payment; empty while the bill is open (unpaid)';
CREATE TABLE ward (
  ward_id       int PRIMARY KEY,
  name          text NOT NULL,
  department_id int NOT NULL REFERENCES department,
  beds          int NOT NULL
);
CREATE TABLE admission (
  admission_id  int PRIMARY KEY,
  patient_id    int NOT NULL REFERENCES patient,
  ward_id       int NOT NULL REFERENCES ward,
  admitted_on   date NOT NULL,
  discharged_on date
);
COMMENT ON TABLE admission IS 'Stays of patients in wards';
COMMENT ON COLUMN admission.discharged_on IS 'Last day of the stay; empty for patients who are still here';
CREATE TABLE allergy (
  allergy_id int PRIMARY KEY,
  name       text NOT NULL UNIQUE
);
CREATE TABLE patient_allergy (
  patient_id int REFERENCES patient,
  allergy_id int REFERENCES allergy,
  severity   text NOT NULL,
  PRIMARY KEY (patient_id, allergy_id)
);

CREATE FUNCTION pg_temp.mix(x bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  x := ((x & 4294967295) # (x >> 16 & 65535)) * 73244475 & 4294967295;
  x := (x # (x >> 16)) * 73244475 & 4294967295;
  RETURN x # (x >> 16);
END $$;

INSERT INTO department VALUES (1, 'Cardiology', 2), (2, 'Pediatrics', 1), (3, 'Orthopedics', 3), (4, 'Neurology', 2), (5, 'Dermatology', 1), (6, 'Emergency', 0);
INSERT INTO doctor VALUES
  (1, 'Helen Marsh', 'Cardiologist', 1, '2012-03-01', 148000, true), (2, 'Omar Haddad', 'Cardiologist', 1, '2018-09-15', 131000, true),
  (3, 'Lucia Ferri', 'Pediatrician', 2, '2015-01-10', 118500, true), (4, 'Peter Novak', 'Pediatrician', 2, '2021-06-01', 102000, true),
  (5, 'Grace Okafor', 'Surgeon', 3, '2010-11-20', 176000, true), (6, 'Tom Becker', 'Physiotherapist', 3, '2019-02-01', 84000, true),
  (7, 'Ana Ribeiro', 'Neurologist', 4, '2014-07-07', 159000, true), (8, 'Jonas Lind', 'Neurologist', 4, '2022-03-15', 124000, true),
  (9, 'Mei Tanaka', 'Dermatologist', 5, '2017-05-02', 126500, true), (10, 'David Cohen', 'Dermatologist', 5, '2023-10-01', 109000, true),
  (11, 'Sara Whitfield', 'Emergency Physician', 6, '2016-08-22', 138000, true), (12, 'Igor Petrov', 'Emergency Physician', 6, '2009-04-13', 141500, false),
  (13, 'Nadia Rahman', 'Surgeon', 3, '2024-01-08', 152000, true), (14, 'Carl Eriksen', 'Cardiologist', 1, '2005-09-01', 167000, false);
INSERT INTO insurer VALUES (1, 'MediCare Plus', 'public'), (2, 'Union Health', 'public'), (3, 'Shield Mutual', 'private'), (4, 'Alpine Assurance', 'private'), (5, 'Harbor Life', 'private');
INSERT INTO patient
SELECT i,
  (ARRAY['Alice', 'Brian', 'Chloe', 'Daniel', 'Emma', 'Felix', 'Hannah', 'Ivan', 'Julia', 'Kevin', 'Laura', 'Marco', 'Nina', 'Oscar', 'Paula', 'Quinn', 'Rosa', 'Simon', 'Tessa', 'Victor'])[1 + i % 20],
  (ARRAY['Adams', 'Bishop', 'Carter', 'Dawson', 'Ellis', 'Fischer', 'Gomez', 'Hughes', 'Iverson', 'Jensen', 'Keller', 'Lopez', 'Moreno'])[1 + pg_temp.mix(i) % 13],
  CASE WHEN i % 2 = 0 THEN 'female' ELSE 'male' END,
  date '1938-01-01' + (pg_temp.mix(1000 + i) % 31000)::int,
  (ARRAY['Brookfield', 'Riverton', 'Eastwood', 'Maple Hill', 'Stonebridge'])[1 + (pg_temp.mix(2000 + i) % 100 / 23)::int],
  (ARRAY['A+', 'O+', 'B+', 'AB+', 'O-', 'A-'])[1 + (pg_temp.mix(3000 + i) % 6)::int],
  CASE WHEN pg_temp.mix(4000 + i) % 6 > 0 THEN '555-' || lpad((pg_temp.mix(4100 + i) % 10000)::text, 4, '0') END,
  CASE WHEN pg_temp.mix(5000 + i) % 8 > 0 THEN 1 + pg_temp.mix(5100 + i) % 5 END,
  date '2020-01-01' + (pg_temp.mix(6000 + i) % 2000)::int
FROM generate_series(1, 160) i;
INSERT INTO appointment
SELECT i, 1 + pg_temp.mix(10000 + i) % 150, CASE WHEN any_doctor = 13 AND t.at < '2024-01-15' THEN 1 ELSE any_doctor END, t.at,
  CASE WHEN t.at > timestamp '2025-06-30' THEN 'scheduled' WHEN m < 76 THEN 'completed' WHEN m < 90 THEN 'cancelled' ELSE 'no-show' END,
  (ARRAY['checkup', 'follow-up', 'pain', 'vaccination', 'injury', NULL])[1 + (pg_temp.mix(12000 + i) % 6)::int],
  15 * (1 + pg_temp.mix(13000 + i) % 4)
FROM generate_series(1, 1300) i,
  LATERAL (SELECT (1 + pg_temp.mix(11000 + i) % 196 / 15)::int AS any_doctor) a,
  LATERAL (SELECT timestamp '2023-01-02 08:00' + (i * 905 / 1300 + pg_temp.mix(16000 + i) % 26) * interval '1 day' + (pg_temp.mix(14001 + i) % 40) * interval '15 minutes' AS at) t,
  LATERAL (SELECT pg_temp.mix(15000 + i) % 100 AS m) s;
INSERT INTO treatment VALUES
  (1, 'ECG', 'Diagnostics', 85), (2, 'X-Ray', 'Diagnostics', 120), (3, 'MRI Scan', 'Diagnostics', 640), (4, 'Blood Test', 'Diagnostics', 45),
  (5, 'Stitches', 'Surgery', 210), (6, 'Knee Arthroscopy', 'Surgery', 3900), (7, 'Mole Removal', 'Surgery', 380), (8, 'Physiotherapy Session', 'Therapy', 75),
  (9, 'Flu Vaccination', 'Prevention', 30), (10, 'Allergy Test', 'Diagnostics', 95), (11, 'Hearing Test', 'Diagnostics', 60), (12, 'Light Therapy', 'Therapy', 110);
INSERT INTO appointment_treatment
SELECT DISTINCT ON (1, 2) appointment_id, (1 + pg_temp.mix(20002 + appointment_id * 3 + k) % 97 / 9)::int, (1 + pg_temp.mix(21000 + appointment_id * 3 + k) % 3)::int
FROM appointment, generate_series(0, 1) k
WHERE status = 'completed' AND pg_temp.mix(22000 + appointment_id * 3 + k) % 3 > 0
ORDER BY 1, 2, 3;
INSERT INTO medication VALUES
  (1, 'Cardiol', 'Northwind Pharma', 12.5, false), (2, 'Painex', 'Helvetia Labs', 4.2, false), (3, 'Somnol', 'Helvetia Labs', 9.9, true),
  (4, 'Dermasoft', 'Greenleaf', 18, false), (5, 'Amoxil', 'Northwind Pharma', 7.75, false), (6, 'Morphidol', 'Apex Biotech', 31, true),
  (7, 'Histafree', 'Greenleaf', 6.4, false), (8, 'Neurotab', 'Apex Biotech', 44.5, true), (9, 'Vitamin D3', 'Greenleaf', 3.1, false);
INSERT INTO prescription
SELECT row_number() OVER (ORDER BY appointment_id), appointment_id, 1 + pg_temp.mix(30000 + appointment_id) % 60 / 8, 50 * (1 + pg_temp.mix(31000 + appointment_id) % 10), 3 + pg_temp.mix(32000 + appointment_id) % 28
FROM appointment WHERE status = 'completed' AND pg_temp.mix(33000 + appointment_id) % 5 < 3;
INSERT INTO invoice
SELECT row_number() OVER (ORDER BY appointment_id), appointment_id, scheduled_at::date + 1, 40 + duration_minutes * 2 + pg_temp.mix(40000 + appointment_id) % 400,
  CASE WHEN pg_temp.mix(41000 + appointment_id) % 7 > 0 THEN scheduled_at::date + 2 + (pg_temp.mix(42000 + appointment_id) % 40)::int END
FROM appointment WHERE status = 'completed';
INSERT INTO ward VALUES (1, 'Heart Unit', 1, 18), (2, 'Children Ward', 2, 24), (3, 'Recovery Ward', 3, 30), (4, 'Stroke Unit', 4, 12), (5, 'Observation', 6, 9), (6, 'Isolation', 6, 4);
INSERT INTO admission
SELECT i, 1 + pg_temp.mix(50000 + i) % 160, 1 + pg_temp.mix(51000 + i) % 5, a.day, CASE WHEN a.day + s.stay <= date '2025-06-30' THEN a.day + s.stay END
FROM generate_series(1, 210) i,
  LATERAL (SELECT date '2023-01-05' + i * 905 / 210 AS day) a,
  LATERAL (SELECT (1 + pg_temp.mix(52000 + i) % 21)::int AS stay) s;
INSERT INTO allergy VALUES (1, 'Penicillin'), (2, 'Pollen'), (3, 'Nuts'), (4, 'Latex'), (5, 'Shellfish');
INSERT INTO patient_allergy
SELECT DISTINCT ON (1, 2) 1 + pg_temp.mix(60000 + i) % 160, (1 + pg_temp.mix(61000 + i) % 4)::int, (ARRAY['mild', 'moderate', 'severe'])[1 + (pg_temp.mix(62000 + i) % 3)::int]
FROM generate_series(1, 90) i ORDER BY 1, 2, 3;
COMMIT;
ANALYZE;
