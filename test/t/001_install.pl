# Installing: without preloading, in several databases, dropped and made again,
# rolled back, and the cluster-wide roles that outlive it.
use strict;
use warnings;
use Test::More;
use SqlAgent::Node;

my $node = start_node('plain', preload => 0);
my $works = q{SELECT value FROM ask_rows('how many parcels are there') AS r, jsonb_each_text(r)};

# a database with something to ask about
sub make_database
{
	my ($database) = @_;
	sql($node, 'postgres', "CREATE DATABASE $database") unless $database eq 'postgres';
	sql($node, $database, 'CREATE TABLE public.parcel (parcel_id int PRIMARY KEY); INSERT INTO public.parcel VALUES (1), (2), (3)');
}

sub exists_in
{
	my ($database) = @_;
	return sql($node, $database, q{SELECT count(*) FROM pg_extension WHERE extname = 'sql_agent'});
}

sub leftovers
{
	my ($database) = @_;
	return sql($node, $database, q{
SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'sql_agent')
     + (SELECT count(*) FROM pg_proc WHERE probin LIKE '%sql_agent%')
     + (SELECT count(*) FROM pg_event_trigger WHERE evtname LIKE 'sql_agent%')});
}

# one session: made, used, dropped, made and used again
make_database('postgres');
my $expose = q{SELECT sql_agent.expose_schema('public') \g /dev/null};
is(sql($node, 'postgres', "CREATE EXTENSION sql_agent;\n$expose\n$works; DROP EXTENSION sql_agent; CREATE EXTENSION sql_agent; $works;"),
	"3\n3", 'made, used, dropped, made and used in one session');
sql($node, 'postgres', 'DROP EXTENSION sql_agent');
is(leftovers('postgres'), '0', 'DROP EXTENSION leaves no object in the database');

# the roles stay, and are used again
is(sql($node, 'postgres', q{SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'sql_agent%'}),
	'sql_agent_admin sql_agent_keys sql_agent_reader sql_agent_user', 'the group roles stay behind');
sql($node, 'postgres', 'CREATE EXTENSION sql_agent');
is(exists_in('postgres'), '1', 'the roles that were left are used again');

# a second database
make_database('second');
is(sql($node, 'second', "CREATE EXTENSION sql_agent;\n$expose\n$works"), '3', 'works in a second database');
sql($node, 'second', 'DROP EXTENSION sql_agent');
is(sql($node, 'postgres', $works), '3', 'dropping it there leaves the first database alone');

# rolled back
is(sql($node, 'second', "BEGIN; CREATE EXTENSION sql_agent; $works; ROLLBACK; BEGIN; CREATE EXTENSION sql_agent; $works; COMMIT; $works;"),
	"3\n3\n3", 'rolled back, then made, in one session');
is(sql($node, 'second', "BEGIN; DROP EXTENSION sql_agent; ROLLBACK; $works"), '3', 'a DROP EXTENSION that is rolled back changes nothing');

# a schema for the verbs other than public
sql($node, 'postgres', 'CREATE DATABASE third');
sql($node, 'third', 'CREATE SCHEMA verbs; CREATE EXTENSION sql_agent SCHEMA verbs');
is(sql($node, 'third', q{SELECT count(*) > 0 FROM pg_proc WHERE pronamespace = 'verbs'::regnamespace AND proname = 'ask'}),
	't', 'the verbs are made in the schema that CREATE EXTENSION names');

# without the extension the loaded library says what is missing, and breaks nothing
sql($node, 'postgres', 'CREATE DATABASE without');
is(sql($node, 'without', "LOAD 'sql_agent'; CREATE TABLE t (a int); ANALYZE t; DROP TABLE t; SELECT 1"), '1',
	'a database without the extension works on with the library loaded');

# roles that somebody else made
sql($node, 'postgres', 'CREATE DATABASE fourth');
sql($node, 'fourth', 'ALTER ROLE sql_agent_reader LOGIN');
like(fails($node, 'fourth', 'CREATE EXTENSION sql_agent'), qr/42710: role "sql_agent_reader" exists already and is not a plain group role/,
	'a group role that can log in is refused');
sql($node, 'fourth', 'ALTER ROLE sql_agent_reader NOLOGIN BYPASSRLS');
like(fails($node, 'fourth', 'CREATE EXTENSION sql_agent'), qr/not a plain group role.*HINT:/s, 'so is one that bypasses row security');
sql($node, 'fourth', 'ALTER ROLE sql_agent_reader NOBYPASSRLS; GRANT pg_read_all_data TO sql_agent_reader');
like(fails($node, 'fourth', 'CREATE EXTENSION sql_agent'), qr/0LP01: role "sql_agent_reader" is a member of other roles/,
	'and a reader that is a member of another role');
is(leftovers('fourth'), '0', 'a refused CREATE EXTENSION leaves nothing');
sql($node, 'fourth', 'REVOKE pg_read_all_data FROM sql_agent_reader; CREATE EXTENSION sql_agent');
is(exists_in('fourth'), '1', 'after the hint was followed it is made');

# somebody who may not
sql($node, 'postgres', 'CREATE ROLE regress_nobody LOGIN');
like(fails($node, 'without', 'SET ROLE regress_nobody; CREATE EXTENSION sql_agent'), qr/42501: permission denied to create extension/,
	'an ordinary role can not create the extension');

# gone for good, as the installation page says
for my $database ('postgres', 'second', 'third', 'fourth')
{
	sql($node, $database, 'DROP EXTENSION sql_agent; DROP OWNED BY sql_agent_user, sql_agent_admin, sql_agent_reader, sql_agent_keys');
}
sql($node, 'postgres', 'DROP ROLE sql_agent_user, sql_agent_admin, sql_agent_reader, sql_agent_keys');
is(sql($node, 'postgres', q{SELECT count(*) FROM pg_roles WHERE rolname LIKE 'sql_agent%'}), '0', 'the roles can be dropped once no database needs them');

$node->stop;
done_testing();
