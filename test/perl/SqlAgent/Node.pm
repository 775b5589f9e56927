package SqlAgent::Node;

# Servers for the TAP tests: a thin layer over PostgreSQL::Test::Cluster, whose
# name was PostgresNode before 15.
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(node_object new_node start_node sql fails);

# loaded while compiling: its INIT blocks must still run
my $class;
BEGIN
{
	$class = 'PostgreSQL::Test::Cluster';
	if (!eval { require PostgreSQL::Test::Cluster; 1 })
	{
		require PostgresNode;
		$class = 'PostgresNode';
	}
}

# A node that nothing was done with yet.
sub node_object
{
	my ($name) = @_;
	return $class eq 'PostgresNode' ? PostgresNode->get_new_node($name) : $class->new($name);
}

# A node with initdb done.  Options: preload => 0 leaves the library out of
# shared_preload_libraries; kinds => 1 adds the kinds of tasks of test/task_kinds.
sub new_node
{
	my ($name, %option) = @_;
	my $node = node_object($name);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ], allows_streaming => $option{allows_streaming} // 0);
	# a busy machine must not change what a question finds
	$node->append_conf('postgresql.conf', "timezone = 'UTC'\nsql_agent.profile_timeout = '60s'\n");
	my $libraries = $option{kinds} ? 'sql_agent,sql_agent_test_kinds' : 'sql_agent';
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$libraries'\n") unless defined $option{preload} && !$option{preload};
	return $node;
}

sub start_node
{
	my $node = new_node(@_);
	$node->start;
	return $node;
}

# The output of a statement that must succeed.
sub sql
{
	my ($node, $database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

# The error of a statement that must fail, with its SQLSTATE, detail and hint.
sub fails
{
	my ($node, $database, $sql) = @_;
	my ($code, $out, $err) = $node->psql($database, "\\set VERBOSITY verbose\n$sql");
	return $code == 0 ? "it succeeded: $out" : $err;
}

1;
