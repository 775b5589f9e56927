
-- catalog/relationship

CREATE TABLE sql_agent.relationship (
  from_schema name NOT NULL,
  from_table name NOT NULL,
  from_columns name[] NOT NULL,
  to_schema name NOT NULL,
  to_table name NOT NULL,
  to_columns name[] NOT NULL,
  from_relation oid NOT NULL,
  to_relation oid NOT NULL,
  installation text NOT NULL,
  source text NOT NULL CHECK (source OPERATOR(pg_catalog.=) ANY (ARRAY['upload', 'given'])),
  recorded_by name NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (from_schema, from_table, from_columns, to_schema, to_table, to_columns)
);
CREATE INDEX relationship_to ON sql_agent.relationship (to_schema, to_table);
COMMENT ON TABLE sql_agent.relationship IS 'how tables belong together where no foreign key says so; questions join over them';
COMMENT ON COLUMN sql_agent.relationship.from_relation IS 'with installation: the table under whatever name; to_relation likewise';
COMMENT ON COLUMN sql_agent.relationship.installation IS 'system identifier and database that the OIDs are valid in';
COMMENT ON COLUMN sql_agent.relationship.source IS 'upload: found and verified by an upload; given: by relationship_add()';
SELECT pg_catalog.pg_extension_config_dump('sql_agent.relationship', '');

/*
 * A tenant's are its members'; others see what they recorded themselves.
 */
ALTER TABLE sql_agent.relationship ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.relationship FOR SELECT
  USING (recorded_by OPERATOR(pg_catalog.=) CURRENT_USER
         OR from_schema OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name);
CREATE POLICY operator ON sql_agent.relationship FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.relationship FROM PUBLIC;
GRANT SELECT ON sql_agent.relationship TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.relationship_add(relation regclass, columns name[], "references" regclass, referenced_columns name[])
RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_relationship_add';
COMMENT ON FUNCTION sql_agent.relationship_add(regclass, name[], regclass, name[]) IS
  'say that columns of a table hold the key of another, as a foreign key would';

CREATE FUNCTION sql_agent.relationship_drop(relation regclass, columns name[], "references" regclass, referenced_columns name[])
RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_relationship_drop';
COMMENT ON FUNCTION sql_agent.relationship_drop(regclass, name[], regclass, name[]) IS
  'take back a relationship that was found by an upload or given by relationship_add()';

REVOKE ALL ON FUNCTION sql_agent.relationship_add(regclass, name[], regclass, name[]),
  sql_agent.relationship_drop(regclass, name[], regclass, name[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.relationship_add(regclass, name[], regclass, name[]),
  sql_agent.relationship_drop(regclass, name[], regclass, name[]) TO sql_agent_user, sql_agent_admin;

CREATE VIEW sql_agent.relationships WITH (security_barrier) AS
  SELECT r.from_schema, r.from_table, r.from_columns, r.to_schema, r.to_table, r.to_columns,
         r.source, r.recorded_by, r.recorded_at
    FROM sql_agent.relationship r
   WHERE r.recorded_by OPERATOR(pg_catalog.=) CURRENT_USER
      OR r.from_schema OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())::name
      OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.relationships IS 'relationships that uploads found or relationship_add() was told; my_relationships has what questions use';
GRANT SELECT ON sql_agent.relationships TO sql_agent_user, sql_agent_admin;

/*
 * Snapshots read the table that a row is about again.
 */
CREATE FUNCTION sql_agent.relationship_changed() RETURNS trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'sql_agent_relationship_changed';
COMMENT ON FUNCTION sql_agent.relationship_changed() IS 'tells all backends that the relationships of a table changed';
REVOKE ALL ON FUNCTION sql_agent.relationship_changed() FROM PUBLIC;
CREATE TRIGGER relationship_changed AFTER INSERT OR UPDATE OR DELETE ON sql_agent.relationship
  FOR EACH ROW EXECUTE FUNCTION sql_agent.relationship_changed();
CREATE TRIGGER relationship_emptied AFTER TRUNCATE ON sql_agent.relationship
  FOR EACH STATEMENT EXECUTE FUNCTION sql_agent.config_changed();
ALTER TABLE sql_agent.relationship ENABLE ALWAYS TRIGGER relationship_changed;
ALTER TABLE sql_agent.relationship ENABLE ALWAYS TRIGGER relationship_emptied;

CREATE FUNCTION sql_agent.relationships_follow_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.relationship r
     WHERE r.from_schema OPERATOR(pg_catalog.=) OLD.name OR r.to_schema OPERATOR(pg_catalog.=) OLD.name;
  ELSE
    UPDATE sql_agent.relationship r SET from_schema = NEW.name WHERE r.from_schema OPERATOR(pg_catalog.=) OLD.name;
    UPDATE sql_agent.relationship r SET to_schema = NEW.name WHERE r.to_schema OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.relationships_follow_tenant() IS 'relationships are renamed and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.relationships_follow_tenant() FROM PUBLIC;
CREATE TRIGGER relationships_follow AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.relationships_follow_tenant();

CREATE FUNCTION sql_agent.relation_dropped() RETURNS event_trigger
LANGUAGE C
AS 'MODULE_PATHNAME', 'sql_agent_relation_dropped';
COMMENT ON FUNCTION sql_agent.relation_dropped() IS 'relationships go with their tables';
REVOKE ALL ON FUNCTION sql_agent.relation_dropped() FROM PUBLIC;
CREATE EVENT TRIGGER sql_agent_relation_dropped ON sql_drop
  EXECUTE FUNCTION sql_agent.relation_dropped();
ALTER EVENT TRIGGER sql_agent_relation_dropped ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sql_agent_relation_dropped IS 'takes relationships away with their tables, so that the next table of the name has none';
