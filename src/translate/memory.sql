
-- translate/memory: questions that were answered before, and verified examples

CREATE TABLE sql_agent.memory_entry (
  id uuid NOT NULL PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('question', 'example', 'rejected')),
  tenant_id uuid,
  asking_role name NOT NULL,
  asked_by name NOT NULL,
  scope_key bigint NOT NULL,
  question text NOT NULL,
  sql text NOT NULL,
  question_key bigint NOT NULL,
  template_key bigint,
  shared boolean NOT NULL,
  model text,
  snapshot_key bigint,
  reading_key bigint,
  only_on date,
  filled_values int NOT NULL,
  depends text[] NOT NULL,
  shape jsonb,
  question_id uuid,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  hits bigint NOT NULL DEFAULT 0,
  last_used timestamptz,
  verified_by name
) WITH (fillfactor = 80);
COMMENT ON TABLE sql_agent.memory_entry IS
  'SQL that is kept for questions: answers of a model, verified examples, and what was called wrong; holds no result rows';
COMMENT ON COLUMN sql_agent.memory_entry.tenant_id IS 'whose entry it is, NULL = the asking role''s; a name would pass to the next tenant of that name';
COMMENT ON COLUMN sql_agent.memory_entry.asking_role IS 'the role that the questions ran as';
COMMENT ON COLUMN sql_agent.memory_entry.scope_key IS 'hash of the tenant, or of the asking role where there is none';
COMMENT ON COLUMN sql_agent.memory_entry.asked_by IS 'the role whose entry it is';
COMMENT ON COLUMN sql_agent.memory_entry.question_key IS 'hash of whom it serves and of the question';
COMMENT ON COLUMN sql_agent.memory_entry.template_key IS 'hash of the question without what can be filled in; NULL = it is no template';
COMMENT ON COLUMN sql_agent.memory_entry.shared IS 'an administrator vouched for it: it serves all members of the tenant';
COMMENT ON COLUMN sql_agent.memory_entry.snapshot_key IS 'hash of all that could be asked about';
COMMENT ON COLUMN sql_agent.memory_entry.reading_key IS 'hash of what the words of the question were';
COMMENT ON COLUMN sql_agent.memory_entry.only_on IS 'the only day that it serves, because its SQL holds dates that the question does not say';
COMMENT ON COLUMN sql_agent.memory_entry.filled_values IS 'how many of its values are stored values of the columns that they are compared with';
COMMENT ON COLUMN sql_agent.memory_entry.depends IS 'what its SQL reads: schema, relation, column and type by turns; column and type empty = the relation';
COMMENT ON COLUMN sql_agent.memory_entry.shape IS 'explanation and kinds of columns';
COMMENT ON COLUMN sql_agent.memory_entry.question_id IS 'the question of the history that it comes from';
CREATE INDEX memory_entry_tenant ON sql_agent.memory_entry (tenant_id) WHERE tenant_id IS NOT NULL;
CREATE INDEX memory_entry_question ON sql_agent.memory_entry (question_key);
CREATE INDEX memory_entry_template ON sql_agent.memory_entry (template_key) WHERE template_key IS NOT NULL;
CREATE INDEX memory_entry_scope ON sql_agent.memory_entry (scope_key);
CREATE INDEX memory_entry_examples ON sql_agent.memory_entry (scope_key)
  WHERE kind OPERATOR(pg_catalog.=) 'example';
SELECT pg_catalog.pg_extension_config_dump('sql_agent.memory_entry', '');

/*
 * Others than operators see memory through its view, which knows tenants.
 */
ALTER TABLE sql_agent.memory_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator ON sql_agent.memory_entry FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.memory_entry FROM PUBLIC;
GRANT SELECT ON sql_agent.memory_entry TO sql_agent_admin;

CREATE FUNCTION sql_agent.example_add(question text, sql text) RETURNS uuid
LANGUAGE C VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_example_add';
COMMENT ON FUNCTION sql_agent.example_add(text, text) IS
  'keeps SQL that answers a question, so that the question and those like it are answered by it';

CREATE FUNCTION sql_agent.example_drop(id uuid) RETURNS void
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_example_drop';
COMMENT ON FUNCTION sql_agent.example_drop(uuid) IS 'drops an entry that view memory shows: your own, as an administrator any of your tenant''s';

CREATE FUNCTION sql_agent.memory_entries(
  OUT id uuid, OUT kind text, OUT question text, OUT sql text, OUT verified boolean, OUT verified_by name,
  OUT template boolean, OUT shared boolean, OUT asked_by name, OUT asking_role name, OUT model text,
  OUT hits bigint, OUT last_used timestamptz, OUT created_at timestamptz, OUT status text, OUT reason text)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_memory_entries';
COMMENT ON FUNCTION sql_agent.memory_entries() IS 'what is remembered for the caller; see view memory';

CREATE FUNCTION sql_agent.nearest_examples(question text, count int DEFAULT 4, OUT example text, OUT sql text)
RETURNS SETOF record
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sql_agent_nearest_examples';
COMMENT ON FUNCTION sql_agent.nearest_examples(text, int) IS
  'the verified examples that a model would be shown for the question, the likest first';

CREATE VIEW sql_agent.memory AS
  SELECT m.id, m.kind, m.question, m.sql, m.verified, m.verified_by, m.template, m.shared, m.asked_by,
         m.asking_role, m.model, m.hits, m.last_used, m.created_at, m.status, m.reason
    FROM sql_agent.memory_entries() m;
COMMENT ON VIEW sql_agent.memory IS
  'SQL that is kept for your questions, whether it can serve, and if not, why; operators see everybody''s';

REVOKE ALL ON FUNCTION sql_agent.example_add(text, text), sql_agent.example_drop(uuid),
  sql_agent.memory_entries(), sql_agent.nearest_examples(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.example_add(text, text), sql_agent.example_drop(uuid),
  sql_agent.memory_entries(), sql_agent.nearest_examples(text, int) TO sql_agent_user, sql_agent_admin;
REVOKE ALL ON sql_agent.memory FROM PUBLIC;
GRANT SELECT ON sql_agent.memory TO sql_agent_user, sql_agent_admin;

/*
 * What was remembered for a tenant goes when the tenant goes, and stays when
 * it gets another name: keys hold its id.  SQL that names its schema is then
 * set aside.
 */
CREATE FUNCTION sql_agent.memory_follows_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.memory_entry m WHERE m.tenant_id OPERATOR(pg_catalog.=) OLD.id;
  ELSE
    UPDATE sql_agent.memory_entry m
       SET asking_role = ('tenant_' OPERATOR(pg_catalog.||) NEW.name)::name
     WHERE m.tenant_id OPERATOR(pg_catalog.=) NEW.id;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.memory_follows_tenant() IS 'what is remembered for a tenant follows its name and goes with it';
REVOKE ALL ON FUNCTION sql_agent.memory_follows_tenant() FROM PUBLIC;
CREATE TRIGGER memory_follows AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.memory_follows_tenant();
