package SqlAgent::Hostile;

# The server of test/llm/hostile and the language models that point to it.
use strict;
use warnings;
use Cwd;
use Exporter 'import';
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils ();
use SqlAgent::Node;

our @EXPORT = qw(start_hostile stop_hostile hostile_url make_model call_model journal $key);

# what must never be seen again
our $key = 'sk-proj-Zx81abcdefghijkLMNOP9876';

my ($process, $input, $dir, $ports);

# Starts the server, with TLS by a certificate made for it.  Returns its directory.
sub start_hostile
{
	$dir = PostgreSQL::Test::Utils::tempdir();
	system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hostile -addext subjectAltName=IP:127.0.0.1 "
		  . "-keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0 or die 'openssl failed';
	$process = IPC::Run::start([ getcwd() . '/test/llm/hostile', $dir, "$dir/cert.pem", "$dir/key.pem" ], '<', \$input, '>', '/dev/null');
	for (1 .. 300)
	{
		last if -e "$dir/ports";
		select(undef, undef, undef, 0.1);
	}
	$ports = decode_json(PostgreSQL::Test::Utils::slurp_file("$dir/ports"));
	PostgreSQL::Test::Utils::append_to_file("$dir/key", "$key\n");
	return $dir;
}

sub stop_hostile
{
	$process->kill_kill;
	return;
}

# the URL that shows a behaviour; port: http, https, mute, full
sub hostile_url
{
	my ($behaviour, $port) = @_;
	$port //= 'http';
	return ($port eq 'http' || $port eq 'full' ? 'http' : 'https') . "://127.0.0.1:$ports->{$port}/$behaviour";
}

# (Re)makes the foreign server for a behaviour, its key in a file.
sub make_model
{
	my ($node, $name, $url, %option) = @_;
	my %all = (provider => 'openai', model => 'the-model', base_url => $url, timeout => '10s', %option);
	my $options = join ', ', map { "$_ '$all{$_}'" } sort keys %all;
	sql($node, 'postgres', "SET client_min_messages = warning; DROP SERVER IF EXISTS $name CASCADE;
CREATE SERVER $name FOREIGN DATA WRAPPER sql_agent_llm OPTIONS ($options);
CREATE USER MAPPING FOR sql_agent_keys SERVER $name OPTIONS (api_key_file '$dir/key')");
	return;
}

# llm_test() of a behaviour, as a hash
sub call_model
{
	my ($node, $behaviour, %option) = @_;
	my $port = delete $option{port};
	make_model($node, 'model', hostile_url($behaviour, $port), %option);
	return decode_json(sql($node, 'postgres', q{SELECT sql_agent.llm_test('model')}));
}

# the requests that came since the last look: {method, path, headers, body}
sub journal
{
	return () unless -e "$dir/journal";
	my @lines = split /\n/, PostgreSQL::Test::Utils::slurp_file("$dir/journal");
	unlink "$dir/journal";
	return map { decode_json($_) } @lines;
}

1;
