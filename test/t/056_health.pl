# health(): what a probe sees, and what it does not.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use JSON::PP;
use SqlAgent::Node;
use Test::More;
use Time::HiRes qw(usleep);

my $node = new_node('health', allows_streaming => 1);
$node->start;
sub q1 { return sql($node, 'postgres', $_[0]) }
sub health { return JSON::PP->new->decode((split /\n/, sql($_[1] // $node, 'postgres', ($_[0] // '') . 'SELECT sql_agent.health()'))[-1]) }

sub becomes
{
	my ($status, $message) = @_;
	my $health;
	for (1 .. 600)
	{
		$health = health();
		return pass("$status: $message") if $health->{status} eq $status && $health->{message} =~ $message;
		usleep(100_000);
	}
	return fail("$status: $message") || diag(JSON::PP->new->pretty->encode($health));
}

q1(q{
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
CREATE ROLE oper LOGIN IN ROLE sql_agent_admin;
});
becomes('healthy', qr/All is well/);
my $health = health();
is_deeply([ sort keys %$health ], [qw(checks message status timestamp version)], 'its members');
is_deeply([ sort keys %{ $health->{checks} } ], [qw(launcher ledger models queue server version workers)], 'what is looked at');
like($health->{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'a timestamp as JSON has them');
ok($health->{checks}{launcher}{pid} > 0, 'the launcher is there');

# ---- who sees what
my $seen = health("SET SESSION AUTHORIZATION ann;\n");
is($seen->{status}, 'healthy', 'a member gets the status');
is_deeply([ sort map { keys %$_ } grep { !exists $_->{library} && !exists $_->{preloaded} } values %{ $seen->{checks} } ], [ ('message') x 5, ('status') x 5 ],
	'and no figures');
ok(exists health("SET SESSION AUTHORIZATION oper;\n")->{checks}{queue}{ready}, 'an operator gets them');

# ---- a model
q1(q{CREATE SERVER m FOREIGN DATA WRAPPER sql_agent_llm OPTIONS (provider 'openai', model 'm');
	INSERT INTO sql_agent.model_call (asked_by, sql_agent_server, error_type) VALUES ('ann', 'm', 'AG041')});
becomes('degraded', qr/server "m" failed \(AG041\)/);
unlike(health("SET SESSION AUTHORIZATION ann;\n")->{message}, qr/"m"/, 'whose name a member is not told');
q1(q{INSERT INTO sql_agent.model_call (asked_by, sql_agent_server) VALUES ('ann', 'm')});
becomes('healthy', qr/All is well/);

# ---- workers and the queue
q1(q{ALTER SYSTEM SET sql_agent.workers = 0});
$node->reload;
becomes('degraded', qr/sql_agent\.workers is 0/);
q1(q{SELECT sql_agent.task_enqueue('insights'); UPDATE sql_agent.task SET run_at = now() - interval '5 minutes' WHERE kind = 'insights'});
is(health()->{checks}{queue}{status}, 'degraded', 'a task that waits is told');
is(health()->{checks}{queue}{ready}, 1, 'and how many');
q1(q{UPDATE sql_agent.task SET run_at = now() - interval '5 hours' WHERE kind = 'insights'});
becomes('unhealthy', qr/ready for 300 minutes/);
q1(q{SELECT sql_agent.queue_set('default', paused => true)});
becomes('degraded', qr/sql_agent\.workers is 0/);
q1(q{SELECT sql_agent.queue_reset('default')});
q1(q{UPDATE sql_agent.task SET home = '1/1', status = 'PENDING' WHERE kind = 'insights'; ALTER SYSTEM RESET sql_agent.workers});
$node->reload;
becomes('degraded', qr/resume_after_restore/);
q1(q{DELETE FROM sql_agent.task WHERE kind = 'insights'});
becomes('healthy', qr/All is well/);
q1(q{ALTER DATABASE postgres SET sql_agent.enabled = off});
becomes('degraded', qr/Turn it on: ALTER DATABASE/);
q1(q{ALTER DATABASE postgres SET sql_agent.enabled = on});

# ---- another version of the library
q1(q{UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'sql_agent'});
becomes('unhealthy', qr/ALTER EXTENSION sql_agent UPDATE/);
q1(qq{UPDATE pg_extension SET extversion = '$health->{version}' WHERE extname = 'sql_agent'});
becomes('healthy', qr/All is well/);

# ---- a standby has no workers, and is well
$node->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$health = health('', $standby);
is($health->{status}, 'healthy', 'a standby is well without workers') or diag(JSON::PP->new->pretty->encode($health));
ok($health->{checks}{server}{standby}, 'and says what it is');
ok(!exists $health->{checks}{launcher}, 'nobody looks for a launcher there');
$standby->stop;

# ---- not preloaded
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
becomes('degraded', qr/shared_preload_libraries/);

done_testing();
