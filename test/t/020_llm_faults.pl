# What outside servers do to a call: each fault of theirs is one clear error,
# or is survived; and the key shows nowhere.
use strict;
use warnings;
use JSON::PP;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;
use SqlAgent::Hostile;

my $dir = start_hostile();
my $node = new_node('faults');
$node->append_conf('postgresql.conf', "log_statement = 'all'\nlog_min_messages = debug1\nlog_min_error_statement = debug1\n");
$node->start;
sql($node, 'postgres', 'CREATE EXTENSION sql_agent');

# behaviour, provider, attempts, SQLSTATE, part of the message, part of the detail
my @failures = (
	[ 'status-401',      'openai',    1, 'AG043', 'refused the key',             'HTTP status 401: this is what 401 says' ],
	[ 'status-403',      'anthropic', 1, 'AG043', 'refused access to model "the-model"', '403' ],
	[ 'status-404',      'gemini',    1, 'AG043', 'does not know model',         '404' ],
	[ 'badkey',          'gemini',    1, 'AG043', 'refused the key',             'API key not valid' ],
	[ 'echokey',         'openai',    1, 'AG043', 'refused the key',             'HTTP status 401: Incorrect API key provided: *** that is *** or Bearer ***' ],
	[ 'echokey',         'anthropic', 1, 'AG043', 'refused the key',             '***' ],
	[ 'echokey',         'gemini',    1, 'AG043', 'refused the key',             '***' ],
	[ 'status-402',      'openai',    1, 'AG044', 'out of credit',               '402' ],
	[ 'quota',           'openai',    1, 'AG044', 'out of credit',               '429' ],
	[ 'credit',          'anthropic', 1, 'AG044', 'out of credit',               'credit balance' ],
	[ 'minute',          'gemini',    1, 'AG045', 'limits the rate',             '429' ],
	[ 'status-429',      'openai',    3, 'AG045', 'limits the rate',             '429' ],
	[ 'status-429-7200', 'openai',    1, 'AG045', 'limits the rate',             '429' ],
	[ 'status-500',      'openai',    3, 'AG045', 'is overloaded or failed',     '500' ],
	[ 'status-529',      'anthropic', 3, 'AG045', 'is overloaded or failed',     '529' ],
	[ 'error200',        'openai',    3, 'AG045', 'is overloaded or failed',     'Overloaded upstream' ],
	[ 'text200',         'openai',    1, 'AG046', 'rejected the request',        'model not found' ],
	[ 'status-400',      'openai',    1, 'AG046', 'rejected the request',        '400' ],
	[ 'long',            'anthropic', 1, 'AG047', 'the prompt is too long',      '250000' ],
	[ 'filtered',        'azure',     1, 'AG048', 'content filter',              'management policy' ],
	[ 'redirect',        'openai',    1, 'AG040', 'redirects to another address', '307' ],
	[ 'redirect-302',    'anthropic', 1, 'AG040', 'redirects to another address', '302' ],
	[ 'html',            'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'nothing',         'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'truncated',       'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'deep',            'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'many',            'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'nul',             'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'surrogate',       'openai',    1, 'AG049', 'can not be read',             'not JSON' ],
	[ 'number',          'openai',    1, 'AG049', 'can not be read',             'kind that "openai" sends' ],
	[ 'wrongshape',      'anthropic', 1, 'AG049', 'can not be read',             'kind that "anthropic" sends' ],
	[ 'wrongshape',      'gemini',    1, 'AG049', 'can not be read',             'kind that "gemini" sends' ],
	[ 'huge',            'openai',    1, 'AG049', 'is too large',                '8 MB' ],
	[ 'chunked',         'openai',    1, 'AG049', 'is too large',                '8 MB' ],
	[ 'bomb',            'openai',    1, 'AG049', 'is too large',                '8 MB' ],
	[ 'bomb-deflate',    'openai',    1, 'AG049', 'is too large',                '8 MB' ],
	[ 'headers',         'openai',    1, 'AG049', 'is too large',                '64 kB' ],
	[ 'midbody',         'openai',    3, 'AG041', 'connection to server "model" was lost', 'remaining' ],
	[ 'drop',            'openai',    3, 'AG041', 'connection to server "model" was lost', '' ]);
for my $case (@failures)
{
	my ($behaviour, $provider, $attempts, $sqlstate, $message, $detail) = @$case;
	my $reply = call_model($node, $behaviour, provider => $provider);
	my $error = $reply->{error};
	ok(!$reply->{success} && $reply->{attempts} == $attempts && $error->{sqlstate} eq $sqlstate
		  && index($error->{message}, $message) >= 0 && index($error->{detail}, $detail) >= 0, "$behaviour as $provider: $sqlstate, $message")
	  or diag(encode_json($reply));
}

# what is waited for
for my $case ([ 'silent', 'http' ], [ 'drip', 'http' ], [ '', 'mute' ], [ '', 'full' ])
{
	my ($behaviour, $port) = @$case;
	my $reply = call_model($node, $behaviour, port => $port, timeout => '1s');
	is($reply->{error}{sqlstate} // $reply, 'AG042', "$behaviour$port: the timeout ends the wait");
	ok($reply->{seconds} >= 1 && $reply->{seconds} < 10, "$behaviour$port: not before it") or diag($reply->{seconds});
}

# a longer wait than there is time for is not begun
my $reply = call_model($node, 'status-503-5', timeout => '3s');
is($reply->{attempts}, 1, 'a wait that would end after the timeout is not begun');
like($reply->{error}{hint}, qr/asks to wait 5 seconds/, 'and the hint says for how long');

# what is survived
my $good = 'as the schema says';
for my $case ([ 'ok', 1 ], [ 'nousage', 1 ], [ 'packed', 1 ], [ 'status-429-1', 2 ], [ 'status-503-0', 2 ], [ 'date', 2 ])
{
	my ($behaviour, $attempts) = @$case;
	$reply = call_model($node, $behaviour);
	ok($reply->{success} && $reply->{attempts} == $attempts && $reply->{structure} eq $good, "$behaviour: answered at attempt $attempts")
	  or diag(encode_json($reply));
}
ok(call_model($node, 'status-429-2')->{seconds} >= 2, 'Retry-After is waited for');

# what the model makes of it: text, how it ended, whether it keeps to the schema
my $wrapped = 'as the schema says, with something around it';
for my $case (
	[ 'prose', 'openai', 'end', $wrapped ], [ 'fence', 'anthropic', 'end', $wrapped ], [ 'think', 'openai', 'end', $wrapped ],
	[ 'ignored', 'openai', 'end', 'not JSON' ], [ 'other', 'gemini', 'end', 'not as the schema says' ], [ 'empty', 'openai', 'end', 'not JSON' ],
	[ 'bignumber', 'openai', 'end', $good ], [ 'longnumber', 'openai', 'end', $good ], [ 'latin', 'openai', 'end', 'not JSON' ],
	[ 'cut', 'openai', 'length', 'not JSON' ], [ 'refusal', 'openai', 'refusal', 'not JSON' ], [ 'declined', 'anthropic', 'refusal', 'not JSON' ],
	[ 'stopped', 'openai', 'filter', 'not JSON' ], [ 'unsafe', 'gemini', 'filter', 'not JSON' ], [ 'blocked', 'gemini', 'filter', 'not JSON' ])
{
	my ($behaviour, $provider, $stop, $structure) = @$case;
	$reply = call_model($node, $behaviour, provider => $provider);
	ok($reply->{success} && $reply->{stop} eq $stop && $reply->{structure} eq $structure, "$behaviour as $provider: $stop, $structure")
	  or diag(encode_json($reply));
}

# tokens, the same for all: input, cached and cache_write make the prompt, output has the reasoning in it
is_deeply(call_model($node, 'ok', provider => $_->[0])->{tokens}, $_->[1], "tokens of $_->[0]")
  for ([ 'openai',    { input => 120, cached => 30, cache_write => 0,  output => 7, reasoning => 2 } ],
	[ 'anthropic', { input => 100, cached => 30, cache_write => 20, output => 7, reasoning => 0 } ],
	[ 'gemini',    { input => 120, cached => 30, cache_write => 0,  output => 7, reasoning => 2 } ]);
is(call_model($node, 'nousage')->{tokens}, undef, 'tokens that are not told are unknown');

# a server that knows less is asked for less, and not asked for it again in the session
for my $provider ('openai', 'anthropic', 'gemini', 'openai_compatible')
{
	make_model($node, 'model', hostile_url('lacking'), provider => $provider, effort => 'low');
	my ($first, $second) = map { decode_json($_) } split /\n/,
	  sql($node, 'postgres', q{SELECT sql_agent.llm_test('model'); SELECT sql_agent.llm_test('model')});
	ok($first->{success} && $first->{attempts} > 1 && $second->{success} && $second->{attempts} == 1,
		"what $provider does not know is left out ($first->{attempts} attempts), and remembered") or diag(encode_json($first));
}

# TLS
$reply = call_model($node, 'ok', port => 'https');
is($reply->{error}{sqlstate}, 'AG041', 'a certificate that nobody vouches for');
like($reply->{error}{message}, qr/no trusted connection/, 'is no trusted connection');
is($reply->{attempts}, 1, 'and is not tried again');
$node->append_conf('postgresql.conf', "sql_agent.ca_file = '$dir/cert.pem'\n");
$node->reload;
ok(call_model($node, 'ok', port => 'https')->{success}, 'with sql_agent.ca_file it is trusted');
(my $other = hostile_url('ok', 'https')) =~ s/127\.0\.0\.1/localhost/;
make_model($node, 'model', $other);
is(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}))->{error}{sqlstate}, 'AG041', 'but not for another name');
(my $plain = hostile_url('ok')) =~ s/^http/https/;
make_model($node, 'model', $plain);
is(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}))->{error}{sqlstate}, 'AG041', 'nor a server without TLS');

# refused, unknown
make_model($node, 'model', 'http://127.0.0.1:1/v1');
$reply = decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}));
is("$reply->{error}{sqlstate} $reply->{attempts}", 'AG041 3', 'connection refused');
make_model($node, 'model', 'http://no-such-host.invalid/v1', private_network => 'true', timeout => '5s');
is(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}))->{error}{sqlstate}, 'AG041', 'a name that nobody knows');

# the environment's proxy and netrc play no part; a proxy that is set does
$node->stop;
{
	local $ENV{http_proxy} = 'http://127.0.0.1:1';
	local $ENV{https_proxy} = 'http://127.0.0.1:1';
	local $ENV{ALL_PROXY} = 'http://127.0.0.1:1';
	$node->start;
}
ok(call_model($node, 'ok')->{success}, 'proxies of the environment are not used');
$node->append_conf('postgresql.conf', "sql_agent.proxy = '" . hostile_url('') . "'\n");
$node->reload;
ok(call_model($node, 'ok')->{success}, 'sql_agent.proxy is not used for the own machine');
journal();
make_model($node, 'model', 'https://models.example/v1', timeout => '3s');
sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')});
my ($connect) = journal();
is("$connect->{method} $connect->{path}", 'CONNECT models.example:443', 'but for other hosts');
is($connect->{headers}{authorization}, undef, 'and gets no key');

# what was sent: to where, with which key, and what not
journal();
call_model($node, 'redirect', provider => $_) for ('openai', 'azure', 'anthropic', 'gemini');
my @sent = journal();
is(scalar(@sent), 4, 'a redirect is not followed');
is(scalar(grep { $_->{path} =~ m{^/stolen} } @sent), 0, 'so no key goes to another address');
is_deeply([ map { join ',', grep { my $h = $_; $h =~ /key|authorization/ } sort keys %{ $_->{headers} } } @sent ],
	[ 'authorization', 'api-key', 'x-api-key', 'x-goog-api-key' ], 'each provider gets the key where it wants it');
is(scalar(grep { $_->{path} =~ /\Q$key\E/ || $_->{body} =~ /\Q$key\E/ } @sent), 0, 'never in the URL or the body');

# the key shows nowhere
unlike(slurp_file($node->logfile), qr/Zx81abc|ghijkLMNOP/, 'the key is not in the log');
is(sql($node, 'postgres', q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%Zx81%ghijkLM%' AND pid <> pg_backend_pid()}), '0', 'nor in pg_stat_activity');
for my $provider ('openai', 'anthropic', 'gemini')
{
	unlike(encode_json(call_model($node, 'echokey', provider => $provider)), qr/Zx81abc|ghijkLMNOP|9876/, "nor in what is told of an echo by $provider");
}

# other encodings: what one lacks becomes a question mark, and nothing raises
make_model($node, 'model', hostile_url('foreign'));
my $settings = "OPTIONS (provider 'openai', model 'm', base_url '" . hostile_url('foreign') . "')";
for my $case ([ 'LATIN1', "Ung\xfcltig: ?? ?" ], [ 'SQL_ASCII', 'Ung\xc3\xbcltig: \xe4\xb8\xad\xe6\x96\x87 \xe2\x98\x83' ], [ 'EUC_JP', "Ung\x8f\xab\xe4ltig: \xc3\xe6\xca\xb8 ?" ])
{
	my ($encoding, $expected) = @$case;
	my $database = lc $encoding;
	sql($node, 'postgres', "CREATE DATABASE $database ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	my $hex = sql($node, $database, "CREATE EXTENSION sql_agent; CREATE SERVER model FOREIGN DATA WRAPPER sql_agent_llm $settings;
CREATE USER MAPPING FOR sql_agent_keys SERVER model OPTIONS (api_key_file '$dir/key');
SELECT encode(convert_to(sql_agent.llm_test('model')->'error'->>'detail', '$encoding'), 'hex')");
	is(pack('H*', $hex), "HTTP status 400: $expected", "a message in $encoding");
}

# a dump carries options of mappings: the name of the file, not the key
my ($dump, $err) = run_command([ 'pg_dump', '-d', $node->connstr('postgres') ]);
like($dump, qr/CREATE USER MAPPING FOR sql_agent_keys SERVER model OPTIONS \(\s*api_key_file/, 'a dump has the mapping');
unlike($dump, qr/Zx81abc/, 'and not the key');
append_to_file("$dir/dump", $dump);
sql($node, 'postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/dump" ], 'the dump can be restored');
is(decode_json(sql($node, 'restored', q{SELECT sql_agent.llm_test('model')}))->{error}{sqlstate}, 'AG046', 'and its server be asked');

stop_hostile();
$node->stop;
done_testing();
