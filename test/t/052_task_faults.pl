# Whatever dies, nothing is lost, and nothing is done twice but what may be.
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('faults', kinds => 1, allows_streaming => 1);
$node->append_conf('postgresql.conf', <<'CONF');
restart_after_crash = on
max_worker_processes = 20
sql_agent.workers = 8
sql_agent.worker_idle_timeout = 5s
log_error_verbosity = default
CONF
$node->start;
sql($node, 'postgres', q{
CREATE EXTENSION sql_agent;
SELECT sql_agent.queue_set('default', 20, 0);
SELECT tenant_provision('acme');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
CREATE TABLE public.witness (what text);
CREATE TABLE public.gate ();
GRANT ALL ON public.witness, public.gate TO PUBLIC;
CREATE FUNCTION public.pass(what text, seconds float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.witness VALUES (what);
  IF NOT EXISTS (SELECT FROM public.gate) THEN PERFORM pg_catalog.pg_sleep(seconds); END IF;
  RETURN what;
END $$;
});

sub launcher
{
	wait_until($node, 'postgres', q{EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent launcher')});
	return sql($node, 'postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'sql_agent launcher'});
}

sub witnessed
{
	my ($what) = @_;
	return sql($node, 'postgres', "SELECT count(*) FROM public.witness WHERE what = '$what'");
}

# a task that notes in its transaction that it ran; may be tried several times
sub noting
{
	my ($what, $seconds, %option) = @_;
	return enqueue($node, 'postgres', 'test_sql', "{\"sql\": \"SELECT public.pass('$what', $seconds)\"}", attempts => 5, %option);
}

# a crash: all sessions end, and the server comes back
sub crashes_and_returns
{
	my ($before) = @_;
	$node->poll_query_until('postgres', "SELECT pg_postmaster_start_time() IS NOT NULL AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $before)") or die 'it did not come back';
	return launcher();
}

# ---- a handler that fails in every way ----
my $fatal = enqueue($node, 'postgres', 'test_fatal');
retry_now($node, 'postgres', $fatal);
is(ended($node, 'postgres', $fatal), 'FAILURE 57P02 the worker ended while the task ran', 'FATAL is tried again, then a failure');
like(ended($node, 'postgres', enqueue($node, 'postgres', 'test_memory')), qr/^FAILURE 53200 out of memory/, 'out of memory is a failure');
is(ended($node, 'postgres', enqueue($node, 'postgres', 'test_ok')), 'SUCCESS', 'the next task is done');

# ---- the owner or the tenant goes ----
sql($node, 'postgres', 'CREATE ROLE gone IN ROLE sql_agent_user');
my @ids = (enqueue($node, 'postgres', 'test_sleep', '{"seconds": 2}', role => 'gone'), enqueue($node, 'postgres', 'test_ok', '{}', role => 'gone', delay => '1 second'));
running($node, 'postgres', $ids[0]);
sql($node, 'postgres', 'DROP ROLE gone');
sql($node, 'postgres', 'CREATE ROLE gone IN ROLE sql_agent_user');
like(ended($node, 'postgres', $ids[1]), qr/^FAILURE 42704 role "gone", who owns the task, does not exist/, 'a task of a dropped role fails, and a new one of the name has no part in it');
@ids = map { enqueue($node, 'postgres', 'test_sleep', '{"seconds": 600}', role => 'ann') } 1, 2;
running($node, 'postgres', $_) for @ids;
sql($node, 'postgres', "SELECT sql_agent.tenant_suspend('acme')");
wait_until($node, 'postgres', "(SELECT count(*) = 2 FROM sql_agent.task WHERE id = '$_' OR id = '$ids[1]' AND held AND status = 'PENDING')") for $ids[0];
is(sql($node, 'postgres', "SELECT count(*) FROM sql_agent.task WHERE id IN ('$ids[0]', '$ids[1]') AND attempts = 0"), '2', 'tasks of a tenant that is suspended are stopped and wait');
sql($node, 'postgres', "SELECT sql_agent.tenant_resume('acme')");
running($node, 'postgres', $_) for @ids;
pass('and go on when it is resumed');
sql($node, 'postgres', "SELECT sql_agent.tenant_drop('acme', true)");
wait_until($node, 'postgres', q{NOT EXISTS (SELECT FROM sql_agent.task_workers() WHERE state <> 'idle')});
is(sql($node, 'postgres', q{SELECT count(*) FROM sql_agent.task WHERE tenant = 'acme'}), '0', 'those of a dropped tenant are stopped and gone');

# ---- a full disk ----
my $file = $node->data_dir . '/' . sql($node, 'postgres', q{CREATE TABLE public.big (v text); GRANT ALL ON public.big TO PUBLIC; SELECT pg_relation_filepath('public.big')});
SKIP:
{
	skip 'no /dev/full here', 3 unless -c '/dev/full';
	# another session may have the file open; nobody has used the table
	rename $file, "$file.kept";
	symlink '/dev/full', $file;
	my $id = enqueue($node, 'postgres', 'test_sql', q[{"sql": "INSERT INTO public.big SELECT repeat('x', 1000) FROM generate_series(1, 1000)"}], attempts => 5);
	wait_until($node, 'postgres', "EXISTS (SELECT FROM sql_agent.task WHERE id = '$id' AND status = 'PENDING' AND error IS NOT NULL)");
	like(sql($node, 'postgres', "SELECT error ->> 'sqlstate', error ->> 'message' FROM sql_agent.task WHERE id = '$id'"), qr/^53100\|could not extend file .*No space left on device/, 'a full disk is an error of the task');
	unlink $file;
	rename "$file.kept", $file;
	sql($node, 'postgres', 'SELECT pg_terminate_backend(pid) FROM sql_agent.task_workers()');
	retry_now($node, 'postgres', $id);
	is(ended($node, 'postgres', $id), 'SUCCESS', 'it is done when there is room');
	is(sql($node, 'postgres', 'SELECT count(*) FROM public.big'), '1000', 'once');
}

# ---- the launcher is away ----
sql($node, 'postgres', q{DELETE FROM sql_agent.task WHERE kind LIKE 'test%'; TRUNCATE public.witness});
my $launcher = launcher();
sql($node, 'postgres', "SELECT pg_terminate_backend($launcher)");
sql($node, 'postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'sql_agent worker'});
wait_until($node, 'postgres', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type LIKE 'sql_agent%')});
sql($node, 'postgres', q{SELECT count(sql_agent.task_enqueue('test_sql', '{"sql": "SELECT public.pass(''many'', 0)"}')) FROM generate_series(1, 1000)});
wait_until($node, 'postgres', q{NOT EXISTS (SELECT FROM sql_agent.task WHERE status <> 'SUCCESS' AND kind LIKE 'test%')});
is(witnessed('many'), '1000', 'a thousand tasks that were enqueued while there was no launcher are done, each once');

# ---- kill -9 of the launcher, and of a worker ----
my %running = map { $_ => enqueue($node, 'postgres', $_, '{"seconds": 600}') } 'test_sleep', 'test_sleep_idempotent', 'test_sleep_once';
running($node, 'postgres', $_) for values %running;
$launcher = launcher();
kill 'KILL', $launcher;
my $next = crashes_and_returns($launcher);
wait_until($node, 'postgres', "NOT EXISTS (SELECT FROM sql_agent.task WHERE status = 'PROCESSING' AND kind LIKE 'test%')");
is(sql($node, 'postgres', q{SELECT string_agg(kind || ' ' || status, ', ' ORDER BY kind) FROM sql_agent.task WHERE kind LIKE 'test_sleep%'}),
	'test_sleep PENDING, test_sleep_idempotent PENDING, test_sleep_once FAILURE', 'the launcher was killed: what may be repeated is, what may not has failed');
is(sql($node, 'postgres', "SELECT error ->> 'detail', error ->> 'hint' FROM sql_agent.task WHERE id = '$running{test_sleep_once}'"),
	'It may have been done in part, so it is not run again by itself.|When it may be done twice, start it again with task_retry().', 'and says so');
is(sql($node, 'postgres', "SELECT count(sql_agent.task_cancel(id)) FROM sql_agent.task WHERE status = 'PENDING' AND kind LIKE 'test%'"), '2', 'the others are cancelled');
# not so soon that the session that enqueues it is hit
my $bystander = noting('bystander', 0, delay => '1 hour');
my $killed = enqueue($node, 'postgres', 'test_kill', '{}', delay => '1 second');
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM sql_agent.task WHERE id = '$killed' AND status = 'PENDING' AND error ->> 'sqlstate' = '57P02')") or die;
sql($node, 'postgres', "UPDATE sql_agent.task SET run_at = now() + '1 second' WHERE id = '$killed'; SELECT sql_agent.task_wake()");
$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM sql_agent.task WHERE id = '$killed' AND status = 'FAILURE')") or die;
is(sql($node, 'postgres', "SELECT attempts, error ->> 'message' FROM sql_agent.task WHERE id = '$killed'"), '2|the worker ended while the task ran', 'a task that kills its worker is given up after its attempts');
is(status($node, 'postgres', $bystander), 'PENDING', 'others wait on');

# ---- pg_ctl stop -m immediate, in each phase of a task ----
sql($node, 'postgres', q{DELETE FROM sql_agent.task WHERE kind LIKE 'test%'; TRUNCATE public.witness});
my %phase;
# working
$phase{working} = noting('working', 600);
# done, and the row is held by somebody before the end is marked
$phase{marking} = noting('marking', 2);
wait_until($node, 'postgres', "EXISTS (SELECT FROM sql_agent.task_workers() w WHERE w.task_id = '$phase{$_}')") for 'working', 'marking';
my $session = in_background($node, 'postgres', "BEGIN; SELECT FROM sql_agent.task WHERE id = '$phase{marking}' FOR UPDATE; SELECT pg_sleep(600)");
wait_until($node, 'postgres', q{EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND wait_event_type = 'Lock')});
$phase{ended} = noting('ended', 2);
wait_until($node, 'postgres', "EXISTS (SELECT FROM sql_agent.task_workers() w WHERE w.task_id = '$phase{ended}')");
# from here on a commit is written, and nobody is told of it: "ended" comes there,
# and of the others the claim (synchronous, for the server has crashed lately)
sql($node, 'postgres', q{ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf()});
wait_until($node, 'postgres', q{current_setting('synchronous_standby_names') = 'nobody'});
$phase{claimed} = sql($node, 'postgres', q{SET synchronous_commit = local; SELECT sql_agent.task_enqueue('test_sleep', '{"seconds": 0}')});
$phase{once} = sql($node, 'postgres', q{SET synchronous_commit = local; SELECT sql_agent.task_enqueue('test_sleep_once', '{"seconds": 0}')});
$node->poll_query_until('postgres', qq{SELECT (SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND backend_type = 'sql_agent worker')
	>= CASE (SELECT status FROM sql_agent.task WHERE id = '$phase{ended}') WHEN 'SUCCESS' THEN 2 ELSE 3 END}) or die;
$node->stop('immediate');
$session->finish;
$node->append_conf('postgresql.conf', "max_worker_processes = 2\n");
$node->append_conf('postgresql.auto.conf', "synchronous_standby_names = ''\n");
$node->start;

# ---- no process to be had ----
my $log = -s $node->logfile;
$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent launcher')}) or die;
my $waiting = enqueue($node, 'postgres', 'test_ok');
for (1 .. 600)
{
	last if slurp_file($node->logfile) =~ /sql_agent can not start a worker for background work/;
	select(undef, undef, undef, 0.1);
}
like(slurp_file($node->logfile), qr/sql_agent can not start a worker for background work.*All max_worker_processes = 2 are in use/s, 'when no process can be started the log says so');
is(status($node, 'postgres', $waiting), 'PENDING', 'tasks wait');
sql($node, 'postgres', 'INSERT INTO public.gate DEFAULT VALUES');
$node->append_conf('postgresql.conf', "max_worker_processes = 20\n");
$node->restart;
is(ended($node, 'postgres', $waiting), 'SUCCESS', 'and are done when there is one');

for my $what ('claimed', 'working', 'marking')
{
	retry_now($node, 'postgres', $phase{$what});
	is(ended($node, 'postgres', $phase{$what}), 'SUCCESS', "crashed while $what: done in the end");
	is(witnessed($what), '1', 'and once') if $what ne 'claimed';
}
is(sql($node, 'postgres', "SELECT status, attempts FROM sql_agent.task WHERE id = '$phase{ended}'"), 'SUCCESS|1', 'crashed when ended: it is not done again');
is(witnessed('ended'), '1', 'it was done once');
like(ended($node, 'postgres', $phase{once}), qr/^FAILURE 57P02/, 'what must not be done twice is not, when nobody knows how far it came');

# ---- promotion ----
sql($node, 'postgres', 'TRUNCATE public.witness; ALTER SYSTEM SET sql_agent.workers = 0; SELECT pg_reload_conf()');
workers_gone($node);
$node->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.auto.conf', "sql_agent.workers = 4\n");
$standby->start;
sql($node, 'postgres', q{SELECT count(sql_agent.task_enqueue('test_sql', '{"sql": "SELECT public.pass(''promoted'', 0)"}')) FROM generate_series(1, 100)});
$node->wait_for_catchup($standby);
is(sql($standby, 'postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sql_agent%'}), '0', 'a standby has no launcher and no workers');
like(fails($standby, 'postgres', q{SELECT sql_agent.task_enqueue('test_ok')}), qr/25006.*Connect to the primary/s, 'and enqueues nothing');
$node->stop('immediate');
$standby->promote;
wait_until($standby, 'postgres', q{NOT EXISTS (SELECT FROM sql_agent.task WHERE status = 'PENDING' AND kind = 'test_sql')});
is(sql($standby, 'postgres', q{SELECT count(*) FROM public.witness WHERE what = 'promoted'}), '100', 'promoted, it does what was enqueued on the primary, each once');
$standby->stop;
unlike(slurp_file($_->logfile), qr/PANIC|TRAP|signal 11|signal 6/, 'nothing crashed by itself') for $node, $standby;
done_testing();
