# Files in databases whose encoding is not UTF8: texts are converted, and what is
# said about a file can be read whatever is in it.
use strict;
use warnings;
use Encode;
use Test::More;
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $node = new_node('encodings');
# errors are those of the statement
$node->append_conf('postgresql.conf', "sql_agent.background_uploads = off\n");
$node->start;
sql($node, 'postgres', "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
sql($node, 'postgres', "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
sql($node, $_, 'CREATE EXTENSION sql_agent') for qw(latin bytes);

# the bytes of a text in UTF-8, as an expression
sub file_of
{
	return "'\\x" . unpack('H*', encode('UTF-8', $_[0])) . "'::bytea";
}

sub upload
{
	my ($content, $options) = @_;
	return 'SELECT sql_agent.upload_sheet(\'f.csv\', ' . file_of($content) . ", '" . ($options // '{}') . "')";
}

# as the server has it; the client asks for UTF-8
sub latin
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	return decode('UTF-8', sql($node, 'latin', $_[0]));
}

sub refused
{
	my ($sql, $pattern, $name) = @_;
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	return like(decode('UTF-8', fails($node, 'latin', $sql)), $pattern, $name);
}

sql($node, 'latin', upload("gr\x{f6}\x{df}e,stra\x{df}e\n1,M\x{fc}hlweg\n", '{"table": "t"}'));
is(latin(encode('UTF-8', "SELECT \"gr\x{f6}\x{df}e\" || ' ' || \"stra\x{df}e\" FROM t")), "1 M\x{fc}hlweg", 'texts and names are converted');
is(latin(q{SELECT c ->> 'reason' FROM sql_agent.uploads u, jsonb_array_elements(u.result -> 'tables' -> 0 -> 'columns') c WHERE c ->> 'type' = 'text'}),
	"row 2 has 'M\x{fc}hlweg'", 'the report, too');
refused(upload("gr\x{f6}\x{df}e\nx\n", encode('UTF-8', "{\"types\": {\"gr\x{f6}\x{df}e\": \"integer\"}}")),
	qr/column "gr\x{f6}\x{df}e" can not be of type integer.*Row 2 has 'x'/s, 'a name in a message');
refused(upload("n\n\x{5317}\x{4eac} \x{e4}\n", '{"types": {"n": "integer"}}'), qr/Row 2 has '\?\? \x{e4}'/, 'what the encoding does not have is a question mark');
refused(upload("n\n" . ("\x{5317}" x 80) . "\n", '{"types": {"n": "integer"}}'), qr/Row 2 has '\?{33}'/, 'a long value is cut at a character');
refused(upload("n\n\x{5317}\n"), qr/22P05.*row 2 of the file/s, 'and can not be stored; the row is named');
refused(upload("n\n1\n", encode('UTF-8', "{\"encoding\": \"\x{e9}t\x{e9}\"}")), qr/encoding "\x{e9}t\x{e9}" is not known/, 'an option in a message');
refused("SELECT sql_agent.upload_append(sql_agent.upload_begin(E'\\u00e9t\\u00e9'), 0, 'x')", qr/invalid number of a part/, 'an upload in parts');
my $id = sql($node, 'latin', "SELECT sql_agent.upload_begin(E'\\u00e9t\\u00e9.csv')");
refused("SELECT sql_agent.upload_append('$id', 2, 'x'); SELECT sql_agent.upload_finish('$id')", qr/parts of "\x{e9}t\x{e9}\.csv" are missing/, 'its name in a message');
sql($node, 'latin', "SELECT sql_agent.upload_append('$id', 1, E'a\\n1\\n')");
sql($node, 'latin', "SELECT sql_agent.upload_finish('$id')");
is(latin('SELECT tables[1] FROM sql_agent.uploads WHERE id = ' . "'$id'"), "\x{e9}t\x{e9}", 'and of its table');

# bytes without meaning
sql($node, 'bytes', upload("gr\x{f6}\x{df}e\nM\x{fc}hlweg\nb\n", '{"table": "t"}'));
is(sql($node, 'bytes', 'SELECT * FROM t ORDER BY 1'), "M\xc3\xbchlweg\nb", 'SQL_ASCII keeps the bytes');
$node->stop;
done_testing();
