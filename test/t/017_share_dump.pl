# Shared tables and members' saved views survive dump and restore; where the
# restore left something out, sharing again puts it right.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $node = start_node('shared');
sql($node, 'postgres', q{
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('globex');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
CREATE SCHEMA shop;
CREATE TABLE shop.parcel (parcel_id int PRIMARY KEY, tenant text NOT NULL, weight int);
CREATE INDEX ON shop.parcel (tenant);
INSERT INTO shop.parcel SELECT i, CASE WHEN i % 4 = 0 THEN 'acme' ELSE 'globex' END, i FROM generate_series(1, 100) AS i;
CREATE TABLE shop.rate (currency text PRIMARY KEY);
SELECT sql_agent.share_table('shop.parcel', 'tenant'), sql_agent.share_table('shop.rate');
SET SESSION AUTHORIZATION ann;
SELECT sql_agent.ask_view('parcels', 'how many parcels');
});

my $state = q{SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM sql_agent.shared_tables};
my $seen = q{SET SESSION AUTHORIZATION ann; SELECT (SELECT count(*) FROM shop.parcel), (SELECT number_of_parcels FROM acme.parcels)};
my $saved = q{SELECT tenant, name, question, saved_by FROM sql_agent.saved_views};
my @before = map { sql($node, 'postgres', $_) } $state, $seen, $saved;
is($before[0], 'parcel shared, rate shared', 'two tables are shared');
is($before[1], '25|25', 'the member sees its rows, and its view counts them');

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
my @to = ('-h', $node->host, '-p', $node->port);
command_ok([ 'pg_dump', @to, '-Fc', '-f', $dump, 'postgres' ], 'dumped');
sql($node, 'postgres', 'CREATE DATABASE copy');
command_ok([ 'pg_restore', @to, '--exit-on-error', '-d', 'copy', $dump ], 'restored beside it');
is_deeply([ map { sql($node, 'copy', $_) } $state, $seen, $saved ], \@before, 'all is there again');

# without privileges nothing is readable, and the state says so
sql($node, 'postgres', 'CREATE DATABASE bare');
command_ok([ 'pg_restore', @to, '--exit-on-error', '--no-privileges', '-d', 'bare', $dump ], 'restored without privileges');
is(sql($node, 'bare', $state), 'parcel altered, rate altered', 'what is missing is seen');
like(fails($node, 'bare', $seen), qr/permission denied for schema shop/, 'the member sees nothing');
sql($node, 'bare', q{SELECT sql_agent.share_table('shop.parcel', 'tenant'), sql_agent.share_table('shop.rate')});
is(sql($node, 'bare', $state), 'parcel shared, rate shared', 'sharing again repairs it');
is(sql($node, 'bare', 'SET SESSION AUTHORIZATION ann; SELECT count(*) FROM shop.parcel'), '25', 'and the member sees its rows');
is(sql($node, 'bare', q{SELECT sql_agent.unshare_table('shop.parcel'); SELECT relrowsecurity OR relforcerowsecurity FROM pg_class WHERE relname = 'parcel' AND relkind = 'r'}),
	"\nf", 'and row security goes as it came');

# a tenant that is renamed keeps its saved views, one that is dropped takes them along;
# neither is done while copies use its roles
sql($node, 'postgres', $_) for 'DROP DATABASE copy', 'DROP DATABASE bare';
sql($node, 'postgres', q{SELECT sql_agent.tenant_rename('acme', 'apex')});
is(sql($node, 'postgres', $saved), 'apex|parcels|how many parcels|ann', 'renamed with its views');
sql($node, 'postgres', q{SELECT sql_agent.tenant_drop('apex', cascade => true)});
is(sql($node, 'postgres', $saved), '', 'dropped with its views');
$node->stop;
done_testing();
