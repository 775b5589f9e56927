# What is sent is what the providers document, and what they answer is read:
# requests against lists of what each dialect allows, replies from a peer that
# speaks all of them (@copilotkit/aimock, an npm package; "make deps" gets it).
use strict;
use warnings;
use Cwd;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use Test::More;
use SqlAgent::Node;
use SqlAgent::Hostile;

start_hostile();
my $node = start_node('contract');
sql($node, 'postgres', 'CREATE EXTENSION sql_agent');

# Leaves: a pattern for strings, 'int', 'true', 'any'.  [x]: an array of x, not
# empty.  A name that ends with ? may be missing; nothing else may be there.
my $system = qr/./;
my %allowed = (
	openai => {
		model => qr/^[\w.-]+$/,
		messages => [ { role => qr/^(system|user|assistant)$/, content => qr/./ } ],
		max_completion_tokens => 'int',
		'reasoning_effort?' => qr/^(none|minimal|low|medium|high|xhigh|max)$/,
		'prompt_cache_key?' => qr/./,
		'response_format?' => { type => qr/^json_schema$/, json_schema => { name => qr/^[a-zA-Z0-9_-]{1,64}$/, strict => 'true', schema => 'any' } } },
	openai_compatible => {
		model => qr/^[\w.-]+$/,
		messages => [ { role => qr/^(system|user|assistant)$/, content => qr/./ } ],
		max_tokens => 'int',
		'reasoning_effort?' => qr/./,
		'response_format?' => { type => qr/^json_schema$/, json_schema => { name => qr/./, strict => 'true', schema => 'any' } } },
	anthropic => {
		model => qr/^[\w.-]+$/,
		max_tokens => 'int',
		'system?' => qr/./,
		messages => [ { role => qr/^(user|assistant)$/, content => [ { type => qr/^text$/, text => qr/./, 'cache_control?' => { type => qr/^ephemeral$/ } } ] } ],
		'output_config?' => { 'effort?' => qr/^(low|medium|high|xhigh|max)$/, 'format?' => { type => qr/^json_schema$/, schema => 'any' } } },
	gemini => {
		'systemInstruction?' => { parts => [ { text => qr/./ } ] },
		contents => [ { role => qr/^(user|model)$/, parts => [ { text => qr/./ } ] } ],
		generationConfig => { maxOutputTokens => 'int', 'responseMimeType?' => qr{^application/json$}, 'responseJsonSchema?' => 'any',
			'thinkingConfig?' => { thinkingLevel => qr/^(minimal|low|medium|high)$/ } } });
$allowed{azure} = $allowed{openai};

# what of the value is not allowed, as paths
sub strange
{
	my ($value, $rule, $path) = @_;
	if (ref $rule eq 'HASH')
	{
		return "$path is no object" unless ref $value eq 'HASH';
		my %left = %$value;
		my @bad;
		for my $name (sort keys %$rule)
		{
			(my $plain = $name) =~ s/\?$//;
			push @bad, exists $left{$plain} ? strange($left{$plain}, $rule->{$name}, "$path.$plain") : $plain eq $name ? "$path.$plain is missing" : ();
			delete $left{$plain};
		}
		return (@bad, map { "$path.$_ is not allowed" } sort keys %left);
	}
	if (ref $rule eq 'ARRAY')
	{
		return "$path is no filled array" unless ref $value eq 'ARRAY' && @$value;
		return map { strange($value->[$_], $rule->[0], "$path.$_") } 0 .. $#$value;
	}
	return () if $rule eq 'any';
	return $value && JSON::PP::is_bool($value) ? () : "$path is not true" if $rule eq 'true';
	return $value =~ /^[1-9][0-9]*$/ && encode_json([$value]) !~ /"/ ? () : "$path is no whole number" if $rule eq 'int';
	return !ref $value && $value =~ $rule ? () : "$path is wrong";
}

my %path = (openai => '/chat/completions', azure => '/openai/v1/chat/completions', openai_compatible => '/chat/completions',
	anthropic => '/messages', gemini => '/models/a.model-1:generateContent');
my %header = (openai => 'authorization', azure => 'api-key', openai_compatible => 'authorization', anthropic => 'x-api-key', gemini => 'x-goog-api-key');
for my $provider (sort keys %path)
{
	for my $effort (undef, 'low')
	{
		# Azure's documentation shows the address of the resource alone
		(my $url = hostile_url('ok')) =~ s{/ok$}{} if $provider eq 'azure';
		make_model($node, 'model', $url // hostile_url('ok'), provider => $provider, model => 'a.model-1', defined $effort ? (effort => $effort) : ());
		journal();
		sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')});
		my ($request) = journal();
		my $name = $provider . (defined $effort ? ' with effort' : '');
		is_deeply([ strange(decode_json($request->{body}), $allowed{$provider}, 'body') ], [], "$name: nothing in the body that is not allowed");
		is($request->{path}, ($provider eq 'azure' ? '' : '/ok') . $path{$provider}, "$name: to the right path");
		is($request->{headers}{ $header{$provider} }, ($header{$provider} eq 'authorization' ? 'Bearer ' : '') . $key, "$name: with the key in its place");
		is($request->{headers}{'content-type'}, 'application/json', "$name: as JSON");
		is($request->{headers}{'anthropic-version'}, $provider eq 'anthropic' ? '2023-06-01' : undef, "$name: and the version where it is wanted");
	}
}

# modes of structured output
for my $case ([ 'json_object', '{"type":"json_object"}' ], [ 'none', undef ])
{
	my ($mode, $expected) = @$case;
	make_model($node, 'model', hostile_url('ok'), structured => $mode);
	journal();
	sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')});
	my ($request) = journal();
	my $format = decode_json($request->{body})->{response_format};
	is($format ? JSON::PP->new->canonical->encode($format) : undef, $expected, "structured $mode");
}

# a key that another header takes, and none
make_model($node, 'model', hostile_url('ok'), auth => 'x-api-key');
journal();
sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')});
is((journal())[0]->{headers}{'x-api-key'}, $key, 'auth names the header');
make_model($node, 'model', hostile_url('ok'), auth => 'none');
sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')});
is(scalar(grep { $_->{headers}{authorization} } journal()), 0, 'and none sends no key');
sql($node, 'postgres', 'DROP USER MAPPING FOR sql_agent_keys SERVER model; ALTER SERVER model OPTIONS (DROP auth)');
is(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}))->{error}{sqlstate}, 'AG040', 'OpenAI needs a key');
sql($node, 'postgres', q{ALTER SERVER model OPTIONS (SET provider 'openai_compatible')});
ok(decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}))->{success}, 'a compatible server does not');
stop_hostile();

SKIP:
{
	my $cli = getcwd() . '/test/llm/node_modules/@copilotkit/aimock/dist/cli.js';
	my ($version) = (`node --version 2>/dev/null` // '') =~ /^v(\d+\.\d+)/;
	skip('aimock is not there: "make deps" gets it', 1) unless -e $cli;
	skip('aimock needs Node.js 20.15 or later', 1) unless defined $version && $version >= 20.15;

	my ($out, $err, $port) = ('', '');
	my $peer = IPC::Run::start([ 'node', $cli, '-p', '0', '-f', getcwd() . '/test/llm/aimock.json', '--strict' ], '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	until (defined $port)
	{
		$peer->pump;
		($port) = "$out$err" =~ /listening on \S*:(\d+)/;
	}
	my $peer_url = "http://127.0.0.1:$port";
	my %base = (openai => "$peer_url/v1", azure => "$peer_url/openai/v1", openai_compatible => "$peer_url/v1", anthropic => "$peer_url/v1", gemini => "$peer_url/v1beta");
	my $ask = sub {
		my ($provider, $model) = @_;
		make_model($node, 'model', $base{$provider}, provider => $provider, model => $model);
		my $reply = decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}));
		return $reply;
	};

	for my $provider (sort keys %base)
	{
		my $reply = $ask->($provider, 'plain');
		ok($reply->{success} && $reply->{stop} eq 'end' && $reply->{structure} eq 'as the schema says' && $reply->{attempts} == 1, "aimock as $provider answers")
		  or diag(encode_json($reply));
		is($ask->($provider, 'thinker')->{structure}, 'as the schema says', "aimock as $provider: thoughts are no answer");
		is($ask->($provider, 'short')->{stop}, 'length', "aimock as $provider: a cut answer is known as one");
		for my $case ([ limited => 'AG045', 3 ], [ broke => 'AG044', 1 ], [ unknown => 'AG043', 1 ], [ locked => 'AG043', 1 ], [ overloaded => 'AG045', 3 ])
		{
			my ($model, $sqlstate, $attempts) = @$case;
			$reply = $ask->($provider, $model);
			is(($reply->{error}{sqlstate} // 'none') . " $reply->{attempts}", "$sqlstate $attempts", "aimock as $provider: $model") or diag(encode_json($reply));
		}
	}
	is_deeply($ask->('openai', 'plain')->{tokens}, { input => 60, cached => 0, cache_write => 0, output => 12, reasoning => 0 }, 'aimock: tokens');

	# chaos
	my $http = HTTP::Tiny->new(timeout => 10);
	for my $case ([ dropRate => 'AG045' ], [ malformedRate => 'AG049' ], [ disconnectRate => 'AG041' ], [ rateLimitRate => 'AG045' ])
	{
		my ($what, $sqlstate) = @$case;
		$http->request('DELETE', "$peer_url/__aimock/chaos");
		my $set = $http->post("$peer_url/__aimock/chaos", { headers => { 'content-type' => 'application/json' }, content => encode_json({ $what => 1 }) });
		ok($set->{success}, "chaos: $what") or diag($set->{content});
		is($ask->('openai', 'plain')->{error}{sqlstate}, $sqlstate, "chaos: $what is $sqlstate");
	}
	$peer->kill_kill;
}

$node->stop;
done_testing();
