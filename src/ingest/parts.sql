
-- ingest/parts: files that come in parts

CREATE TABLE sql_agent.upload_file (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  begun_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  file_name text NOT NULL,
  uploaded_by name NOT NULL,
  tenant name,
  options jsonb NOT NULL,
  bytes bigint,
  sha256 text,
  path text,
  task uuid,
  finished_at timestamptz
);
COMMENT ON TABLE sql_agent.upload_file IS
  'one row a file that is to become tables, or was kept: begun in parts, or handed to a worker';
COMMENT ON COLUMN sql_agent.upload_file.path IS 'the file of the server that is read where there are no parts';
COMMENT ON COLUMN sql_agent.upload_file.task IS 'the task that makes tables of it, or has failed to; the id of that upload';
CREATE INDEX upload_file_uploaded_by ON sql_agent.upload_file (uploaded_by, begun_at);
CREATE INDEX upload_file_tenant ON sql_agent.upload_file (tenant);
CREATE INDEX upload_file_task ON sql_agent.upload_file (task) WHERE task IS NOT NULL;

CREATE TABLE sql_agent.upload_part (
  upload uuid NOT NULL REFERENCES sql_agent.upload_file ON DELETE CASCADE,
  part int NOT NULL,
  bytes int NOT NULL,
  sha256 text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  content bytea NOT NULL,
  PRIMARY KEY (upload, part)
);
COMMENT ON TABLE sql_agent.upload_part IS 'the parts of those files; in a row, by their numbers, they are the file';
-- not compressed, so that slices are read without the rest
ALTER TABLE sql_agent.upload_part ALTER content SET STORAGE EXTERNAL;

/*
 * A file is its uploader's alone, and only while he belongs to the tenant that it
 * is for.
 */
ALTER TABLE sql_agent.upload_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.upload_file FOR SELECT
  USING (uploaded_by OPERATOR(pg_catalog.=) CURRENT_USER
         AND (tenant IS NULL OR tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name));
CREATE POLICY operator ON sql_agent.upload_file FOR SELECT TO sql_agent_admin USING (true);
ALTER TABLE sql_agent.upload_part ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.upload_part FOR SELECT
  USING (EXISTS (SELECT FROM sql_agent.upload_file f WHERE f.id OPERATOR(pg_catalog.=) upload));
REVOKE ALL ON sql_agent.upload_file, sql_agent.upload_part FROM PUBLIC;
GRANT SELECT ON sql_agent.upload_file, sql_agent.upload_part TO sql_agent_user, sql_agent_admin;
-- what was kept or handed in is the user's; parts on their way are not worth a dump
SELECT pg_catalog.pg_extension_config_dump('sql_agent.upload_file', 'WHERE finished_at IS NOT NULL OR task IS NOT NULL');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.upload_part',
         'WHERE upload IN (SELECT id FROM sql_agent.upload_file WHERE finished_at IS NOT NULL OR task IS NOT NULL)');

CREATE FUNCTION sql_agent.upload_begin(file_name text, options jsonb DEFAULT '{}') RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_upload_begin'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_begin(text, jsonb) IS
  'begin an upload in parts; the options are those of upload_sheet(), bytes, sha256 and keep';

CREATE FUNCTION sql_agent.upload_append(upload uuid, part int, content bytea) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_upload_append'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_append(uuid, int, bytea) IS
  'store a part of an upload, numbered from 1: in any order, and once more without harm';

CREATE FUNCTION sql_agent.upload_finish(upload uuid, options jsonb DEFAULT '{}') RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_upload_finish'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_finish(uuid, jsonb) IS
  'make tables of an upload whose parts are all there, or that has failed; options go over those that it was begun with';

CREATE FUNCTION sql_agent.upload_cancel(upload uuid) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_upload_cancel'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_cancel(uuid) IS 'delete the parts of an upload, unfinished or kept';

CREATE FUNCTION sql_agent.upload_expire() RETURNS bigint
AS 'MODULE_PATHNAME', 'sql_agent_upload_expire'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.upload_expire() IS
  'delete unfinished and failed uploads that got no part for sql_agent.upload_retention; returns how many';

REVOKE ALL ON FUNCTION sql_agent.upload_begin(text, jsonb), sql_agent.upload_append(uuid, int, bytea),
  sql_agent.upload_finish(uuid, jsonb), sql_agent.upload_cancel(uuid), sql_agent.upload_expire() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.upload_begin(text, jsonb), sql_agent.upload_append(uuid, int, bytea),
  sql_agent.upload_finish(uuid, jsonb), sql_agent.upload_cancel(uuid) TO sql_agent_user, sql_agent_admin;
GRANT EXECUTE ON FUNCTION sql_agent.upload_expire() TO sql_agent_admin;

CREATE VIEW sql_agent.upload_files WITH (security_barrier) AS
  SELECT f.id, f.file_name, f.begun_at, p.last_part_at, f.finished_at, f.uploaded_by, f.tenant, f.options,
         f.bytes, f.sha256, p.received_bytes, p.parts,
         ARRAY(SELECT n FROM pg_catalog.generate_series(1, p.highest_part) n
                WHERE NOT EXISTS (SELECT FROM sql_agent.upload_part o
                                   WHERE o.upload OPERATOR(pg_catalog.=) f.id AND o.part OPERATOR(pg_catalog.=) n)
                ORDER BY n LIMIT 1000) AS missing_parts
    FROM sql_agent.upload_file f,
         LATERAL (SELECT coalesce(pg_catalog.sum(o.bytes), 0) AS received_bytes, pg_catalog.count(*) AS parts,
                         pg_catalog.max(o.part) AS highest_part, pg_catalog.max(o.received_at) AS last_part_at
                    FROM sql_agent.upload_part o WHERE o.upload OPERATOR(pg_catalog.=) f.id) p
   WHERE (f.uploaded_by OPERATOR(pg_catalog.=) CURRENT_USER
          AND (f.tenant IS NULL OR f.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name))
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.upload_files IS
  'files that are not tables yet, and those that were kept: what is there of each, what is missing';
GRANT SELECT ON sql_agent.upload_files TO sql_agent_user, sql_agent_admin;

/*
 * A part is a row, so COPY can bring it: no escaping, no base64, and nothing of it
 * in the server's log.
 */
CREATE VIEW sql_agent.upload_parts WITH (security_barrier) AS
  SELECT p.upload, p.part, p.content, p.bytes, p.sha256, p.received_at
    FROM sql_agent.upload_part p JOIN sql_agent.upload_file f ON f.id OPERATOR(pg_catalog.=) p.upload
   WHERE (f.uploaded_by OPERATOR(pg_catalog.=) CURRENT_USER
          AND (f.tenant IS NULL OR f.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name))
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.upload_parts IS
  'the parts of those uploads; COPY or INSERT of upload, part and content is upload_append()';
GRANT SELECT, INSERT ON sql_agent.upload_parts TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.upload_parts_insert() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.upload IS NULL OR NEW.part IS NULL OR NEW.content IS NULL THEN
    RAISE EXCEPTION 'upload, part and content of a part must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  PERFORM sql_agent.upload_append(NEW.upload, NEW.part, NEW.content);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION sql_agent.upload_parts_insert() IS 'a row that is put into upload_parts is a part of its upload';
REVOKE ALL ON FUNCTION sql_agent.upload_parts_insert() FROM PUBLIC;
CREATE TRIGGER upload_parts_insert INSTEAD OF INSERT ON sql_agent.upload_parts
  FOR EACH ROW EXECUTE FUNCTION sql_agent.upload_parts_insert();

/*
 * What is on its way goes with the tenant, or is renamed with it.
 */
CREATE FUNCTION sql_agent.upload_files_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.upload_file f WHERE f.tenant OPERATOR(pg_catalog.=) OLD.name;
  ELSE
    UPDATE sql_agent.upload_file f SET tenant = NEW.name WHERE f.tenant OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.upload_files_follow_tenant() IS 'uploads in parts are renamed and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.upload_files_follow_tenant() FROM PUBLIC;
CREATE TRIGGER upload_files_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.upload_files_follow_tenant();
