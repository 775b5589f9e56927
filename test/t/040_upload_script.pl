# sql_agent_upload: files on the client, in parts; what breaks on the way, and
# what memory the server takes for it.
use strict;
use warnings;
use Encode;
use IPC::Run;
use Test::More;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Utils;
use SqlAgent::Node;

my $node = new_node('files');
# what is measured and cancelled is the session itself; 058 has workers
$node->append_conf('postgresql.conf', "sql_agent.background_uploads = off\n");
$node->start;
my $dir = $node->basedir;
my ($script) = grep { -x } map { "$_/sql_agent_upload" } split /:/, $ENV{PATH};
my @connection = ('-h', $node->host, '-p', $node->port, '-d', 'postgres');

sql($node, 'postgres', q{
CREATE EXTENSION sql_agent;
CREATE ROLE ann LOGIN PASSWORD 'secret';
SELECT sql_agent.tenant_provision('acme'), sql_agent.tenant_add_member('acme', 'ann');
});

# runs the script; returns its exit status, its output and its errors
sub upload
{
	my ($out, $err) = ('', '');
	IPC::Run::run([ $script, @connection, '-U', 'ann', @_ ], '<', '/dev/null', '>', \$out, '2>', \$err, IPC::Run::timeout(300));
	return ($? >> 8, $out, $err);
}

sub write_file
{
	my ($name, $content) = @_;
	open(my $file, '>:raw', "$dir/$name") or die "$name: $!";
	print $file $content;
	close $file;
	return "$dir/$name";
}

sub rows_of
{
	return sql($node, 'postgres', "SELECT count(*) || ' ' || sum(n) FROM acme.$_[0]");
}

sub unfinished
{
	return sql($node, 'postgres', 'SELECT count(*) FROM sql_agent.upload_files');
}

# ---- arguments ----
my ($status, $out, $err) = upload('--help');
is($status, 0, '--help');
like($out, qr/Usage:/, 'says how it is used');
($status, $out, $err) = upload();
is("$status $out", '1 ', 'no file');
like($err, qr/which file/, 'and why');
for my $bad ([ '--colour', 'f' ], [ '-o', 'table', 'f' ], [ '--part-size=1GB', 'f' ], [ '--part-size=10', 'f' ], [ '--retries=x', 'f' ])
{
	($status, $out, $err) = upload(@$bad);
	is($status, 1, "@$bad");
}
($status, $out, $err) = upload("$dir/missing.csv");
is($status, 1, 'a file that is not there');
($status, $out, $err) = upload(write_file('empty.csv', ''));
is($status, 3, 'an empty file');
like($err, qr/file is empty/, 'and why');
is(unfinished(), 0, 'nothing is left of it');

# ---- names, several files, options ----
my $odd = encode('UTF-8', "z\x{fc}ge \x{5317} \$(x) 'q\" \\ %s.csv");
($status, $out, $err) = upload('-o', 'table=trains', '-o', 'types={"n": "bigint"}', '-o', 'delimiter=;',
	write_file($odd, "n;what\n1;a\n2;b\n"));
is("$status $err", '0 ', 'a name with everything');
like($out, qr/2 rows into acme\.trains/, 'the tables are printed');
is(sql($node, 'postgres', q{SELECT file_name FROM sql_agent.uploads}), $odd, 'the server has the name');
is(sql($node, 'postgres', q{SELECT pg_typeof(n) FROM acme.trains LIMIT 1}), 'bigint', 'JSON in an option');
($status, $out, $err) = upload(write_file('warned.csv', "n,day\n1,01/02/2024\n2e5,\n"));
like($out, qr/^  warning: column n: numbers in exponent form.* \(row 3 has '2e5'\)$/m, 'a warning says where');
like($out, qr/^  warning: column day: dates whose day and month/m, 'one without a row');
sql($node, 'postgres', q{SELECT sql_agent.upload_drop(id) FROM sql_agent.uploads WHERE file_name = 'warned.csv'});
($status, $out, $err) = upload('--keep', '-o', 'mode=replace', write_file('one.csv', "n\n1\n"), write_file('two.csv', "n\n\"2\n"), write_file('three.csv', "n\n3\n"));
is($status, 3, 'one of three is refused');
like($err, qr/ERROR: .*never closed.*two\.csv: not uploaded/s, 'and why');
like($out, qr/one\.csv: 1 rows.*three\.csv: 1 rows/s, 'the others are tables');
is(unfinished(), 3, 'two are kept, the bytes of one wait');
($status, $out, $err) = upload('-o', 'quote=', "$dir/two.csv");
is($status, 0, 'the same file with other options');
like($err, qr/1 of 1 parts are there already/, 'is not sent again');
is(unfinished(), 2, 'and goes when it is done');
my $bytes = join('', map { chr } 0 .. 255) x 40;
($status, $out, $err) = upload('-o', 'encoding=LATIN1', write_file('bytes.bin', $bytes));
is($status, 3, 'bytes of every kind');
like($err, qr/zero byte/, 'arrive as they are');
is( sql($node, 'postgres', q{SELECT sha256(content) = sha256((SELECT decode(string_agg(lpad(to_hex(i % 256), 2, '0'), '' ORDER BY i), 'hex')
                              FROM generate_series(0, 10239) i)) FROM sql_agent.upload_parts WHERE bytes = 10240}), 't', 'to the last one');
sql($node, 'postgres', 'SELECT sql_agent.upload_cancel(id) FROM sql_agent.upload_files');

# ---- who may not ----
is((upload('--part-size=1kB', '-h', "$dir/nowhere", "$dir/one.csv"))[0], 2, 'no server');
sql($node, 'postgres', 'CREATE ROLE nobody_of_note LOGIN');
($status, $out, $err) = upload('-U', 'nobody_of_note', "$dir/one.csv");
is($status, 3, 'a role that may not upload');
like($err, qr/permission denied/, 'and why');
my $hba = $node->data_dir . '/pg_hba.conf';
my $hba_before = slurp_file($hba);
open(my $file, '>', $hba) or die;
print $file "local all ann scram-sha-256\n$hba_before";
close $file;
sql($node, 'postgres', "SET password_encryption = 'scram-sha-256'; ALTER ROLE ann PASSWORD 'secret'");
$node->reload;
{
	local $ENV{PGPASSWORD} = 'wrong';
	($status, $out, $err) = upload("$dir/one.csv");
	is($status, 2, 'a wrong password');
	unlike($err, qr/trying again/, 'is not tried again');
	$ENV{PGPASSWORD} = 'secret';
	is((upload('-o', 'table=secret', "$dir/one.csv"))[0], 0, 'the right one');
}
open($file, '>', $hba) or die;
print $file $hba_before;
close $file;
$node->reload;

# ---- broken on the way ----
my $rows = 60000;
my $large = write_file('large.csv', "n,text\n" . join('', map { "$_,some text of row $_\n" } 1 .. $rows));
my $sum = $rows * ($rows + 1) / 2;

# what was stored while the script ran, so that it is known to be under way
sub wait_for_parts
{
	my ($count) = @_;
	for (1 .. 600)
	{
		my $parts = sql($node, 'postgres', 'SELECT count(*) FROM sql_agent.upload_part');
		return $parts if $parts >= $count;
		sleep 0.05;
	}
	return -1;
}

my @slowly = ('--part-size=20kB', '-o', 'mode=replace');
my ($run_out, $run_err) = ('', '');
my $run = IPC::Run::start([ $script, @connection, '-U', 'ann', @slowly, $large ], '<', '/dev/null', '>', \$run_out, '2>', \$run_err, IPC::Run::timeout(300));
ok(wait_for_parts(3) > 0, 'parts arrive');
kill('TERM', $run->{KIDS}[0]{PID});
$run->finish;
is($run->full_result(0) >> 8, 143, 'killed midway');
like($run_err, qr/run again/, 'says how to go on');
my $there = wait_for_parts(1);
ok($there > 0 && $there < 90, "$there parts are there");
($status, $out, $err) = upload('--part-size=40kB', '--no-resume', '-o', 'table=other', $large);
is($status, 0, 'from the start, because that is asked for');
($status, $out, $err) = upload(@slowly, $large);
is($status, 0, 'run again');
like($err, qr/\d+ of \d+ parts are there already/, 'it goes on where it was');
is(rows_of('large'), "$rows $sum", 'with every row once');
is(unfinished(), 0, 'and nothing is left');

# the server loses the connection, and comes back
($run_out, $run_err) = ('', '');
sql($node, 'postgres', 'DROP TABLE acme.large');
$run = IPC::Run::start([ $script, @connection, '-U', 'ann', @slowly, '--progress', $large ], '<', '/dev/null', '>', \$run_out, '2>', \$run_err, IPC::Run::timeout(300));
ok(wait_for_parts(3) > 0, 'parts arrive once more');
sql($node, 'postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ann'});
$run->finish;
is($run->full_result(0) >> 8, 0, 'a broken connection is taken up again');
like($run_err, qr/trying again in 1 s.*parts are there already.*100 %/s, 'and says so');
is(rows_of('large'), "$rows $sum", 'every row is there once');

# a part that changed while nobody looked
my ($id) = sql($node, 'postgres', q{SELECT sql_agent.upload_begin('x')});
like(fails($node, 'postgres', qq{SELECT sql_agent.upload_append('$id', 1, 'a'); SELECT sql_agent.upload_append('$id', 1, 'b')}), qr/23505/, 'other bytes raise');
sql($node, 'postgres', "SELECT sql_agent.upload_cancel('$id')");

# ---- sessions side by side: parts at once, and a finish that waits for them ----
$id = sql($node, 'postgres', q{SELECT sql_agent.upload_begin('side.csv')});
sql($node, 'postgres', "SELECT sql_agent.upload_append('$id', 2, E'2\\n')");
sql($node, 'postgres', "SELECT sql_agent.upload_append('$id', 1, E'n\\n1\\n')");
sql($node, 'postgres', "SELECT sql_agent.upload_finish('$id')");
is(sql($node, 'postgres', 'SELECT sum(n) FROM side'), 3, 'parts of several sessions');

# ---- memory: a file of 40 MB by parts, as large object and from the server ----
$node->append_conf('postgresql.conf', "shared_buffers = 16MB\n");
$node->restart;
my $big = "$dir/big.csv";
open($file, '>', $big) or die;
print $file "n,name,price,day,note\n";
my $count = 0;
while (tell($file) < 40 * 1024 * 1024)
{
	$count++;
	printf $file "%d,customer %d,%d.%02d,2024-%02d-%02d,a note of %d\n", $count, $count % 9973, $count % 900, $count % 100, $count % 12 + 1, $count % 28 + 1, $count;
}
close $file;

# anonymous memory of a process, kB
sub memory_of
{
	my ($pid) = @_;
	open(my $stat, '<', "/proc/$pid/status") or return 0;
	my ($kb) = grep { defined } map { /^RssAnon:\s*(\d+)/ ? $1 : undef } <$stat>;
	return $kb // 0;
}

# runs a statement in a session of its own; returns by how much its backend grew, MB
sub growth_of
{
	my ($sql) = @_;
	my ($in, $out, $err) = ('', '', '');
	my $psql = IPC::Run::start([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(300));
	my $peak = 0;
	$in .= "SELECT sql_agent.upload_sheet('warm.csv', E'n,t\\n1,x\\n', '{\"mode\": \"replace\"}') IS NOT NULL; SELECT 'pid ' || pg_backend_pid();\n";
	$psql->pump until $out =~ /pid (\d+)\n/;
	my $pid = $1;
	my $before = memory_of($pid);
	$in .= "$sql;\n\\echo end\n";
	while ($psql->pumpable && $out !~ /end\n/)
	{
		$psql->pump_nb;
		my $now = memory_of($pid);
		$peak = $now if $now > $peak;
		sleep 0.005;
	}
	$in .= "\\q\n";
	$psql->finish;
	diag($err) if $err ne '';
	return ($peak - $before) / 1024;
}

SKIP:
{
	skip 'no /proc', 4 unless -r "/proc/$$/status" && memory_of($$) > 0;
	my $limit = 32;
	chmod 0644, $big;
	my $grown = growth_of("SELECT sql_agent.upload_server_file('$big', '{\"table\": \"from_server\"}')");
	cmp_ok($grown, '<', $limit, sprintf('a file of the server takes %.1f MB', $grown));
	my $object = sql($node, 'postgres', "SELECT lo_import('$big')");
	$grown = growth_of("SELECT sql_agent.upload_large_object('big.csv', $object, '{\"table\": \"from_object\"}')");
	cmp_ok($grown, '<', $limit, sprintf('a large object %.1f MB', $grown));
	my $parts = sql($node, 'postgres', "SELECT sql_agent.upload_begin('big.csv', '{\"table\": \"from_parts\"}')");
	sql($node, 'postgres', "SELECT sql_agent.upload_append('$parts', n, lo_get($object, (n - 1) * 4194304, 4194304)) FROM generate_series(1, 10) n");
	sql($node, 'postgres', "SELECT sql_agent.upload_append('$parts', 11, lo_get($object, 10 * 4194304, 4194304))");
	$grown = growth_of("SELECT sql_agent.upload_finish('$parts')");
	cmp_ok($grown, '<', $limit, sprintf('an upload in parts %.1f MB', $grown));
	is(sql($node, 'postgres', 'SELECT (SELECT count(*) FROM from_parts), (SELECT sum(n) FROM from_parts), (SELECT count(*) FROM (TABLE from_parts EXCEPT TABLE from_server) d)'),
		"$count|" . $count * ($count + 1) / 2 . '|0', 'all have the same rows');

	# ---- progress: each stage, forward only, at least every second ----
	my ($code, $seen, $told) = $node->psql('postgres', "SET client_min_messages = debug1; SELECT sql_agent.upload_large_object('big.csv', $object, '{\"table\": \"shown\"}')");
	my @steps = grep { /upload: / } split /\n/, $told;
	my @percent = map { /(\d+) %/ } @steps;
	like(join("\n", @steps), qr/checking.*, 0 rows.*reading.*loading.*building keys.*finishing/s, 'every stage is told');
	is_deeply(\@percent, [ sort { $a <=> $b } @percent ], 'it never goes back');
	is($percent[-1], 95, 'to the end');

	# ---- cancelled within a second, in whatever stage ----
	for my $ms (50, 200, 500, 900)
	{
		my $start = time;
		like(fails($node, 'postgres', "SET statement_timeout = '${ms}ms'; SELECT sql_agent.upload_large_object('big.csv', $object, '{\"table\": \"never\"}')"), qr/57014/, "cancelled after $ms ms");
		cmp_ok(time - $start, '<', $ms / 1000 + 1.5, 'within a second');
	}
	is(sql($node, 'postgres', q{SELECT to_regclass('never') IS NULL}), 't', 'nothing is left');
}

# ---- dump: what was kept comes along, what is on its way does not ----
$id = sql($node, 'postgres', q{SELECT sql_agent.upload_begin('kept.csv', '{"keep": true}')});
sql($node, 'postgres', "SELECT sql_agent.upload_append('$id', 1, E'n\\n7\\n')");
sql($node, 'postgres', "SELECT sql_agent.upload_finish('$id')");
sql($node, 'postgres', q{SELECT sql_agent.upload_append(sql_agent.upload_begin('way.csv'), 1, 'x')});
command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '--exclude-table=from_*', '-f', "$dir/dump.sql" ], 'pg_dump');
sql($node, 'postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/dump.sql" ], 'restored');
is(sql($node, 'restored', 'SELECT file_name, received_bytes FROM sql_agent.upload_files'), 'kept.csv|4', 'kept bytes are restored');
sql($node, 'restored', "SELECT sql_agent.upload_finish('$id', '{\"table\": \"again\"}')");
is(sql($node, 'restored', 'TABLE again'), '7', 'and can be read');
$node->stop;
done_testing();
