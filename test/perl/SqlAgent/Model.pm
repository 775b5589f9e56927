package SqlAgent::Model;

# A scripted model (test/llm/scripted) for TAP tests: what it says next, and
# what it was sent.
use strict;
use warnings;
use Exporter 'import';
use JSON::PP;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(usleep);

our @EXPORT = qw(start_model stop_model model_says model_may_go model_was_sent messages_of answer_of);

my $json = JSON::PP->new->canonical->utf8->allow_nonref;
my ($directory, $pid);

# The address of the server, such as http://127.0.0.1:1234/v1.
sub start_model
{
	$directory = PostgreSQL::Test::Utils::tempdir();
	$pid = fork() // die "fork: $!";
	exec('python3', 'test/llm/scripted', $directory) if $pid == 0;
	for (1 .. 600)
	{
		last if -e "$directory/port";
		usleep(100_000);
	}
	return 'http://127.0.0.1:' . slurp_file("$directory/port") . '/v1';
}

sub stop_model
{
	# in END the exit code of the test is in $?
	local $?;
	kill 'TERM', $pid;
	waitpid($pid, 0);
	undef $pid;
	return;
}

# What it says to the next requests: texts, or hashes {status, body} or {text,
# hold}, which waits for model_may_go(); the last one for ever.  Forgets what it
# was sent so far.
sub model_says
{
	my (@replies) = @_;
	unlink "$directory/requests", "$directory/go";
	open(my $file, '>', "$directory/replies") or die $!;
	print $file join("\n", map { $json->encode($_) } @replies);
	close $file;
	return;
}

sub model_may_go
{
	append_to_file("$directory/go", '');
	return;
}

# The bodies of the requests since.
sub model_was_sent
{
	return () unless -e "$directory/requests";
	return split /\n/, slurp_file("$directory/requests");
}

# the texts of one request's messages
sub messages_of
{
	my ($body) = @_;
	return map {
		my $content = $_->{content};
		ref $content ? map { $_->{text} } @$content : $content
	} @{ $json->decode($body)->{messages} };
}

# An answer in the form that was agreed on: members that are not given are usual ones.
sub answer_of
{
	my (%given) = @_;
	my %answer = (explanation => 'So.', sql => undef, database => 'postgres', confidence => 0.9,
		clarification => undef, chart => 'auto', need_tables => [], %given);
	return $json->encode(\%answer);
}

END { stop_model() if $pid; }

1;
