# What models cost is on record whatever becomes of the transaction that asked.
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
my $node = new_node('ledger');
$node->append_conf('postgresql.conf', "max_prepared_transactions = 2\n");
$node->start;
sub q1 { return sql($node, 'postgres', $_[0]) }
my $ask = q{SELECT sql_agent.ask_json('mood of the moon', options => '{"record": true}');};

# the number of calls on record becomes what it should be, and stays so
sub calls
{
	my ($expected, $name) = @_;
	my $count;
	for (1 .. 600)
	{
		$count = q1('SELECT count(*) FROM sql_agent.model_call');
		last if $count >= $expected;
		usleep(50_000);
	}
	usleep(300_000);
	is(q1('SELECT count(*) FROM sql_agent.model_call'), $expected, $name);
	q1('DELETE FROM sql_agent.model_call');
	return;
}

q1(qq{
CREATE EXTENSION sql_agent;
SELECT sql_agent.tenant_provision('acme');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
CREATE TABLE acme.orders AS SELECT i AS id, i AS total FROM generate_series(1, 10) i;
ALTER TABLE acme.orders OWNER TO tenant_acme_owner;
GRANT SELECT ON acme.orders TO tenant_acme;
CREATE SERVER model FOREIGN DATA WRAPPER sql_agent_llm
  OPTIONS (provider 'openai_compatible', model 'scripted', base_url '$url', private_network 'true', input_price '2', output_price '10');
GRANT USAGE ON FOREIGN SERVER model TO tenant_acme;
ALTER DATABASE postgres SET sql_agent.llm = 'model';
ALTER DATABASE postgres SET sql_agent.translators = 'llm';
});
my $right = answer_of(sql => 'SELECT count(*) AS n FROM acme.orders AS o', explanation => 'Counts.');
model_says($right);

q1("SET SESSION AUTHORIZATION ann; $ask");
is(q1('SELECT count(*) FROM sql_agent.model_call WHERE question_id IS NOT NULL'), '1', 'a call is on record at once, with its question');
calls(1, 'and once');

q1("SET SESSION AUTHORIZATION ann; BEGIN; $ask ROLLBACK");
is(q1('SELECT count(*) FROM sql_agent.question'), '1', 'a rollback takes the question back');
for (1 .. 200) { last if q1('SELECT count(*) FROM sql_agent.model_call'); usleep(50_000) }
is(q1(q{SELECT asked_by || ' ' || tenant || ' ' || sql_agent_server || ' ' || gen_ai_request_model || ' ' || (gen_ai_usage_output_tokens > 0) || ' ' || (cost_usd > 0) || ' ' || (created_at > now() - interval '1 minute') FROM sql_agent.model_call}),
	'ann acme model scripted true true true', 'but not what it cost, with all that is known of the call');
calls(1, 'once');

q1("SET SESSION AUTHORIZATION ann; BEGIN; SAVEPOINT a; $ask ROLLBACK TO a; $ask SAVEPOINT b; $ask RELEASE b; COMMIT");
calls(3, 'subtransactions: one rolled back, two not');
q1("SET SESSION AUTHORIZATION ann; BEGIN; SAVEPOINT a; $ask RELEASE a; ROLLBACK");
calls(1, 'one released, and rolled back with all');
q1("SET SESSION AUTHORIZATION ann; BEGIN READ ONLY; $ask COMMIT");
calls(1, 'a transaction that may not write');
q1(q{SET SESSION AUTHORIZATION ann; DO $$ BEGIN PERFORM sql_agent.ask_json('mood of the moon'); RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END $$});
calls(1, 'an error that is caught');
q1("SET SESSION AUTHORIZATION ann; BEGIN; $ask PREPARE TRANSACTION 'p'");
q1("COMMIT PREPARED 'p'");
calls(1, 'a prepared transaction');

# the second call is cut off: the first is on record
model_says(answer_of(sql => 'SELECT nothing FROM acme.orders'), { hold => JSON::PP::true, text => $right });
like(fails($node, 'postgres', "SET SESSION AUTHORIZATION ann; SET statement_timeout = '2s'; $ask"), qr/57014/, 'a statement is cancelled');
model_may_go();
calls(1, 'the call that was complete is on record');

# a limit is not got round
model_says($right);
q1(q{SELECT sql_agent.tenant_set_options('acme', '{"tokens_per_day": 2000}')});
my $asked = 0;
for (1 .. 50)
{
	my $answer = q1("SET SESSION AUTHORIZATION ann; BEGIN; $ask ROLLBACK");
	last if $answer =~ /used up/;
	$asked++;
}
ok($asked > 0 && $asked < 20, "rolling back does not get round a tenant's limit ($asked questions)");
q1(q{DELETE FROM sql_agent.model_call; SELECT sql_agent.tenant_set_options('acme', '{"tokens_per_day": null}')});

# nobody there to write
q1("ALTER SYSTEM SET sql_agent.workers = 0");
$node->reload;
for (1 .. 200) { last if q1('SHOW sql_agent.workers') eq '0' && !q1("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sql_agent worker'"); usleep(50_000) }
q1('DELETE FROM sql_agent.model_call');
q1("SET SESSION AUTHORIZATION ann; BEGIN; $ask ROLLBACK; BEGIN; $ask ROLLBACK");
is(JSON::PP->new->decode(q1('SELECT sql_agent.health()'))->{checks}{ledger}{waiting}, 2, 'without workers calls wait');
q1("ALTER SYSTEM RESET sql_agent.workers");
$node->reload;
calls(2, 'until there are some');

done_testing();
