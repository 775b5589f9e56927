# Files that workers make tables of: what is told at once and what later, progress,
# cancel, a crash in the middle, turns of tenants, and whose rights count.
use strict;
use warnings;
use IPC::Run;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time);
use PostgreSQL::Test::Utils;
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('uploads', kinds => 1);
$node->append_conf('postgresql.conf', "restart_after_crash = on\nmax_worker_processes = 20\nsql_agent.worker_idle_timeout = 5s\n");
$node->start;
my ($script) = grep { -x } map { "$_/sql_agent_upload" } split /:/, $ENV{PATH};

sub q1 { return sql($node, 'postgres', $_[0]) }
sub as_user { my ($role, $sql) = @_; return q1("SET SESSION AUTHORIZATION $role;\n$sql") }
sub refused { my ($role, $sql) = @_; return fails($node, 'postgres', "SET SESSION AUTHORIZATION $role;\n$sql") }
# "STATUS", or "FAILURE SQLSTATE message"
sub end_of { return ended($node, 'postgres', $_[0]) }
sub error_of { return JSON::PP->new->decode(q1("SELECT error FROM sql_agent.task WHERE id = '$_[0]'")) }
sub is_running { my ($id, $more) = @_; return wait_until($node, 'postgres', "EXISTS (SELECT FROM sql_agent.task_workers() w WHERE w.task_id = '$id'" . ($more // '') . ")") }
sub stored { return q1('SELECT count(*) FROM sql_agent.upload_file') . ' ' . q1('SELECT count(*) FROM sql_agent.upload_part') }

# a file of two columns with so many rows
sub rows { my ($count) = @_; return "(SELECT convert_to('n,name' || chr(10) || string_agg(i || ',name ' || i, chr(10)), 'UTF8') FROM generate_series(1, $count) i)" }

q1(q{
CREATE EXTENSION sql_agent;
CREATE ROLE dan LOGIN IN ROLE sql_agent_user;
CREATE ROLE opal LOGIN IN ROLE sql_agent_admin;
SELECT sql_agent.tenant_provision(t), sql_agent.tenant_add_member(t, m, create_login => true)
FROM (VALUES ('acme', 'ann'), ('other', 'olga')) v (t, m);
SELECT sql_agent.tenant_add_member('acme', 'bob', create_login => true);
CREATE SCHEMA own AUTHORIZATION dan;
});

# ---- from the file to the table ----
my $id = as_user('ann', "SELECT sql_agent.upload_sheet('few.csv', E'id,amount\\n1,2\\n2,3\\n')");
is(end_of($id), 'SUCCESS', 'a worker makes a table of a file');
is(as_user('ann', "SELECT count(*), sum(amount) FROM acme.few"), '2|5', 'with its rows');
is(q1("SELECT kind, queue, tenant, owner_role, result ->> 'total_rows', result -> 'tables' -> 0 ->> 'table', message FROM sql_agent.tasks WHERE id = '$id'"),
	'upload|file_processing|acme|ann|2|few|2 rows', 'the result of the task is the report');
is(as_user('bob', "SELECT status, rows, tables, result IS NOT NULL FROM sql_agent.uploads WHERE id = '$id'"), 'SUCCESS|2|{few}|t', 'the upload has its id');
is(stored(), '0 0', 'the bytes are not kept');
is(q1("SELECT tableowner FROM pg_tables WHERE schemaname = 'acme' AND tablename = 'few'"), 'tenant_acme_owner', 'the table is the tenant\'s');
like(refused('ann', "BEGIN; SELECT sql_agent.upload_sheet('gone.csv', E'id\\n1\\n') AS id \\gset\nSELECT sql_agent.task_wait(:'id');"), qr/AG030/, 'nobody waits for it before the commit');
is(stored(), '0 0', 'a rollback leaves nothing');
$id = as_user('dan', "SET search_path = own, public; SELECT sql_agent.upload_sheet('mine.csv', E'id\\n1\\n')");
is(end_of($id), 'SUCCESS', 'a role without a tenant');
is(as_user('dan', 'SELECT count(*) FROM own.mine'), '1', 'has it where its search path says');
$id = as_user('opal', q{SELECT sql_agent.upload_sheet('for.csv', E'id\n1\n', '{"tenant": "other"}')});
is(end_of($id), 'SUCCESS', 'an operator uploads for a tenant');
is(as_user('olga', 'SELECT count(*) FROM other."for"'), '1', 'which has it');
my $ids = as_user('ann', q{SELECT array_to_string(sql_agent.upload_sheets('{a.csv,b.csv}', ARRAY['x'||chr(10)||'1', 'y'||chr(10)||'2']::bytea[]), ' ')});
is(join(' ', map { end_of($_) } split / /, $ids), 'SUCCESS SUCCESS', 'several files are several tasks');
$id = as_user('ann', "SELECT lo_from_bytea(4711, convert_to(E'n\\n1\\n2\\n', 'UTF8')) \\g /dev/null\nSELECT sql_agent.upload_large_object('lob.csv', 4711); SELECT lo_unlink(4711) \\g /dev/null");
($id) = $id =~ /([0-9a-f-]{36})/;
is(end_of($id), 'SUCCESS', 'a large object');
is(as_user('ann', 'SELECT sum(n) FROM acme.lob'), '3', 'which may be gone by then');

# ---- what is told at once ----
like(refused('ann', "SELECT sql_agent.upload_sheet('e.csv', '')"), qr/AG050.*file is empty/s, 'an empty file');
like(refused('ann', "SELECT sql_agent.upload_sheet('e.pdf', '%PDF-1.7')"), qr/AG051/, 'a file of a kind that is not read');
like(refused('ann', q{SELECT sql_agent.upload_sheet('e.csv', 'x', '{"colour": 1}')}), qr/22023/, 'an option');
like(refused('ann', q{SELECT sql_agent.upload_sheet('e.csv', 'x', '{"tenant": "other"}')}), qr/42501/, 'a tenant that is not theirs');
like(refused('dan', q{SET search_path = pg_catalog; SELECT sql_agent.upload_sheet('e.csv', E'x\n1')}), qr/42501.*no schema/s, 'no schema to put it into');
like(refused('ann', q{SELECT sql_agent.upload_sheet('e.csv', 'xyz', '{"bytes": 4}')}), qr/AG050.*not whole/s, 'a file that is not whole');
like(refused('ann', sprintf(q{SELECT sql_agent.upload_sheet('e.csv', 'xyz', '{"sha256": "%s"}')}, '0' x 64)), qr/AG050.*checksum/s, 'a checksum');
q1(q{SELECT sql_agent.tenant_set_options('other', '{"max_bytes": 100}')});
like(refused('olga', "SELECT sql_agent.upload_sheet('e.csv', " . rows(100) . ')'), qr/AG061/, 'a tenant that is full');
q1(q{SELECT sql_agent.tenant_set_options('other', '{"max_bytes": null}')});
like(refused('ann', "SELECT sql_agent.task_enqueue('upload', '{}')"), qr/42501/, 'nobody makes up such a task');
is(stored(), '0 0', 'nothing of that was stored');

# ---- what only reading tells ----
$id = as_user('ann', q{SELECT sql_agent.upload_sheet('few.csv', E'id,amount\n3,4\n4,five\n', '{"mode": "append"}')});
like(end_of($id), qr/^FAILURE 22P02 column "amount" can not be of type integer/, 'a value that does not fit');
my $error = error_of($id);
is($error->{detail}, "Row 3 has 'five'.", 'is named with its row');
is(as_user('bob', "SELECT file_name, status, rows IS NULL, error IS NULL FROM sql_agent.uploads WHERE id = '$id'"), 'few.csv|FAILURE|t|t', 'members see that it failed');
is(as_user('ann', "SELECT status, error ->> 'sqlstate' FROM sql_agent.uploads WHERE id = '$id'"), 'FAILURE|22P02', 'its uploader sees why');
is(as_user('olga', "SELECT count(*) FROM sql_agent.uploads WHERE id = '$id'"), '0', 'nobody else sees it');
is(stored(), '1 1', 'its bytes stay');
like(refused('bob', "SELECT sql_agent.upload_finish('$id')"), qr/42704/, 'others can not finish it');
like(refused('ann', "SELECT sql_agent.upload_append('$id', 2, 'x')"), qr/55000/, 'nothing is added to it');
is(as_user('ann', qq{SELECT sql_agent.upload_finish('$id', '{"mode": "create", "table": "later"}')}), $id, 'it is tried again with other options, under its id');
is(end_of($id), 'SUCCESS', 'and has become a table');
is(as_user('ann', 'SELECT count(*) FROM acme.later'), '2', 'as the options say');
is(stored(), '0 0', 'then the bytes go');
$id = as_user('ann', q{SELECT sql_agent.upload_sheet('few.csv', E'id,amount\n1,4\n', '{"mode": "append"}')});
like(end_of($id), qr/^FAILURE 23505 duplicate key/, 'a row that a constraint refuses');
like(error_of($id)->{context}, qr/row 2 of the file\ntask $id of kind "upload", attempt 1/, 'is named in the context');
q1('DELETE FROM acme.few WHERE id = 1');
is(as_user('ann', "SELECT sql_agent.task_retry('$id')"), 't', 'task_retry() tries it as it was');
is(end_of($id), 'SUCCESS', 'now it can be done');

# ---- giving up ----
$id = as_user('ann', q{SELECT sql_agent.upload_sheet('few.csv', E'id,amount\n4,five\n', '{"mode": "append"}')});
end_of($id);
like(refused('olga', "SELECT sql_agent.upload_drop('$id')"), qr/42704/, 'others do not drop what failed');
as_user('ann', "SELECT sql_agent.upload_drop('$id')");
is(stored(), '0 0', 'its uploader does');
is(as_user('ann', "SELECT count(*) FROM sql_agent.uploads WHERE id = '$id'"), '0', 'and sees it no more');
$id = as_user('ann', q{SELECT sql_agent.upload_sheet('few.csv', E'id,amount\n4,five\n', '{"mode": "append"}')});
end_of($id);
q1("UPDATE sql_agent.upload_file SET begun_at = now() - interval '8 days'; UPDATE sql_agent.upload_part SET received_at = now() - interval '8 days'");
is(q1('SELECT sql_agent.upload_expire()'), '1', 'or it is deleted after some time');

# ---- progress ----
$id = as_user('ann', "SELECT sql_agent.upload_sheet('large.csv', " . rows(2000000) . ')');
my %stage;
my ($last, $back, $status) = (0, 0, '');
while (($status = q1("SELECT status, progress, message FROM sql_agent.uploads WHERE id = '$id'")) =~ /^(PENDING|PROCESSING)\|([\d.]+)\|([a-z]*)/)
{
	# nothing is told before it begins, and when it has just ended
	next if $3 eq '';
	$stage{$3} = 1;
	$back = 1 if $2 < $last;
	$last = $2;
}
like($status, qr/^SUCCESS/, 'a larger file');
ok($stage{reading} && $stage{loading}, 'is seen being read and loaded, before it is committed') or diag(join ' ', keys %stage);
ok(!$back && $last >= 25, 'ever further');

# ---- cancel ----
$id = as_user('ann', "SELECT sql_agent.upload_sheet('cancelled.csv', " . rows(2000000) . ')');
is_running($id, " AND w.message LIKE 'loading%'");
my $start = time;
is(as_user('ann', "SELECT sql_agent.task_cancel('$id')"), 't', 'a load is cancelled');
is(end_of($id), 'CANCELLED', 'and ends');
cmp_ok(time - $start, '<', 3, 'at once');
is(q1("SELECT to_regclass('acme.cancelled') IS NULL"), 't', 'nothing of it is there');
is(as_user('ann', "SELECT status FROM sql_agent.uploads WHERE id = '$id'"), 'CANCELLED', 'which uploads says');
is(as_user('ann', "SELECT sql_agent.upload_finish('$id')"), $id, 'it can be finished after all');
is_running($id);
like(refused('ann', "SELECT sql_agent.upload_finish('$id')"), qr/55006.*being loaded already/s, 'but not twice');
as_user('ann', "SELECT sql_agent.upload_drop('$id')");
is(stored(), '0 0', 'dropping it stops it, and deletes its bytes');
wait_until($node, 'postgres', "NOT EXISTS (SELECT FROM sql_agent.task WHERE id = '$id' AND status = 'PROCESSING')");
is(q1("SELECT to_regclass('acme.cancelled') IS NULL"), 't', 'nothing of it is there');

# ---- kill -9 of the worker in the middle ----
$id = as_user('ann', "SELECT sql_agent.upload_sheet('killed.csv', " . rows(2000000) . ')');
is_running($id, " AND w.message LIKE 'loading%'");
my $pid = q1("SELECT pid FROM sql_agent.task_workers() WHERE task_id = '$id'");
kill 'KILL', $pid;
# all sessions end with it
my $deadline = time + 120;
until (time > $deadline)
{
	my ($code, $out) = $node->psql('postgres', "SELECT status = 'PENDING' AND attempts = 1 OR attempts = 2 FROM sql_agent.task WHERE id = '$id'");
	last if $code == 0 && $out eq 't';
	Time::HiRes::sleep(0.1);
}
is(q1("SELECT to_regclass('acme.killed') IS NULL"), 't', 'a load whose worker was killed has left nothing');
q1("UPDATE sql_agent.task SET run_at = now() WHERE id = '$id' AND status = 'PENDING'; SELECT sql_agent.task_wake()");
is(end_of($id), 'SUCCESS', 'it is done again');
is(q1('SELECT count(*), count(DISTINCT n) FROM acme.killed'), '2000000|2000000', 'every row once');
is(q1("SELECT attempts FROM sql_agent.task WHERE id = '$id'"), '2', 'by the second try');
is(q1("SELECT count(*) FROM sql_agent.uploads WHERE id = '$id'"), '1', 'there is one upload of it');
is(stored(), '0 0', 'without bytes that are left');

# ---- two tenants ----
q1("SELECT sql_agent.queue_set('file_processing', 1, 1, true)");
as_user('ann', "SELECT count(sql_agent.upload_sheet('row' || i || '.csv', E'n\\n1\\n')) FROM generate_series(1, 6) i");
$id = as_user('olga', "SELECT sql_agent.upload_sheet('row.csv', E'n\\n1\\n')");
q1("SELECT sql_agent.queue_set('file_processing', paused => false)");
end_of($id);
cmp_ok(q1("SELECT count(*) FROM sql_agent.task a, sql_agent.task o WHERE o.id = '$id' AND a.tenant = 'acme' AND a.payload ->> 'file_name' LIKE 'row%' AND a.finished_at < o.finished_at"),
	'<=', 1, 'a tenant does not wait for all files of another');
wait_until($node, 'postgres', "NOT EXISTS (SELECT FROM sql_agent.task WHERE kind = 'upload' AND status IN ('PENDING', 'PROCESSING'))");
q1("SELECT sql_agent.queue_reset('file_processing')");

# ---- rights that are gone by the time it runs ----
q1("SELECT sql_agent.queue_set('file_processing', paused => true)");
my $left = as_user('bob', "SELECT sql_agent.upload_sheet('left.csv', E'n\\n1\\n')");
my $held = as_user('olga', "SELECT sql_agent.upload_sheet('held.csv', E'n\\n1\\n')");
my $path = $node->basedir . '/server.csv';
append_to_file($path, "n\n1\n2\n");
like(refused('dan', "SELECT sql_agent.upload_server_file('$path')"), qr/42501/, 'who may not read files of the server');
q1('GRANT pg_read_server_files TO dan');
my $read = as_user('dan', "SET search_path = own; SELECT sql_agent.upload_server_file('$path')");
my $again = as_user('dan', qq{SET search_path = own; SELECT sql_agent.upload_server_file('$path', '{"table": "again"}')});
q1("SELECT sql_agent.tenant_remove_member('bob'); SELECT sql_agent.tenant_suspend('other'); REVOKE pg_read_server_files FROM dan");
q1("SELECT sql_agent.queue_set('file_processing', paused => false)");
like(end_of($left), qr/^FAILURE 42501/, 'who has left the tenant uploads nothing for it');
like(end_of($read), qr/^FAILURE 42501 permission denied to read a file of the server/, 'who may read files of the server no more');
q1('GRANT pg_read_server_files TO dan; REVOKE CREATE ON SCHEMA own FROM dan');
end_of($again);
is(as_user('dan', "SET search_path = public; SELECT status FROM sql_agent.uploads WHERE id = '$again'"), 'FAILURE', 'the other one, too');
q1('GRANT CREATE ON SCHEMA own TO dan');
as_user('dan', "SET search_path = own; SELECT sql_agent.upload_finish('$read')");
is(end_of($read), 'SUCCESS', 'a file of the server is tried again, too');
is(as_user('dan', 'SELECT sum(n) FROM own.server'), '3', 'and read');
is(status($node, 'postgres', $held), 'PENDING', 'the upload of a suspended tenant waits');
q1("SELECT sql_agent.tenant_resume('other')");
is(end_of($held), 'SUCCESS', 'until it is resumed');

# ---- what a tenant has planted ----
q1(q{
CREATE TABLE acme.trapped (n int);
ALTER TABLE acme.trapped OWNER TO tenant_acme_owner;
CREATE TABLE public.witness (what text); GRANT ALL ON public.witness TO PUBLIC;
CREATE TABLE public.secret (what text);
SET ROLE tenant_acme_owner;
CREATE FUNCTION acme.trap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.witness VALUES (current_user);
  BEGIN SET ROLE postgres; INSERT INTO public.witness VALUES ('became ' || current_user); EXCEPTION WHEN OTHERS THEN INSERT INTO public.witness VALUES (SQLSTATE); END;
  BEGIN SET SESSION AUTHORIZATION postgres; INSERT INTO public.witness VALUES ('was ' || current_user); EXCEPTION WHEN OTHERS THEN INSERT INTO public.witness VALUES (SQLSTATE); END;
  BEGIN PERFORM * FROM public.secret; INSERT INTO public.witness VALUES ('read'); EXCEPTION WHEN OTHERS THEN INSERT INTO public.witness VALUES (SQLSTATE); END;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON acme.trapped DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION acme.trap();
});
$id = as_user('ann', q{SELECT sql_agent.upload_sheet('trapped.csv', E'n\n1\n', '{"mode": "append"}')});
is(end_of($id), 'SUCCESS', 'rows into a table with triggers');
my $seen = q1("SELECT string_agg(what, ', ') FROM public.witness");
like($seen, qr/^tenant_acme_owner, 42501, 42501, 42501$/, 'which run with the rights of the tenant\'s owner, and no others');

# ---- bytes that are kept ----
$id = as_user('ann', q{SELECT sql_agent.upload_begin('kept.csv', '{"keep": true}')});
as_user('ann', "SELECT sql_agent.upload_append('$id', 1, E'n\\n1\\n')");
is(as_user('ann', "SELECT sql_agent.upload_finish('$id')"), $id, 'an upload in parts is its own task');
is(end_of($id), 'SUCCESS', 'and becomes a table');
my $second = as_user('ann', qq{SELECT sql_agent.upload_finish('$id', '{"table": "kept_again"}')});
isnt($second, $id, 'what was kept, read again, is another upload');
is(end_of($second), 'SUCCESS', 'of another task');
is(as_user('ann', "SELECT tables FROM sql_agent.uploads WHERE id = '$second'"), '{kept_again}', 'with that id');
as_user('ann', "SELECT sql_agent.upload_cancel('$id')");
is(q1("SELECT count(*) FROM sql_agent.upload_file WHERE id = '$id'"), '0', 'upload_cancel() gives up the bytes');

# ---- in the foreground, where it is wanted, and where nobody else would do it ----
is(as_user('ann', "SET sql_agent.background_uploads = off; BEGIN; SELECT sql_agent.upload_sheet('now.csv', E'n\\n1\\n') \\g /dev/null\nSELECT count(*) FROM acme.now; ROLLBACK"), '1', 'the setting has it done at once');
q1('ALTER SYSTEM SET sql_agent.workers = 0');
$node->reload;
wait_until($node, 'postgres', "current_setting('sql_agent.workers') = '0'");
my ($code, $out, $err) = $node->psql('postgres', "SET SESSION AUTHORIZATION ann; SELECT sql_agent.upload_sheet('nobody.csv', E'n\\n1\\n') AS id \\gset\nSELECT count(*) FROM acme.nobody");
is($out, '1', 'without workers it is done at once');
like($err, qr/NOTICE:  the file is loaded by this session\nDETAIL:  sql_agent.workers is 0/, 'and says so');
q1('ALTER SYSTEM RESET sql_agent.workers');
$node->reload;
wait_until($node, 'postgres', "current_setting('sql_agent.workers') = '4'");

# ---- the script ----
sub upload
{
	my ($stdout, $stderr) = ('', '');
	IPC::Run::run([ $script, '-h', $node->host, '-p', $node->port, '-d', 'postgres', '-U', 'ann', @_ ], '<', '/dev/null', '>', \$stdout, '2>', \$stderr, IPC::Run::timeout(300));
	return ($? >> 8, $stdout, $stderr);
}
my $file = $node->basedir . '/script.csv';
append_to_file($file, "n,name\n" . join('', map { "$_,name $_\n" } 1 .. 1000000));
my ($exit, $stdout, $stderr) = upload('--progress', $file);
is($exit, 0, 'the script waits for the worker');
is($stdout, "script.csv: 1000000 rows into acme.script\n", 'and reports');
like($stderr, qr/sending.*(reading|loading)/s, 'it shows how far the worker is');
my $bad = $node->basedir . '/bad.csv';
append_to_file($bad, "n,name\n1,\"a\n2,b\n");
($exit, $stdout, $stderr) = upload($bad);
is($exit, 3, 'a file that can not be read is an exit status');
like($stderr, qr/ERROR:  row 2 opens a quote that is never closed\nHINT:  .*not uploaded/s, 'with the worker\'s error');
($exit, $stdout, $stderr) = upload('-o', 'quote=""', $bad);
is("$exit $stdout", "0 bad.csv: 2 rows into acme.bad\n", 'other options, nothing sent again');
($exit, $stdout, $stderr) = upload('--no-wait', '-o', 'table=waited', $file);
is($exit, 0, '--no-wait');
($id) = $stdout =~ /script\.csv: taken, upload ([0-9a-f-]{36})/;
is(end_of($id), 'SUCCESS', 'leaves it to the worker');

done_testing();
