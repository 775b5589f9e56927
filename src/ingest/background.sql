
-- ingest/background: what became of files, and what is becoming of them

/*
 * Files that are tables, and those that a worker is at, waits with or has failed
 * at.  Whose rows one sees is the same for both.
 */
CREATE VIEW sql_agent.uploads WITH (security_barrier) AS
  SELECT u.id, u.created_at, u.file_name, u.bytes, u.sha256, u.uploaded_by, u.tenant,
         u.schema, u.tables, u.rows, u.result, u.status, u.progress, u.message, u.error
    FROM (SELECT d.id, d.created_at, d.file_name, d.bytes, d.sha256, d.uploaded_by, d.tenant,
                 d.schema_name AS schema, d.table_names AS tables,
                 (d.result OPERATOR(pg_catalog.->>) 'total_rows')::bigint AS rows, d.result,
                 'SUCCESS'::text AS status, 100::real AS progress, NULL::text AS message, NULL::jsonb AS error
            FROM sql_agent.upload d
           WHERE d.dropped_at IS NULL
           UNION ALL
          SELECT f.task, COALESCE(k.created_at, f.begun_at), f.file_name,
                 COALESCE(f.bytes, (SELECT pg_catalog.sum(p.bytes)::bigint FROM sql_agent.upload_part p
                                     WHERE p.upload OPERATOR(pg_catalog.=) f.id)),
                 f.sha256, f.uploaded_by, f.tenant, NULL, NULL, NULL, NULL,
                 -- tasks that have ended are deleted after some time
                 COALESCE(k.status, 'FAILURE'), COALESCE(t.progress, k.progress, 0), t.message, t.error
            FROM sql_agent.upload_file f
            LEFT JOIN sql_agent.task k ON k.id OPERATOR(pg_catalog.=) f.task
            LEFT JOIN sql_agent.tasks t ON t.id OPERATOR(pg_catalog.=) f.task
           WHERE f.task IS NOT NULL) u
   WHERE CASE WHEN u.tenant IS NULL THEN u.uploaded_by OPERATOR(pg_catalog.=) CURRENT_USER
              ELSE u.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name END
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.uploads IS
  'files that became tables, with the report of each, and those that wait, are being loaded or have failed';
GRANT SELECT ON sql_agent.uploads TO sql_agent_user, sql_agent_admin;
