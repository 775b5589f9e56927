# Fewer processes than databases would use: a database that has work all the time
# does not keep the others waiting.
use strict;
use warnings;
use Test::More;
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('places', kinds => 1);
# two of them are the launchers of logical replication and of sql_agent
$node->append_conf('postgresql.conf', "max_worker_processes = 4\nsql_agent.workers = 2\n");
$node->start;
sql($node, 'postgres', 'CREATE DATABASE other');
for my $database ('postgres', 'other')
{
	sql($node, $database, 'CREATE EXTENSION sql_agent');
	is(ended($node, $database, enqueue($node, $database, 'test_ok')), 'SUCCESS', "tasks run in database $database");
}

# more than both places have done while the other database waits
sql($node, 'postgres', q{SELECT sql_agent.queue_set('default', places => 2, places_per_tenant => 2);
	SELECT count(sql_agent.task_enqueue('test_sleep', '{"seconds": 0.2}')) FROM generate_series(1, 400)});
wait_until($node, 'postgres', q{(SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND datname = 'postgres')});
for (1 .. 3)
{
	is(ended($node, 'other', enqueue($node, 'other', 'test_ok')), 'SUCCESS', 'a task of the other has its turn');
}
cmp_ok(sql($node, 'postgres', q{SELECT count(*) FROM sql_agent.task WHERE kind = 'test_sleep' AND status = 'PENDING'}), '>', 0, 'while there is work left');
# whoever is idle makes room for who is not
wait_until($node, 'postgres', q{(SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND datname = 'postgres')});
cmp_ok(sql($node, 'postgres', q{SELECT count(*) FROM sql_agent.task WHERE kind = 'test_sleep' AND status = 'PENDING'}), '>', 0, 'which has both places again before it is done');
$node->stop;
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
my $said = () = $log =~ /can not start a worker/g;
is($said, 1, 'that places are short is said once, not each time');
done_testing();
