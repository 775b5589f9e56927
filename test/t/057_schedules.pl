# Schedules with the workers: each second, paused, by hand, across restarts,
# restores, copies and a promotion.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $node = new_node('schedules', kinds => 1, allows_streaming => 1);
$node->append_conf('postgresql.conf', "max_worker_processes = 20\nsql_agent.worker_idle_timeout = 1s\n");
$node->start;
sql($node, 'postgres', 'CREATE DATABASE one');
sql($node, 'one', q{
CREATE EXTENSION sql_agent;
CREATE ROLE regress_ann LOGIN IN ROLE sql_agent_user;
});

sub one { return sql($node, 'one', $_[0]) }
sub ann { return one("SET SESSION AUTHORIZATION regress_ann; $_[0]") }
sub runs { return one("SELECT runs FROM sql_agent.schedules WHERE name = '$_[0]'") }

# does the condition become true within a minute?
sub comes_true
{
	my ($on, $database, $condition) = @_;
	for (1 .. 600)
	{
		return 1 if sql($on, $database, "SELECT ($condition)") eq 't';
		sleep(0.1);
	}
	return 0;
}

# tasks that were enqueued and are not counted, or the other way round
my $lost = q{
SELECT count(*) FROM sql_agent.schedule s
 WHERE s.runs <> (SELECT count(*) FROM sql_agent.task t WHERE t.unique_key = 'schedule:' || s.id)};

# ---- each second ----
ann(q{SELECT sql_agent.schedule_create('pulse', 'test_ok', '{"a": 1}', every => '1 second')});
ok(comes_true($node, 'one', q{EXISTS (SELECT FROM sql_agent.schedules WHERE name = 'pulse' AND runs >= 4 AND last_status = 'SUCCESS')}), 'a schedule each second runs');
is(one(q{SELECT DISTINCT owner_role, kind, result ->> 'role', result ->> 'payload' FROM sql_agent.task WHERE status = 'SUCCESS' AND unique_key LIKE 'schedule:%'}),
	'regress_ann|test_ok|regress_ann|{"a": 1}', 'as its owner, with its payload');
is(one(q{SELECT count(*) - count(DISTINCT date_trunc('second', created_at)) <= 1 FROM sql_agent.task WHERE unique_key LIKE 'schedule:%'}), 't', 'and once a second');

# ---- paused, resumed, by hand ----
ann(q{SELECT sql_agent.schedule_pause('pulse')});
my $before = runs('pulse');
sleep(2.5);
is(runs('pulse'), $before, 'a paused one does not run');
my $task = (split /\n/, ann(q{SELECT sql_agent.schedule_run_now('pulse')}))[-1];
is(one("SELECT sql_agent.task_wait('$task', '1 minute') ->> 'status'"), 'SUCCESS', 'but by hand');
is(runs('pulse'), $before + 1, 'which is counted');
ann(q{SELECT sql_agent.schedule_resume('pulse')});
ok(comes_true($node, 'one', "(SELECT runs FROM sql_agent.schedules WHERE name = 'pulse') > $before + 2"), 'resumed, it runs again');
ann(q{SELECT sql_agent.schedule_drop('pulse')});

# ---- workers come for it ----
ok(comes_true($node, 'one', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker')}), 'workers leave when nothing is due');
one(q{SELECT sql_agent.schedule_create('later', 'test_ok', every => '5 seconds')});
my $left = one(q{SELECT pg_sleep(3.5); SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker')});
like($left, qr/t$/, 'between two times there is none');
ok(comes_true($node, 'one', q{EXISTS (SELECT FROM sql_agent.schedules WHERE name = 'later' AND runs = 2)}), 'they are there when it is due');
is(one(q{SELECT max(t.created_at - (s.started_at + n * s.every)) < interval '4 seconds' FROM sql_agent.schedule s,
	LATERAL (SELECT created_at, row_number() OVER (ORDER BY created_at) AS n FROM sql_agent.task WHERE unique_key = 'schedule:' || s.id) t}), 't', 'not much later');
one(q{SELECT sql_agent.schedule_drop('later')});

# ---- it does not overtake itself ----
one(q{SELECT sql_agent.schedule_create('slow', 'test_sleep', '{"seconds": 2.5}', every => '1 second')});
ok(comes_true($node, 'one', q{EXISTS (SELECT FROM sql_agent.schedules WHERE name = 'slow' AND runs >= 2 AND skipped >= 2)}), 'times that come while it runs are left out');
is(one(q{SELECT last_skip_reason FROM sql_agent.schedules WHERE name = 'slow'}), 'The run before it had not ended.', 'and say why');
is(one(q{SELECT count(*) FROM sql_agent.task a JOIN sql_agent.task b ON a.kind = 'test_sleep' AND b.kind = 'test_sleep' AND a.id <> b.id
	AND b.started_at > a.started_at AND b.started_at < coalesce(a.finished_at, 'infinity')}), '0', 'no two at one time');
one(q{SELECT sql_agent.schedule_drop('slow')});
is(one($lost), '0', 'each task is counted');

# ---- a worker that is at a task does not look ----
ok(comes_true($node, 'one', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker')}), 'no workers');
one(q{
SELECT sql_agent.schedule_create('meanwhile', 'test_ok', every => '4 seconds'), sql_agent.task_enqueue('test_sleep', '{"seconds": 30}', unique_key => 'long')});
ok(comes_true($node, 'one', q{(SELECT runs FROM sql_agent.schedules WHERE name = 'meanwhile') = 2}), 'a schedule is due while the only worker is at a long task');
is(one(q{SELECT status FROM sql_agent.task WHERE unique_key = 'long'}), 'PROCESSING', 'and does not wait for its end');
one(q{SELECT sql_agent.schedule_drop('meanwhile'), sql_agent.task_cancel(id) FROM sql_agent.task WHERE unique_key = 'long'});

# ---- restarts ----
sub workers
{
	sql($node, 'postgres', "ALTER SYSTEM SET sql_agent.workers = $_[0]");
	sql($node, 'postgres', 'SELECT pg_reload_conf()');
	return;
}
workers(0);
ok(comes_true($node, 'one', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker')}), 'no workers');
one(q{
SELECT sql_agent.schedule_create('made up', 'test_ok', cron => '@yearly'), sql_agent.schedule_create('left out', 'test_ok', cron => '@yearly', missed => 'skip');
UPDATE sql_agent.schedule SET next_run = now() - interval '800 days'});
$node->append_conf('postgresql.conf', 'sql_agent.workers = 4');
sql($node, 'postgres', 'ALTER SYSTEM RESET sql_agent.workers');
$node->restart;
ok(comes_true($node, 'one', q{(SELECT bool_and(next_run > now()) FROM sql_agent.schedules)}), 'after a restart it is looked for what was missed');
is(one(q{SELECT name, runs, skipped, last_skip_reason FROM sql_agent.schedules ORDER BY name}),
	"left out|0|1|No worker was there when it was due.\nmade up|1|0|", 'one run makes up for all of it, or none');
one(q{SELECT sql_agent.schedule_drop('made up'), sql_agent.schedule_drop('left out')});

one(q{SELECT sql_agent.schedule_create('pulse', 'test_ok', every => '1 second')});
for my $mode (qw(immediate fast))
{
	ok(comes_true($node, 'one', q{(SELECT runs FROM sql_agent.schedules WHERE name = 'pulse') >= 2}), 'a schedule runs');
	$node->stop($mode);
	sleep(2);
	$node->start;
	$before = runs('pulse');
	ok(comes_true($node, 'one', "(SELECT runs FROM sql_agent.schedules WHERE name = 'pulse') >= $before + 3"), "after pg_ctl stop -m $mode it runs again");
}
is(one($lost), '0', 'no run is lost, and none was twice');

# ---- a restored database waits, and so does a copy ----
my $dump = $node->basedir . '/dump.sql';
one(q{UPDATE sql_agent.schedule SET next_run = now()});
command_ok([ 'pg_dump', '-d', $node->connstr('one'), '-f', $dump ], 'pg_dump');
sql($node, 'postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump ], 'the dump is restored');
sql($node, 'postgres', 'CREATE DATABASE copied TEMPLATE one');
sleep(2.5);
for my $database (qw(restored copied))
{
	is(sql($node, $database, q{SELECT status, reason FROM sql_agent.schedules}),
		'waiting|waits for resume_after_restore(): it was restored or copied from another database', "$database: it waits");
	is(sql($node, $database, q{SELECT sql_agent.schedule_tick()}), '0', "$database: nothing is due");
	like(fails($node, $database, q{SELECT sql_agent.schedule_run_now('pulse')}), qr/55000.*made in another database/s, "$database: nor by hand");
	$before = sql($node, $database, 'SELECT runs FROM sql_agent.schedules');
	sql($node, $database, 'SELECT sql_agent.resume_after_restore()');
	ok(comes_true($node, $database, "(SELECT runs FROM sql_agent.schedules) > $before + 1"), "$database: told to, it runs");
	sql($node, 'postgres', "DROP DATABASE $database");
}

# ---- a standby, and its promotion ----
$node->backup('base');
my $standby = node_object('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is(sql($standby, 'one', 'SELECT name, status FROM sql_agent.schedules'), 'pulse|active', 'a standby shows schedules');
like(fails($standby, 'one', q{SELECT sql_agent.schedule_create('more', 'test_ok', cron => '@daily')}), qr/25006/, 'and makes none');
like(fails($standby, 'one', 'SELECT sql_agent.schedule_tick()'), qr/25006/, 'nothing is due there');
$node->stop;
$before = sql($standby, 'one', 'SELECT runs FROM sql_agent.schedules');
$standby->promote;
ok(comes_true($standby, 'one', "(SELECT runs FROM sql_agent.schedules) > $before + 1"), 'promoted, it goes on');
is(sql($standby, 'one', $lost), '0', 'without a loss');
sql($standby, 'one', 'DROP EXTENSION sql_agent CASCADE');
$standby->stop;
done_testing();
