# The life of a task, and workers that are in nobody's way.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('tasks', kinds => 1);
$node->append_conf('postgresql.conf', "max_worker_processes = 20\nsql_agent.worker_idle_timeout = 2s\n");
$node->start;

sub setting
{
	my (%set) = @_;
	sql($node, 'postgres', "ALTER SYSTEM SET $_ = '$set{$_}'") for keys %set;
	sql($node, 'postgres', 'SELECT pg_reload_conf()');
	return;
}

sub marked
{
	my ($database) = @_;
	return sql($node, 'postgres', qq{SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
		WHERE d.datname = '$database' AND s.setrole = 0 AND 'sql_agent.enabled=on' = ANY (s.setconfig)});
}

# ---- the extension and its mark ----
sql($node, 'postgres', 'CREATE DATABASE one');
sql($node, 'one', 'BEGIN; CREATE EXTENSION sql_agent; ROLLBACK');
is(marked('one'), '0', 'a rolled back CREATE EXTENSION leaves no mark');
sql($node, 'one', 'CREATE EXTENSION sql_agent');
is(marked('one'), '1', 'CREATE EXTENSION leaves it');
sql($node, 'one', q{
CREATE ROLE regress_ann LOGIN IN ROLE sql_agent_user;
CREATE TABLE public.seen (id serial, what text);
GRANT ALL ON public.seen, public.seen_id_seq TO PUBLIC;
});

# ---- from enqueue to result ----
my $id = enqueue($node, 'one', 'test_ok', '{"a": 1}', role => 'regress_ann');
is(ended($node, 'one', $id), 'SUCCESS', 'a task is done');
is(sql($node, 'one', "SELECT result ->> 'role', result ->> 'attempt', result ->> 'payload', attempts, progress FROM sql_agent.task WHERE id = '$id'"),
	'regress_ann|1|{"a": 1}|1|100', 'as its owner, with its payload');
$id = sql($node, 'one', q{BEGIN; SELECT sql_agent.task_enqueue('test_ok'); ROLLBACK});
is(status($node, 'one', $id), '', 'a rollback takes it back');
my $start = time;
for (1 .. 10)
{
	$id = enqueue($node, 'one', 'test_ok');
	sql($node, 'one', "SELECT sql_agent.task_wait('$id')");
}
cmp_ok(time - $start, '<', 5, 'workers are woken: they would find ten tasks, one after the other, in about as many seconds by themselves');

# ---- progress, cancel, timeouts ----
$id = enqueue($node, 'one', 'test_sleep', '{"seconds": 60}', role => 'regress_ann');
running($node, 'one', $id);
is(sql($node, 'one', "SELECT s ->> 'status', s ->> 'message', (s ->> 'progress')::float > 0 FROM sql_agent.task_status('$id') s"), 'PROCESSING|sleeping|t',
	'progress is seen while it works');
is(sql($node, 'one', "SELECT datname, query FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND state = 'active'"),
	"one|task $id of kind \"test_sleep\"", 'pg_stat_activity names the task');
is(sql($node, 'one', "SELECT sql_agent.task_cancel('$id')"), 't', 'it is cancelled');
is(ended($node, 'one', $id), 'CANCELLED', 'and ends at once');
my $after = enqueue($node, 'one', 'test_ok');
is(ended($node, 'one', $after), 'SUCCESS', 'the next one is not');

$id = enqueue($node, 'one', 'test_sleep', '{"seconds": 60}');
running($node, 'one', $id);
sql($node, 'one', "SELECT pg_cancel_backend(pid) FROM sql_agent.task_workers() WHERE task_id = '$id'");
is(ended($node, 'one', $id), 'CANCELLED', 'pg_cancel_backend() cancels the task, not the worker');

$id = enqueue($node, 'one', 'test_timeout', '{"seconds": 60}');
is(ended($node, 'one', $id), 'FAILURE 57014 the task has timed out', 'a task may take as long as its kind says');
my $stubborn = enqueue($node, 'one', 'test_stubborn', '{"seconds": 60}');

# ---- errors ----
$id = enqueue($node, 'one', 'test_error', '{"message": "no", "detail": "d", "hint": "h"}');
is(ended($node, 'one', $id), 'FAILURE 22023 no', 'an error fails it');
is(sql($node, 'one', "SELECT error ->> 'detail', error ->> 'hint', error ->> 'context', attempts FROM sql_agent.task WHERE id = '$id'"),
	"d|h|task $id of kind \"test_error\", attempt 1|1", 'what can not pass is not tried again; the context names the task');
$id = enqueue($node, 'one', 'test_flaky', '{"succeed_at": 3}');
retry_now($node, 'one', $id);
wait_until($node, 'one', "EXISTS (SELECT FROM sql_agent.task WHERE id = '$id' AND attempts = 2 AND status = 'PENDING')");
retry_now($node, 'one', $id);
is(ended($node, 'one', $id), 'SUCCESS', 'what can pass is tried again');
is(sql($node, 'one', "SELECT attempts FROM sql_agent.task WHERE id = '$id'"), '3', 'as often as it takes');

# ---- outside of a transaction ----
$id = enqueue($node, 'one', 'test_pause', q[{"before": "INSERT INTO public.seen (what) VALUES ('before')", "seconds": 60, "after": "SELECT 1"}], role => 'regress_ann');
running($node, 'one', $id);
is(sql($node, 'one', "SELECT a.xact_start IS NULL, a.backend_xmin IS NULL FROM sql_agent.task_workers() w JOIN pg_stat_activity a USING (pid) WHERE w.task_id = '$id'"),
	't|t', 'a handler that waits outside holds no transaction');
is(sql($node, 'one', q{SELECT count(*) FROM public.seen WHERE what = 'before'}), '1', 'what it did before is there');
sql($node, 'one', "SELECT sql_agent.task_cancel('$id')");
is(ended($node, 'one', $id), 'CANCELLED', 'it can be cancelled there');
$id = enqueue($node, 'one', 'test_pause', q[{"seconds": 0.01, "after": "INSERT INTO public.seen (what) VALUES (current_user || ' after')"}], role => 'regress_ann');
is(ended($node, 'one', $id), 'SUCCESS', 'it comes back');
is(sql($node, 'one', q{SELECT count(*) FROM public.seen WHERE what = 'regress_ann after'}), '1', 'as the owner');

is(ended($node, 'one', $stubborn), 'FAILURE 57P02 the worker ended while the task ran', 'a handler that takes no notice of its timeout is ended with its worker');

# ---- memory, and what one task leaves for the next ----
setting('sql_agent.workers' => 1);
workers_gone($node);
my $memory = '{"sql": "SELECT sum(total_bytes) FROM pg_catalog.pg_backend_memory_contexts"}';
sql($node, 'one', q{SELECT count(sql_agent.task_enqueue(CASE WHEN i % 10 = 0 THEN 'test_error' ELSE 'test_ok' END::name)) FROM generate_series(1, 500) i});
my $early = enqueue($node, 'one', 'test_sql', $memory);
sql($node, 'one', q{SELECT count(sql_agent.task_enqueue(CASE WHEN i % 10 = 0 THEN 'test_error' ELSE 'test_ok' END::name)) FROM generate_series(1, 10000) i});
my $late = enqueue($node, 'one', 'test_sql', $memory);
ended($node, 'one', $late);
is(sql($node, 'one', q{SELECT count(*) FROM sql_agent.task WHERE status IN ('PENDING', 'PROCESSING')}), '0', '10,000 tasks are done');
my $growth = sql($node, 'one', "SELECT (l.result ->> 'value')::bigint - (e.result ->> 'value')::bigint FROM sql_agent.task e, sql_agent.task l WHERE e.id = '$early' AND l.id = '$late'");
cmp_ok($growth, '<', 256 * 1024, 'by one worker, without growth') or diag("$growth bytes");
sql($node, 'one', 'DELETE FROM sql_agent.task WHERE finished_at IS NOT NULL');

# ---- when there is nothing to do ----
workers_gone($node);
pass('idle workers leave');
$id = enqueue($node, 'one', 'test_ok', '{}', delay => '3 seconds');
workers_gone($node);
is(status($node, 'one', $id), 'PENDING', 'they do not wait for what is due later');
is(ended($node, 'one', $id), 'SUCCESS', 'and are there when it is');
setting('sql_agent.workers' => 0);
$id = enqueue($node, 'one', 'test_ok');
workers_gone($node);
is(status($node, 'one', $id), 'PENDING', 'no workers, no work');
setting('sql_agent.workers' => 4);
is(ended($node, 'one', $id), 'SUCCESS', 'allowed again, they come');

# ---- several databases ----
sql($node, 'postgres', 'CREATE DATABASE two');
sql($node, 'two', 'CREATE EXTENSION sql_agent');
my @ids = (enqueue($node, 'one', 'test_ok'), enqueue($node, 'two', 'test_ok'));
is(ended($node, 'one', $ids[0]) . ended($node, 'two', $ids[1]), 'SUCCESSSUCCESS', 'each database has its workers');
sql($node, 'two', 'ALTER DATABASE two SET sql_agent.enabled = off');
wait_until($node, 'two', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND datname = 'two')});
$id = enqueue($node, 'two', 'test_ok');
is(ended($node, 'one', enqueue($node, 'one', 'test_ok')), 'SUCCESS', 'turned off in one, it goes on in the other');
is(status($node, 'two', $id), 'PENDING', 'and not there');
sql($node, 'two', 'ALTER DATABASE two SET sql_agent.enabled = on');
is(ended($node, 'two', $id), 'SUCCESS', 'turned on, it is done');

# ---- who needs a database for himself ----
sub busy
{
	my ($database) = @_;
	my $task = enqueue($node, $database, 'test_sleep', '{"seconds": 600}');
	running($node, $database, $task);
	return $task;
}

# the server itself would wait for 5 s, and fail
sub quick
{
	my ($database, $sql, $name) = @_;
	my $begun = time;
	my ($code, $out, $err) = $node->psql($database, $sql);
	my $took = time - $begun;
	return ok($code == 0 && $took < 4, "$name, quickly") || diag("$took s: $err");
}
my $task = busy('two');
my $pid = sql($node, 'two', "SELECT pid FROM sql_agent.task_workers() WHERE task_id = '$task'");
sql($node, 'two', 'CREATE ROLE regress_nobody LOGIN');
like(fails($node, 'postgres', 'SET ROLE regress_nobody; DROP DATABASE two'), qr/42501/, 'who may not drop a database');
is(sql($node, 'two', "SELECT pid FROM sql_agent.task_workers() WHERE task_id = '$task'"), $pid, 'stops no worker of it');
quick('postgres', 'CREATE DATABASE copy TEMPLATE two', 'a database with a busy worker is copied');
running($node, 'two', $task);
is(sql($node, 'two', "SELECT attempts FROM sql_agent.task WHERE id = '$task'"), '1', 'the task was put back, and goes on');
is(sql($node, 'copy', "SELECT status FROM sql_agent.task WHERE id = '$task'"), 'PENDING', 'in the copy it waits');
is(sql($node, 'postgres', q{SELECT count(*) FROM pg_stat_activity WHERE datname = 'copy'}), '0', 'where no worker comes');
quick('postgres', 'ALTER DATABASE two RENAME TO three', 'renamed');
running($node, 'three', $task);
is(sql($node, 'three', "SELECT count(*) FROM pg_stat_activity WHERE datname = 'three' AND query LIKE 'task $task%'"), '1', 'it goes on under the new name');
sql($node, 'postgres', q{SET allow_in_place_tablespaces = on; CREATE TABLESPACE elsewhere LOCATION ''});
quick('postgres', 'ALTER DATABASE three SET TABLESPACE elsewhere', 'moved');
running($node, 'three', $task);
like(fails($node, 'postgres', 'BEGIN; ALTER DATABASE three RENAME TO one'), qr/42P04/, 'a statement that fails');
running($node, 'three', $task);
pass('lets the workers in again');
quick('postgres', 'DROP DATABASE three', 'dropped');

# ---- the extension goes ----
$task = busy('one');
quick('one', 'BEGIN; DROP EXTENSION sql_agent CASCADE; ROLLBACK', 'DROP EXTENSION with a busy worker');
running($node, 'one', $task);
is(marked('one'), '1', 'rolled back, all goes on');
quick('one', 'DROP EXTENSION sql_agent CASCADE', 'DROP EXTENSION');
is(marked('one'), '0', 'the mark has gone with it');
workers_gone($node);
sql($node, 'one', 'CREATE SCHEMA s; CREATE EXTENSION sql_agent SCHEMA s');
is(ended($node, 'one', enqueue($node, 'one', 'test_ok')), 'SUCCESS', 'created again, it works');
$task = busy('one');
quick('one', 'DROP SCHEMA s CASCADE', 'gone with its schema');
is(marked('one'), '0', 'no mark');
$node->stop;
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|TRAP|was terminated by signal/, 'nothing crashed');
done_testing();
