-- The built-in functions of a server, as policy_gen.py reads them.
SELECT p.oid || E'\t' || p.proname || E'\t'
       || coalesce((SELECT string_agg(t.typname, ',' ORDER BY a.n)
                    FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(type, n) JOIN pg_type t ON t.oid = a.type), '')
       || E'\t' || r.typname || E'\t' || p.provolatile::text || E'\t' || p.prokind::text
FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
WHERE p.oid < 12000
ORDER BY p.oid;
