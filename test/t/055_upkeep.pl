# What workers do for the installation by themselves: retention and statistics.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use JSON::PP;
use SqlAgent::Node;
use Test::More;
use Time::HiRes qw(usleep);

my $node = start_node('upkeep');
sub q1 { return sql($node, 'postgres', $_[0]) }
sub json { return JSON::PP->new->decode($_[0]) }

sub comes_true
{
	my ($condition) = @_;
	for (1 .. 1200)
	{
		return 1 if q1("SELECT ($condition)") eq 't';
		usleep(50_000);
	}
	return 0;
}

q1(q{
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
});

# ---- they come by themselves, once
ok(comes_true(q{SELECT count(*) = 2 FROM sql_agent.task WHERE kind IN ('retention', 'statistics') AND status = 'SUCCESS'}),
	'a worker does both without being asked');
is(q1(q{SELECT string_agg(DISTINCT (owner_role = (SELECT extowner::regrole::name FROM pg_extension WHERE extname = 'sql_agent'))::text || ' ' || coalesce(tenant, 'none'), ';') FROM sql_agent.task}),
	'true none', 'for the installation');

# ---- only operators ask for them
like(fails($node, 'postgres', q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.task_enqueue('retention')}), qr/42501/, 'a member may not');

# ---- what is kept no longer
q1(q{
ALTER SYSTEM SET sql_agent.question_retention = '90d';
ALTER SYSTEM SET sql_agent.chat_retention = '90d';
ALTER SYSTEM SET sql_agent.insight_retention = '90d';
});
$node->reload;
q1(q{
CREATE TABLE acme.t AS SELECT i, date '2024-01-01' + i % 60 AS day FROM generate_series(1, 6000) i;
ALTER TABLE acme.t OWNER TO tenant_acme_owner; GRANT SELECT ON acme.t TO tenant_acme;
});
q1(q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.ask_json('how many t are there', chat => 'aaaaaaaa-0000-0000-0000-000000000001');
	SELECT sql_agent.ask_json('how many t are there', chat => 'aaaaaaaa-0000-0000-0000-000000000002');
	SELECT sql_agent.kpi_create('k', 'acme.t', 'count(*)', 'day')});
q1(q{
UPDATE sql_agent.question SET created_at = now() - interval '100 days' WHERE chat_id = 'aaaaaaaa-0000-0000-0000-000000000001';
UPDATE sql_agent.chat SET created_at = now() - interval '200 days';
INSERT INTO sql_agent.insight (kpi_id, type, priority, sentiment, first_day, last_day, dimension_values, current_value, expected_value,
  low_value, high_value, change, score, sentence, sql, created_at)
  SELECT id, 'unusual_value', 'low', 'bad', d, d, '{}', 1, 1, 1, 1, 0, 0, '', '', d FROM sql_agent.kpi, (VALUES (date '2020-01-01'), (current_date)) v (d);
INSERT INTO sql_agent.task (home, owner_role, owner_id, fair_key, queue, kind, status, finished_at, created_at)
  SELECT sql_agent.task_home(), 'ann', 'ann'::regrole, 't:acme', 'default', 'ask', 'SUCCESS', now() - make_interval(days => d), now() - make_interval(days => d)
    FROM generate_series(1, 12000) i, LATERAL (SELECT CASE WHEN i <= 100 THEN 1 ELSE 40 END) s (d);
});
my $task = q1(q{SELECT sql_agent.task_enqueue('retention')});
my $status = json(q1("SELECT sql_agent.task_wait('$task', '1 minute')"));
is($status->{status}, 'SUCCESS', 'retention is done');
is($status->{result}{tasks}, 11900, 'old tasks are gone, more than a batch of them');
is(q1(q{SELECT count(*) FROM sql_agent.task WHERE kind = 'ask'}), '100', 'younger ones stay');
is(join(' ', @{ $status->{result} }{qw(questions chats insights uploads)}), '1 1 1 0', 'and old questions, idle chats and old insights');
is(q1(q{SELECT string_agg(id::text, ' ') FROM sql_agent.chat WHERE NOT is_default}), 'aaaaaaaa-0000-0000-0000-000000000002',
	'a chat with a question stays');
is(q1(q{SELECT count(*) FROM sql_agent.insight}), '1', 'a young insight stays');

# ---- tables that autovacuum leaves out
q1(q{
CREATE TABLE acme.part (i int, day date) PARTITION BY RANGE (day);
CREATE TABLE acme.part_2024 PARTITION OF acme.part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO acme.part SELECT i, date '2024-01-01' + i % 300 FROM generate_series(1, 1000) i;
CREATE FUNCTION public.caught(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RAISE LOG 'index expression as %', current_user;
  RETURN $1;
END $$;
ALTER TABLE acme.part OWNER TO tenant_acme_owner; ALTER TABLE acme.part_2024 OWNER TO tenant_acme_owner;
CREATE TABLE acme.indexed (i int);
CREATE INDEX ON acme.indexed (public.caught(i)) WHERE i < 20;
INSERT INTO acme.indexed SELECT generate_series(1, 30);
ALTER TABLE acme.indexed OWNER TO tenant_acme_owner;
CREATE TABLE public.mine AS SELECT 1 AS a;
});
my $logged = -s $node->logfile;
$task = q1(q{SELECT sql_agent.task_enqueue('statistics')});
$status = json(q1("SELECT sql_agent.task_wait('$task', '1 minute')"));
is($status->{status}, 'SUCCESS', 'statistics are made');
is(q1(q{SELECT count(*) FROM pg_stats WHERE schemaname = 'acme' AND tablename = 'part' AND inherited}), '2', 'of partitioned tables');
is(q1(q{SELECT reltuples FROM pg_class WHERE oid = 'acme.indexed'::regclass}), '30', 'of those never analyzed');
is(q1(q{SELECT reltuples FROM pg_class WHERE oid = 'public.mine'::regclass}), '-1', 'others are left alone');
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $logged);
like($log, qr/index expression as tenant_acme_owner/, 'a function of an index runs as the owner of its table');
unlike($log, qr/index expression as (?!tenant_acme_owner)/, 'and never as anybody else');

# ---- a table that can not be analyzed is not in the way of others
q1(q{
CREATE TABLE acme.later AS SELECT generate_series(1, 10) AS i;
CREATE TABLE acme.trap (i int) PARTITION BY RANGE (i);
CREATE TABLE acme.trap_1 PARTITION OF acme.trap FOR VALUES FROM (0) TO (100);
INSERT INTO acme.trap SELECT generate_series(1, 10);
CREATE INDEX ON acme.trap (public.caught(i));
CREATE OR REPLACE FUNCTION public.caught(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'sprung'; END $$;
});
$task = q1(q{SELECT sql_agent.task_enqueue('statistics')});
$status = json(q1("SELECT sql_agent.task_wait('$task', '1 minute')"));
is($status->{status}, 'SUCCESS', 'statistics are made') or diag(JSON::PP->new->encode($status));
is($status->{result}{failed}, 1, 'but of one table');
is(q1(q{SELECT reltuples FROM pg_class WHERE oid = 'acme.later'::regclass}), '10', 'of the others all the same');
like(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/could not analyze table acme\.trap: sprung/, 'which is said in the log');

# ---- KPIs are looked at each morning, as the tenant
$task = q1(q{SELECT sql_agent.schedule_run_now('insights', tenant => 'acme')});
$status = json(q1("SELECT sql_agent.task_wait('$task', '1 minute')"));
is($status->{status}, 'SUCCESS', 'insights are looked for') or diag(JSON::PP->new->encode($status));
is_deeply($status->{result}, { kpis => 1, findings => 0, errors => [] }, 'in the KPIs of the tenant');

done_testing();
