-- Tables of the portfolio sample.

CREATE SCHEMA :"schema";
COMMENT ON SCHEMA :"schema" IS 'Market data shared by all tenants, and the holdings of each tenant';
SET LOCAL search_path = :"schema", pg_catalog;

CREATE TABLE instrument (
  symbol          text PRIMARY KEY,
  instrument_name text NOT NULL,
  sector          text NOT NULL,
  instrument_type text NOT NULL,
  currency        text NOT NULL,
  listed_on       date
);
COMMENT ON TABLE instrument IS 'Instruments (securities): stocks and funds that are traded';
COMMENT ON COLUMN instrument.symbol IS 'Ticker symbol';
COMMENT ON COLUMN instrument.instrument_name IS 'Name of the company or fund';
COMMENT ON COLUMN instrument.sector IS 'Industry sector';
COMMENT ON COLUMN instrument.instrument_type IS 'Stock or ETF';
COMMENT ON COLUMN instrument.currency IS 'Currency of the prices';
COMMENT ON COLUMN instrument.listed_on IS 'First trading day; empty where unknown';

CREATE TABLE daily_price (
  symbol      text NOT NULL REFERENCES instrument,
  trade_date  date NOT NULL,
  open_price  numeric(10,2) NOT NULL,
  high_price  numeric(10,2) NOT NULL,
  low_price   numeric(10,2) NOT NULL,
  close_price numeric(10,2) NOT NULL,
  volume      bigint NOT NULL,
  PRIMARY KEY (symbol, trade_date)
);
CREATE INDEX ON daily_price (trade_date);
COMMENT ON TABLE daily_price IS 'Daily prices: one row an instrument and trading day';
COMMENT ON COLUMN daily_price.symbol IS 'Instrument';
COMMENT ON COLUMN daily_price.trade_date IS 'Trading day';
COMMENT ON COLUMN daily_price.open_price IS 'First price of the day';
COMMENT ON COLUMN daily_price.high_price IS 'Highest price of the day';
COMMENT ON COLUMN daily_price.low_price IS 'Lowest price of the day';
COMMENT ON COLUMN daily_price.close_price IS 'Closing price';
COMMENT ON COLUMN daily_price.volume IS 'Shares traded that day';

CREATE TABLE dividend (
  symbol           text NOT NULL REFERENCES instrument,
  ex_date          date NOT NULL,
  amount_per_share numeric(10,4) NOT NULL,
  PRIMARY KEY (symbol, ex_date)
);
COMMENT ON TABLE dividend IS 'Dividends paid by instruments';
COMMENT ON COLUMN dividend.symbol IS 'Instrument';
COMMENT ON COLUMN dividend.ex_date IS 'First day the share trades without the dividend';
COMMENT ON COLUMN dividend.amount_per_share IS 'Dividend for one share';

CREATE TABLE holding (
  tenant       text NOT NULL,
  symbol       text NOT NULL REFERENCES instrument,
  acquired_on  date NOT NULL,
  quantity     integer NOT NULL,
  average_cost numeric(10,2) NOT NULL,
  PRIMARY KEY (tenant, symbol)
);
CREATE INDEX ON holding (symbol);
COMMENT ON TABLE holding IS 'Holdings (positions): what each tenant owns';
COMMENT ON COLUMN holding.tenant IS 'Tenant that the position belongs to';
COMMENT ON COLUMN holding.symbol IS 'Instrument held';
COMMENT ON COLUMN holding.acquired_on IS 'Day of the first purchase';
COMMENT ON COLUMN holding.quantity IS 'Shares held';
COMMENT ON COLUMN holding.average_cost IS 'Average price paid for one share';
