
-- chart/chart: a neutral spec and rows in, a picture out

CREATE FUNCTION sql_agent.chart_text(chart jsonb, result jsonb, width int DEFAULT 60) RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_chart_text'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.chart_text(jsonb, jsonb, int) IS
  'draws a chart of characters: bars, or a sparkline; null for type "table"';

CREATE FUNCTION sql_agent.chart_svg(chart jsonb, result jsonb, options jsonb DEFAULT '{}') RETURNS text
AS 'MODULE_PATHNAME', 'sql_agent_chart_svg'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.chart_svg(jsonb, jsonb, jsonb) IS
  'draws a chart as a self-contained SVG image; null for type "table"';

CREATE FUNCTION sql_agent.chartjs(chart jsonb, result jsonb) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_chartjs'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.chartjs(jsonb, jsonb) IS
  'turns a chart into a configuration of Chart.js 4; null for types "number" and "table"';

CREATE FUNCTION sql_agent.vegalite(chart jsonb, result jsonb) RETURNS jsonb
AS 'MODULE_PATHNAME', 'sql_agent_vegalite'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION sql_agent.vegalite(jsonb, jsonb) IS
  'turns a chart into a Vega-Lite 5 document; null for types "number" and "table"';

REVOKE ALL ON FUNCTION sql_agent.chart_text(jsonb, jsonb, int), sql_agent.chart_svg(jsonb, jsonb, jsonb),
  sql_agent.chartjs(jsonb, jsonb), sql_agent.vegalite(jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sql_agent.chart_text(jsonb, jsonb, int), sql_agent.chart_svg(jsonb, jsonb, jsonb),
  sql_agent.chartjs(jsonb, jsonb), sql_agent.vegalite(jsonb, jsonb) TO sql_agent_user, sql_agent_admin;
