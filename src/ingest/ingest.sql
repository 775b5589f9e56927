
-- ingest/ingest: files to tables

CREATE FUNCTION sql_agent.upload_cells(content bytea)
RETURNS TABLE (sheet text, hidden boolean, "row" bigint, "column" int, kind text, value text)
AS 'MODULE_PATHNAME', 'sql_agent_upload_cells'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.upload_cells(bytea) IS
  'the cells of a CSV, XLSX or XLS file as they stand in it, before anything is inferred';
REVOKE ALL ON FUNCTION sql_agent.upload_cells(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.upload_cells(bytea) TO sql_agent_user, sql_agent_admin;
