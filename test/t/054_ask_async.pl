# Questions in the background: answered by a worker as the one who asked, with
# no transaction open while a model is waited for.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use JSON::PP;
use SqlAgent::Model;
use SqlAgent::Node;
use Test::More;
use Time::HiRes qw(usleep);

my $url = start_model();
my $node = start_node('async');

sub q1 { return sql($node, 'postgres', $_[0]) }
sub as_user { my ($user, $sql) = @_; return (split /\n/, q1("SET SESSION AUTHORIZATION $user; SET sql_agent.display_rows = 10; $sql"))[-1] }
sub json { return JSON::PP->new->decode($_[0]) }

# what the condition says within a minute
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

q1(qq{
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_provision('other');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true), sql_agent.tenant_add_member('other', 'eve', create_login => true);
CREATE TABLE acme.orders (id int PRIMARY KEY, status text, total numeric, day date);
INSERT INTO acme.orders SELECT i, (ARRAY['open', 'paid'])[1 + i % 2], i, date '2026-01-01' + i FROM generate_series(1, 100) i;
ALTER TABLE acme.orders OWNER TO tenant_acme_owner;
GRANT SELECT ON acme.orders TO tenant_acme;
ANALYZE acme.orders;
CREATE SERVER model FOREIGN DATA WRAPPER sql_agent_llm
  OPTIONS (provider 'openai_compatible', model 'scripted', base_url '$url', private_network 'true', input_price '2', output_price '10');
GRANT USAGE ON FOREIGN SERVER model TO tenant_acme, tenant_other;
ALTER DATABASE postgres SET sql_agent.llm = 'model';
});

# ---- without a model
my $task = as_user('ann', q{SELECT sql_agent.ask_async('how many orders are there by status')});
my $status = json(as_user('ann', "SELECT sql_agent.task_wait('$task', '1 minute')"));
is($status->{status}, 'SUCCESS', 'a question is answered in the background');
my $answer = json(as_user('ann', "SELECT sql_agent.ask_result('$task')"));
is($answer->{status}, 'answered', 'its result is an answer');
is_deeply([ map { $_->{number_of_orders} } @{ $answer->{result} } ], [ 50, 50 ], 'with the rows');
is(q1("SELECT asked_by || ' ' || asking_role FROM sql_agent.questions ORDER BY created_at DESC LIMIT 1"), 'ann tenant_acme',
	'it was asked by who enqueued it, as the tenant');

# ---- whose it is
like(fails($node, 'postgres', "SET SESSION AUTHORIZATION eve; SELECT sql_agent.ask_result('$task')"), qr/42704.*there is no question/s,
	'nobody else reads it');
is(json(q1("SELECT sql_agent.ask_result('$task')"))->{status}, 'answered', 'but an operator does');
like(fails($node, 'postgres', "SET SESSION AUTHORIZATION eve; SELECT sql_agent.ask_async('orders', tenant => 'acme')"), qr/42501/,
	'nobody asks for another tenant');
$task = q1(q{SELECT sql_agent.ask_async('how many orders are there', tenant => 'acme')});
is(json(q1("SELECT sql_agent.task_wait('$task', '1 minute')"))->{status}, 'SUCCESS', 'but an operator does');
is(json(q1("SELECT sql_agent.ask_result('$task')"))->{result}[0]{number_of_orders}, 100, 'and gets the tenant\'s rows');

# ---- bad ones are told at once
like(fails($node, 'postgres', q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.ask_async(' ')}), qr/AG012/, 'no question');
like(fails($node, 'postgres', q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.ask_async('orders', options => '{"colour": 1}')}), qr/22023.*unrecognized option/s, 'an unknown option');
like(fails($node, 'postgres', q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.task_enqueue('ask', '{"question": 3}')}), qr/22023/, 'a payload that is none');
is(q1(q{SELECT sql_agent.ask_async(NULL) IS NULL}), 't', 'null asks nothing');
$task = as_user('ann', q{SELECT sql_agent.ask_async('orders by mood of the moon', options => '{"record": false}')});
model_says(answer_of(sql => undef, confidence => 0));
json(as_user('ann', "SELECT sql_agent.task_wait('$task', '1 minute')"));
isnt(json(as_user('ann', "SELECT sql_agent.ask_result('$task')"))->{status}, 'answered', 'what can not be answered is an answer that says so');

# ---- a model is waited for without a transaction
my $hold = { hold => JSON::PP::true, text => answer_of(sql => 'SELECT count(*) AS n FROM acme.orders AS o', explanation => 'Counts.') };
model_says($hold);
$task = as_user('ann', q{SELECT sql_agent.ask_async('mood of the moon', options => '{"summary": false}')});
my $worker = "FROM pg_stat_activity WHERE backend_type = 'sql_agent worker' AND wait_event_type = 'Extension'";
ok(comes_true("SELECT count(*) = 1 $worker"), 'the worker waits for the model');
is(json(as_user('ann', "SELECT sql_agent.ask_result('$task')"))->{status}, 'processing', 'which the result says');
is(q1("SELECT count(*) FILTER (WHERE xact_start IS NOT NULL OR backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) $worker"), '0',
	'without transaction or snapshot');
is(q1("SELECT count(*) FROM pg_locks l JOIN (SELECT pid $worker) w ON w.pid = l.pid"), '0', 'and without any lock');
q1('ALTER TABLE acme.orders ADD COLUMN later int');
model_may_go();
is(json(as_user('ann', "SELECT sql_agent.task_wait('$task', '1 minute')"))->{status}, 'SUCCESS', 'then it goes on');
$answer = json(as_user('ann', "SELECT sql_agent.ask_result('$task')"));
is($answer->{result}[0]{n}, 100, 'with the statement of the model');
ok($answer->{cost_usd} > 0, 'whose cost is known') or diag(JSON::PP->new->encode($answer));

# ---- the same ended by a cancel
model_says($hold);
$task = as_user('ann', q{SELECT sql_agent.ask_async('mood of the sun')});
ok(comes_true("SELECT count(*) = 1 $worker"), 'the worker waits again');
is(as_user('ann', "SELECT sql_agent.task_cancel('$task')"), 't', 'it can be cancelled');
is(json(as_user('ann', "SELECT sql_agent.task_wait('$task', '1 minute')"))->{status}, 'CANCELLED', 'and ends at once');
is(json(as_user('ann', "SELECT sql_agent.ask_result('$task')"))->{status}, 'cancelled', 'which the result says');

# ---- who may no longer ask when the model has answered
model_says($hold);
$task = as_user('ann', q{SELECT sql_agent.ask_async('mood of mars')});
ok(comes_true("SELECT count(*) = 1 $worker"), 'the worker waits once more');
q1("SELECT sql_agent.tenant_suspend('acme')");
model_may_go();
ok(comes_true("SELECT status = 'PENDING' FROM sql_agent.task WHERE id = '$task'"), 'the question of a suspended tenant is put back');
q1("SELECT sql_agent.tenant_resume('acme')");
is(json(as_user('ann', "SELECT sql_agent.task_wait('$task', '1 minute')"))->{status}, 'SUCCESS', 'and answered when the tenant is back');

# ---- many at once do not disturb each other
model_says(answer_of(sql => 'SELECT sum(o.total) AS s FROM acme.orders AS o', explanation => 'Sums.'));
q1(q{SET SESSION AUTHORIZATION ann; SELECT count(sql_agent.ask_async('mood of venus ' || i)) FROM generate_series(1, 40) i});
ok(comes_true("SELECT count(*) = 0 FROM sql_agent.task WHERE status IN ('PENDING', 'PROCESSING')"), 'forty questions are done');
is(q1("SELECT count(*) FROM sql_agent.task WHERE payload->>'question' LIKE '%venus%' AND result->'result'->0->>'s' = '5050'"), '40', 'all of them right');

# ---- nobody there to answer
q1("ALTER SYSTEM SET sql_agent.workers = 0");
$node->reload;
ok(comes_true("SELECT current_setting('sql_agent.workers') = '0'"), 'no workers');
like(fails($node, 'postgres', q{SET SESSION AUTHORIZATION ann; SELECT sql_agent.ask_async('how many orders')}), qr/55000.*ask_json/s, 'is told at once');

done_testing();
