# A call can be ended at any moment: by cancel, statement_timeout and terminate
# in each of its phases; the backend is usable afterwards, and nothing is left.
use strict;
use warnings;
use Cwd;
use IPC::Run;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time sleep);
use PostgreSQL::Test::Utils;
use SqlAgent::Node;
use SqlAgent::Hostile;

my $dir = start_hostile();
my $library = "$dir/slow_dns.so";
system(($ENV{CC} // 'cc') . ' -shared -fPIC -o ' . $library . ' ' . getcwd() . '/test/llm/slow_dns.c -ldl') == 0 or die 'no compiler';
my $node = new_node('interrupts');
{
	local $ENV{LD_PRELOAD} = $library;
	$node->start;
}
sql($node, 'postgres', 'CREATE EXTENSION sql_agent');
(my $port) = hostile_url('') =~ /:(\d+)/;

# where a call can be waiting
my %phase = (
	'looking up the name' => [ "http://slow.test:$port/ok", private_network => 'true' ],
	'connecting'          => [ hostile_url('', 'full') ],
	'TLS'                 => [ hostile_url('', 'mute') ],
	'waiting'             => [ hostile_url('silent') ],
	'reading'             => [ hostile_url('drip') ],
	'between attempts'    => [ hostile_url('later-20') ]);
my %model;
for my $name (sort keys %phase)
{
	(my $model = $name) =~ tr/a-zA-Z/_/c;
	$model{$name} = lc $model;
	make_model($node, $model{$name}, $phase{$name}[0], timeout => '60s', @{ $phase{$name} }[1 .. $#{ $phase{$name} }]);
}
make_model($node, 'good', hostile_url('ok'));
my $usable = q{SELECT 'usable ' || (sql_agent.llm_test('good')->>'success');};

# a psql of its own; returns what it printed
sub session
{
	my ($script, $meanwhile) = @_;
	my ($out, $err) = ('', '');
	my $file = "$dir/script";
	unlink $file;
	append_to_file($file, $script);
	my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $file ], '>', \$out, '2>', \$err, IPC::Run::timeout(180));
	my $began = $meanwhile ? $meanwhile->() : time;
	$run->finish;
	return ($out . $err, time - $began);
}

# waits until a call of the model waits; the condition that finds its backend
sub waiting
{
	my ($model) = @_;
	my $found = "FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Extension' AND query LIKE '%llm_test(''$model'')%' AND pid <> pg_backend_pid()";
	for (1 .. 300)
	{
		last if sql($node, 'postgres', "SELECT count(*) $found");
		sleep 0.05;
	}
	sleep 0.2;
	return $found;
}

# does something to a call once it waits; when that was
sub when_waiting
{
	my ($model, $action) = @_;
	return sub {
		my $found = waiting($model);
		my $began = time;
		sql($node, 'postgres', "SELECT $action(pid) $found");
		return $began;
	};
}

for my $name (sort keys %phase)
{
	my $call = "SELECT sql_agent.llm_test('$model{$name}');";
	my ($out, $seconds) = session("$call\n$usable", when_waiting($model{$name}, 'pg_cancel_backend'));
	like($out, qr/usable true.*canceling statement due to user request/s, "cancelled while $name");
	cmp_ok($seconds, '<', 2, sprintf('at once (%.0f ms)', $seconds * 1000));

	($out, $seconds) = session("SET statement_timeout = '300ms'; $call\nRESET statement_timeout;\n$usable");
	like($out, qr/usable true.*canceling statement due to statement timeout/s, "statement_timeout while $name");
	cmp_ok($seconds, '<', 2.3, sprintf('at once (%.0f ms over, psql\'s start and a good call included)', $seconds * 1000 - 300));

	($out, $seconds) = session($call, when_waiting($model{$name}, 'pg_terminate_backend'));
	like($out, qr/terminating connection due to administrator command/, "terminated while $name");
	cmp_ok($seconds, '<', 2, sprintf('at once (%.0f ms)', $seconds * 1000));
}

# a deadline of the call itself while the name is looked up
make_model($node, 'slow', "http://slow.test:$port/ok", private_network => 'true', timeout => '1s');
my $reply = decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('slow')}));
is($reply->{error}{sqlstate}, 'AG042', 'the timeout of the server ends a slow lookup');
cmp_ok($reply->{seconds}, '<', 3, "at once ($reply->{seconds} s)");

# the address counts, not the name
for my $case (
	[ 'https://inside.test', {}, 'AG040', 'a public name that stands for the own machine' ],
	[ 'https://rebind.test', {}, 'AG040', 'or for that and for the own network' ],
	[ 'http://metadata.test', { private_network => 'true' }, 'AG040', 'a name that stands for a metadata service' ],
	[ 'https://metadata.test', {}, 'AG040', 'public or not' ])
{
	my ($url, $options, $sqlstate, $name) = @$case;
	make_model($node, 'named', $url, timeout => '5s', %$options);
	$reply = decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('named')}));
	is($reply->{error}{sqlstate}, $sqlstate, "$name is not called") or diag(encode_json($reply));
}
make_model($node, 'named', "http://inside.test:$port/ok", private_network => 'true');
is(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('named')}))->{success}, JSON::PP::true, 'private_network lets a name stand for the own machine');

# nothing is left of failing and cancelled calls: files and memory of one backend
my @kinds = ('status-401', 'html', 'truncated', 'chunked', 'headers', 'redirect', 'many', 'echokey', 'ok');
for my $i (0 .. $#kinds) { make_model($node, "f$i", hostile_url($kinds[$i])); }
make_model($node, 'f' . @kinds, hostile_url('ok', 'https'));
make_model($node, 'silent', hostile_url('silent'), timeout => '30s');
my $state = q{SELECT (SELECT count(*) FROM pg_ls_dir('/proc/self/fd')) || ' ' || split_part(pg_read_file('/proc/self/statm'), ' ', 6);};
my $round = sub {
	my ($calls, $cancels) = @_;
	my $kinds = @kinds + 1;
	return qq{DO \$\$ BEGIN FOR i IN 1 .. $calls LOOP PERFORM sql_agent.llm_test('f' || i % $kinds); END LOOP; END \$\$;\n}
	  . "SET statement_timeout = '10ms';\n" . ("SELECT sql_agent.llm_test('silent');\n" x $cancels) . "RESET statement_timeout;\n";
};
my ($out) = session($round->(200, 20) . $state . $round->(1000, 200) . $state);
my @states = map { [split] } grep { /^\d+ \d+$/ } split /\n/, $out;
is(scalar(() = $out =~ /canceling statement due to statement timeout/g), 220, 'every cancelled call was cancelled');
is($states[1][0], $states[0][0], 'a thousand failing and two hundred cancelled calls leave no open file');
cmp_ok(($states[1][1] - $states[0][1]) * 4, '<', 2048, sprintf('and no memory (%d kB more data)', ($states[1][1] - $states[0][1]) * 4));

# a waiting backend goes down with the server
my ($gone) = session(q{SELECT sql_agent.llm_test('waiting')}, sub {
	waiting('waiting');
	my $began = time;
	$node->stop('fast');
	cmp_ok(time - $began, '<', 10, 'a fast shutdown does not wait for a call');
	return $began;
});
like($gone, qr/terminating connection|server closed the connection/, 'which is ended');

unlike(slurp_file($node->logfile), qr/terminated by signal/, 'and no backend crashed');

stop_hostile();
done_testing();
