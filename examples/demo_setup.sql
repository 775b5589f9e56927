-- What an owner does once: make the extension, say what may be asked about,
-- and let a role ask.
CREATE EXTENSION sql_agent;
SELECT sql_agent.expose_schema('sales') \g /dev/null

CREATE ROLE analyst LOGIN;
GRANT sql_agent_user TO analyst;
GRANT USAGE ON SCHEMA sales TO analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO analyst;
