-- outside services: options, who may use a server, which key goes with it
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE ROLE regress_service_user;
CREATE ROLE regress_service_admin;
GRANT sql_agent_admin TO regress_service_admin;
CREATE ROLE regress_service_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER sql_agent_llm TO regress_service_owner;
GRANT sql_agent_admin TO regress_service_owner;
RESET client_min_messages;

-- options of language models
\set llm 'FOREIGN DATA WRAPPER sql_agent_llm OPTIONS'
CREATE SERVER s FOREIGN DATA WRAPPER sql_agent_llm;
CREATE SERVER s :llm (provider 'openai');
CREATE SERVER s :llm (provider 'opanai', model 'm');
CREATE SERVER s :llm (provider 'openai', model 'm', temperature '1');
CREATE SERVER s :llm (provider 'openai', model 'm', api_key 'k');
CREATE SERVER s :llm (provider 'openai', model '');
CREATE SERVER s :llm (provider 'openai', model 'm', auth 'digest');
CREATE SERVER s :llm (provider 'openai', model 'm', max_output_tokens '-5');
CREATE SERVER s :llm (provider 'openai', model 'm', context_window '1e6');
CREATE SERVER s :llm (provider 'openai', model 'm', timeout '10');
CREATE SERVER s :llm (provider 'openai', model 'm', effort 'very high');
CREATE SERVER s :llm (provider 'openai', model 'm', structured 'yes');
CREATE SERVER s :llm (provider 'openai', model 'm', input_price 'NaN');
CREATE SERVER s :llm (provider 'openai', model 'm', private_network 'maybe');
CREATE SERVER s :llm (provider 'azure', model 'm');
CREATE SERVER s :llm (provider 'openai_compatible', model 'm');

-- addresses
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'no url');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'ftp://example.com');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'file:///etc/passwd');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'https://user:pw@example.com/v1');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'https://example.com/v1?key=k');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://example.com/v1');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://8.8.8.8/v1');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://169.254.169.254/latest', private_network 'true');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://[fe80::1]/v1');
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://0x7f.1/v1');
DROP SERVER s;
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://10.1.2.3:8080/v1/');
DROP SERVER s;
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://models:8080', private_network 'true');
DROP SERVER s;
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://[::1]:1/v1', timeout '90s', effort 'low', structured 'json_object',
  auth 'none', max_output_tokens '100', context_window '8000', input_price '1.5', cached_input_price '0', cache_write_price '2', output_price '3');
ALTER SERVER s OPTIONS (SET base_url 'http://example.com');
ALTER SERVER s OPTIONS (DROP model);
CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (a 'b');

-- options of keys
CREATE USER MAPPING FOR sql_agent_keys SERVER s;
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (api_key 'k', api_key_env 'E');
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (api_key E'two\nlines');
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (api_key_file 'relative');
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (api_key_env '$HOME');
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (password 'k');
DROP SERVER s;

-- mail servers and webhooks
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail.example.com');
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail.example.com', sender 'a@example.com', security 'ssl');
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail.example.com', sender 'a@example.com', port '70000');
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail/..', sender 'a@example.com');
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail.example.com', sender 'a@example.com', url 'x');
CREATE SERVER mail FOREIGN DATA WRAPPER sql_agent_smtp OPTIONS (host 'mail.example.com', sender 'a@example.com', security 'starttls', port '587');
CREATE USER MAPPING FOR sql_agent_keys SERVER mail OPTIONS (user 'a', api_key 'k');
CREATE USER MAPPING FOR sql_agent_keys SERVER mail OPTIONS (user 'a', password 'k');
CREATE SERVER hook FOREIGN DATA WRAPPER sql_agent_webhook OPTIONS (host 'example.com');
CREATE SERVER hook FOREIGN DATA WRAPPER sql_agent_webhook OPTIONS (url 'http://example.com/hook');
CREATE SERVER hook FOREIGN DATA WRAPPER sql_agent_webhook OPTIONS (url 'https://example.com/hook');
CREATE USER MAPPING FOR sql_agent_keys SERVER hook OPTIONS (user 'a');
CREATE USER MAPPING FOR sql_agent_keys SERVER hook OPTIONS (secret 's');

-- which server: nobody listens on these, and no test gets that far
CREATE SERVER s :llm (provider 'openai', model 'm', base_url 'http://127.0.0.1:1/v1');
CREATE FUNCTION error_of(server text, tenant text DEFAULT NULL) RETURNS TABLE (sqlstate text, message text, detail text, hint text) LANGUAGE sql AS
  $$ SELECT e.* FROM jsonb_to_record(sql_agent.llm_test(server, tenant)->'error') AS e(sqlstate text, message text, detail text, hint text) $$;
SELECT sql_agent.llm_test(NULL);
SELECT sql_agent.llm_test('none_such');
SELECT sql_agent.llm_test('mail');
SELECT sql_agent.llm_test('s', 'no_tenant');
SET ROLE regress_service_user;
SELECT sql_agent.llm_test('s');
RESET ROLE;
SET ROLE regress_service_admin;
SELECT sql_agent.llm_test('s');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER s TO regress_service_admin;
SET ROLE regress_service_admin;
SELECT * FROM error_of('s');
RESET ROLE;

-- which key: those of others are not looked at
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (api_key 'public-key');
CREATE USER MAPPING FOR regress_service_admin SERVER s OPTIONS (api_key 'own-key');
SELECT * FROM error_of('s');
CREATE USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (api_key_file '/nowhere/key');
SELECT * FROM error_of('s');
ALTER USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (SET api_key_file '/dev/null');
SELECT * FROM error_of('s');
ALTER USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (SET api_key_file '/etc/passwd');
SELECT * FROM error_of('s');
ALTER USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (DROP api_key_file, ADD api_key_env 'SQL_AGENT_NO_SUCH_VARIABLE');
SELECT * FROM error_of('s');
ALTER USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (DROP api_key_env, ADD api_key 'k-secret', ADD host 'api.example.com');
SELECT * FROM error_of('s');

-- a role that somebody can become
ALTER USER MAPPING FOR sql_agent_keys SERVER s OPTIONS (DROP host);
GRANT sql_agent_keys TO regress_service_admin;
SELECT * FROM error_of('s');
SELECT * FROM sql_agent.lint() WHERE rule LIKE 'key%' ORDER BY detail COLLATE "C";
REVOKE sql_agent_keys FROM regress_service_admin;

-- a tenant's own key goes first
CREATE ROLE tenant_regress_acme_owner LOGIN;
CREATE USER MAPPING FOR tenant_regress_acme_owner SERVER s OPTIONS (api_key_file '/nowhere/acme');
SELECT * FROM error_of('s', 'regress_acme');
ALTER ROLE tenant_regress_acme_owner NOLOGIN;
SELECT * FROM error_of('s', 'regress_acme');

-- files and environment are the superuser's, and go to no host that another may choose
SET ROLE regress_service_owner;
CREATE SERVER theirs :llm (provider 'openai', model 'm', base_url 'http://127.0.0.1:1/v1');
CREATE USER MAPPING FOR sql_agent_keys SERVER theirs OPTIONS (api_key_file '/etc/passwd');
CREATE USER MAPPING FOR sql_agent_keys SERVER theirs OPTIONS (api_key_env 'PATH');
RESET ROLE;
CREATE USER MAPPING FOR sql_agent_keys SERVER theirs OPTIONS (api_key_env 'PATH');
SELECT * FROM error_of('theirs');
ALTER USER MAPPING FOR sql_agent_keys SERVER theirs OPTIONS (ADD host 'api.openai.com');
SELECT * FROM error_of('theirs');

-- who sees a key
SET ROLE regress_service_admin;
SELECT srvname, usename, umoptions FROM pg_user_mappings ORDER BY srvname, usename COLLATE "C";
RESET ROLE;

-- settings
SET sql_agent.ca_file = 'certs.pem';
SET ROLE regress_service_user;
SET sql_agent.llm = 's';
SET sql_agent.proxy = 'http://proxy:3128';
SHOW sql_agent.proxy;
SET sql_agent.ca_file = '/certs.pem';
RESET ROLE;

DROP SERVER s, theirs, mail, hook CASCADE;
DROP FUNCTION error_of;
DROP OWNED BY regress_service_owner, regress_service_admin;
DROP ROLE regress_service_user, regress_service_admin, regress_service_owner, tenant_regress_acme_owner;
