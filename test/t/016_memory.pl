# Memory over a restart, on a standby and through dump and restore.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $ask = q{SELECT answer ->> 'translator' FROM ask_json('%s') AS answer};
my $primary = start_node('primary', allows_streaming => 1);
sql($primary, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE TABLE public.parcel (parcel_id int PRIMARY KEY, town text, weight numeric);
INSERT INTO public.parcel VALUES (1, 'Lima', 10), (2, 'Cusco', 20);
SELECT sql_agent.expose_schema('public');
SELECT sql_agent.example_add('heavy ones of Lima', $$SELECT parcel_id FROM public.parcel WHERE town = 'Lima'$$);
SELECT sql_agent.example_add('those over 15 kilos', $$SELECT parcel_id FROM public.parcel WHERE weight > 15$$);
SELECT ask_json('heavy ones of Lima');
});
is(sql($primary, 'postgres', sprintf $ask, 'heavy ones of Lima'), 'memory', 'an example serves');

# a backend that never read it, after a crash
$primary->stop('immediate');
$primary->start;
is(sql($primary, 'postgres', sprintf $ask, 'heavy ones of Lima'), 'memory', 'and after a restart');
is(sql($primary, 'postgres', sprintf $ask, 'heavy ones of Cusco'), 'memory', 'as a template too');

$primary->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);
my $hits = sql($primary, 'postgres', 'SELECT sum(hits) FROM sql_agent.memory_entry');
is(sql($standby, 'postgres', sprintf $ask, 'heavy ones of Lima'), 'memory', 'a standby is served');
is(sql($standby, 'postgres', sprintf $ask, 'those over 5 kilos'), 'memory', 'from templates too');
is(sql($standby, 'postgres', 'SELECT sum(hits) FROM sql_agent.memory_entry'), $hits, 'and writes nothing');
is(sql($standby, 'postgres', q{SELECT string_agg(DISTINCT status, ' ') FROM sql_agent.memory}), 'usable', 'the view works there');
for my $call (q{sql_agent.example_add('a', 'SELECT 1')}, q{sql_agent.forget(everything => true)},
	q{sql_agent.feedback('00000000-0000-0000-0000-000000000000', true)}, q{sql_agent.example_drop('00000000-0000-0000-0000-000000000000')})
{
	like(fails($standby, 'postgres', "SELECT $call"), qr/25006/, "$call says that it can not write");
}

# what changes on the primary changes what the standby serves
sql($primary, 'postgres', 'ALTER TABLE public.parcel RENAME weight TO kilos');
$primary->wait_for_catchup($standby);
isnt(sql($standby, 'postgres', sprintf $ask, 'those over 15 kilos'), 'memory', 'a renamed column is noticed on the standby');
is(sql($primary, 'postgres', q{SELECT status || ': ' || reason FROM sql_agent.memory WHERE question = 'those over 15 kilos'}),
	'set aside: public.parcel.weight does not exist or can not be read.', 'and the view says why');
$standby->stop;

# by name, so it serves where all OIDs are others; a dropped column closes its gap on the way
sql($primary, 'postgres', 'ALTER TABLE public.parcel RENAME kilos TO weight; ALTER TABLE public.parcel ADD x int; ALTER TABLE public.parcel DROP x');
my $dump = $primary->basedir . '/dump.sql';
command_ok([ 'pg_dump', '-d', $primary->connstr('postgres'), '-f', $dump ], 'pg_dump');
sql($primary, 'postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $primary->connstr('restored'), '-f', $dump ], 'restored');
is(sql($primary, 'restored', sprintf $ask, 'those over 15 kilos'), 'memory', 'the restored memory serves');
is(sql($primary, 'restored', sprintf $ask, 'heavy ones of Cusco'), 'memory', 'and its templates');

# no memory, no harm: another database, and the library without its table
sql($primary, 'restored', 'DROP EXTENSION sql_agent; CREATE EXTENSION sql_agent');
is(sql($primary, 'restored', 'SELECT count(*) FROM sql_agent.memory'), '0', 'a fresh extension remembers nothing');
isnt(sql($primary, 'restored', sprintf $ask, 'heavy ones of Lima'), 'memory', 'and does not answer');
$primary->stop;
done_testing();
