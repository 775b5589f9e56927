
-- ask/clarify: questions that leave something open

CREATE TABLE sql_agent.chat_answer (
  chat_id uuid NOT NULL,
  answered_by name NOT NULL,
  kind text NOT NULL CHECK (kind IN ('dimension', 'reading')),
  key text NOT NULL,
  about text,
  answer jsonb NOT NULL,
  answered_at timestamptz NOT NULL,
  PRIMARY KEY (chat_id, answered_by, kind, key)
);
COMMENT ON TABLE sql_agent.chat_answer IS 'what was answered with clarify(), for later questions of the same chat; the default chat remembers nothing';
COMMENT ON COLUMN sql_agent.chat_answer.key IS 'name of the dimension, or the word';
COMMENT ON COLUMN sql_agent.chat_answer.about IS 'column of the dimension; null of words';

ALTER TABLE sql_agent.chat_answer ENABLE ROW LEVEL SECURITY;
-- of chats that the role may see: those about a tenant only while it belongs to it
CREATE POLICY own ON sql_agent.chat_answer FOR SELECT
  USING (answered_by OPERATOR(pg_catalog.=) CURRENT_USER
         AND EXISTS (SELECT FROM sql_agent.chat c WHERE c.id OPERATOR(pg_catalog.=) chat_id));
CREATE POLICY operator ON sql_agent.chat_answer FOR SELECT TO sql_agent_admin USING (true);
REVOKE ALL ON sql_agent.chat_answer FROM PUBLIC;
GRANT SELECT ON sql_agent.chat_answer TO sql_agent_user, sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.chat_answer', '');

CREATE FUNCTION sql_agent.validate_question(question text, databases text[] DEFAULT NULL) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_validate_question'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.validate_question(text, text[]) IS
  'what a question leaves open, with options, and questions that say more; runs nothing';

CREATE FUNCTION sql_agent.clarify(question_id uuid, answers jsonb) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_clarify'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION sql_agent.clarify(uuid, jsonb) IS
  'answers one of your questions again with choices for what it left open; the chat remembers them';

REVOKE ALL ON FUNCTION sql_agent.validate_question(text, text[]), sql_agent.clarify(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.validate_question(text, text[]), sql_agent.clarify(uuid, jsonb)
  TO sql_agent_user, sql_agent_admin;
