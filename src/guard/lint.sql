
-- what weakens the fence, or the walls between tenants, in this database
CREATE FUNCTION sql_agent.lint()
RETURNS TABLE (severity text, object text, rule text, detail text, hint text)
LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 50 COST 10000
SET search_path = pg_catalog, pg_temp
AS $lint$
WITH tenant_role AS (
  -- of a tenant: its roles, and the logins that are its members
  SELECT r.oid, r.rolname, t.name AS tenant, v.kind
  FROM sql_agent.tenants t
  CROSS JOIN LATERAL (VALUES (t.reader_role, 'reader'), (t.owner_role, 'owner')) AS v (rolname, kind)
  JOIN pg_roles r ON r.rolname = v.rolname
  UNION ALL
  SELECT r.oid, r.rolname, m.tenant, 'member' FROM sql_agent.members m JOIN pg_roles r ON r.rolname = m.login
), asking AS (
  -- roles that generated statements run as; one stands for all tenants: what it may, every tenant may
  SELECT r.oid, r.rolname, coalesce(r.rolname IN ('sql_agent_reader', sql_agent.tenant_group()), false) AS is_reader
  FROM pg_roles r
  WHERE NOT r.rolsuper AND NOT r.rolbypassrls
    AND r.rolname NOT IN ('sql_agent_user', 'sql_agent_admin')
    AND r.oid NOT IN (SELECT t.oid FROM tenant_role t)
    AND (r.rolname IN ('sql_agent_reader', sql_agent.tenant_group())
         OR (pg_has_role(r.oid, 'sql_agent_user', 'MEMBER') AND NOT pg_has_role(r.oid, 'sql_agent_admin', 'MEMBER')))
), relation AS (
  SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.reloptions,
         quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
         EXISTS (SELECT FROM asking a WHERE has_schema_privilege(a.oid, n.oid, 'USAGE')
                   AND (has_table_privilege(a.oid, c.oid, 'SELECT') OR has_any_column_privilege(a.oid, c.oid, 'SELECT'))) AS is_readable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sql_agent') AND n.nspname NOT LIKE 'pg\_%'
), ancestry AS (
  WITH RECURSIVE up AS (
    SELECT i.inhrelid AS child, i.inhparent AS ancestor FROM pg_inherits i
    UNION
    SELECT up.child, i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.ancestor)
  SELECT DISTINCT up.child FROM up JOIN pg_class p ON p.oid = up.ancestor WHERE p.relrowsecurity
), procedure AS (
  SELECT p.oid, p.proname, p.prosecdef, p.oid::regprocedure::text AS name,
         coalesce(p.proacl, acldefault('f', p.proowner)) AS acl, e.extname
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  LEFT JOIN pg_extension e ON e.oid = d.refobjid
  WHERE p.oid >= 16384 AND n.nspname <> 'sql_agent'
), version AS (
  SELECT current_setting('server_version_num')::int AS number
), finding AS (
  SELECT 1 AS weight, 'error' AS severity, quote_ident(a.rolname) AS object, 'reader_owns' AS rule,
         'The role owns objects of this database; an owner can attach code to them and is exempt from row security that is not forced.' AS detail,
         'REASSIGN OWNED BY ' || quote_ident(a.rolname) || ' TO another role.' AS hint
  FROM asking a
  WHERE a.is_reader AND EXISTS (SELECT FROM pg_shdepend d JOIN pg_database b ON b.oid = d.dbid
                 WHERE b.datname = current_database() AND d.refobjid = a.oid AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o')
  UNION ALL
  SELECT CASE WHEN a.is_reader THEN 1 ELSE 2 END, CASE WHEN a.is_reader THEN 'error' ELSE 'warning' END,
         quote_ident(a.rolname), 'reader_is_member',
         'The role is a member of ' || string_agg(quote_ident(g.rolname), ', ' ORDER BY g.rolname) || ' and has, or can take, what that may read.',
         'REVOKE the membership.'
  FROM asking a JOIN pg_auth_members m ON m.member = a.oid JOIN pg_roles g ON g.oid = m.roleid
  WHERE g.rolname <> 'sql_agent_user'
  GROUP BY a.rolname, a.is_reader
  UNION ALL
  SELECT 1, 'error', quote_ident(t.rolname), 'tenant_role_is_member',
         'The ' || t.kind || ' of tenant ' || quote_ident(t.tenant) || ' is a member of '
         || string_agg(quote_ident(g.rolname), ', ' ORDER BY g.rolname) || ' and has, or can take, what that may read.',
         'REVOKE the membership.'
  FROM tenant_role t JOIN pg_auth_members m ON m.member = t.oid JOIN pg_roles g ON g.oid = m.roleid
  WHERE CASE t.kind
          WHEN 'member' THEN g.rolname <> 'sql_agent_user'
                             AND NOT EXISTS (SELECT FROM tenant_role o WHERE o.oid = g.oid AND o.tenant = t.tenant AND o.kind = 'reader')
          ELSE g.rolname <> sql_agent.tenant_group() END
  GROUP BY t.rolname, t.tenant, t.kind
  UNION ALL
  SELECT 1, 'error', 'schema ' || quote_ident(n.nspname), 'tenant_schema_open',
         'It belongs to a tenant, and others may use it: '
         || string_agg(DISTINCT coalesce(quote_ident(g.rolname), 'PUBLIC'), ', '),
         'REVOKE ALL ON SCHEMA ' || quote_ident(n.nspname) || ' FROM them.'
  FROM sql_agent.tenants t JOIN pg_namespace n ON n.nspname = t.name
  CROSS JOIN LATERAL aclexplode(n.nspacl) x LEFT JOIN pg_roles g ON g.oid = x.grantee
  WHERE x.grantee <> n.nspowner AND g.rolname IS DISTINCT FROM t.reader_role
  GROUP BY n.nspname
  UNION ALL
  SELECT CASE s.state WHEN 'missing' THEN 2 ELSE 1 END, CASE s.state WHEN 'missing' THEN 'warning' ELSE 'error' END,
         quote_ident(s.schema) || '.' || quote_ident(s.name), 'shared_table_' || s.state,
         CASE s.state WHEN 'missing' THEN 'The table that was shared has been dropped or renamed.'
                      ELSE 'Its policy, its row security or its privileges are not those that share_table() made.' END,
         CASE s.state WHEN 'missing' THEN 'share_table() under its present name.'
                      ELSE 'Call share_table() with the same column again.' END
  FROM sql_agent.shared_tables s WHERE s.state <> 'shared'
  UNION ALL
  SELECT 2, 'warning', r.name, 'view_not_invoker',
         'The view runs with the rights of its owner; the guard refuses it unless it is allowed.',
         'ALTER VIEW ' || r.name || ' SET (security_invoker = true), or allow_relation().'
  FROM relation r
  WHERE r.relkind = 'v' AND r.is_readable AND NOT sql_agent.registry_state(r.oid, true)
    AND NOT EXISTS (SELECT FROM pg_options_to_table(r.reloptions) o WHERE o.option_name = 'security_invoker' AND lower(o.option_value) IN ('true', 'on', 'yes', '1', 't', 'y'))
    AND NOT EXISTS (SELECT FROM asking a WHERE a.oid = r.relowner)
  UNION ALL
  SELECT 2, 'warning', r.name, 'allowed_past_row_security',
         'The relation was allowed with allow_relation(); row-level security of the asking role does not reach what it shows.',
         'disallow_relation(' || quote_literal(r.name) || ') where that is not meant.'
  FROM relation r
  WHERE r.relkind IN ('v', 'm', 'f') AND sql_agent.registry_state(r.oid, true)
  UNION ALL
  SELECT 2, 'warning', r.name, 'row_security_not_forced',
         'The owner of the table is exempt from its row-level security.',
         'ALTER TABLE ' || r.name || ' FORCE ROW LEVEL SECURITY.'
  FROM relation r WHERE r.relrowsecurity AND NOT r.relforcerowsecurity
  UNION ALL
  SELECT 1, 'error', r.name, 'child_readable',
         'A parent has row-level security and this child has none, but asking roles may read it directly. The guard refuses it; other clients are not stopped.',
         'REVOKE SELECT ON ' || r.name || ' FROM the roles that ask.'
  FROM relation r JOIN ancestry y ON y.child = r.oid
  WHERE NOT r.relrowsecurity AND r.is_readable
  UNION ALL
  SELECT 1, 'error', p.name, 'definer_function_public',
         'The function runs with the rights of its owner and PUBLIC may execute it.',
         'REVOKE EXECUTE ON FUNCTION ' || p.name || ' FROM PUBLIC.'
  FROM procedure p
  WHERE p.prosecdef AND EXISTS (SELECT FROM aclexplode(p.acl) x WHERE x.grantee = 0 AND x.privilege_type = 'EXECUTE')
  UNION ALL
  SELECT 2, 'warning', 'extension ' || quote_ident(p.extname), 'dangerous_function_public',
         'PUBLIC may execute functions that connect, read files or run SQL text: ' || string_agg(DISTINCT p.proname::text, ', '),
         'REVOKE EXECUTE ON them FROM PUBLIC.'
  FROM procedure p
  WHERE p.extname IN ('dblink', 'tablefunc', 'xml2', 'adminpack', 'lo', 'file_fdw', 'postgres_fdw', 'pageinspect')
    AND p.proname ~ '^(dblink|crosstab|connectby|xpath_table|xslt_process|pg_file|lo_)'
    AND EXISTS (SELECT FROM aclexplode(p.acl) x WHERE x.grantee = 0 AND x.privilege_type = 'EXECUTE')
  GROUP BY p.extname
  UNION ALL
  SELECT 2, 'warning', 'database ' || quote_ident(b.datname), 'temporary_tables',
         'Asking roles may create temporary objects: ' || string_agg(quote_ident(a.rolname), ', ' ORDER BY a.rolname),
         'REVOKE TEMPORARY ON DATABASE ' || quote_ident(b.datname) || ' FROM PUBLIC.'
  FROM pg_database b JOIN asking a ON has_database_privilege(a.oid, b.oid, 'TEMPORARY')
  WHERE b.datname = current_database() GROUP BY b.datname
  UNION ALL
  SELECT CASE WHEN bool_or(a.is_reader) THEN 1 ELSE 2 END, CASE WHEN bool_or(a.is_reader) THEN 'error' ELSE 'warning' END,
         'schema ' || quote_ident(n.nspname), 'can_create',
         'Asking roles may create objects here: ' || string_agg(quote_ident(a.rolname), ', ' ORDER BY a.rolname),
         'REVOKE CREATE ON SCHEMA ' || quote_ident(n.nspname) || ' FROM them, or from PUBLIC.'
  FROM pg_namespace n JOIN asking a ON has_schema_privilege(a.oid, n.oid, 'CREATE')
  WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspowner <> a.oid
  GROUP BY n.nspname
  UNION ALL
  SELECT 1, 'error', 'server ' || (v.number / 10000) || '.' || (v.number % 10000), 'server_minor',
         'This minor release has CVE-2025-8713: statistics can show sampled data past row-level security.',
         'Install the current minor release.'
  FROM version v
  WHERE v.number < 140019 OR v.number BETWEEN 150000 AND 150013 OR v.number BETWEEN 160000 AND 160009
     OR v.number BETWEEN 170000 AND 170005
  UNION ALL
  SELECT 1, 'error', r.name, 'policy_on_parameter',
         'Policy ' || quote_ident(l.polname) || ' trusts a parameter that any statement can set, or calls what can not be looked into.',
         'Write it with current_user or sql_agent.current_tenant().'
  FROM relation r JOIN pg_policy l ON l.polrelid = r.oid
  WHERE sql_agent.policy_on_parameter(l.oid)
  UNION ALL
  SELECT 2, 'warning', coalesce('role ' || quote_ident(r.rolname), 'database ' || quote_ident(b.datname), 'all roles'), 'secret_in_setting',
         'Parameter ' || split_part(c.entry, '=', 1) || ' looks like a secret; every role can read it in pg_db_role_setting.',
         'Keep secrets in user mappings or files.'
  FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c(entry)
  LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database b ON b.oid = s.setdatabase
  WHERE split_part(c.entry, '=', 1) ~* '(key|token|secret|passw|credential)' AND split_part(c.entry, '=', 1) LIKE '%.%'
    AND (s.setdatabase = 0 OR b.datname = current_database())
  UNION ALL
  SELECT 2, 'warning', quote_ident(m.srvname), 'key_not_used',
         'The user mapping for ' || quote_ident(m.usename) || ' is never used: that role is not one that nobody can become.',
         'DROP USER MAPPING, and make one for sql_agent_keys or the owner role of a tenant.'
  FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  WHERE w.fdwname IN ('sql_agent_llm', 'sql_agent_smtp', 'sql_agent_webhook')
    AND m.usename <> 'sql_agent_keys' AND m.usename NOT LIKE 'tenant\_%\_owner'
  UNION ALL
  SELECT 1, 'error', quote_ident(r.rolname), 'keys_in_reach',
         'Somebody can log in as the role or become it, and would see the keys in its user mappings; they are not used.',
         'ALTER ROLE ' || quote_ident(r.rolname) || ' NOLOGIN, and REVOKE it from its members.'
  FROM pg_roles r
  WHERE EXISTS (SELECT FROM pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
                 WHERE m.umuser = r.oid AND w.fdwname IN ('sql_agent_llm', 'sql_agent_smtp', 'sql_agent_webhook'))
    AND (r.rolname = 'sql_agent_keys' OR r.rolname LIKE 'tenant\_%\_owner')
    AND (r.rolcanlogin OR EXISTS (SELECT FROM pg_auth_members a WHERE a.roleid = r.oid))
  UNION ALL
  SELECT 2, 'warning', f.identity, 'allowed_function_changed',
         CASE WHEN to_regprocedure(f.identity) IS NULL THEN 'The function that was allowed does not exist any more.'
              ELSE 'The function was changed after it was allowed; the guard refuses it.' END,
         'Look at it and call allow_function() again, or delete its row in sql_agent.allowed_function.'
  FROM sql_agent.allowed_function f
  WHERE to_regprocedure(f.identity) IS NULL OR NOT sql_agent.registry_state(to_regprocedure(f.identity), false)
  UNION ALL
  SELECT 2, 'warning', f.identity, 'allowed_function_path',
         'The function has no search_path of its own: names in it can come to mean objects of the asking role''s schemas.',
         'ALTER FUNCTION ' || f.identity || ' SET search_path = pg_catalog, pg_temp, then allow it again.'
  FROM sql_agent.allowed_function f JOIN pg_proc p ON p.oid = to_regprocedure(f.identity)
  JOIN pg_language l ON l.oid = p.prolang
  WHERE l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search\_path=%')
  UNION ALL
  SELECT 2, 'warning', f.identity, 'allowed_relation_changed',
         CASE WHEN to_regclass(f.identity) IS NULL THEN 'The relation that was allowed does not exist any more.'
              ELSE 'The relation was changed after it was allowed; the guard refuses it.' END,
         'Look at it and call allow_relation() again, or delete its row in sql_agent.allowed_relation.'
  FROM sql_agent.allowed_relation f
  WHERE to_regclass(f.identity) IS NULL OR NOT sql_agent.registry_state(to_regclass(f.identity), true)
  UNION ALL
  SELECT 2, 'warning', quote_ident(a.rolname), 'guard_loosened',
         'The role or this database has a setting of its own for ' || split_part(c.entry, '=', 1) || '.',
         'ALTER ROLE or ALTER DATABASE ... RESET ' || split_part(c.entry, '=', 1) || ' where that is not meant.'
  FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c(entry) JOIN asking a ON a.oid = s.setrole
  WHERE c.entry LIKE 'sql\_agent.%'
)
SELECT f.severity, f.object, f.rule, f.detail, f.hint FROM finding f ORDER BY f.weight, f.rule, f.object
$lint$;
COMMENT ON FUNCTION sql_agent.lint() IS 'what weakens the fence around generated statements in this database';
REVOKE ALL ON FUNCTION sql_agent.lint() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.lint() TO sql_agent_admin;
