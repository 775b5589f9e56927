
-- ask/ask: the conversation

CREATE TABLE sql_agent.chat (
  id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY,
  owned_by name NOT NULL,
  tenant name,
  is_default boolean NOT NULL DEFAULT false,
  title text,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sql_agent.chat IS 'conversations; every role has one default chat, for each tenant that it asks for';
COMMENT ON COLUMN sql_agent.chat.tenant IS 'whose tables it is about, NULL = no tenant''s';
CREATE UNIQUE INDEX chat_default ON sql_agent.chat (owned_by, COALESCE(tenant, '')) WHERE is_default;
CREATE INDEX chat_tenant ON sql_agent.chat (tenant) WHERE tenant IS NOT NULL;

/*
 * No foreign key to chat: it would lock one and the same row of chat with every
 * question of a role.  Rows are written by the library alone, which inserts
 * from a row of chat.
 */
CREATE TABLE sql_agent.question (
  id uuid NOT NULL PRIMARY KEY,
  chat_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  asked_by name NOT NULL,
  asking_role name NOT NULL,
  question text NOT NULL,
  status text NOT NULL CHECK (status IN ('answered', 'needs_clarification', 'refused', 'failed')),
  sql text,
  explanation text,
  translator text,
  model text,
  confidence float8,
  attempts int NOT NULL,
  row_count bigint,
  truncated boolean,
  error_sqlstate text,
  error_message text,
  execution_time float8,
  total_time float8 NOT NULL,
  memory_id uuid,
  context text,
  tenant name
);
COMMENT ON TABLE sql_agent.question IS 'what was asked, by whom, and what became of it; holds no result rows';
COMMENT ON COLUMN sql_agent.question.asked_by IS 'role that asked';
COMMENT ON COLUMN sql_agent.question.asking_role IS 'role that the statement ran as';
COMMENT ON COLUMN sql_agent.question.context IS 'what was chosen where the question left something open';
COMMENT ON COLUMN sql_agent.question.memory_id IS 'entry of memory that the SQL came from; it may be gone';
COMMENT ON COLUMN sql_agent.question.execution_time IS 'seconds that the statement took';
COMMENT ON COLUMN sql_agent.question.total_time IS 'seconds from the call until the answer was recorded';
COMMENT ON COLUMN sql_agent.question.tenant IS 'tenant that it was asked for, or NULL';
CREATE INDEX question_history ON sql_agent.question (asked_by, created_at);
CREATE INDEX question_tenant ON sql_agent.question (tenant, created_at) WHERE tenant IS NOT NULL;

/*
 * Own rows, but those of a tenant only while one belongs to it.  A tenant's
 * administrators see the questions that were asked for the tenant.
 */
ALTER TABLE sql_agent.chat ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.chat FOR SELECT
  USING (owned_by OPERATOR(pg_catalog.=) CURRENT_USER
         AND (tenant IS NULL OR tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())));
CREATE POLICY operator ON sql_agent.chat FOR SELECT TO sql_agent_admin USING (true);
ALTER TABLE sql_agent.question ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sql_agent.question FOR SELECT
  USING (asked_by OPERATOR(pg_catalog.=) CURRENT_USER
         AND (tenant IS NULL OR tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())));
CREATE POLICY tenant_admin ON sql_agent.question FOR SELECT
  USING (tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.administered_tenant()));
CREATE POLICY operator ON sql_agent.question FOR SELECT TO sql_agent_admin USING (true);

REVOKE ALL ON sql_agent.chat, sql_agent.question FROM PUBLIC;
GRANT SELECT ON sql_agent.chat, sql_agent.question TO sql_agent_user, sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.chat', '');
SELECT pg_catalog.pg_extension_config_dump('sql_agent.question', '');

/*
 * The views read as their owner, whom row security does not bind; so they say
 * themselves whose rows they show.  Operators see all.
 */
CREATE VIEW sql_agent.questions WITH (security_barrier) AS
  SELECT q.id, q.chat_id, q.created_at, q.asked_by, q.asking_role, q.question, q.status, q.sql, q.explanation,
         q.translator, q.model, q.confidence, q.attempts, q.row_count, q.truncated, q.error_sqlstate,
         q.error_message, q.execution_time, q.total_time, q.context, q.tenant
  FROM sql_agent.question q
  WHERE q.asked_by OPERATOR(pg_catalog.=) CURRENT_USER
        AND (q.tenant IS NULL OR q.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()))
     OR q.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.administered_tenant())
     OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.questions IS
  'your questions; a tenant''s administrators see those of its members, operators everybody''s';

CREATE VIEW sql_agent.chats WITH (security_barrier) AS
  SELECT c.id, c.owned_by, c.tenant, c.is_default, c.title, c.created_at,
         (SELECT pg_catalog.count(*) FROM sql_agent.question q WHERE q.chat_id OPERATOR(pg_catalog.=) c.id
            AND q.asked_by OPERATOR(pg_catalog.=) c.owned_by) AS questions,
         (SELECT pg_catalog.max(q.created_at) FROM sql_agent.question q WHERE q.chat_id OPERATOR(pg_catalog.=) c.id
            AND q.asked_by OPERATOR(pg_catalog.=) c.owned_by) AS last_question_at
  FROM sql_agent.chat c
  WHERE c.owned_by OPERATOR(pg_catalog.=) CURRENT_USER
        AND (c.tenant IS NULL OR c.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant()))
     OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE');
COMMENT ON VIEW sql_agent.chats IS 'your chats; operators see everybody''s';

REVOKE ALL ON sql_agent.questions, sql_agent.chats FROM PUBLIC;
GRANT SELECT ON sql_agent.questions, sql_agent.chats TO sql_agent_user, sql_agent_admin;

/*
 * Questions and chats follow their tenant: a name that is given to another
 * tenant later must not bring them along.
 */
CREATE FUNCTION sql_agent.history_follows_tenant() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP OPERATOR(pg_catalog.=) 'DELETE' THEN
    DELETE FROM sql_agent.question q WHERE q.tenant OPERATOR(pg_catalog.=) OLD.name;
    DELETE FROM sql_agent.chat_answer a USING sql_agent.chat c
     WHERE c.id OPERATOR(pg_catalog.=) a.chat_id AND c.tenant OPERATOR(pg_catalog.=) OLD.name;
    DELETE FROM sql_agent.chat c WHERE c.tenant OPERATOR(pg_catalog.=) OLD.name;
  ELSE
    UPDATE sql_agent.question q
       SET tenant = NEW.name, asking_role = 'tenant_' OPERATOR(pg_catalog.||) NEW.name
     WHERE q.tenant OPERATOR(pg_catalog.=) OLD.name;
    UPDATE sql_agent.chat c SET tenant = NEW.name WHERE c.tenant OPERATOR(pg_catalog.=) OLD.name;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION sql_agent.history_follows_tenant() IS 'questions and chats are renamed and deleted with their tenant';
REVOKE ALL ON FUNCTION sql_agent.history_follows_tenant() FROM PUBLIC;
CREATE TRIGGER history_follows AFTER DELETE OR UPDATE OF name ON sql_agent.tenant
  FOR EACH ROW EXECUTE FUNCTION sql_agent.history_follows_tenant();

CREATE FUNCTION sql_agent.forget_questions(before timestamptz DEFAULT 'infinity') RETURNS bigint
AS 'MODULE_PATHNAME', 'sql_agent_forget_questions'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.forget_questions(timestamptz) IS
  'deletes your own questions (those before a time, by default all) and returns how many they were';

CREATE FUNCTION sql_agent.feedback(question_id uuid, correct boolean, corrected_sql text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_feedback'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.feedback(uuid, boolean, text) IS
  'says whether an answer was right, and what SQL would have been; the next one is answered accordingly';

CREATE FUNCTION sql_agent.forget(question text DEFAULT NULL, question_id uuid DEFAULT NULL,
  everything boolean DEFAULT false) RETURNS bigint
AS 'MODULE_PATHNAME', 'sql_agent_forget'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.forget(text, uuid, boolean) IS
  'forgets what you asked and said of a question, or everything, and returns how many entries that were';

REVOKE ALL ON FUNCTION sql_agent.feedback(uuid, boolean, text), sql_agent.forget(text, uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.feedback(uuid, boolean, text), sql_agent.forget(text, uuid, boolean)
  TO sql_agent_user, sql_agent_admin;

/*
 * The ask family.  None is strict: only a null question gives a null answer.
 */
CREATE FUNCTION sql_agent.ask(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS SETOF text
AS 'MODULE_PATHNAME', 'sql_agent_ask'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask(text, uuid, text[], int, text, text, jsonb) IS
  'answers a question about your tables as lines of text';

CREATE FUNCTION sql_agent.ask_json(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_ask_json'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_json(text, uuid, text[], int, text, text, jsonb) IS
  'answers a question about your tables as one JSON document';

CREATE FUNCTION sql_agent.ask_rows(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS SETOF jsonb
AS 'MODULE_PATHNAME', 'sql_agent_ask_rows'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_rows(text, uuid, text[], int, text, text, jsonb) IS
  'answers a question about your tables as rows, one JSON object a row';

CREATE FUNCTION sql_agent.ask_as(row_type anyelement, question text, chat uuid DEFAULT NULL,
  databases text[] DEFAULT NULL, max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL,
  options jsonb DEFAULT '{}')
RETURNS SETOF anyelement
AS 'MODULE_PATHNAME', 'sql_agent_ask_as'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_as(anyelement, text, uuid, text[], int, text, text, jsonb) IS
  'answers a question about your tables as typed rows, such as null::my_table';

CREATE FUNCTION sql_agent.ask_sql(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_ask_sql'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_sql(text, uuid, text[], int, text, text, jsonb) IS
  'translates a question to checked SQL without running it';

CREATE FUNCTION sql_agent.ask_view(name text, question text, replace boolean DEFAULT false, chat uuid DEFAULT NULL,
  databases text[] DEFAULT NULL, max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL,
  options jsonb DEFAULT '{}')
RETURNS regclass
AS 'MODULE_PATHNAME', 'sql_agent_ask_view'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_view(text, text, boolean, uuid, text[], int, text, text, jsonb) IS
  'saves the answer to a question as a view in your schema';

CREATE FUNCTION sql_agent.ask_async(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS uuid
AS 'MODULE_PATHNAME', 'sql_agent_ask_async'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_async(text, uuid, text[], int, text, text, jsonb) IS
  'has a question answered in the background; ask_result() has the answer';

CREATE FUNCTION sql_agent.ask_result(task uuid) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_ask_result'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_result(uuid) IS
  'the answer to a question of ask_async(), as of ask_json(); its status is pending or processing before';

/*
 * Views of tenants belong to a role that no member can become; so who saved
 * one stands here.
 */
CREATE TABLE sql_agent.saved_view (
  tenant name NOT NULL REFERENCES sql_agent.tenant (name) ON UPDATE CASCADE ON DELETE CASCADE,
  name name NOT NULL,
  question text NOT NULL,
  saved_by name NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  PRIMARY KEY (tenant, name)
);
COMMENT ON TABLE sql_agent.saved_view IS 'views that ask_view() made for tenants';
ALTER TABLE sql_agent.saved_view ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON sql_agent.saved_view FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.saved_view', '');

CREATE VIEW sql_agent.saved_views WITH (security_barrier) AS
  SELECT v.tenant, v.name, v.question, v.saved_by, v.saved_at
  FROM sql_agent.saved_view v
  WHERE (v.tenant OPERATOR(pg_catalog.=) (SELECT sql_agent.current_tenant())
         OR pg_catalog.pg_has_role('sql_agent_admin', 'USAGE'))
    AND EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n
                  ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
                WHERE n.nspname OPERATOR(pg_catalog.=) v.tenant AND c.relname OPERATOR(pg_catalog.=) v.name
                  AND c.relkind OPERATOR(pg_catalog.=) 'v');
COMMENT ON VIEW sql_agent.saved_views IS 'views that were made of questions in your tenant; operators see those of all';
REVOKE ALL ON sql_agent.saved_views FROM PUBLIC;
GRANT SELECT ON sql_agent.saved_views TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.ask_view_drop(name text, tenant text DEFAULT NULL) RETURNS void
AS 'MODULE_PATHNAME', 'sql_agent_ask_view_drop'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_view_drop(text, text) IS
  'drops a view that ask_view() made in your tenant; an operator names the tenant';
REVOKE ALL ON FUNCTION sql_agent.ask_view_drop(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.ask_view_drop(text, text) TO sql_agent_user, sql_agent_admin;

CREATE FUNCTION sql_agent.ask_prompt(question text, chat uuid DEFAULT NULL, databases text[] DEFAULT NULL,
  max_rows int DEFAULT NULL, tenant text DEFAULT NULL, token text DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_ask_prompt'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.ask_prompt(text, uuid, text[], int, text, text, jsonb) IS
  'all that would be sent to a model for a question, and where to; sends nothing';

CREATE FUNCTION sql_agent.suggest_questions(count int DEFAULT 5) RETURNS SETOF text
AS 'MODULE_PATHNAME', 'sql_agent_suggest_questions'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.suggest_questions(int) IS 'questions about your tables that can be answered';

REVOKE ALL ON FUNCTION sql_agent.forget_questions(timestamptz),
  sql_agent.ask(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_json(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_rows(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_as(anyelement, text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_sql(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_view(text, text, boolean, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_async(text, uuid, text[], int, text, text, jsonb), sql_agent.ask_result(uuid),
  sql_agent.ask_prompt(text, uuid, text[], int, text, text, jsonb),
  sql_agent.suggest_questions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.forget_questions(timestamptz),
  sql_agent.ask(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_json(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_rows(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_as(anyelement, text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_sql(text, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_view(text, text, boolean, uuid, text[], int, text, text, jsonb),
  sql_agent.ask_async(text, uuid, text[], int, text, text, jsonb), sql_agent.ask_result(uuid),
  sql_agent.ask_prompt(text, uuid, text[], int, text, text, jsonb),
  sql_agent.suggest_questions(int) TO sql_agent_user, sql_agent_admin;

/*
 * The verbs once more in the schema that CREATE EXTENSION targets, so that
 * SELECT ask('...') works at once.  They are the same C functions, copied from
 * the catalog.  A function that stands there already is left alone.
 */
DO $$
DECLARE
  target name := '@extschema@';
  verb record;
  signature text;
BEGIN
  IF target OPERATOR(pg_catalog.=) 'sql_agent' THEN
    RETURN;
  END IF;
  FOR verb IN
    SELECT p.oid, p.proname, p.proargtypes, p.probin, p.prosrc,
           pg_catalog.pg_get_function_arguments(p.oid) AS arguments,
           pg_catalog.pg_get_function_identity_arguments(p.oid) AS identity_arguments,
           pg_catalog.pg_get_function_result(p.oid) AS result,
           (SELECT pg_catalog.string_agg(a.grantee::pg_catalog.regrole::text, ', ')
              FROM pg_catalog.aclexplode(p.proacl) a
             WHERE a.grantee OPERATOR(pg_catalog.<>) p.proowner) AS grantees,
           pg_catalog.obj_description(p.oid, 'pg_proc') AS comment
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace OPERATOR(pg_catalog.=) 'sql_agent'::pg_catalog.regnamespace
      AND p.proname OPERATOR(pg_catalog.=) ANY (ARRAY['ask', 'ask_json', 'ask_rows', 'ask_as', 'ask_sql', 'ask_view', 'tenant_provision'])
    ORDER BY p.proname
  LOOP
    signature := pg_catalog.format('%I.%I(%s)', target, verb.proname, verb.identity_arguments);
    IF EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n
                 ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
               WHERE n.nspname OPERATOR(pg_catalog.=) target
                 AND p.proname OPERATOR(pg_catalog.=) verb.proname
                 AND p.proargtypes OPERATOR(pg_catalog.=) verb.proargtypes) THEN
      RAISE WARNING 'function % exists already, it is left as it is', signature
        USING HINT = pg_catalog.format('Call sql_agent.%I() instead.', verb.proname);
      CONTINUE;
    END IF;
    EXECUTE pg_catalog.format('CREATE FUNCTION %I.%I(%s) RETURNS %s AS %L, %L LANGUAGE C VOLATILE PARALLEL UNSAFE',
                              target, verb.proname, verb.arguments, verb.result, verb.probin, verb.prosrc);
    EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO %s', signature, verb.grantees);
    EXECUTE pg_catalog.format('COMMENT ON FUNCTION %s IS %L', signature, verb.comment);
  END LOOP;
END
$$;
