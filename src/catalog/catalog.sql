-- catalog/catalog

CREATE TABLE sql_agent.synonym (
  word text NOT NULL,
  target text NOT NULL,
  owner name
);
COMMENT ON TABLE sql_agent.synonym IS 'words that somebody gave to a table or column; owner NULL = counts for everybody';
COMMENT ON COLUMN sql_agent.synonym.word IS 'folded: lower case, no accents, single spaces';
COMMENT ON COLUMN sql_agent.synonym.target IS 'schema.table or schema.table.column, quoted where needed';
COMMENT ON COLUMN sql_agent.synonym.owner IS 'the asking role whose questions it counts for, NULL = all';
CREATE UNIQUE INDEX synonym_key ON sql_agent.synonym (word, target, COALESCE(owner, ''));
SELECT pg_catalog.pg_extension_config_dump('sql_agent.synonym', '');

CREATE FUNCTION sql_agent.asking_role() RETURNS name
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sql_agent_asking_role';
COMMENT ON FUNCTION sql_agent.asking_role() IS 'the role that the caller''s questions run as';
REVOKE ALL ON FUNCTION sql_agent.asking_role() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.asking_role() TO sql_agent_user, sql_agent_admin;

ALTER TABLE sql_agent.synonym ENABLE ROW LEVEL SECURITY;

/*
 * A tenant's words go with it; a word for one of its tables keeps its meaning
 * under another name of the schema.
 */
CREATE FUNCTION sql_agent.synonyms_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  old_role CONSTANT name := 'tenant_' OPERATOR(pg_catalog.||) OLD.name;
  old_start CONSTANT text := pg_catalog.quote_ident(OLD.name) OPERATOR(pg_catalog.||) '.';
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.synonym s
     WHERE s.owner OPERATOR(pg_catalog.=) old_role OR pg_catalog.starts_with(s.target, old_start);
    DELETE FROM sql_agent.term t
     WHERE t.owner OPERATOR(pg_catalog.=) old_role OR pg_catalog.starts_with(t.relation, old_start);
  ELSE
    UPDATE sql_agent.synonym s
       SET owner = 'tenant_' OPERATOR(pg_catalog.||) NEW.name
     WHERE s.owner OPERATOR(pg_catalog.=) old_role;
    UPDATE sql_agent.synonym s
       SET target = pg_catalog.quote_ident(NEW.name) OPERATOR(pg_catalog.||) '.'
                    OPERATOR(pg_catalog.||) pg_catalog.substr(s.target, pg_catalog.length(old_start) OPERATOR(pg_catalog.+) 1)
     WHERE pg_catalog.starts_with(s.target, old_start);
    UPDATE sql_agent.term t
       SET owner = 'tenant_' OPERATOR(pg_catalog.||) NEW.name
     WHERE t.owner OPERATOR(pg_catalog.=) old_role;
    UPDATE sql_agent.term t
       SET relation = pg_catalog.quote_ident(NEW.name) OPERATOR(pg_catalog.||) '.'
                      OPERATOR(pg_catalog.||) pg_catalog.substr(t.relation, pg_catalog.length(old_start) OPERATOR(pg_catalog.+) 1)
     WHERE pg_catalog.starts_with(t.relation, old_start);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.synonyms_follow_tenant() IS 'synonyms and terms are renamed and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.synonyms_follow_tenant() FROM PUBLIC;
CREATE TRIGGER synonyms_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.synonyms_follow_tenant();

CREATE TRIGGER synonym_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.synonym
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();

-- what the guard permits is a part of what can be asked about
CREATE TRIGGER allowed_relation_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.allowed_relation
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
CREATE TRIGGER allowed_function_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.allowed_function
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();

-- also where a restore or a replica turns ordinary triggers off
ALTER TABLE sql_agent.synonym ENABLE ALWAYS TRIGGER synonym_changed;
ALTER TABLE sql_agent.allowed_relation ENABLE ALWAYS TRIGGER allowed_relation_changed;
ALTER TABLE sql_agent.allowed_function ENABLE ALWAYS TRIGGER allowed_function_changed;

CREATE FUNCTION sql_agent.comment_changed() RETURNS event_trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'sql_agent_comment_changed';
COMMENT ON FUNCTION sql_agent.comment_changed() IS 'tells all backends that the comment of a relation changed';
REVOKE ALL ON FUNCTION sql_agent.comment_changed() FROM PUBLIC;
CREATE EVENT TRIGGER sql_agent_comment_changed ON ddl_command_end WHEN TAG IN ('COMMENT')
  EXECUTE FUNCTION sql_agent.comment_changed();
ALTER EVENT TRIGGER sql_agent_comment_changed ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sql_agent_comment_changed IS 'keeps sql_agent''s snapshots up to date with comments';

CREATE TABLE sql_agent.private_column (
  schema_name name NOT NULL,
  table_name name NOT NULL,
  column_name name NOT NULL,
  relation oid NOT NULL,
  attnum smallint NOT NULL,
  installation text NOT NULL,
  marked_by name NOT NULL,
  PRIMARY KEY (schema_name, table_name, column_name)
);
COMMENT ON TABLE sql_agent.private_column IS 'columns that never leave for a model, neither their names nor their values';
COMMENT ON COLUMN sql_agent.private_column.relation IS 'together with attnum: the column under whatever name';
COMMENT ON COLUMN sql_agent.private_column.installation IS 'system identifier and database that relation is valid in';
SELECT pg_catalog.pg_extension_config_dump('sql_agent.private_column', '');
CREATE TRIGGER private_column_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.private_column
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
ALTER TABLE sql_agent.private_column ENABLE ALWAYS TRIGGER private_column_changed;
ALTER TABLE sql_agent.private_column ENABLE ROW LEVEL SECURITY;
CREATE POLICY private_column_visible ON sql_agent.private_column FOR SELECT TO sql_agent_user
  USING (marked_by OPERATOR(pg_catalog.=) CURRENT_USER);
CREATE POLICY operator ON sql_agent.private_column FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.private_column FROM PUBLIC;
GRANT SELECT ON sql_agent.private_column TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.mark_private(relation regclass, column_name name) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_mark_private';
COMMENT ON FUNCTION sql_agent.mark_private(regclass, name) IS 'the column never leaves for a model, neither its name nor its values';

CREATE FUNCTION sql_agent.unmark_private(relation regclass, column_name name) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_unmark_private';
COMMENT ON FUNCTION sql_agent.unmark_private(regclass, name) IS 'take mark_private() back';

REVOKE ALL ON FUNCTION sql_agent.mark_private(regclass, name), sql_agent.unmark_private(regclass, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.mark_private(regclass, name), sql_agent.unmark_private(regclass, name)
  TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.relation_renamed() RETURNS event_trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'sql_agent_relation_renamed';
COMMENT ON FUNCTION sql_agent.relation_renamed() IS 'a private column stays private under another name';
REVOKE ALL ON FUNCTION sql_agent.relation_renamed() FROM PUBLIC;
CREATE EVENT TRIGGER sql_agent_relation_renamed ON ddl_command_end
  WHEN TAG IN ('ALTER TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE', 'ALTER SCHEMA')
  EXECUTE FUNCTION sql_agent.relation_renamed();
ALTER EVENT TRIGGER sql_agent_relation_renamed ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sql_agent_relation_renamed IS 'keeps sql_agent''s private columns private under other names';

CREATE TABLE sql_agent.term (
  word text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('phrase', 'condition', 'value', 'measure')),
  meaning text NOT NULL,
  relation text,
  columns name[] NOT NULL,
  adds_up boolean NOT NULL,
  owner name,
  CHECK ((kind OPERATOR(pg_catalog.=) 'phrase') OPERATOR(pg_catalog.=) (relation IS NULL))
);
COMMENT ON TABLE sql_agent.term IS 'words that somebody gave a meaning to; owner NULL = counts for everybody';
COMMENT ON COLUMN sql_agent.term.word IS 'folded: lower case, no accents, single spaces';
COMMENT ON COLUMN sql_agent.term.meaning IS 'other words, or an SQL expression of columns of the relation';
COMMENT ON COLUMN sql_agent.term.relation IS 'schema.table, quoted where needed; NULL of a phrase';
COMMENT ON COLUMN sql_agent.term.columns IS 'the columns that the expression reads';
COMMENT ON COLUMN sql_agent.term.adds_up IS 'are the totals of parts the total of the whole';
COMMENT ON COLUMN sql_agent.term.owner IS 'the asking role whose questions it counts for, NULL = all';
CREATE UNIQUE INDEX term_key ON sql_agent.term (word, COALESCE(relation, ''), COALESCE(owner, ''));
SELECT pg_catalog.pg_extension_config_dump('sql_agent.term', '');
ALTER TABLE sql_agent.term ENABLE ROW LEVEL SECURITY;
CREATE TRIGGER term_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sql_agent.term
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
ALTER TABLE sql_agent.term ENABLE ALWAYS TRIGGER term_changed;

CREATE FUNCTION sql_agent.term_add(term text, meaning text, kind text DEFAULT NULL, tenant text DEFAULT NULL) RETURNS text
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_term_add';
COMMENT ON FUNCTION sql_agent.term_add(text, text, text, text)
  IS 'say what a word means: other words, a condition or a number; returns the kind; an operator''s counts for everybody';

CREATE FUNCTION sql_agent.term_drop(term text, tenant text DEFAULT NULL) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_term_drop';
COMMENT ON FUNCTION sql_agent.term_drop(text, text) IS 'take back what was said by term_add()';

CREATE FUNCTION sql_agent.term_is_active(relation text, columns name[]) RETURNS boolean
LANGUAGE C STABLE PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_term_is_active';
COMMENT ON FUNCTION sql_agent.term_is_active(text, name[]) IS 'can the caller ask about the relation and the columns';

REVOKE ALL ON FUNCTION sql_agent.term_add(text, text, text, text), sql_agent.term_drop(text, text),
  sql_agent.term_is_active(text, name[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.term_add(text, text, text, text), sql_agent.term_drop(text, text),
  sql_agent.term_is_active(text, name[]) TO sql_agent_user, sql_agent_admin;

CREATE POLICY term_visible ON sql_agent.term FOR SELECT TO sql_agent_user, sql_agent_admin
  USING (owner OPERATOR(pg_catalog.=) (SELECT sql_agent.asking_role())
         OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
         OR (owner IS NULL AND sql_agent.term_is_active(relation, columns)));
GRANT SELECT ON sql_agent.term TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.synonym_add(word text, target text) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_synonym_add';
COMMENT ON FUNCTION sql_agent.synonym_add(text, text) IS 'give a table or column another word; an operator''s counts for everybody';

CREATE FUNCTION sql_agent.synonym_drop(word text) RETURNS void
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_synonym_drop';
COMMENT ON FUNCTION sql_agent.synonym_drop(text) IS 'take back a word given by synonym_add()';

CREATE FUNCTION sql_agent.synonym_is_active(target text) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_synonym_is_active';
COMMENT ON FUNCTION sql_agent.synonym_is_active(text) IS 'is the target something that the caller can ask about';

REVOKE ALL ON FUNCTION sql_agent.synonym_add(text, text), sql_agent.synonym_drop(text),
  sql_agent.synonym_is_active(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.synonym_add(text, text), sql_agent.synonym_drop(text),
  sql_agent.synonym_is_active(text) TO sql_agent_user, sql_agent_admin;

/*
 * A word that counts for everybody is still no news to who can not see the
 * table that it stands for.
 */
CREATE POLICY synonym_visible ON sql_agent.synonym FOR SELECT TO sql_agent_user, sql_agent_admin
  USING (owner OPERATOR(pg_catalog.=) (SELECT sql_agent.asking_role())
         OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
         OR (owner IS NULL AND sql_agent.synonym_is_active(target)));
GRANT SELECT ON sql_agent.synonym TO sql_agent_user, sql_agent_admin;

/*
 * The snapshot as rows.
 */
CREATE FUNCTION sql_agent.snapshot_info(
  OUT role name, OUT version bigint, OUT relations integer, OUT columns integer, OUT words integer,
  OUT bytes bigint, OUT profiles integer, OUT profile_bytes bigint)
RETURNS record
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_snapshot_info';
COMMENT ON FUNCTION sql_agent.snapshot_info() IS 'version and size of the caller''s snapshot in this backend';

CREATE FUNCTION sql_agent.snapshot_tables(
  OUT schema name, OUT name name, OUT kind text, OUT row_estimate bigint, OUT columns integer,
  OUT comment text, OUT origin text, OUT relation oid, OUT primary_key_columns integer, OUT counts_hidden boolean)
RETURNS SETOF record
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_snapshot_tables';
COMMENT ON FUNCTION sql_agent.snapshot_tables() IS 'the relations that the caller can ask about; see view my_tables';

CREATE FUNCTION sql_agent.snapshot_columns(
  OUT schema name, OUT "table" name, OUT name name, OUT type text, OUT type_class text,
  OUT not_null boolean, OUT in_primary_key boolean, OUT unique_alone boolean,
  OUT in_foreign_key boolean, OUT comment text)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_snapshot_columns';
COMMENT ON FUNCTION sql_agent.snapshot_columns() IS 'the columns that the caller can ask about; see view my_columns';

CREATE FUNCTION sql_agent.snapshot_relationships(
  OUT from_schema name, OUT from_table name, OUT from_columns name[],
  OUT to_schema name, OUT to_table name, OUT to_columns name[], OUT declared boolean, OUT score real)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_snapshot_relationships';
COMMENT ON FUNCTION sql_agent.snapshot_relationships() IS 'how the tables that the caller can ask about belong together; see view my_relationships';

CREATE FUNCTION sql_agent.find_word(
  word text, OUT schema name, OUT "table" name, OUT "column" name, OUT source text, OUT words integer)
RETURNS SETOF record
LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
AS 'MODULE_PATHNAME', 'sql_agent_find_word';
COMMENT ON FUNCTION sql_agent.find_word(text) IS 'the names, comments and synonyms that a word of a question would be found in';

CREATE FUNCTION sql_agent.find_value(
  phrase text, OUT schema name, OUT "table" name, OUT "column" name, OUT value text, OUT match text)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_find_value';
COMMENT ON FUNCTION sql_agent.find_value(text) IS 'the stored values that a phrase of a question would be found in';

CREATE FUNCTION sql_agent.column_profile(
  relation regclass, column_name name, OUT complete boolean, OUT sampled boolean,
  OUT "values" text[], OUT min text, OUT max text, OUT null_share real, OUT distinct_seen double precision)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_column_profile';
COMMENT ON FUNCTION sql_agent.column_profile(regclass, name) IS 'what questions know of a column''s values';

REVOKE ALL ON FUNCTION sql_agent.snapshot_info(), sql_agent.snapshot_tables(), sql_agent.snapshot_columns(),
  sql_agent.snapshot_relationships(), sql_agent.find_word(text), sql_agent.find_value(text),
  sql_agent.column_profile(regclass, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.snapshot_info(), sql_agent.snapshot_tables(), sql_agent.snapshot_columns(),
  sql_agent.snapshot_relationships(), sql_agent.find_word(text), sql_agent.find_value(text),
  sql_agent.column_profile(regclass, name) TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.relation_pages(relation regclass) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.relpages::bigint OPERATOR(pg_catalog.+)
         COALESCE((SELECT x.relpages FROM pg_catalog.pg_class x WHERE x.oid OPERATOR(pg_catalog.=) c.reltoastrelid), 0)
    FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) $1
$$;
COMMENT ON FUNCTION sql_agent.relation_pages(regclass) IS 'blocks of a relation and its TOAST table, as of the last VACUUM or ANALYZE';
REVOKE ALL ON FUNCTION sql_agent.relation_pages(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.relation_pages(regclass) TO sql_agent_user, sql_agent_admin;

/*
 * Sizes are those of the last VACUUM or ANALYZE, like the row estimates: asking
 * the file system would open every relation, 10,000 of them for a role that
 * sees so many.
 */
CREATE VIEW sql_agent.my_tables AS
  SELECT t.schema, t.name, t.kind, t.row_estimate,
         CASE WHEN t.counts_hidden OR t.row_estimate IS NULL OR t.kind OPERATOR(pg_catalog.=) 'view' THEN NULL
              WHEN t.kind OPERATOR(pg_catalog.=) 'partitioned table'
              THEN (SELECT pg_catalog.sum(sql_agent.relation_pages(p.relid))::bigint
                      FROM pg_catalog.pg_partition_tree(t.relation::pg_catalog.regclass) p)
              ELSE sql_agent.relation_pages(t.relation::pg_catalog.regclass)
         END OPERATOR(pg_catalog.*) pg_catalog.current_setting('block_size')::bigint AS size,
         t.columns, t.comment, t.origin
    FROM sql_agent.snapshot_tables() t;
COMMENT ON VIEW sql_agent.my_tables IS 'the tables and views that the caller can ask about; sizes as of the last VACUUM or ANALYZE';

CREATE VIEW sql_agent.my_databases AS
  SELECT pg_catalog.current_database() AS name, 'postgresql'::text AS kind, true AS is_default,
         (SELECT pg_catalog.count(*) FROM sql_agent.snapshot_tables()) AS tables;
COMMENT ON VIEW sql_agent.my_databases IS 'the databases that the caller can ask about: this one';

CREATE VIEW sql_agent.my_columns AS
  SELECT c.schema, c."table", c.name, c.type, c.type_class, c.not_null, c.in_primary_key,
         c.unique_alone, c.in_foreign_key, c.comment
    FROM sql_agent.snapshot_columns() c;
COMMENT ON VIEW sql_agent.my_columns IS 'the columns that the caller can ask about';

CREATE VIEW sql_agent.my_relationships AS
  SELECT r.from_schema, r.from_table, r.from_columns, r.to_schema, r.to_table, r.to_columns,
         r.declared, r.score
    FROM sql_agent.snapshot_relationships() r;
COMMENT ON VIEW sql_agent.my_relationships IS 'how the tables that the caller can ask about belong together';

CREATE VIEW sql_agent.synonyms WITH (security_barrier) AS
  SELECT s.word, s.target, s.owner, sql_agent.synonym_is_active(s.target) AS active
    FROM sql_agent.synonym s
   WHERE s.owner OPERATOR(pg_catalog.=) (SELECT sql_agent.asking_role())
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
      OR (s.owner IS NULL AND sql_agent.synonym_is_active(s.target));
COMMENT ON VIEW sql_agent.synonyms IS 'synonyms that count for the caller; one is not active where its target is gone or not visible';

CREATE VIEW sql_agent.terms WITH (security_barrier) AS
  SELECT t.word AS term, t.kind, t.meaning, t.relation AS "table", t.owner,
         sql_agent.term_is_active(t.relation, t.columns) AS active
    FROM sql_agent.term t
   WHERE t.owner OPERATOR(pg_catalog.=) (SELECT sql_agent.asking_role())
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE')
      OR (t.owner IS NULL AND sql_agent.term_is_active(t.relation, t.columns));
COMMENT ON VIEW sql_agent.terms IS 'terms that count for the caller; one is not active where its table or a column is gone or not visible';

GRANT SELECT ON sql_agent.terms TO sql_agent_user, sql_agent_admin;
GRANT SELECT ON sql_agent.my_tables, sql_agent.my_databases, sql_agent.my_columns, sql_agent.my_relationships,
  sql_agent.synonyms TO sql_agent_user, sql_agent_admin;
