-- Support tickets and the staff behind them: abbreviations, 0/1 flags, a date kept as text, a bridge, a chain of managers.
CREATE TABLE dept (dept_no int PRIMARY KEY, dname text NOT NULL, loc text, budget numeric(12,2));
CREATE TABLE emp (emp_no int PRIMARY KEY, ename text NOT NULL, job text, mgr int REFERENCES emp, hire_dt date, sal numeric(8,2), bonus numeric(8,2), dept_no int REFERENCES dept, is_remote smallint);
CREATE TABLE clients (client_id int PRIMARY KEY, company_name text NOT NULL, industry text, country text, plan text, signup_date text, vip int);
CREATE TABLE tickets (ticket_id int PRIMARY KEY, client_id int REFERENCES clients, assigned_to int REFERENCES emp, created_by int REFERENCES emp, subject text, priority text, status text, category text,
  opened_at timestamp, closed_at timestamp, reopened smallint, satisfaction int);
CREATE TABLE comments (comment_id int PRIMARY KEY, ticket_id int REFERENCES tickets, emp_no int REFERENCES emp, body text, posted_at timestamp);
CREATE TABLE tags (tag_id int PRIMARY KEY, tag_name text);
CREATE TABLE ticket_tags (ticket_id int REFERENCES tickets, tag_id int REFERENCES tags);
CREATE TABLE skills (emp_no int REFERENCES emp, skill text, level int);

INSERT INTO dept VALUES (10, 'Support', 'Dublin', 420000), (20, 'Engineering', 'Berlin', 1250000), (30, 'Sales', 'Madrid', 380000), (40, 'Finance', 'Dublin', 210000), (50, 'Research', 'Oslo', 90000);
INSERT INTO emp VALUES (1, 'Vera Lindqvist', 'director', NULL, '2012-01-09', 9800, 2000, 20, 0), (2, 'Tomas Brandl', 'manager', 1, '2014-05-20', 7200, 900, 10, 0), (3, 'Aisha Noor', 'manager', 1, '2015-08-01', 7400, NULL, 20, 1),
 (4, 'Pablo Ruiz', 'agent', 2, '2018-03-12', 3900, 150, 10, 1), (5, 'Mei Tan', 'agent', 2, '2019-11-04', 4100, 200, 10, 0), (6, 'Owen Daly', 'agent', 2, '2021-02-15', 3600, NULL, 10, 1),
 (7, 'Ines Costa', 'engineer', 3, '2017-07-24', 7600, 400, 20, 1), (8, 'Karl Weber', 'engineer', 3, '2020-09-30', 5600, 300, 20, 0), (9, 'Sofia Marin', 'account executive', 1, '2022-06-01', 5000, 1200, 30, 0),
 (10, 'Liam Burke', 'accountant', 1, '2023-01-16', 4700, NULL, 40, 0), (11, 'Nina Holm', 'agent', 2, '2024-10-07', 3400, NULL, 10, 1);
INSERT INTO clients SELECT g, (ARRAY['Alder','Birch','Cedar','Dogwood','Elm','Fir'])[1 + g % 6] || ' ' || (ARRAY['Foods','Motors','Health','Studios'])[1 + g % 4], (ARRAY['retail','automotive','healthcare','media'])[1 + g % 4],
  (ARRAY['Ireland','Germany','Spain'])[1 + g / 2 % 3], (ARRAY['free','pro','enterprise'])[1 + g % 3], to_char(date '2021-02-03' + g * 71, 'YYYY-MM-DD'), CASE WHEN g % 4 = 0 THEN 1 ELSE 0 END FROM generate_series(1, 12) AS g;
INSERT INTO tickets SELECT g, 1 + (g * 5) % 11, CASE WHEN g % 12 = 0 THEN NULL ELSE (ARRAY[4, 5, 6, 7, 8])[1 + g % 5] END, (ARRAY[4, 5, 6, 11, 2, 9])[1 + g % 6], (ARRAY['Cannot log in','Invoice is wrong','App crashes','Slow report','Export fails'])[1 + g % 5] || ' #' || g,
  (ARRAY['low','medium','high','urgent'])[1 + g * 3 % 4], CASE WHEN g % 5 = 2 THEN 'open' WHEN g % 7 = 3 THEN 'pending' ELSE 'closed' END, (ARRAY['access','billing','bug','performance','bug'])[1 + g % 5],
  timestamp '2024-01-02 08:30' + g * interval '127 hours', CASE WHEN g % 5 = 2 OR g % 7 = 3 THEN NULL ELSE timestamp '2024-01-02 08:30' + g * interval '127 hours' + (1 + g * 5 % 90) * interval '1 hour' END,
  CASE WHEN g % 9 = 0 THEN 1 ELSE 0 END, CASE WHEN g % 5 = 2 OR g % 7 = 3 OR g % 4 = 0 THEN NULL ELSE 1 + (g * 3) % 5 END FROM generate_series(1, 90) AS g;
INSERT INTO comments SELECT g, 1 + (g * 7) % 80, (ARRAY[4, 5, 6, 7, 8, 3])[1 + g % 6], 'note ' || g, timestamp '2024-01-05 10:00' + g * interval '61 hours' FROM generate_series(1, 150) AS g;
INSERT INTO tags VALUES (1, 'refund'), (2, 'login'), (3, 'mobile'), (4, 'api'), (5, 'legacy');
INSERT INTO ticket_tags SELECT g, 1 + (g + t * 3) % 4 FROM generate_series(1, 85) AS g, generate_series(0, 1) AS t WHERE g % 3 <> 0 AND t <= g % 2;
INSERT INTO skills VALUES (4, 'Spanish', 5), (4, 'SQL', 2), (5, 'SQL', 4), (5, 'Mandarin', 5), (6, 'French', 3), (7, 'Python', 5), (7, 'SQL', 5), (8, 'Python', 3), (8, 'Go', 4), (9, 'Spanish', 4), (3, 'Go', 2);
