
-- ingest/ingest: files to tables

CREATE TABLE sql_agent.upload (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  file_name text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  uploaded_by name NOT NULL,
  tenant name,
  schema_name name NOT NULL,
  owner_name name NOT NULL,
  table_names text[] NOT NULL,
  result jsonb NOT NULL,
  stored_bytes bigint NOT NULL,
  dropped_at timestamptz
);
COMMENT ON TABLE sql_agent.upload IS 'one row a file that became tables';
COMMENT ON COLUMN sql_agent.upload.stored_bytes IS 'what of the file counts for max_bytes of the tenant: nothing where later files took the place of all of it';
COMMENT ON COLUMN sql_agent.upload.dropped_at IS 'dropped by its uploader; its rows are still in a table that another upload made';
CREATE INDEX upload_uploaded_by ON sql_agent.upload (uploaded_by, created_at DESC);

/*
 * Own rows; a tenant's are its members', and only while they belong to it.
 */
ALTER TABLE sql_agent.upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.upload FOR SELECT
  USING (CASE WHEN tenant IS NULL THEN uploaded_by OPERATOR(pg_catalog.=) CURRENT_USER
              ELSE tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name END);
CREATE POLICY operator ON sql_agent.upload FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.upload FROM PUBLIC;
GRANT SELECT ON sql_agent.upload TO sql_agent_user, sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.upload', '');

CREATE FUNCTION sql_agent.upload_sheet(file_name text, content bytea, options jsonb DEFAULT '{}')
RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_upload_sheet'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_sheet(text, bytea, jsonb) IS
  'read a CSV, XLSX or XLS file into typed tables';

CREATE FUNCTION sql_agent.upload_sheets(file_names text[], contents bytea[], options jsonb DEFAULT '{}')
RETURNS uuid[]
AS 'MODULE_PATHNAME', 'sql_agent_upload_sheets'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_sheets(text[], bytea[], jsonb) IS
  'read several CSV, XLSX or XLS files into typed tables: all or none';

CREATE FUNCTION sql_agent.upload_large_object(file_name text, content oid, options jsonb DEFAULT '{}')
RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_upload_large_object'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_large_object(text, oid, jsonb) IS
  'read a file that is a large object into typed tables';

CREATE FUNCTION sql_agent.upload_server_file(path text, options jsonb DEFAULT '{}')
RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_upload_server_file'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_server_file(text, jsonb) IS
  'read a file of the server into typed tables; for members of pg_read_server_files';

CREATE FUNCTION sql_agent.upload_drop(upload uuid) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_upload_drop'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_drop(uuid) IS 'drop the tables that an upload made, and its record';

CREATE FUNCTION sql_agent.upload_preview(file_name text, content bytea, options jsonb DEFAULT '{}')
RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_upload_preview'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.upload_preview(text, bytea, jsonb) IS
  'what upload_sheet() would make of a file: sheets, columns, types with reasons, first rows';

CREATE FUNCTION sql_agent.upload_cells(content bytea)
RETURNS TABLE (sheet text, hidden boolean, "row" bigint, "column" int, kind text, value text)
AS 'MODULE_PATHNAME', 'sql_agent_upload_cells'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.upload_cells(bytea) IS
  'the cells of a CSV, XLSX or XLS file as they stand in it, before anything is inferred';

REVOKE ALL ON FUNCTION sql_agent.upload_sheet(text, bytea, jsonb),
  sql_agent.upload_sheets(text[], bytea[], jsonb),
  sql_agent.upload_large_object(text, oid, jsonb), sql_agent.upload_server_file(text, jsonb),
  sql_agent.upload_drop(uuid),
  sql_agent.upload_preview(text, bytea, jsonb), sql_agent.upload_cells(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.upload_sheet(text, bytea, jsonb),
  sql_agent.upload_sheets(text[], bytea[], jsonb),
  sql_agent.upload_large_object(text, oid, jsonb), sql_agent.upload_server_file(text, jsonb),
  sql_agent.upload_drop(uuid),
  sql_agent.upload_preview(text, bytea, jsonb), sql_agent.upload_cells(bytea)
  TO sql_agent_user, sql_agent_admin;

/*
 * The tables go with the tenant's schema, or are renamed with it.  The next
 * tenant of the name must not see what files this one had.
 */
CREATE FUNCTION sql_agent.uploads_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.upload u WHERE u.tenant OPERATOR(pg_catalog.=) OLD.name;
  ELSE
    UPDATE sql_agent.upload u
       SET tenant = NEW.name, schema_name = NEW.name,
           owner_name = ('tenant_' OPERATOR(pg_catalog.||) NEW.name OPERATOR(pg_catalog.||) '_owner')::name
     WHERE u.tenant OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.uploads_follow_tenant() IS 'records of uploads are renamed and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.uploads_follow_tenant() FROM PUBLIC;
CREATE TRIGGER uploads_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.uploads_follow_tenant();
