
-- ledger/price: what models cost
--
-- Source of the rows: npm package @pydantic/genai-prices 0.1.8 (2026-09-23),
-- computed for 2026-11-20; output limits, and the row of devstral, from
-- BerriAI/litellm, model_prices_and_context_window.json at commit 00035b6.  Both
-- are under the MIT licence: Copyright (c) Pydantic Services Inc. 2025 to
-- present; Copyright (c) 2023 Berri AI.  A permission notice stands in
-- docs/dependencies.md.

CREATE TABLE sql_agent.model_price (
  provider text NOT NULL,
  model_pattern text NOT NULL,
  valid_from date NOT NULL DEFAULT '2000-01-01',
  input_per_mtok numeric(12,6) NOT NULL CHECK (input_per_mtok >= 0),
  output_per_mtok numeric(12,6) NOT NULL CHECK (output_per_mtok >= 0),
  cached_input_per_mtok numeric(12,6) CHECK (cached_input_per_mtok >= 0),
  cache_write_per_mtok numeric(12,6) CHECK (cache_write_per_mtok >= 0),
  tier_above_tokens int CHECK (tier_above_tokens > 0),
  tier_input_per_mtok numeric(12,6) CHECK (tier_input_per_mtok >= 0),
  tier_output_per_mtok numeric(12,6) CHECK (tier_output_per_mtok >= 0),
  context_window int,
  max_output int,
  source text,
  seeded boolean NOT NULL DEFAULT false,
  PRIMARY KEY (provider, model_pattern, valid_from)
);
COMMENT ON TABLE sql_agent.model_price IS
  'US dollars for a million tokens; another price of a model that came with the extension is a row with a later valid_from';
COMMENT ON COLUMN sql_agent.model_price.provider IS
  'openai (azure too), anthropic, gemini, or the host name of an openai_compatible server';
COMMENT ON COLUMN sql_agent.model_price.model_pattern IS
  'as in LIKE; the longest that fits counts; a date or "-latest" at the end of a model''s name may be left out';
COMMENT ON COLUMN sql_agent.model_price.tier_above_tokens IS
  'a prompt of more tokens is billed at the tier''s prices, all of it';
COMMENT ON COLUMN sql_agent.model_price.seeded IS 'came with the extension, and is not dumped: so it is not to be changed';

INSERT INTO sql_agent.model_price (provider, model_pattern, input_per_mtok, output_per_mtok, cached_input_per_mtok,
  cache_write_per_mtok, tier_above_tokens, tier_input_per_mtok, tier_output_per_mtok, context_window, max_output, source)
VALUES
  ('openai', 'gpt-5.6', 4, 20, 0.4, 5, NULL, NULL, NULL, 1050000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.6-terra', 2, 12, 0.2, 2.5, NULL, NULL, NULL, 1050000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.6-luna', 0.2, 1.2, 0.02, 0.25, NULL, NULL, NULL, 1050000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.5', 5, 30, 0.5, NULL, NULL, NULL, NULL, 1000000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.4', 2.5, 15, 0.25, NULL, NULL, NULL, NULL, 1050000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.4-mini', 0.75, 4.5, 0.075, NULL, NULL, NULL, NULL, 400000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.4-nano', 0.2, 1.25, 0.02, NULL, NULL, NULL, NULL, 400000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5.2', 1.75, 14, 0.175, NULL, NULL, NULL, NULL, 400000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5', 1.25, 10, 0.125, NULL, NULL, NULL, NULL, 400000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-4.1', 2, 8, 0.5, NULL, NULL, NULL, NULL, 1000000, 32768, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-4.1-mini', 0.4, 1.6, 0.1, NULL, NULL, NULL, NULL, 1000000, 32768, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-4.1-nano', 0.1, 0.4, 0.025, NULL, NULL, NULL, NULL, 1000000, 32768, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-4o', 2.5, 10, 1.25, NULL, NULL, NULL, NULL, 128000, 16384, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-fable-5', 10, 50, 1, 12.5, NULL, NULL, NULL, 1000000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-opus-4-8', 5, 25, 0.5, 6.25, NULL, NULL, NULL, 1000000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-sonnet-5', 2, 10, 0.2, 2.5, NULL, NULL, NULL, 1000000, 128000, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-sonnet-4-6', 3, 15, 0.3, 3.75, NULL, NULL, NULL, 1000000, 64000, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-haiku-4-5', 1, 5, 0.1, 1.25, NULL, NULL, NULL, 200000, 64000, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3.1-pro-preview', 2, 12, 0.2, NULL, 200000, 4, 18, NULL, 65536, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3.5-flash', 1.5, 9, 0.15, NULL, NULL, NULL, NULL, 1000000, 65535, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3-flash-preview', 0.5, 3, 0.05, NULL, NULL, NULL, NULL, 1000000, 65535, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3.1-flash-lite', 0.25, 1.5, 0.025, NULL, NULL, NULL, NULL, 1000000, 65536, '@pydantic/genai-prices 0.1.8'),
  ('api.mistral.ai', 'mistral-large', 2, 6, NULL, NULL, NULL, NULL, NULL, NULL, 262144, '@pydantic/genai-prices 0.1.8'),
  ('api.mistral.ai', 'mistral-medium', 1.5, 7.5, 0.15, NULL, NULL, NULL, NULL, NULL, 262144, '@pydantic/genai-prices 0.1.8'),
  ('api.groq.com', 'openai/gpt-oss-120b', 0.15, 0.6, 0.075, NULL, NULL, NULL, NULL, 131072, 32766, '@pydantic/genai-prices 0.1.8'),
  ('api.groq.com', 'openai/gpt-oss-20b', 0.075, 0.3, 0.0375, NULL, NULL, NULL, NULL, 131072, 32768, '@pydantic/genai-prices 0.1.8'),
  ('api.groq.com', 'llama-3.3-70b-versatile', 0.59, 0.79, NULL, NULL, NULL, NULL, NULL, NULL, 32768, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-6-sol', 2, 10, 0.2, 2.5, 272000, 4, 15, 1050000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-6-astra', 10, 50, 1, 12.5, NULL, NULL, NULL, 1050000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-6-luna', 0.1, 0.5, 0.01, 0.125, 272000, 0.2, 0.75, 1050000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5-mini', 0.25, 2, 0.025, NULL, NULL, NULL, NULL, 400000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-5-nano', 0.05, 0.4, 0.005, NULL, NULL, NULL, NULL, 400000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('openai', 'gpt-4o-mini', 0.15, 0.6, 0.075, NULL, NULL, NULL, NULL, 128000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-opus-5', 5, 25, 0.5, 6.25, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-opus-5-5', 4, 20, 0.2, 5, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('anthropic', 'claude-fable-5-1', 10, 50, 0.25, 12.5, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3.8-flash', 0.75, 3.75, 0.075, NULL, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('gemini', 'gemini-3.5-flash-lite', 0.3, 2.5, 0.03, NULL, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.deepseek.com', 'deepseek-v4-flash', 0.22, 0.66, 0.007, NULL, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.deepseek.com', 'deepseek-v4-pro', 0.66, 1.98, 0.022, NULL, NULL, NULL, NULL, 1000000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.deepseek.com', 'deepseek-chat', 0.27, 1.1, 0.07, NULL, NULL, NULL, NULL, 64000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.x.ai', 'grok-4.6', 2, 6, 0.5, NULL, NULL, NULL, NULL, 500000, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.mistral.ai', 'mistral-small', 0.1, 0.3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '@pydantic/genai-prices 0.1.8'),
  ('api.mistral.ai', 'devstral', 0.4, 2, NULL, NULL, NULL, NULL, NULL, 256000, 256000, 'BerriAI/litellm 00035b6');
UPDATE sql_agent.model_price SET seeded = true;

ALTER TABLE sql_agent.model_price ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON sql_agent.model_price FOR SELECT USING (true);
CREATE POLICY operator ON sql_agent.model_price TO sql_agent_admin USING (NOT seeded) WITH CHECK (NOT seeded);
REVOKE ALL ON sql_agent.model_price FROM PUBLIC;
GRANT SELECT ON sql_agent.model_price TO sql_agent_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON sql_agent.model_price TO sql_agent_admin;
SELECT pg_catalog.pg_extension_config_dump('sql_agent.model_price', 'WHERE NOT seeded');
