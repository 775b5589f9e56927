# Where tasks run and where they wait: a restored dump, a copied database, a
# standby and its promotion, a server that does not preload the library; what
# outside listeners are told.
use strict;
use warnings;
use Test::More;
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('node', kinds => 1, allows_streaming => 1);
$node->start;
sql($node, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE ROLE regress_ann LOGIN IN ROLE sql_agent_user;
});
my $done = enqueue($node, 'postgres', 'test_ok', '{}', role => 'regress_ann');
is(ended($node, 'postgres', $done), 'SUCCESS', 'a task has run');

# ---- what is waiting and running when the copies are made ----
my $running = enqueue($node, 'postgres', 'test_sleep', '{"seconds": 600}', role => 'regress_ann');
my $once = enqueue($node, 'postgres', 'test_sleep_once', '{"seconds": 600}', role => 'regress_ann');
running($node, 'postgres', $_) for $running, $once;
sql($node, 'postgres', q{SELECT sql_agent.queue_set('default', paused => true)});
my $waiting = enqueue($node, 'postgres', 'test_ok', '{"n": 1}', role => 'regress_ann');
my $keyed = sql($node, 'postgres', q{SET ROLE regress_ann; SELECT sql_agent.task_enqueue('test_ok', unique_key => 'key')});

my $dump = $node->backup_dir . '/task.dump';
mkdir $node->backup_dir;
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'pg_restore');

is(sql($node, 'restored', 'SELECT count(*) FROM sql_agent.task WHERE kind LIKE $$test%$$'), 5, 'all tasks came along');
is(sql($node, 'restored', 'SELECT paused FROM sql_agent.task_queue'), 't', 'and so did the queue that is paused');
sql($node, 'restored', q{SELECT sql_agent.queue_reset('default')});
like(sql($node, 'restored', "SELECT sql_agent.task_status('$waiting') ->> 'message'"), qr/waits for resume_after_restore/, 'the copy waits, and says for what');
like(fails($node, 'restored', "SELECT sql_agent.task_wait('$waiting')"), qr/55000.*resume_after_restore/s, 'so nobody waits for it');
# new work is done there
my $own = enqueue($node, 'restored', 'test_ok', '{}', role => 'regress_ann');
is(ended($node, 'restored', $own), 'SUCCESS', 'what is enqueued in the copy runs');
isnt(sql($node, 'restored', q{SET ROLE regress_ann; SELECT sql_agent.task_enqueue('test_ok', unique_key => 'key')}), $keyed, 'the key of a task that does not run is free');
sql($node, 'restored', 'SELECT pg_sleep(6)');
is(status($node, 'restored', $waiting), 'PENDING', 'what was waiting still waits');
is(status($node, 'restored', $running), 'PROCESSING', 'what was running is left alone');
is(sql($node, 'restored', "SET ROLE regress_ann; SELECT count(*) FROM sql_agent.tasks WHERE kind LIKE 'test%'"), 7, 'its owner sees it');
like(fails($node, 'restored', 'SET ROLE regress_ann; SELECT sql_agent.resume_after_restore()'), qr/42501/, 'only a superuser lets it run');

is(sql($node, 'restored', "SELECT sql_agent.resume_after_restore() >= 4"), 't', 'resume_after_restore says how many there are');
is(ended($node, 'restored', $waiting), 'SUCCESS', 'then what waited runs');
is(ended($node, 'restored', $keyed), 'SUCCESS', 'and its key is its own again, for the other has ended');
is(sql($node, 'restored', "SELECT attempts FROM sql_agent.task WHERE id = '$waiting'"), '1', 'once');
wait_until($node, 'restored', "(SELECT attempts >= 1 AND error IS NOT NULL FROM sql_agent.task WHERE id = '$running')");
like(sql($node, 'restored', "SELECT error ->> 'message' FROM sql_agent.task WHERE id = '$running'"), qr/the worker ended while the task ran/, 'what ran has lost its worker');
is(ended($node, 'restored', $once), 'FAILURE 57P02 the worker ended while the task ran', 'what must not be done twice is not');
is(sql($node, 'restored', 'SELECT sql_agent.resume_after_restore()'), '0', 'a second time there is nothing');
is(status($node, 'postgres', $running), 'PROCESSING', 'the original goes on');
like(sql($node, 'restored', "SELECT sql_agent.task_cancel('$running')"), qr/t/, 'and that of the copy is cancelled in the copy');
is(status($node, 'postgres', $running), 'PROCESSING', 'alone');

# ---- CREATE DATABASE ... TEMPLATE ----
sql($node, 'postgres', "SELECT sql_agent.task_cancel('$_')") for $running, $once;
wait_until($node, 'postgres', "NOT EXISTS (SELECT FROM sql_agent.task WHERE status = 'PROCESSING' AND kind LIKE 'test%')");
$node->safe_psql('template1', 'CREATE DATABASE copied TEMPLATE postgres');
like(sql($node, 'copied', "SELECT message FROM sql_agent.tasks WHERE id = '$waiting'"), qr/waits for resume_after_restore/, 'a copied database waits as well');
sql($node, 'copied', q{SELECT sql_agent.queue_reset('default'), sql_agent.resume_after_restore()});
is(ended($node, 'copied', $waiting), 'SUCCESS', 'and is let to run');
is(status($node, 'postgres', $waiting), 'PENDING', 'while the original waits in its paused queue');
sql($node, 'postgres', q{SELECT sql_agent.queue_reset('default')});
is(ended($node, 'postgres', $waiting), 'SUCCESS', 'until it is its turn');

# ---- outside listeners ----
my ($code, $out, $err) = $node->psql('postgres', q{
LISTEN sql_agent_task;
SELECT sql_agent.task_enqueue('test_ok');
SELECT 'quiet';
SET sql_agent.task_notify = on;
BEGIN;
SELECT sql_agent.task_enqueue('test_ok', run_at => now() + interval '1 day') AS id \gset
ROLLBACK;
SELECT 'rolled back';
SELECT sql_agent.task_enqueue('test_ok', run_at => now() + interval '1 day') AS id \gset
SELECT sql_agent.task_cancel(:'id');
SELECT 'end', :'id';
});
like($out, qr/quiet\n.*rolled back/s, 'nothing is told before it is asked for, or of what was rolled back');
unlike((split /rolled back/, $out)[0], qr/notification/, 'really');
like($out, qr/"status": "PENDING"\}.*"status": "CANCELLED"\}/s, 'a task that was enqueued and cancelled');
$node->append_conf('postgresql.conf', 'sql_agent.task_notify = on');
$node->reload;
($code, $out, $err) = $node->psql('postgres', q{
LISTEN sql_agent_task;
SELECT sql_agent.task_enqueue('test_ok') AS id \gset
SELECT sql_agent.task_wait(:'id') ->> 'status';
SELECT pg_sleep(0.2);
SELECT 'end';
});
like($out, qr/"status": "SUCCESS"\}/, 'and the end, by the worker');

# ---- a standby ----
sql($node, 'postgres', q{SELECT sql_agent.queue_set('default', paused => true)});
my $later = enqueue($node, 'postgres', 'test_ok', '{}', role => 'regress_ann');
$node->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
like(fails($standby, 'postgres', q{SELECT sql_agent.task_enqueue('test_ok')}), qr/25006.*Connect to the primary/s, 'a standby enqueues nothing');
is(sql($standby, 'postgres', "SELECT sql_agent.task_status('$later') ->> 'status'"), 'PENDING', 'but says where a task stands');
like(fails($standby, 'postgres', "SELECT sql_agent.task_wait('$later')"), qr/55000.*standby/s, 'and that nobody works on it');
like(fails($standby, 'postgres', "SELECT sql_agent.task_cancel('$later')"), qr/25006/, 'nor is it cancelled there');
is(sql($standby, 'postgres', 'SELECT count(*) FROM sql_agent.workers'), '0', 'no worker');
is(sql($standby, 'postgres', "SELECT count(*) FROM sql_agent.queues WHERE waiting > 0"), '1', 'its views work');
$node->stop;
$standby->promote;
sql($standby, 'postgres', q{SELECT sql_agent.queue_reset('default')});
is(ended($standby, 'postgres', $later), 'SUCCESS', 'promoted, it works by itself');
$standby->stop;

# ---- without the library being preloaded ----
$node->append_conf('postgresql.conf', q{shared_preload_libraries = ''});
$node->start;
my $load = q{LOAD 'sql_agent_test_kinds';};
my $stranded = sql($node, 'postgres', "$load SELECT sql_agent.task_enqueue('test_ok')");
is(status($node, 'postgres', $stranded), 'PENDING', 'a task can be enqueued where nobody runs it');
like(fails($node, 'postgres', "SELECT sql_agent.task_wait('$stranded')"), qr/55000.*shared_preload_libraries/s, 'who waits is told at once');
is(sql($node, 'postgres', "SELECT count(*) FROM sql_agent.workers"), '0', 'the views work');
is(sql($node, 'postgres', "SELECT sql_agent.task_cancel('$stranded')"), 't', 'it can be cancelled');
sql($node, 'postgres', "UPDATE sql_agent.task SET status = 'PROCESSING', worker_pid = 1, worker_started = now() WHERE id = '$stranded'");
is(sql($node, 'postgres', "SELECT sql_agent.task_cancel('$stranded')"), 't', 'and so can one that lost its worker');
is(status($node, 'postgres', $stranded), 'CANCELLED', 'for nobody else would end it');

# ---- switched off ----
$node->append_conf('postgresql.conf', q{shared_preload_libraries = 'sql_agent,sql_agent_test_kinds'});
$node->append_conf('postgresql.conf', 'sql_agent.workers = 0');
$node->restart;
my $idle = enqueue($node, 'postgres', 'test_ok');
like(fails($node, 'postgres', "SELECT sql_agent.task_wait('$idle')"), qr/55000.*sql_agent\.workers is 0/s, 'no workers');
$node->append_conf('postgresql.conf', 'sql_agent.workers = 2');
sql($node, 'postgres', 'ALTER DATABASE postgres RESET sql_agent.enabled');
$node->reload;
like(fails($node, 'postgres', "SELECT sql_agent.task_wait('$idle')"), qr/55000.*off in this database.*ALTER DATABASE postgres SET/s, 'no mark');
sql($node, 'postgres', 'ALTER DATABASE postgres SET sql_agent.enabled = on');
$node->restart;
sql($node, 'postgres', q{SELECT sql_agent.queue_reset('default')});
is(ended($node, 'postgres', $idle), 'SUCCESS', 'marked again, it works');
$node->stop;

done_testing();
