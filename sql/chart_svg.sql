-- Charts as SVG: well-formed whatever the rows hold, self-contained, inert.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS sql_agent;
CREATE SCHEMA chart_svg_test;
SET client_min_messages = notice;
\pset format unaligned
\pset tuples_only on

SELECT sql_agent.chart_svg('{"type":"bar","x":"p","y":"v","title":"A & B"}', '[{"p":"<one>","v":10},{"p":"two","v":-5}]');
SELECT sql_agent.chart_svg('{"type":"pie","x":"p","y":"v"}', '[{"p":"all","v":1},{"p":"nothing","v":0}]', '{"width":300,"height":200,"theme":"dark"}');
SELECT sql_agent.chart_svg('{"type":"number","y":"revenue"}', '[{"revenue":1234567}]');
SELECT sql_agent.chart_svg('{"type":"line","x":"d","y":"v","x_type":"time"}', '[{"d":"2024-01-01","v":1},{"d":"2024-02-01","v":null},{"d":"2024-03-01","v":3},{"d":"2024-04-01","v":2}]');
SELECT sql_agent.chart_svg('{"type":"table"}', '[]') IS NULL;

\pset tuples_only off
\pset format aligned
-- each of these must parse as XML, have a title and a description, and hold nothing that runs or loads
CREATE TABLE chart_svg_test.drawn (kind text, svg text);
INSERT INTO chart_svg_test.drawn
  SELECT s.kind || ', ' || r.kind, sql_agent.chart_svg(s.spec::jsonb, r.rows::jsonb)
  FROM (VALUES ('bar', '{"type":"bar","x":"p","y":"v","title":"</svg><script>alert(1)</script>"}'),
               ('lying', '{"type":"bar","x":"p","y":["v","w"],"horizontal":true,"format":{"prefix":"<&\""}}'),
               ('line', '{"type":"line","x":"p","y":["v","w"]}'),
               ('series', '{"type":"line","x":"p","y":"v","series":"w"}'),
               ('pie', '{"type":"pie","x":"p","y":"v"}'),
               ('number', '{"type":"number","y":"v"}')) AS s(kind, spec),
       (VALUES ('no rows', '[]'),
               ('one row', '[{"p":"a","v":1,"w":2}]'),
               ('equal', '[{"p":"a","v":1,"w":1},{"p":"b","v":1,"w":1}]'),
               ('nulls', '[{"p":null,"v":null,"w":null},{"p":"b","v":1,"w":1},{"p":"c","v":null,"w":3}]'),
               ('zeros', '[{"p":"a","v":0,"w":0},{"p":"b","v":0,"w":0}]'),
               ('negative', '[{"p":"a","v":-1,"w":-2},{"p":"b","v":-3,"w":0}]'),
               ('huge', '[{"p":"a","v":1e308,"w":-1e308},{"p":"b","v":-1e308,"w":1e400},{"p":"c","v":1e-320,"w":0}]'),
               ('tiny', '[{"p":"a","v":1e-320,"w":2e-320},{"p":"b","v":3e-320,"w":0}]'),
               ('markup', '[{"p":"]]><script>x</script>","v":1,"w":2},{"p":"&amp; \" '' <a href=\"http://x\">","v":2,"w":1}]'),
               ('controls', '[{"p":"\u0001\u0008\u001b[31m\u202e","v":1,"w":2},{"p":"\ufffe\uffff\ud83d\ude00","v":2,"w":1}]'),
               ('wrong types', '[{"p":{"a":[1]},"v":"x","w":true},{"p":[2],"v":[1],"w":"3"}]'),
               ('long', (SELECT jsonb_agg(jsonb_build_object('p', repeat('long ', 100) || i, 'v', i, 'w', i % 7)) FROM generate_series(1, 300) i)::text),
               ('10,000 rows', (SELECT jsonb_agg(jsonb_build_object('p', i, 'v', i, 'w', i % 20)) FROM generate_series(1, 10000) i)::text)) AS r(kind, rows);
SELECT count(*) AS drawn,
       count(*) FILTER (WHERE xml_is_well_formed_document(svg)) AS well_formed,
       count(*) FILTER (WHERE svg ~ '^<svg xmlns="http://www.w3.org/2000/svg" [^>]*role="img"' AND svg ~ '<title>.+</title>' AND svg ~ '<desc>.+</desc>') AS described,
       count(*) FILTER (WHERE svg ~* '<(script|style|a|image|use|foreignObject|iframe)[ >]' OR svg ~* '<[^>]*\son\w+=') AS active,
       count(*) FILTER (WHERE svg ~* '[0-9 "](nan|inf)') AS broken_numbers
  FROM chart_svg_test.drawn;
SELECT kind FROM chart_svg_test.drawn WHERE NOT xml_is_well_formed_document(svg) ORDER BY 1;

-- options
SELECT sql_agent.chart_svg('{"type":"number","y":"v"}', '[{"v":1}]', '{"width":10}');
SELECT sql_agent.chart_svg('{"type":"number","y":"v"}', '[{"v":1}]', '{"height":"tall"}');
SELECT sql_agent.chart_svg('{"type":"number","y":"v"}', '[{"v":1}]', '{"theme":"pink"}');
SELECT sql_agent.chart_svg('{"type":"number","y":"v"}', '[{"v":1}]', '{"href":"x"}');
SELECT sql_agent.chart_svg('{"type":"number","y":"v"}', '[{"v":1}]', '[]');

SET client_min_messages = warning;
DROP SCHEMA chart_svg_test CASCADE;
