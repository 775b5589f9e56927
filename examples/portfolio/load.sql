-- The portfolio sample: market data that several tenants share, and what each
-- of them holds.
--
--   psql -d DATABASE -f examples/portfolio/load.sql
--   psql -d DATABASE -v schema=market -f examples/portfolio/load.sql
--
-- The rows are the same on every machine and major.
\set ON_ERROR_STOP on
\if :{?schema}
\else
\set schema market
\endif

BEGIN;
SET LOCAL client_min_messages = warning;
\ir schema.sql
\ir data.sql
SELECT pg_catalog.format('ANALYZE %I.%I', schemaname, tablename)
FROM pg_catalog.pg_tables WHERE schemaname = :'schema' ORDER BY tablename
\gexec
COMMIT;
