-- The sales sample: a consumer-goods star schema with made-up data.
--
--   psql -d DATABASE -f examples/sales/load.sql
--   psql -d DATABASE -v factor=10 -v schema=retail -f examples/sales/load.sql
--
-- factor   size; 1 gives about 120,000 sales rows, 100 about 12 million
-- schema   name of the schema; it is made where it does not exist, and must be empty where it does
--
-- The same factor gives the same rows on every machine and major: every value
-- is integer arithmetic on row numbers.  docs/sales-sample.md describes it.
\set ON_ERROR_STOP on
\if :{?factor}
\else
\set factor 1
\endif
\if :{?schema}
\else
\set schema sales
\endif

SELECT pg_catalog.to_regnamespace(pg_catalog.quote_ident(:'schema')) IS NULL AS make_schema \gset

BEGIN;
SET LOCAL client_min_messages = warning;
\ir schema.sql
\ir dimensions.sql
\ir facts.sql
\ir keys.sql
SELECT pg_catalog.format('ANALYZE %I.%I', schemaname, tablename)
FROM pg_catalog.pg_tables WHERE schemaname = :'schema' ORDER BY tablename
\gexec
COMMIT;
