-- Geography in the manner of the old question sets: names are the keys, none is declared.
CREATE TABLE state (state_name text, population bigint, area double precision, country_name text, capital text, density double precision);
CREATE TABLE city (city_name text, population bigint, country_name text, state_name text);
CREATE TABLE border_info (state_name text, border text);
CREATE TABLE highlow (state_name text, highest_elevation text, lowest_point text, highest_point text, lowest_elevation text);
CREATE TABLE lake (lake_name text, area double precision, country_name text, state_name text);
CREATE TABLE mountain (mountain_name text, mountain_altitude bigint, country_name text, state_name text);
CREATE TABLE river (river_name text, length bigint, country_name text, traverse text);

INSERT INTO state VALUES
 ('texas', 14229000, 266807, 'usa', 'austin', 53.3),
 ('new mexico', 1303000, 121600, 'usa', 'santa fe', 10.7),
 ('oklahoma', 3025000, 69950, 'usa', 'oklahoma city', 43.2),
 ('colorado', 2889000, 104000, 'usa', 'denver', 27.8),
 ('kansas', 2364000, 82277, 'usa', 'topeka', 28.7),
 ('utah', 1461000, 84900, 'usa', 'salt lake city', 17.2),
 ('arizona', 2718000, 114000, 'usa', 'phoenix', 23.8),
 ('california', 23670000, 158000, 'usa', 'sacramento', 149.8),
 ('nevada', 800500, 110600, 'usa', 'carson city', 7.2),
 ('wyoming', 469557, 97809, 'usa', 'cheyenne', 4.8),
 ('nebraska', 1570000, 77300, 'usa', 'lincoln', 20.3),
 ('louisiana', 4206000, 47750, 'usa', 'baton rouge', 88.1),
 ('arkansas', 2286000, 53200, 'usa', 'little rock', 43.0),
 ('alaska', 401800, 591000, 'usa', 'juneau', 0.7),
 ('hawaii', 964000, 6471, 'usa', 'honolulu', 149.0),
 ('rhode island', 947200, 1212, 'usa', 'providence', 781.5);

INSERT INTO city VALUES
 ('houston', 1595138, 'usa', 'texas'), ('dallas', 904078, 'usa', 'texas'), ('san antonio', 785880, 'usa', 'texas'),
 ('austin', 345496, 'usa', 'texas'), ('el paso', 425259, 'usa', 'texas'),
 ('albuquerque', 331767, 'usa', 'new mexico'), ('santa fe', 48899, 'usa', 'new mexico'),
 ('oklahoma city', 403213, 'usa', 'oklahoma'), ('tulsa', 360919, 'usa', 'oklahoma'), ('springfield', 12100, 'usa', 'oklahoma'),
 ('denver', 492365, 'usa', 'colorado'), ('aurora', 158588, 'usa', 'colorado'), ('springfield', 9200, 'usa', 'colorado'),
 ('wichita', 279272, 'usa', 'kansas'), ('topeka', 115266, 'usa', 'kansas'),
 ('salt lake city', 163033, 'usa', 'utah'), ('provo', 74111, 'usa', 'utah'),
 ('phoenix', 789704, 'usa', 'arizona'), ('tucson', 330537, 'usa', 'arizona'),
 ('los angeles', 2966850, 'usa', 'california'), ('san diego', 875538, 'usa', 'california'), ('sacramento', 275741, 'usa', 'california'), ('fresno', 218202, 'usa', 'california'),
 ('las vegas', 164674, 'usa', 'nevada'), ('carson city', 32022, 'usa', 'nevada'),
 ('casper', 51016, 'usa', 'wyoming'), ('cheyenne', 47283, 'usa', 'wyoming'),
 ('omaha', 314255, 'usa', 'nebraska'), ('lincoln', 171932, 'usa', 'nebraska'),
 ('new orleans', 557927, 'usa', 'louisiana'), ('baton rouge', 220394, 'usa', 'louisiana'),
 ('little rock', 158461, 'usa', 'arkansas'), ('anchorage', 174431, 'usa', 'alaska'), ('juneau', 19528, 'usa', 'alaska'),
 ('honolulu', 762874, 'usa', 'hawaii'), ('providence', 156804, 'usa', 'rhode island');

INSERT INTO border_info
SELECT p.a, p.b FROM (VALUES
 ('texas', 'new mexico'), ('texas', 'oklahoma'), ('texas', 'louisiana'), ('texas', 'arkansas'), ('new mexico', 'oklahoma'), ('new mexico', 'colorado'),
 ('new mexico', 'arizona'), ('new mexico', 'utah'), ('oklahoma', 'colorado'), ('oklahoma', 'kansas'), ('oklahoma', 'arkansas'), ('colorado', 'kansas'),
 ('colorado', 'utah'), ('colorado', 'arizona'), ('colorado', 'wyoming'), ('colorado', 'nebraska'), ('kansas', 'nebraska'), ('utah', 'arizona'), ('utah', 'nevada'),
 ('utah', 'wyoming'), ('arizona', 'california'), ('arizona', 'nevada'), ('california', 'nevada'), ('wyoming', 'nebraska'), ('louisiana', 'arkansas')) AS v(x, y)
CROSS JOIN LATERAL (VALUES (x, y), (y, x)) AS p(a, b);

INSERT INTO highlow VALUES
 ('texas', '2667', 'gulf of mexico', 'guadalupe peak', '0'), ('new mexico', '4011', 'red bluff reservoir', 'wheeler peak', '859'),
 ('oklahoma', '1516', 'little river', 'black mesa', '87'), ('colorado', '4399', 'arkansas river', 'mount elbert', '1021'),
 ('kansas', '1231', 'verdigris river', 'mount sunflower', '207'), ('utah', '4123', 'beaver dam creek', 'kings peak', '610'),
 ('arizona', '3851', 'colorado river', 'humphreys peak', '21'), ('california', '4418', 'death valley', 'mount whitney', '-85'),
 ('nevada', '4005', 'colorado river', 'boundary peak', '143'), ('wyoming', '4202', 'belle fourche river', 'gannett peak', '945'),
 ('nebraska', '1654', 'southeast corner', 'johnson township', '256'), ('louisiana', '163', 'new orleans', 'driskill mountain', '-1'),
 ('arkansas', '839', 'ouachita river', 'magazine mountain', '17'), ('alaska', '6194', 'pacific ocean', 'mount mckinley', '0'),
 ('hawaii', '4205', 'pacific ocean', 'mauna kea', '0'), ('rhode island', '247', 'atlantic ocean', 'jerimoth hill', '0');

INSERT INTO lake VALUES
 ('great salt lake', 5180, 'usa', 'utah'), ('salton sea', 932, 'usa', 'california'), ('tahoe', 497, 'usa', 'california'), ('tahoe', 497, 'usa', 'nevada'),
 ('pontchartrain', 1620, 'usa', 'louisiana'), ('iliamna', 2675, 'usa', 'alaska'), ('becharof', 1186, 'usa', 'alaska'), ('flathead', 510, 'usa', 'wyoming');

INSERT INTO mountain VALUES
 ('mckinley', 6194, 'usa', 'alaska'), ('st. elias', 5489, 'usa', 'alaska'), ('foraker', 5304, 'usa', 'alaska'), ('whitney', 4418, 'usa', 'california'),
 ('elbert', 4399, 'usa', 'colorado'), ('massive', 4396, 'usa', 'colorado'), ('harvard', 4395, 'usa', 'colorado'), ('shasta', 4317, 'usa', 'california'),
 ('antero', 4349, 'usa', 'colorado'), ('white', 4342, 'usa', 'california');

INSERT INTO river VALUES
 ('rio grande', 3033, 'usa', 'colorado'), ('rio grande', 3033, 'usa', 'new mexico'), ('rio grande', 3033, 'usa', 'texas'),
 ('colorado', 2333, 'usa', 'colorado'), ('colorado', 2333, 'usa', 'utah'), ('colorado', 2333, 'usa', 'arizona'), ('colorado', 2333, 'usa', 'nevada'), ('colorado', 2333, 'usa', 'california'),
 ('arkansas', 2333, 'usa', 'colorado'), ('arkansas', 2333, 'usa', 'kansas'), ('arkansas', 2333, 'usa', 'oklahoma'), ('arkansas', 2333, 'usa', 'arkansas'),
 ('red', 1638, 'usa', 'new mexico'), ('red', 1638, 'usa', 'texas'), ('red', 1638, 'usa', 'oklahoma'), ('red', 1638, 'usa', 'arkansas'), ('red', 1638, 'usa', 'louisiana'),
 ('canadian', 1458, 'usa', 'new mexico'), ('canadian', 1458, 'usa', 'texas'), ('canadian', 1458, 'usa', 'oklahoma'),
 ('pecos', 805, 'usa', 'new mexico'), ('pecos', 805, 'usa', 'texas'), ('platte', 497, 'usa', 'nebraska'), ('north platte', 1094, 'usa', 'colorado'),
 ('north platte', 1094, 'usa', 'wyoming'), ('north platte', 1094, 'usa', 'nebraska'), ('green', 1175, 'usa', 'wyoming'), ('green', 1175, 'usa', 'utah'), ('green', 1175, 'usa', 'colorado'),
 ('gila', 805, 'usa', 'new mexico'), ('gila', 805, 'usa', 'arizona'), ('san juan', 579, 'usa', 'colorado'), ('san juan', 579, 'usa', 'new mexico'), ('san juan', 579, 'usa', 'utah'),
 ('yukon', 3185, 'usa', 'alaska'), ('mississippi', 3778, 'usa', 'arkansas'), ('mississippi', 3778, 'usa', 'louisiana'), ('ouachita', 973, 'usa', 'arkansas'), ('ouachita', 973, 'usa', 'louisiana');
