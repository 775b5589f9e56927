# pg_upgrade to the same major: the preloaded library must not get in its way,
# and what users stored must arrive.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $old = start_node('old');
my $new = new_node('new');

sql($old, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE TABLE public.invoice (invoice_id int PRIMARY KEY, amount numeric);
INSERT INTO public.invoice VALUES (1, 10), (2, 20);
SELECT sql_agent.expose_schema('public');
SELECT sql_agent.synonym_add('bill', 'public.invoice');
});
my $before = sql($old, 'postgres', q{SELECT sql_agent.ask_sql('how many bills are there')});
$old->stop;

my $bin = `pg_config --bindir`;
chomp $bin;
my @upgrade = (
	'pg_upgrade', '--no-sync', '--old-datadir', $old->data_dir, '--new-datadir', $new->data_dir, '--old-bindir', $bin, '--new-bindir', $bin,
	'--socketdir', $new->host, '--old-port', $old->port, '--new-port', $new->port);

chdir $PostgreSQL::Test::Utils::tmp_check or die $!;
command_ok([ @upgrade, '--check' ], 'pg_upgrade --check');
command_ok([@upgrade], 'pg_upgrade');
$new->start;
is(sql($new, 'postgres', q{SELECT sql_agent.ask_sql('how many bills are there')}), $before, 'the upgraded server answers as before');
is(sql($new, 'postgres', $before), '2', 'rightly');
sql($new, 'postgres', 'DROP EXTENSION sql_agent; CREATE EXTENSION sql_agent');
pass('the extension is dropped and made in the upgraded server');
$new->stop;
done_testing();
