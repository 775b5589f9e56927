-- What an operator does for customers: two tenants with a member each, and
-- market data that both share.
SET client_min_messages = warning;
SELECT sql_agent.tenant_provision('acme', 'Acme Trading'), sql_agent.tenant_provision('globex', 'Globex Foods') \g /dev/null
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true),
       sql_agent.tenant_add_member('globex', 'gus', create_login => true) \g /dev/null
SELECT sql_agent.share_table('market.instrument'), sql_agent.share_table('market.daily_price'),
       sql_agent.share_table('market.dividend'), sql_agent.share_table('market.holding', 'tenant') \g /dev/null
