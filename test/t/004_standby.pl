# A standby answers questions, and records nothing.
use strict;
use warnings;
use Test::More;
use SqlAgent::Node;

my $primary = start_node('primary', allows_streaming => 1);
sql($primary, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE TABLE public.invoice (invoice_id int PRIMARY KEY, amount numeric);
INSERT INTO public.invoice SELECT i, i * 10 FROM generate_series(1, 3) AS i;
SELECT sql_agent.expose_schema('public');
CREATE ROLE regress_asker LOGIN IN ROLE sql_agent_user;
GRANT SELECT ON public.invoice TO regress_asker;
SELECT ask_json('how many invoices are there');
});
$primary->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

my $recorded = sql($primary, 'postgres', 'SELECT count(*) FROM sql_agent.question');
for my $role ('postgres', 'regress_asker')
{
	my $become = $role eq 'postgres' ? '' : "SET ROLE $role;";
	is(sql($standby, 'postgres', "$become SELECT answer ->> 'success', answer ->> 'row_count', answer -> 'question_id' FROM ask_json('how many invoices are there') AS answer"),
		'true|1|null', "$role gets an answer on the standby, unrecorded");
	like(sql($standby, 'postgres', "$become SELECT ask('how many invoices are there')"), qr/\b3\b/, "$role: ask() shows it");
}
is(sql($standby, 'postgres', 'SELECT count(*) FROM sql_agent.question'), $recorded, 'nothing was recorded');
like(fails($standby, 'postgres', q{SELECT sql_agent.synonym_add('bill', 'public.invoice')}), qr/25006/, 'what stores says that it can not');

# a table made on the primary becomes visible to questions on the standby
sql($primary, 'postgres', q{CREATE TABLE public.parcel (parcel_id int PRIMARY KEY); INSERT INTO public.parcel VALUES (1), (2)});
$primary->wait_for_catchup($standby);
like(sql($standby, 'postgres', q{SELECT ask_json('how many parcels are there') ->> 'success'}), qr/true/, 'a new table can be asked about');

# after promotion it records again
$standby->promote;
is(sql($standby, 'postgres', q{SELECT ask_json('how many invoices are there') ->> 'question_id' IS NOT NULL}), 't', 'promoted, it records again');
$standby->stop;
$primary->stop;
done_testing();
