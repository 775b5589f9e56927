-- Prints one line for each object of the extension that breaks a house rule;
-- nothing when all is well.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION sql_agent;

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name
FROM pg_depend AS d
JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'sql_agent' AND d.deptype = 'e'
-- row and array types come with their tables
  AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (
    SELECT FROM pg_type AS t WHERE t.oid = d.objid AND (t.typcategory = 'A' OR EXISTS (
      SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind <> 'c'))));

SELECT name || ': no COMMENT' FROM member
WHERE obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) IS NULL
  AND classid NOT IN ('pg_default_acl'::regclass, 'pg_cast'::regclass)
ORDER BY 1;

SELECT m.name || ': EXECUTE is granted to PUBLIC'
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
WHERE EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee = 0)
-- these show or do nothing that the caller may not
  AND p.proname NOT IN ('check_sql', 'run_sql', 'bounded', 'current_tenant', 'current_tenant_key', 'outside_tenants')
ORDER BY 1;

SELECT m.name || ': search_path is not pinned to pg_catalog, pg_temp'
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_language AS l ON l.oid = p.prolang
WHERE l.lanname IN ('sql', 'plpgsql') AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)
ORDER BY 1;

SELECT m.name || ': SECURITY DEFINER'
FROM member AS m
JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
WHERE p.prosecdef
ORDER BY 1;

SELECT m.name || ': others than the owner may read it, and row security is off'
FROM member AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE c.relkind = 'r' AND NOT c.relrowsecurity
  AND EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner)
-- these hold decisions of superusers, no rows of anybody
  AND c.relname NOT IN ('allowed_function', 'allowed_relation')
ORDER BY 1;

SELECT 'setting ' || name || ': no description' FROM pg_settings
WHERE name LIKE 'sql_agent.%' AND (short_desc IS NULL OR short_desc = '')
ORDER BY 1;
