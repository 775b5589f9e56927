-- Prints docs/reference.md from the extension's own objects and comments:
--   psql -XAtq -d DATABASE -f docs/reference.sql > docs/reference.md
SELECT E'# Reference\n\nEvery function, view and table of schema `sql_agent`, made from the extension itself by `docs/reference.sql`.\n'
       'Settings are on [their own page](settings.md). "all" means every role; U is `sql_agent_user`, A `sql_agent_admin`;\n'
       'nobody named: superusers. Verbs that `CREATE EXTENSION` also puts into its target schema are marked \*.\n\n## Functions\n\n'
       '| function | returns | who | |' || E'\n|---|---|---|---|';

WITH member AS (
  SELECT d.objid, d.classid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'sql_agent'),
fn AS (
  SELECT p.*, n.nspname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN member m ON m.objid = p.oid AND m.classid = 'pg_proc'::regclass)
SELECT format('| `%s(%s)`%s | `%s` | %s | %s |', f.proname,
              replace(pg_catalog.pg_get_function_arguments(f.oid), '|', '\|'),
              CASE WHEN EXISTS (SELECT FROM fn o WHERE o.proname = f.proname AND o.nspname <> 'sql_agent') THEN ' \*' ELSE '' END,
              pg_catalog.pg_get_function_result(f.oid),
              concat_ws(', ', CASE WHEN pg_catalog.has_function_privilege('public', f.oid, 'EXECUTE') THEN 'all'
                                   ELSE nullif(concat_ws(', ',
                                     CASE WHEN pg_catalog.has_function_privilege('sql_agent_user', f.oid, 'EXECUTE') THEN 'U' END,
                                     CASE WHEN pg_catalog.has_function_privilege('sql_agent_admin', f.oid, 'EXECUTE') THEN 'A' END), '') END),
              replace(pg_catalog.obj_description(f.oid, 'pg_proc'), '|', '\|'))
FROM fn f WHERE f.nspname = 'sql_agent' AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
ORDER BY f.proname, pg_catalog.pg_get_function_arguments(f.oid);

SELECT E'\n## Views and tables\n\n| name | kind | columns | |\n|---|---|---|---|';

SELECT format('| `%s` | %s | %s | %s |', c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
              (SELECT string_agg(format('`%s` %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
               FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
              replace(pg_catalog.obj_description(c.oid, 'pg_class'), '|', '\|'))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'sql_agent'
WHERE c.relkind IN ('r', 'v') ORDER BY c.relkind DESC, c.relname;
