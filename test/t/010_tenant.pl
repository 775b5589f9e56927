# Tenants' roles belong to the cluster: two databases, a copy of one, a renamed
# one, restores with and without roles, and what a crash leaves.
use strict;
use warnings;
use IPC::Run;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $node = start_node('home');

sub as_login
{
	my ($server, $database, $login, $sql) = @_;
	return $server->safe_psql($database, $sql, extra_params => [ '-U', $login ]);
}

sub rejected
{
	my ($server, $database, $sql, $pattern, $name) = @_;
	return like(fails($server, $database, $sql), $pattern, $name);
}

sql($node, 'postgres', "CREATE DATABASE $_") for qw(shop other);
sql($node, $_, 'CREATE EXTENSION sql_agent') for qw(shop other);
sql($node, 'shop', q{
SELECT tenant_provision('acme', tenant_key => '7');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
SET ROLE tenant_acme_owner;
CREATE TABLE acme.orders (id serial PRIMARY KEY);
INSERT INTO acme.orders DEFAULT VALUES;
INSERT INTO acme.orders DEFAULT VALUES;
CREATE VIEW acme.recent AS SELECT * FROM acme.orders;
});
my $asked = q{SELECT sql_agent.current_tenant() || ' ' || value FROM ask_rows('how many orders') AS r, jsonb_each_text(r)};
is(as_login($node, 'shop', 'ann', $asked), 'acme 2', 'a member asks');
is(as_login($node, 'shop', 'ann', 'SHOW search_path'), 'acme, public', 'its search_path is set');

# ---- another database of the cluster ----
rejected($node, 'other', "SELECT tenant_provision('acme')",
	qr/42710.*role "tenant_acme" belongs to another tenant.*made in database "shop"/s, 'the name is taken by a tenant of another database');
is(sql($node, 'other', 'SELECT count(*) FROM sql_agent.tenant'), '0', 'and nothing is left of the attempt');
is(as_login($node, 'other', 'ann', 'SELECT sql_agent.current_tenant() IS NULL'), 't', 'a member has no tenant there');
is(as_login($node, 'other', 'ann', 'SHOW search_path'), '"$user", public', 'and no settings');
# the row alone makes nobody a member
sql($node, 'other', q{INSERT INTO sql_agent.tenant (name, tenant_key, display_name, created_by) VALUES ('acme', '7', 'Acme', 'x')});
is(as_login($node, 'other', 'ann', 'SELECT sql_agent.current_tenant() IS NULL'), 't', 'nor where a tenant of that name is registered');
rejected($node, 'other', "SELECT $_", qr/42710.*belongs to another tenant/s, "not even to repair or change it: $_")
  for ("tenant_provision('acme', if_not_exists => true)", "sql_agent.tenant_drop('acme')", "sql_agent.tenant_rename('acme', 'x')",
	"sql_agent.tenant_suspend('acme')", "sql_agent.tenant_add_member('acme', 'ann')");
sql($node, 'other', q{DELETE FROM sql_agent.tenant; SELECT tenant_provision('beta')});

# ---- a copy shares the roles, so it may not change them ----
sql($node, 'postgres', 'CREATE DATABASE copy TEMPLATE shop');
is(as_login($node, 'copy', 'ann', $asked), 'acme 2', 'in a copy of the database a member asks its copy');
rejected($node, 'copy', "SELECT $_", qr/55000.*belongs to the tenant of database "shop".*is a copy of that one/s, "a copy does not change them: $_")
  for ("sql_agent.tenant_drop('acme', true)", "sql_agent.tenant_rename('acme', 'x')", "sql_agent.tenant_suspend('acme')");
rejected($node, 'shop', "SELECT sql_agent.tenant_drop('acme', true)", qr/2BP01.*role "tenant_acme" is used in other databases.*copy/s,
	'a role that a copy uses is not dropped');
rejected($node, 'shop', "SELECT sql_agent.tenant_rename('acme', 'x')", qr/2BP01.*is used in other databases/s, 'nor renamed');
is(as_login($node, 'shop', 'ann', $asked), 'acme 2', 'and nothing of the tenant is gone');
sql($node, 'postgres', 'DROP DATABASE copy');

# ---- a renamed database is the same one ----
sql($node, 'postgres', 'ALTER DATABASE shop RENAME TO store');
is(as_login($node, 'store', 'ann', $asked), 'acme 2', 'a renamed database keeps its tenants');
sql($node, 'store', "SELECT sql_agent.tenant_suspend('acme'); SELECT sql_agent.tenant_resume('acme')");
like(sql($node, 'postgres', q{SELECT shobj_description('tenant_acme'::regrole, 'pg_authid')}), qr/made in database store$/, 'the roles name the database');

# ---- a crash in the middle leaves nothing ----
my $unfinished = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('store'), '-c', q{BEGIN; SELECT tenant_provision('half'); SELECT pg_sleep(600)} ],
	'>', '/dev/null', '2>', '/dev/null');
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}), 'a tenant is half made');
$node->stop('immediate');
$unfinished->finish;
$node->start;
is(sql($node, 'store', q{SELECT count(*) FROM pg_roles WHERE rolname LIKE '%half%'}), '0', 'no role of an unfinished transaction');
is(sql($node, 'store', q{SELECT tenant_provision('half'); SELECT sql_agent.tenant_drop('half')}), "half\n", 'the name is free');

# ---- restore with roles, and without ----
my $roles = $node->basedir . '/roles.sql';
my $dump = $node->basedir . '/dump.sql';
sql($node, 'store', q{SELECT sql_agent.tenant_provision('empty')});
command_ok([ 'pg_dumpall', '--globals-only', '--no-role-passwords', '-d', $node->connstr('postgres'), '-f', $roles ], 'pg_dumpall -g');
command_ok([ 'pg_dump', '-d', $node->connstr('store'), '-f', $dump ], 'pg_dump');
$node->stop;

my $with = start_node('with_roles');
$with->psql('postgres', slurp_file($roles), on_error_stop => 0);
sql($with, 'postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $with->connstr('restored'), '-f', $dump ], 'restored with roles, without an error');
is(as_login($with, 'restored', 'ann', q{SELECT sql_agent.current_tenant() || ' ' || count(*) FROM acme.orders}), 'acme 2', 'a member reads at once');
is(as_login($with, 'restored', 'ann', 'SHOW search_path'), '"$user", public', 'settings for a database are not in a dump of it');
sql($with, 'restored', q{SELECT tenant_provision(name, if_not_exists => true) FROM sql_agent.tenant});
is(as_login($with, 'restored', 'ann', 'SHOW search_path'), 'acme, public', 'tenant_provision() with if_not_exists sets them again');
is(as_login($with, 'restored', 'ann', $asked), 'acme 2', 'and the member asks');
$with->stop;

my $without = start_node('without_roles');
sql($without, 'postgres', 'CREATE DATABASE restored');
command_fails([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $without->connstr('restored'), '-f', $dump ], 'without roles the dump has errors');
sql($without, 'postgres', 'DROP DATABASE restored');
sql($without, 'postgres', 'CREATE DATABASE restored');
$without->psql('restored', slurp_file($dump), on_error_stop => 0);
rejected($without, 'restored', "SELECT ask_sql('how many orders', tenant => 'acme')",
	qr/42704.*role "tenant_acme" does not exist.*tenant_provision\('acme', if_not_exists => true\)/s, 'the error says what to do');
my ($code, $out, $err) = $without->psql('restored', q{SELECT tenant_provision(name, if_not_exists => true) FROM sql_agent.tenant ORDER BY name});
is($code, 0, 'tenants are made again from their rows');
like($err, qr/role "tenant_acme" was missing and has been made/, 'it says what was missing');
like($err, qr/schema "acme" and 2 of its tables, views and sequences have been given back/, 'what the restorer owned goes back to the tenant');
like($err, qr/login "ann" of tenant "acme" does not exist/, 'logins are not made: their passwords are not known');
sql($without, 'restored', q{CREATE ROLE ann LOGIN; SELECT tenant_provision('acme', if_not_exists => true)});
is(as_login($without, 'restored', 'ann', $asked), 'acme 2', 'with its login back, the member asks');
is(sql($without, 'restored', q{SELECT string_agg(relname || ' ' || relowner::regrole, ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'acme'::regnamespace AND relkind <> 'i'}),
	'orders tenant_acme_owner, orders_id_seq tenant_acme_owner, recent tenant_acme_owner', 'all of it is the tenant\'s');
sql($without, 'restored', q{SELECT sql_agent.tenant_drop('acme', true); SELECT sql_agent.tenant_drop('empty')});
is(sql($without, 'restored', q{SELECT count(*) FROM pg_roles WHERE rolname LIKE 'tenant\_%'}), '0', 'and it can be dropped');
$without->stop;

done_testing();
