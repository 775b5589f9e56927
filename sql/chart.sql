-- Charts: the choice of a type, drawing as text, Chart.js and Vega-Lite, hostile specs and rows.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA chart_test;
SET client_min_messages = notice;

-- the rows that most cases share
CREATE VIEW chart_test.products AS
  SELECT '[{"p":"Widget A","v":15000},{"p":"日本語","v":9000.5},{"p":"C","v":3000}]'::jsonb AS rows;
CREATE VIEW chart_test.months AS
  SELECT jsonb_agg(jsonb_build_object('month', m::date, 'revenue', 100 + i * i) ORDER BY m DESC) AS rows
  FROM generate_series('2024-01-01'::timestamp, '2024-12-01', '1 month') WITH ORDINALITY AS g(m, i);
\pset format unaligned
\pset tuples_only on

-- bars: block characters in eighths, wide characters count double, thousands separators
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":["v"],"title":"Revenue"}', rows) FROM chart_test.products;
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v","format":{"decimals":0,"prefix":"$","suffix":" k"}}', rows, 40)
  FROM chart_test.products;
SELECT sql_agent.chart_text('{"type":"pie","x":"p","y":"v"}', rows, 50) FROM chart_test.products;
-- unsorted rows are sorted, smallest first is kept, "none" keeps any order
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v"}', '[{"p":"a","v":1},{"p":"b","v":3},{"p":"c","v":2}]', 30);
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v"}', '[{"p":"a","v":1},{"p":"b","v":2},{"p":"c","v":3}]', 30);
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v","sort":"none"}', '[{"p":"a","v":1},{"p":"b","v":3},{"p":"c","v":2}]', 30);
-- too many: the largest stay, the rest is counted, or added up
SELECT sql_agent.chart_text('{"type":"bar","x":"i","y":"v","limit":3}', jsonb_agg(jsonb_build_object('i', 'n' || i, 'v', i)), 30)
  FROM generate_series(1, 20) i;
SELECT sql_agent.chart_text('{"type":"bar","x":"i","y":"v","limit":3,"other":true}', jsonb_agg(jsonb_build_object('i', 'n' || i, 'v', i)), 30)
  FROM generate_series(1, 20) i;
-- negative numbers have their own side; nulls have no bar
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v"}', '[{"p":"up","v":5},{"p":"down","v":-10},{"p":null,"v":null},{"p":"zero","v":0}]', 40);
-- two measures, two series
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":["v","w"]}', '[{"p":"a","v":4,"w":2},{"p":"b","v":3,"w":1}]', 30);
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v","series":"s"}',
  '[{"p":"a","s":"x","v":4},{"p":"a","s":"y","v":3},{"p":"b","s":"x","v":1},{"p":"a","s":"x","v":1}]', 30);
-- a line is put in the order of time, and times are shortened to what differs
SELECT sql_agent.chart_text('{"type":"line","x":"month","y":"revenue","x_type":"time"}', rows) FROM chart_test.months;
SELECT sql_agent.chart_text('{"type":"line","x":"month","y":"revenue","x_type":"time"}', rows, 20) FROM chart_test.months;
-- more points than columns are averaged; a gap stays a gap
SELECT sql_agent.chart_text('{"type":"line","x":"i","y":"v"}', jsonb_agg(jsonb_build_object('i', i, 'v', nullif(abs(50 - i), 20))), 20)
  FROM generate_series(1, 100) i;
SELECT sql_agent.chart_text('{"type":"line","x":"i","y":"v"}', '[{"i":1,"v":1},{"i":2,"v":null},{"i":3,"v":3}]');
SELECT sql_agent.chart_text('{"type":"number","y":"v"}', '[{"v":1234567.891}]');
SELECT sql_agent.chart_text('{"type":"table"}', rows) IS NULL AS no_picture FROM chart_test.products;
SELECT sql_agent.chart_text(NULL, '[]') IS NULL;

-- the choice of a type: a spec without "type" is completed by the rules
CREATE FUNCTION chart_test.choice(rows jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(c->>'type', 'none') || coalesce(' of ' || jsonb_array_length(c->'data'->'datasets'), '')
  FROM (SELECT sql_agent.chartjs('{}', rows)) AS s(c) $$;
SELECT 'category and number', chart_test.choice(rows) FROM chart_test.products;
SELECT 'times and number', chart_test.choice(rows) FROM chart_test.months;
SELECT 'two times', chart_test.choice('[{"d":"2024-01-01","v":1},{"d":"2024-01-02","v":2}]');
SELECT 'years as numbers', chart_test.choice('[{"year":2020,"v":1},{"year":2021,"v":2},{"year":2022,"v":3}]');
SELECT 'identifier and number', chart_test.choice('[{"customer_id":20,"v":1},{"customer_id":21,"v":2}]');
SELECT 'time, category, number', chart_test.choice(jsonb_agg(jsonb_build_object('d', d::date, 'c', c, 'v', 1)))
  FROM generate_series('2024-01-01'::timestamp, '2024-01-04', '1 day') d, unnest(ARRAY['a', 'b']) c;
SELECT 'two categories', chart_test.choice(jsonb_agg(jsonb_build_object('a', a, 'b', b, 'v', 1)))
  FROM unnest(ARRAY['x', 'y', 'z']) a, unnest(ARRAY['p', 'q']) b;
SELECT 'measures of one size', chart_test.choice('[{"p":"a","v":4,"w":2},{"p":"b","v":3,"w":1}]');
SELECT 'measures of two sizes', chart_test.choice('[{"p":"a","v":4000,"w":2},{"p":"b","v":3000,"w":1}]');
SELECT 'three of three sizes', chart_test.choice('[{"p":"a","u":1,"v":4000,"w":20},{"p":"b","u":1,"v":3000,"w":10}]');
SELECT 'one row', chart_test.choice('[{"p":"a","v":4}]');
SELECT 'one number', chart_test.choice('[{"v":4}]'), sql_agent.chart_text('{}', '[{"v":4}]');
SELECT 'no numbers', chart_test.choice('[{"p":"a","q":"b"},{"p":"c","q":"d"}]');
SELECT 'nested', chart_test.choice('[{"p":"a","v":4,"n":[1]},{"p":"b","v":3,"n":[2]}]');
SELECT 'a category twice', chart_test.choice('[{"p":"a","v":4},{"p":"a","v":3}]');
SELECT '41 categories', chart_test.choice(jsonb_agg(jsonb_build_object('p', 'c' || i, 'v', i))) FROM generate_series(1, 41) i;
SELECT 'no rows', chart_test.choice('[]');

-- Chart.js and Vega-Lite documents
SELECT jsonb_pretty(sql_agent.chartjs('{"type":"bar","x":"p","y":"v","horizontal":true,"title":"T"}', rows)) FROM chart_test.products;
SELECT sql_agent.chartjs('{"type":"pie","x":"p","y":"v"}', rows) FROM chart_test.products;
SELECT jsonb_pretty(sql_agent.vegalite('{"type":"line","x":"p","y":["v","w"]}', '[{"p":"a","v":4,"w":2},{"p":"b.c[0]","v":3,"w":null}]'));
SELECT sql_agent.vegalite('{"type":"pie","x":"p","y":"v"}', rows) #> '{encoding}' FROM chart_test.products;
SELECT sql_agent.chartjs('{"type":"number","y":"v"}', '[{"v":1}]') IS NULL, sql_agent.vegalite('{"type":"table"}', '[]') IS NULL;

-- hostile names, texts and numbers come out as something visible
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v"}',
  '[{"p":"a\u202egnp.exe","v":2},{"p":"line\nbreak\ttab","v":1},{"p":"zero\u200bwidth","v":1.5},{"p":"\u001b[31mred","v":1}]', 60);
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v"}', '[{"p":"huge","v":1e308},{"p":"negative","v":-1e308},{"p":"none","v":1e400}]', 60);
SELECT sql_agent.chartjs('{"type":"bar","x":"p","y":"v"}', '[{"p":"huge","v":1e400},{"p":"text","v":"12"},{"p":"odd","v":"0x10"},{"p":"array","v":[1]}]') #> '{data,datasets,0,data}';
SELECT sql_agent.chart_text('{"type":"bar","x":"p","y":"v","series":"s"}', '[{"p":"a","s":"x","v":1e308},{"p":"a","s":"x","v":1e308}]', 40);
-- parts that are no parts of a whole are bars
SELECT sql_agent.chartjs('{"type":"pie","x":"p","y":"v"}', '[{"p":"a","v":1},{"p":"b","v":-1}]')->>'type';
SELECT sql_agent.chartjs('{"type":"pie","x":"p","y":"v"}', '[{"p":"a","v":0}]')->>'type';
-- 10,000 rows
SELECT jsonb_array_length(sql_agent.chartjs('{"type":"line","x":"i","y":"v"}', jsonb_agg(jsonb_build_object('i', i, 'v', i))) #> '{data,datasets,0,data}')
  FROM generate_series(1, 10000) i;

\pset tuples_only off
\pset format aligned
-- what is no chart, no rows, or does not fit together: 22023
CREATE FUNCTION chart_test.fails(spec text, rows text DEFAULT '[{"p":"a","v":1}]') RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text; state text;
BEGIN
  PERFORM sql_agent.chart_text(spec::jsonb, rows::jsonb);
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN concat_ws(' / ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT chart_test.fails(spec) FROM unnest(ARRAY[
  '[]', '1', '{"type":"radar","x":"p","y":"v"}', '{"type":7}', '{"type":"bar","y":"v"}', '{"type":"bar","x":"p"}',
  '{"type":"bar","x":"p","y":"z"}', '{"type":"bar","x":"p","y":[]}', '{"type":"bar","x":"p","y":[1]}',
  '{"type":"bar","x":["p"],"y":"v"}', '{"type":"bar","x":"p","y":{"a":1}}', '{"type":"bar","x":"p","y":"v","limit":0}',
  '{"type":"bar","x":"p","y":"v","limit":"many"}', '{"type":"bar","x":"p","y":"v","limit":1e99}',
  '{"type":"bar","x":"p","y":"v","format":"x"}', '{"type":"bar","x":"p","y":"v","format":{"decimals":99}}',
  '{"type":"bar","x":"p","y":"v","horizontal":"yes"}', '{"type":"bar","x":"p","y":"v","sort":"up"}',
  '{"type":"bar","x":"p","y":"v","x_type":"number"}', '{"type":"bar","x":"p","y":"v","series":"nope"}',
  '{"type":"bar","x":"p","y":"v","title":["x"]}']) AS spec;
SELECT chart_test.fails('{"type":"bar","x":"p","y":"v"}', rows)
  FROM unnest(ARRAY['{}', '1', '[1]', '[[]]', '[{"p":"a"}]']) AS rows;
SELECT chart_test.fails('{}', (SELECT jsonb_agg('{}'::jsonb)::text FROM generate_series(1, 100001)));
SELECT sql_agent.chart_text('{"type":"number","y":"v"}', '[{"v":1}]', 19);
SELECT sql_agent.chart_text('{"type":"number","y":"v"}', '[{"v":1}]', 501);

-- not for everybody
SET client_min_messages = warning;
CREATE ROLE regress_chart_nobody;
SET ROLE regress_chart_nobody;
SELECT sql_agent.chart_text('{}', '[]');
RESET ROLE;
DROP ROLE regress_chart_nobody;
DROP SCHEMA chart_test CASCADE;
