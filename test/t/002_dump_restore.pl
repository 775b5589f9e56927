# pg_dumpall -g and pg_dump into a new cluster keep what users stored.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $old = new_node('source');
my $new = new_node('target');
# workers would add their upkeep to the rows that are compared
for my $node ($old, $new)
{
	$node->append_conf('postgresql.conf', 'sql_agent.workers = 0');
	$node->start;
}

# every row of every table of the extension, as one text
my $state = q{
SELECT string_agg(c.relname || ': ' || coalesce((xpath('/table/row', x))::text, ''), E'\n' ORDER BY c.relname)
FROM pg_extension e
JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'r',
LATERAL query_to_xml(format('SELECT * FROM %s AS t ORDER BY t::text', c.oid::regclass), true, false, '') AS x
WHERE e.extname = 'sql_agent'};

sql($old, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE ROLE regress_asker LOGIN IN ROLE sql_agent_user;
CREATE SCHEMA shop;
CREATE TABLE shop.invoice (invoice_id int PRIMARY KEY, amount numeric);
INSERT INTO shop.invoice VALUES (1, 10), (2, 20);
GRANT USAGE ON SCHEMA shop TO regress_asker;
CREATE TABLE shop.payment (payment_id int PRIMARY KEY, settles int);
INSERT INTO shop.payment VALUES (1, 2);
GRANT SELECT ON shop.invoice, shop.payment TO regress_asker;
SELECT sql_agent.relationship_add('shop.payment', '{settles}', 'shop.invoice', '{invoice_id}');
SELECT sql_agent.expose_schema('shop');
SELECT sql_agent.synonym_add('bill', 'shop.invoice');
SELECT sql_agent.term_add('steep', 'invoice.amount > 15');
SET ROLE regress_asker;
SELECT ask_json('how many invoices are there');
});
isnt(sql($old, 'postgres', 'SELECT count(*) FROM sql_agent.question'), '0', 'a question was recorded');

# what is not registered would be lost without a word
is(sql($old, 'postgres', q{
SELECT string_agg(c.relname, ' ' ORDER BY c.relname)
FROM pg_extension e
JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'S')
WHERE e.extname = 'sql_agent' AND NOT c.oid = ANY (coalesce(e.extconfig, '{}'))}), '', 'every table and sequence is registered for pg_dump');

my $roles = $old->basedir . '/roles.sql';
my $dump = $old->basedir . '/dump.sql';
command_ok([ 'pg_dumpall', '--globals-only', '--no-role-passwords', '-d', $old->connstr('postgres'), '-f', $roles ], 'pg_dumpall -g');
command_ok([ 'pg_dump', '-d', $old->connstr('postgres'), '-f', $dump ], 'pg_dump');

# the bootstrap superuser is there already: only that statement may fail
my ($code, $out, $err) = $new->psql('postgres', slurp_file($roles), on_error_stop => 0);
my @errors = grep { /ERROR/ } split /\n/, $err;
is(scalar(grep { !/role "[^"]*" already exists/ } @errors), 0, 'the roles are restored');
sql($new, 'postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $new->connstr('restored'), '-f', $dump ], 'the dump is restored without an error');

is(sql($new, 'restored', $state), sql($old, 'postgres', $state), 'every row of every table arrived');
is(sql($new, 'restored', q{SET ROLE regress_asker; SELECT value FROM ask_rows('how many bills are there') AS r, jsonb_each_text(r)}), '2',
	'a stored word still works');
is(sql($new, 'restored', q{SET ROLE regress_asker; SELECT value FROM ask_rows('how many steep invoices are there') AS r, jsonb_each_text(r)}), '1',
	'the meaning of a word still works');
is(sql($new, 'restored', q{SET ROLE regress_asker; SELECT to_table FROM sql_agent.my_relationships WHERE from_table = 'payment'}), 'invoice',
	'a relationship that was given still counts');
is(sql($new, 'restored', q{SELECT ask_json('how many invoices are there') ->> 'success'}), 'true', 'what was exposed is exposed');

$old->stop;
$new->stop;
done_testing();
