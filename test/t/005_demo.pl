# make demo: its six questions get right answers, a second run starts afresh,
# and make demo-stop leaves nothing behind.
use strict;
use warnings;
use Cwd;
use Test::More;
use PostgreSQL::Test::Utils;

# what each question must give, by hand
my @expected = (
	[ 'top 5 products by revenue', q{
SELECT p.product_name, sum(s.net_amount)
FROM sales.fact_secondary_sales s JOIN sales.dim_product p USING (product_id)
GROUP BY p.product_id, p.product_name ORDER BY 2 DESC LIMIT 5} ],
	[ 'how many customers are there per state', q{
SELECT g.state, count(*)
FROM sales.dim_customer c JOIN sales.dim_geography g USING (geography_id)
GROUP BY g.state}, 'ties' ],
	[ 'monthly revenue in 2024', q{
SELECT date_trunc('month', invoice_date)::date, sum(net_amount)
FROM sales.fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024
GROUP BY 1 ORDER BY 1} ],
	[ 'which distributor had the highest revenue in the last quarter of 2024', q{
SELECT d.distributor_name, sum(s.net_amount)
FROM sales.fact_secondary_sales s JOIN sales.dim_distributor d USING (distributor_id)
WHERE s.invoice_date BETWEEN '2024-10-01' AND '2024-12-31'
GROUP BY d.distributor_id, d.distributor_name ORDER BY 2 DESC LIMIT 1} ],
	[ 'billed weight per warehouse name in 2024', q{
SELECT seller_warehouse_name, sum(billed_weight)
FROM sales.fact_primary_sales WHERE invoice_date BETWEEN '2024-01-01' AND '2024-12-31'
GROUP BY 1 ORDER BY 2 DESC} ],
	[ 'share of revenue by zone in 2025', q{
SELECT g.zone, sum(s.net_amount),
  round(100 * sum(s.net_amount) / (SELECT sum(net_amount) FROM sales.fact_secondary_sales WHERE invoice_date >= '2025-01-01'), 2)
FROM sales.fact_secondary_sales s JOIN sales.dim_geography g USING (geography_id)
WHERE s.invoice_date >= '2025-01-01'
GROUP BY g.zone ORDER BY 2 DESC} ]);

my $demo = getcwd() . '/examples/demo';
$ENV{SQL_AGENT_BUILD} = PostgreSQL::Test::Utils::tempdir();
$ENV{TMPDIR} = PostgreSQL::Test::Utils::tempdir_short();

sub left_behind { return scalar(() = glob "$ENV{TMPDIR}/*") }

my ($out, $err) = run_command([ $demo, 'start' ]);
like($out, qr/make demo-stop" ends it/, 'the demo comes to its end') or diag "$out\n$err";
my ($psql) = $out =~ /^ +(\S+psql -h .* demo)$/m;

sub rows_of
{
	my ($sql) = @_;
	my ($rows, $error) = run_command([ split(/ /, $psql), '-XAt', '-c', $sql ]);
	return "$rows$error";
}

for (@expected)
{
	my ($question, $by_hand, $ties) = @$_;
	like($out, qr/^SELECT ask\('\Q$question\E'\);$/m, "the demo asks: $question");
	my @asked = split /\n/, rows_of(rows_of(qq{SELECT ask_sql('$question')}));
	my @right = split /\n/, rows_of($by_hand);
	# rows of the same count come in any order
	if ($ties)
	{
		@asked = sort @asked;
		@right = sort @right;
	}
	is_deeply(\@asked, \@right, 'its answer is right');
}
# the README shows what really comes out, but for times and trailing blanks
my ($shown) = slurp_file('README.md') =~ /^demo=> (SELECT ask.*?)^```/ms;
my ($real) = $out =~ /^(SELECT ask.*?\n\(\d+ rows\)\n)/ms;
s/ +$//mg, s/Time: .*//g for $shown, $real;
is($shown, $real, 'the transcript in the README is a real one');

# a member's workbook
like($out, qr/shop\.xlsx \| globex \| \{customers,products,orders\} \| +218/, 'the workbook became tables');
like($out, qr/North +\| +47,297\.1.*JOIN globex\.customers/s, 'which are asked about');

# two tenants ask the same, each of its own sales and holdings
my @of_tenants = (
	[ 'total revenue in 2024', q{SELECT sum(net_amount) FROM %s.fact_secondary_sales WHERE extract(year FROM invoice_date) = 2024} ],
	[ 'how many holdings are there per sector', q{
SELECT sector, count(*) FROM market.holding JOIN market.instrument USING (symbol) WHERE tenant = '%s' GROUP BY 1} ]);
my %sums;
for ([ 'ann', 'acme' ], [ 'gus', 'globex' ])
{
	my ($member, $tenant) = @$_;
	(my $as_member = $psql) =~ s/-U analyst/-U $member/;
	(my $as_superuser = $psql) =~ s/-U analyst/-U postgres/;
	for (@of_tenants)
	{
		my ($question, $by_hand) = @$_;
		my ($statement) = run_command([ split(/ /, $as_member), '-XAt', '-c', qq{SELECT ask_sql('$question')} ]);
		my ($asked) = run_command([ split(/ /, $as_member), '-XAt', '-c', $statement ]);
		my ($right) = run_command([ split(/ /, $as_superuser), '-XAt', '-c', sprintf($by_hand, $tenant) ]);
		is(join("\n", sort split /\n/, $asked), join("\n", sort split /\n/, $right), "$member of $tenant: $question");
		$sums{$question}{$asked} = 1;
	}
}
is(scalar(keys %{ $sums{$_->[0]} }), 2, "the tenants' answers differ: $_->[0]") for @of_tenants;
is(scalar(() = $out =~ /^SELECT ask\(/mg), @expected + 2 * @of_tenants + 1, 'there is no other question');
is(rows_of(q{SELECT rolsuper FROM pg_roles WHERE rolname = current_user}), 'f', 'it is asked by an ordinary role');

my ($again) = run_command([ $demo, 'start' ]);
like($again, qr/the earlier one was stopped.*make demo-stop" ends it/s, 'a second run starts afresh');
is(left_behind(), 1, 'and throws the first one away');

my ($stopped) = run_command([ $demo, 'stop' ]);
like($stopped, qr/stopped and removed/, 'it is stopped');
is(left_behind(), 0, 'nothing is left behind');
ok(!-e "$ENV{SQL_AGENT_BUILD}/demo", 'nor a note of it');
my ($none) = run_command([ $demo, 'stop' ]);
like($none, qr/none is running/, 'stopping twice does no harm');
done_testing();
