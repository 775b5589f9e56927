-- Trading with a prefix before every name, abbreviations, and no keys between the tables.
CREATE TABLE tb_cust (tc_id varchar(10) PRIMARY KEY, tc_name varchar(60) NOT NULL, tc_email varchar(60), tc_city varchar(40), tc_state varchar(2), tc_country varchar(40),
  tc_join_dt date, tc_status varchar(10));
CREATE TABLE tb_ticker (tt_id varchar(10) PRIMARY KEY, tt_symbol varchar(8) NOT NULL, tt_name varchar(60) NOT NULL, tt_type varchar(10), tt_exchange varchar(10), tt_currency varchar(3));
CREATE TABLE tb_price (tp_ticker_id varchar(10) NOT NULL, tp_date date NOT NULL, tp_open numeric(10,2), tp_high numeric(10,2), tp_low numeric(10,2), tp_close numeric(10,2), tp_volume bigint);
CREATE TABLE tb_tx (tx_id varchar(10) PRIMARY KEY, tx_cust_id varchar(10) NOT NULL, tx_ticker_id varchar(10) NOT NULL, tx_date date NOT NULL, tx_type varchar(4) NOT NULL,
  tx_shares numeric(10,2) NOT NULL, tx_price numeric(10,2) NOT NULL, tx_amount numeric(12,2) NOT NULL, tx_commission numeric(8,2), tx_tax numeric(8,2), tx_status varchar(10), tx_settlement_dt date);
COMMENT ON COLUMN tb_cust.tc_status IS 'possible values: active, inactive, suspended';
COMMENT ON COLUMN tb_ticker.tt_type IS 'possible values: stock, etf';
COMMENT ON COLUMN tb_tx.tx_type IS 'possible values: buy, sell';
INSERT INTO tb_cust SELECT 'C' || lpad(g::text, 3, '0'), (ARRAY['John','Emma','Michael','Olivia','Noah','Ava'])[1 + g % 6] || ' ' || (ARRAY['Doe','Stone','Walsh','Ito','Berg'])[1 + g % 5],
  'u' || g || (ARRAY['@mail.example','@firm.example'])[1 + g % 2], (ARRAY['Boston','Austin','Toronto','Seattle'])[1 + g % 4], (ARRAY['MA','TX','ON','WA'])[1 + g % 4], CASE WHEN g % 4 = 2 THEN 'Canada' ELSE 'USA' END,
  date '2022-03-01' + g * 29, (ARRAY['active','active','inactive','active','suspended'])[1 + g % 5] FROM generate_series(1, 24) AS g;
INSERT INTO tb_ticker VALUES ('T01', 'ACME', 'Acme Corp', 'stock', 'NYSE', 'USD'), ('T02', 'GLBX', 'Globex Inc', 'stock', 'NASDAQ', 'USD'), ('T03', 'INIT', 'Initech Ltd', 'stock', 'NASDAQ', 'USD'),
 ('T04', 'UMBR', 'Umbra Holdings', 'stock', 'NYSE', 'USD'), ('T05', 'WRLD', 'World Index Fund', 'etf', 'NYSE', 'USD'), ('T06', 'MAPL', 'Maple Bank', 'stock', 'TSX', 'CAD'), ('T07', 'TECH', 'Tech Leaders Fund', 'etf', 'NASDAQ', 'USD');
INSERT INTO tb_price SELECT t, d, o, o + 2 + n % 3, o - 1 - n % 2, o + (n % 5) - 1.5, 10000 + (n * 7907) % 50000
FROM (SELECT 'T0' || t AS t, date '2025-04-01' + d AS d, 20.0 * t + (d * t * 13) % 17 AS o, d * 3 + t * 11 AS n FROM generate_series(1, 6) AS t, generate_series(0, 60, 2) AS d) AS x;
INSERT INTO tb_tx SELECT 'X' || lpad(g::text, 4, '0'), 'C' || lpad((1 + (g * 7) % 22)::text, 3, '0'), 'T0' || 1 + (g * 5 + g / 7) % 6, date '2024-01-05' + g * 3, CASE WHEN g % 3 = 0 AND (g * 7) % 22 > 4 THEN 'sell' ELSE 'buy' END,
  5 + g % 20, 20 * (1 + (g * 5 + g / 7) % 6) + g % 7, (5 + g % 20) * (20 * (1 + (g * 5 + g / 7) % 6) + g % 7), 5 + g % 10, 1 + g % 4, (ARRAY['success','success','success','failed','pending'])[1 + g % 5],
  CASE WHEN g % 5 < 3 THEN date '2024-01-05' + g * 3 + 1 + g % 4 END FROM generate_series(1, 178) AS g;
