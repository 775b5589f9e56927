-- What a member does with a file: a workbook of three sheets becomes three tables.
\set ECHO none
\set workbook `base64 -w0 "$WORKBOOK"`
\echo SELECT sql_agent.upload_sheet(''shop.xlsx'', ...) AS id \gset
SELECT sql_agent.upload_sheet('shop.xlsx', decode(:'workbook', 'base64')) AS id \gset
\set ECHO queries
-- a worker of the server makes tables of it
SELECT t ->> 'status' AS status, t ->> 'message' AS message FROM sql_agent.task_wait(:'id') t;
SELECT file_name, schema, tables, rows FROM sql_agent.uploads;
SELECT from_table, from_columns, to_table, to_columns, source FROM sql_agent.relationships;
SELECT ask('total amount by customer region');
