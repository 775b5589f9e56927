package SqlAgent::Tasks;

# Background work in the TAP tests: waits are loops in the server with a
# deadline, so that a busy machine is slow and not wrong.
use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use SqlAgent::Node;

our @EXPORT = qw(enqueue ended status running wait_until workers_gone retry_now in_background);

# The id of a new task.  Options: role, who enqueues it; delay, an interval;
# attempts, more than its kind gives it.
sub enqueue
{
	my ($node, $database, $kind, $payload, %option) = @_;
	my $become = $option{role} ? "SET ROLE $option{role};" : '';
	my $run_at = $option{delay} ? ", run_at => pg_catalog.now() + '$option{delay}'" : '';
	my $attempts = $option{attempts} ? "RESET ROLE; UPDATE sql_agent.task SET max_attempts = $option{attempts} WHERE id = :'id';" : '';
	return sql($node, $database, sprintf("BEGIN; %s SELECT sql_agent.task_enqueue('%s', %s%s) AS id \\gset\n%s COMMIT;\n\\echo :id", $become, $kind,
			'$p$' . ($payload // '{}') . '$p$', $run_at, $attempts));
}

sub status
{
	my ($node, $database, $id) = @_;
	return sql($node, $database, "SELECT status FROM sql_agent.task WHERE id = '$id'");
}

# Waits for the end; "STATUS", or "FAILURE SQLSTATE message".
sub ended
{
	my ($node, $database, $id) = @_;
	wait_until($node, $database, "NOT EXISTS (SELECT FROM sql_agent.task WHERE id = '$id' AND status IN ('PENDING', 'PROCESSING'))");
	return sql($node, $database, "SELECT concat_ws(' ', status, CASE status WHEN 'FAILURE' THEN error ->> 'sqlstate' END, CASE status WHEN 'FAILURE' THEN error ->> 'message' END) FROM sql_agent.task WHERE id = '$id'");
}

# Waits until a worker is at it.
sub running
{
	my ($node, $database, $id) = @_;
	return wait_until($node, $database, "EXISTS (SELECT FROM sql_agent.task_workers() w WHERE w.task_id = '$id' AND w.progress > 0)");
}

# Waits until the condition holds; dies after a long time.  Holds no snapshot:
# the index of ready tasks would keep those that are done.
sub wait_until
{
	my ($node, $database, $condition) = @_;
	sql($node, $database, <<"SQL");
SET lock_timeout = '60s';
DO \$wait\$
BEGIN
  FOR i IN 1 .. 6000 LOOP
    IF ($condition) THEN RETURN; END IF;
    PERFORM pg_catalog.pg_sleep(0.01), pg_catalog.pg_stat_clear_snapshot();
    COMMIT;
  END LOOP;
  RAISE 'waited too long for: %', \$c\$$condition\$c\$;
END
\$wait\$;
SQL
	return 1;
}

sub workers_gone
{
	my ($node) = @_;
	return wait_until($node, 'postgres', q{NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'sql_agent worker')});
}

# A task that waits to be tried again is tried now.
sub retry_now
{
	my ($node, $database, $id) = @_;
	wait_until($node, $database, "EXISTS (SELECT FROM sql_agent.task WHERE id = '$id' AND status = 'PENDING' AND attempts > 0)");
	sql($node, $database, "UPDATE sql_agent.task SET run_at = now() WHERE id = '$id'; SELECT sql_agent.task_wake()");
	return;
}

# A session that runs beside the test; ->finish waits for it.
sub in_background
{
	my ($node, $database, $sql) = @_;
	return IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr($database), '-c', $sql ], '>', '/dev/null', '2>', '/dev/null');
}

1;
