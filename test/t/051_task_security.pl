# Whatever an owner has planted runs as the owner, never as the superuser that
# a worker is connected as; and one task leaves nothing for the next.
use strict;
use warnings;
use Test::More;
use SqlAgent::Node;
use SqlAgent::Tasks;

my $node = new_node('security', kinds => 1);
$node->append_conf('postgresql.conf', "sql_agent.workers = 1\n");
$node->start;
sql($node, 'postgres', q{
CREATE EXTENSION sql_agent;
SELECT tenant_provision('acme');
SELECT sql_agent.tenant_add_member('acme', 'ann', create_login => true);
CREATE TABLE public.witness (id serial, place text, effective name, super boolean, restricted boolean);
GRANT INSERT, SELECT ON public.witness TO PUBLIC;
GRANT USAGE ON SEQUENCE public.witness_id_seq TO PUBLIC;
});

# what the tenant's owner prepares: everything that runs its functions, now or at commit
sql($node, 'postgres', q{
GRANT sql_agent_user TO tenant_acme_owner;
SET ROLE tenant_acme_owner;
CREATE FUNCTION acme.look(at_place text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  escalated boolean := false;
BEGIN
  BEGIN
    EXECUTE 'ALTER ROLE tenant_acme_owner SUPERUSER';
    escalated := true;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  BEGIN
    EXECUTE 'SET SESSION AUTHORIZATION DEFAULT';
    escalated := true;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  BEGIN
    EXECUTE 'RESET ROLE';
    escalated := true;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  BEGIN
    EXECUTE 'SET ROLE postgres';
    escalated := true;
  EXCEPTION WHEN OTHERS THEN NULL;
  END;
  INSERT INTO public.witness (place, effective, super) VALUES (at_place, current_user, escalated);
  RETURN true;
END $$;
-- volatile code where only immutable is expected
CREATE FUNCTION acme.index_key(value int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM acme.look('index expression'); RETURN value; END $$;
CREATE FUNCTION acme.index_predicate(value int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM acme.look('index predicate'); RETURN true; END $$;
CREATE DOMAIN acme.checked AS int CHECK (acme.look('domain'));
CREATE FUNCTION acme.on_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM acme.look('row trigger');
  IF NEW.v = 2 THEN SET CONSTRAINTS ALL DEFERRED; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION acme.deferred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM acme.look('deferred trigger');
  -- another one, which is queued while this one is fired
  IF NEW.id < 3 THEN INSERT INTO acme.trap VALUES (NEW.id + 1, NEW.v); END IF;
  RETURN NULL;
END $$;
CREATE TABLE acme.trap (id int, v acme.checked, CONSTRAINT again CHECK (acme.look('check')));
CREATE INDEX ON acme.trap (acme.index_key(id)) WHERE acme.index_predicate(id);
CREATE TRIGGER on_row BEFORE INSERT ON acme.trap FOR EACH ROW EXECUTE FUNCTION acme.on_row();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON acme.trap DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION acme.deferred();
CREATE FUNCTION acme.open_cursor() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c refcursor := 'left_open';
  looked boolean;
BEGIN
  OPEN c FOR SELECT acme.look('cursor') FROM generate_series(1, 3);
  FETCH c INTO looked;
END $$;
RESET ROLE;
TRUNCATE public.witness;
});

# what a task with that SQL returns, or how it failed
sub task_of
{
	my ($role, $sql) = @_;
	$sql =~ s/(["\\])/\\$1/g;
	$sql =~ s/\s+/ /g;
	my $id = enqueue($node, 'postgres', 'test_sql', "{\"sql\": \"$sql\"}", role => $role);
	my $end = ended($node, 'postgres', $id);
	return $end eq 'SUCCESS' ? sql($node, 'postgres', "SELECT result ->> 'value' FROM sql_agent.task WHERE id = '$id'") : $end;
}

is(task_of('tenant_acme_owner', 'INSERT INTO acme.trap VALUES (1, 1) RETURNING id'), '1', 'a task of the tenant walks into all of its traps');
is(task_of('tenant_acme_owner', 'SELECT acme.open_cursor()'), '', 'and leaves a cursor open');
is(sql($node, 'postgres', q{SELECT string_agg(DISTINCT place, ', ' ORDER BY place) FROM public.witness}),
	'check, cursor, deferred trigger, domain, index expression, index predicate, row trigger', 'all of them ran');
is(sql($node, 'postgres', 'SELECT string_agg(DISTINCT effective, $$,$$), bool_or(super) FROM public.witness'), 'tenant_acme_owner|f', 'as the owner, and became nobody else');
is(sql($node, 'postgres', 'SELECT count(*) FROM acme.trap'), '3', 'what the deferred trigger queued again was fired too');
is(task_of('tenant_acme_owner', 'INSERT INTO acme.trap VALUES (1, 2)'), 'FAILURE 42501 cannot fire deferred trigger within security-restricted operation',
	'what defers its triggers again to run them at the commit fails');
is(sql($node, 'postgres', 'SELECT string_agg(DISTINCT effective, $$,$$), bool_or(super) FROM public.witness'), 'tenant_acme_owner|f', 'and nothing of it ran');
is(sql($node, 'postgres', q{SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper}), 'postgres', 'there is no new superuser');

for my $case (
	[ 'DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'a cursor WITH HOLD' ],
	[ 'CREATE TEMP TABLE t ()',                  'a temporary table' ],
	[ 'PREPARE p AS SELECT 1',                   'a prepared statement' ],
	[ 'SET ROLE postgres',                       'SET ROLE' ],
	[ 'SET SESSION AUTHORIZATION postgres',      'SET SESSION AUTHORIZATION' ])
{
	like(task_of('tenant_acme_owner', $case->[0]), qr/^FAILURE 42501 cannot/, "$case->[1] is refused");
}
like(task_of('tenant_acme_owner', 'CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS $f$ SELECT 1 $f$'), qr/^FAILURE 42501 cannot create temporary objects/,
	'anything else in the temporary schema, which would outlive it too');
like(task_of('tenant_acme_owner', 'LISTEN x'), qr/^FAILURE/, 'LISTEN too');
like(task_of('tenant_acme_owner', q{UPDATE sql_agent.task SET status = 'SUCCESS'}), qr/^FAILURE 42501 permission denied/, 'the owner can not write our tables');
like(task_of('tenant_acme_owner', "SELECT pg_catalog.pg_read_file('PG_VERSION')"), qr/^FAILURE 42501 permission denied/, 'and no file');
like(task_of('tenant_acme_owner', 'COMMIT'), qr/^FAILURE/, 'it does not end the transaction');

# ---- one task leaves nothing for the next ----
my $pid = q{SELECT pg_catalog.pg_backend_pid()};
sql($node, 'postgres', q{
CREATE ROLE bob IN ROLE sql_agent_user;
ALTER ROLE bob SET work_mem = '7MB';
ALTER ROLE bob SET search_path = 'nowhere';
ALTER ROLE bob IN DATABASE postgres SET my.tag = 'of bob';
-- as a superuser could have been made to; at a login it would be refused
ALTER ROLE bob SET role = 'postgres';
});
my $worker = task_of('bob', $pid);
is(task_of('bob', q{SELECT pg_catalog.concat_ws(' ', current_user, pg_catalog.current_setting('work_mem'), pg_catalog.current_setting('my.tag'), pg_catalog.current_setting('search_path'))}),
	'bob 7MB of bob pg_catalog, pg_temp', 'the settings of a role hold in its tasks, but for its search_path, and no other role');
is(task_of('tenant_acme_owner', q{SELECT pg_catalog.concat_ws(' ', pg_catalog.current_setting('work_mem'), pg_catalog.current_setting('my.tag', true))}), '4MB ', 'not in those of others');
is(task_of('bob', q{SELECT pg_catalog.set_config('work_mem', '9MB', false) || pg_catalog.set_config('my.other', 'x', false)
	|| pg_catalog.set_config('search_path', 'public', false)}), '9MBxpublic', 'a task changes settings of the session');
is(task_of('bob', 'SELECT pg_catalog.pg_advisory_lock(7)::text'), '', 'and takes a lock for it');
is(sql($node, 'postgres', 'SELECT pg_try_advisory_lock(7)'), 't', 'the lock has gone with the task');
is(task_of('ann', q{SELECT pg_catalog.concat_ws(' ', pg_catalog.current_setting('work_mem'), pg_catalog.current_setting('my.other', true), pg_catalog.current_setting('search_path'))}),
	'4MB  pg_catalog, pg_temp', 'and so have the settings');
is(task_of('ann', q{SELECT session_user || ' ' || current_user}), 'postgres ann', 'a member\'s task runs as the member');
is(task_of('bob', $pid), $worker, 'all of them in the same worker');

# ---- what is somebody else's ----
my $id = enqueue($node, 'postgres', 'test_sleep', '{"seconds": 600}', role => 'bob');
running($node, 'postgres', $id);
like(fails($node, 'postgres', "SET ROLE ann; SELECT sql_agent.task_cancel('$id')"), qr/ERROR/, 'a task is not cancelled by others');
like(fails($node, 'postgres', "SET ROLE bob; SELECT pg_cancel_backend($worker)"), qr/42501/, 'nor its worker signalled by the owner');
is(sql($node, 'postgres', "SET ROLE bob; SELECT sql_agent.task_cancel('$id')"), 't', 'but by the owner through task_cancel()');
is(ended($node, 'postgres', $id), 'CANCELLED', 'it is');

# ---- who catches the cancel and goes on is ended by the next one
sql($node, 'postgres', q{
SET ROLE tenant_acme_owner;
CREATE FUNCTION acme.stubborn() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  LOOP
    BEGIN
      PERFORM pg_catalog.pg_sleep(100);
    EXCEPTION WHEN query_canceled THEN NULL;
    END;
  END LOOP;
END $$;
});
$id = enqueue($node, 'postgres', 'test_sql', '{"sql": "SELECT acme.stubborn()"}', role => 'tenant_acme_owner');
wait_until($node, 'postgres', "EXISTS (SELECT FROM sql_agent.task_workers() w WHERE w.task_id = '$id')");
is(sql($node, 'postgres', "SET ROLE tenant_acme_owner; SELECT sql_agent.task_cancel('$id')"), 't', 'a function that catches the cancel');
sleep 6;
is(sql($node, 'postgres', "SELECT status FROM sql_agent.task WHERE id = '$id'"), 'PROCESSING', 'goes on');
is(sql($node, 'postgres', "SET ROLE tenant_acme_owner; SELECT sql_agent.task_cancel('$id')"), 't', 'until it is cancelled again');
is(ended($node, 'postgres', $id), 'CANCELLED', 'which ends its worker, and the task with it');

$id = enqueue($node, 'postgres', 'test_installation');
is(ended($node, 'postgres', $id), 'SUCCESS', 'work of the installation');
is(sql($node, 'postgres', "SELECT result ->> 'role' FROM sql_agent.task WHERE id = '$id'"), 'postgres', 'is done as the owner of the extension');
$node->stop;
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|TRAP|was terminated by signal/, 'nothing crashed');
done_testing();
