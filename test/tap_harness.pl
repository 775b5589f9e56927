# Runs TAP test files one after the other; the last line is "N passed, N failed".
# A file that dies or breaks its plan counts as one failure more.
use strict;
use warnings;
use TAP::Harness;

my $harness = TAP::Harness->new({ verbosity => 1, merge => 1, lib => [ split /:/, $ENV{PERL5LIB} // '' ] });
my $result = $harness->runtests(@ARGV);
my $failed = $result->failed;
for my $parser ($result->parsers)
{
	my $errors = $parser->parse_errors || ($parser->exit && !$parser->failed);
	$failed++ if $errors;
}
printf "%d passed, %d failed\n", $result->total - $result->failed, $failed;
exit($failed ? 1 : 0);
