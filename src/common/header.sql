-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION sql_agent" to load this file. \quit

CREATE SCHEMA sql_agent;
COMMENT ON SCHEMA sql_agent IS 'ask your database in plain words';
