/*-------------------------------------------------------------------------
 *
 * plainnames.c
 *		Names that were written without anything between their words:
 *		authorname -> author name, sbcustomer (custid) -> customer (id).
 *
 * Only what the schema itself shows is done.  A beginning that all its tables
 * have in common, and all columns of a table behind it, is left off, and a short
 * one before an underscore (tb_cust, tc_id).  A name is
 * cut where it consists of words that tables are called by and of the everyday
 * words below, without a rest; otherwise it stays as it is.  The plain form is
 * only what words are looked for in: it is shown nowhere and in no SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/builder.h"
#include "common/words.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"

#define MIN_SHARED  3 /* tables or columns with the same beginning */
#define MIN_PREFIX  2
#define MIN_CUT     5 /* shorter names are words */
#define MAX_PARTS   4
#define MAX_MARK    4 /* letters of a beginning before an underscore: tb_ */
#define MAX_NAME_AT 64

/* what is often said of things in the names of columns */
static const char *const everyday_words[] = {
	"account",     "acct",        "active",       "address",     "age",      "amount",
	"amt",         "area",        "arrival",      "author",      "avg",      "balance",
	"birth",       "budget",      "category",     "city",        "class",    "client",
	"close",       "code",        "commission",   "company",     "contact",  "contract",
	"cost",        "count",       "country",      "course",      "created",  "currency",
	"cust",        "customer",    "daily",        "data",        "date",     "delivery",
	"departure",   "dept",        "desc",         "description", "discount", "distance",
	"doctor",      "drug",        "due",          "duration",    "email",    "emp",
	"employee",    "end",         "exchange",     "fax",         "first",    "full",
	"gender",      "group",       "height",       "high",        "hire",     "hired",
	"hours",       "id",          "invoice",      "is",          "item",     "job",
	"join",        "journal",     "key",          "language",    "last",     "length",
	"level",       "line",        "location",     "low",         "manager",  "max",
	"middle",      "min",         "mobile",       "model",       "month",    "name",
	"nationality", "no",          "num",          "number",      "open",     "order",
	"origin",      "paper",       "parent",       "patient",     "pay",      "payment",
	"per",         "percent",     "phone",        "position",    "postal",   "price",
	"product",     "project",     "qty",          "quantity",    "quarter",  "rate",
	"rating",      "region",      "registration", "salary",      "sale",     "sales",
	"seat",        "settlement",  "shares",       "shipped",     "shipping", "signed",
	"size",        "source",      "staff",        "start",       "state",    "status",
	"stock",       "store",       "street",       "student",     "supplier", "symbol",
	"tax",         "team",        "tel",          "ticker",      "time",     "title",
	"total",       "transaction", "tx",           "type",        "unit",     "updated",
	"url",         "user",        "value",        "vendor",      "volume",   "weight",
	"work",        "worked",      "year",         "zip"};

typedef struct Vocabulary
{
	List *words; /* char *: of tables' names, as they are written there */
} Vocabulary;

static bool
is_everyday(const char *word, int len)
{
	int low = 0;
	int high = lengthof(everyday_words) - 1;

	while (low <= high)
	{
		int middle = (low + high) / 2;
		int order = strncmp(word, everyday_words[middle], len);

		if (order == 0)
			order = everyday_words[middle][len] == '\0' ? 0 : -1;
		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

static bool
is_table(const Vocabulary *vocabulary, const char *word, int len)
{
	ListCell *lc;

	foreach (lc, vocabulary->words)
	{
		const char *known = lfirst(lc);
		int klen = strlen(known);

		if ((klen == len || (klen == len + 1 && known[klen - 1] == 's')) &&
			strncmp(known, word, len) == 0)
			return true;
	}
	return false;
}

static bool
is_known(const Vocabulary *vocabulary, const char *word, int len)
{
	return is_everyday(word, len) || is_table(vocabulary, word, len);
}

static bool
is_run_together(const char *name)
{
	int len = strlen(name);

	return len < MAX_NAME_AT && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}

/* the fewest known words that make up the rest; 0 = none do */
static int
cut_rest(const Vocabulary *vocabulary, const char *rest, int depth, int *lens)
{
	int len = strlen(rest);

	if (depth == MAX_PARTS)
		return 0;
	for (int n = len; n >= 2; n--)
	{
		int more;

		if (!is_known(vocabulary, rest, n))
			continue;
		lens[depth] = n;
		/* a number behind the last word: address1 */
		if (n == len || strspn(rest + n, "0123456789") == len - n)
			return depth + 1;
		more = cut_rest(vocabulary, rest + n, depth + 1, lens);
		if (more > 0)
			return more;
	}
	return 0;
}

/*
 * What a name stands for that is an abbreviation as a whole: fname, dob, and
 * the initial of its table before "name" (dept.dname).
 */
static const char *
spell_out(const SnapshotRelation *relation, const char *name)
{
	static const char *const spelled[][2] = {
		{"fname", "first name"}, {"lname", "last name"},      {"mname", "middle name"},
		{"dob", "birth date"},   {"firstname", "first name"}, {"lastname", "last name"},
	};
	bool first_and_last = false;

	for (int c = 0; c < relation->ncolumns; c++)
		first_and_last |= pg_strcasecmp(relation->columns[c].name, "lname") == 0;
	if (!first_and_last && strlen(name) == 5 && strcmp(name + 1, "name") == 0 &&
		pg_tolower(relation->plain[0]) == name[0])
		return "name";
	for (int i = 0; i < lengthof(spelled); i++)
	{
		if (pg_strcasecmp(name, spelled[i][0]) == 0)
			return spelled[i][1];
	}
	return NULL;
}

/* the name with blanks between its words, or NULL where it is one */
static char *
cut_name(const Vocabulary *vocabulary, const char *name)
{
	int lens[MAX_PARTS];
	int n;
	StringInfoData out;
	const char *p = name;

	if (strlen(name) < MIN_CUT || is_known(vocabulary, name, strlen(name)))
		return NULL;
	n = cut_rest(vocabulary, name, 0, lens);
	/* citingpaperid: what stands before the name of a table and its key */
	for (int first = 3; n == 0 && name[first] != '\0' && name[first + 1] != '\0'; first++)
	{
		n = cut_rest(vocabulary, name + first, 1, lens);
		lens[0] = first;
		if (n < 3 || !is_table(vocabulary, name + first, lens[1]))
			n = 0;
	}
	if (n < 2)
		return NULL;
	initStringInfo(&out);
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(&out, "%s%.*s", i > 0 ? " " : "", lens[i], p);
		p += lens[i];
	}
	if (*p)
		appendStringInfo(&out, " %s", p);
	return out.data;
}

static int
common_length(const char *a, const char *b, int max)
{
	int n = 0;

	while (n < max && a[n] && a[n] == b[n])
		n++;
	return n;
}

/*
 * The beginning that all tables of the schema have; 0 where they have none, or
 * where it is separated from the rest anyway.
 */
static int
table_prefix(const AskSnapshot *face, int first, int past)
{
	int len = MAX_NAME_AT;

	if (past - first < MIN_SHARED)
		return 0;
	for (int i = first; i < past && len >= MIN_PREFIX; i++)
	{
		const char *name = face->relations[i].name;

		if (!is_run_together(name))
			return 0;
		len = common_length(name, face->relations[first].name, Min(len, (int) strlen(name) - 3));
	}
	return len >= MIN_PREFIX ? len : 0;
}

/*
 * "tb_": a short beginning before an underscore that all the names share and
 * that therefore says nothing.  Its length, or 0.
 */
static int
marked_prefix(const char *name, int len)
{
	const char *mark = strchr(name, '_');
	int prefix = mark ? mark - name + 1 : 0;

	if (prefix < 2 || prefix > MAX_MARK + 1 || name[prefix] == '\0' || (len >= 0 && prefix != len))
		return 0;
	return prefix;
}

static int
marked_table_prefix(const AskSnapshot *face, int first, int past)
{
	int len = past - first < MIN_SHARED ? 0 : marked_prefix(face->relations[first].name, -1);

	for (int i = first; i < past && len > 0; i++)
	{
		if (marked_prefix(face->relations[i].name, len) == 0 ||
			strncmp(face->relations[i].name, face->relations[first].name, len) != 0)
			return 0;
	}
	return len;
}

static int
marked_column_prefix(const SnapshotRelation *relation)
{
	const char *first = relation->columns[0].name;
	int len = relation->ncolumns < MIN_SHARED ? 0 : marked_prefix(first, -1);

	for (int c = 0; c < relation->ncolumns && len > 0; c++)
	{
		const char *name = relation->columns[c].name;

		if (marked_prefix(name, len) == 0 || strncmp(name, first, len) != 0)
			return 0;
	}
	return len;
}

/* the same of a table's columns, which must begin as the tables do */
static int
column_prefix(const SnapshotRelation *relation, int tables)
{
	int len = MAX_NAME_AT;

	if (tables == 0 || relation->ncolumns < MIN_SHARED)
		return 0;
	for (int c = 0; c < relation->ncolumns; c++)
	{
		const char *name = relation->columns[c].name;

		if (!is_run_together(name) || strncmp(name, relation->name, tables) != 0)
			return 0;
		len = common_length(name, relation->columns[0].name, Min(len, (int) strlen(name) - 2));
	}
	return len >= tables ? len : 0;
}

static void
plain_names_of_schema(Builder *builder, int first, int past)
{
	AskSnapshot *face = &builder->snapshot->face;
	int prefix = table_prefix(face, first, past);
	int mark = prefix > 0 ? 0 : marked_table_prefix(face, first, past);
	Vocabulary vocabulary = {NIL};

	for (int i = first; i < past; i++)
	{
		const char *name = face->relations[i].name + prefix;

		if (is_run_together(name))
			vocabulary.words = lappend(vocabulary.words, unconstify(char *, name));
	}
	for (int i = first; i < past; i++)
	{
		SnapshotRelation *relation = &face->relations[i];
		int columns = column_prefix(relation, prefix);
		int marked = prefix > 0 ? 0 : marked_column_prefix(relation);
		char *cut = cut_name(&(Vocabulary){NIL}, relation->name + prefix);

		CHECK_FOR_INTERRUPTS();
		if (cut || prefix > 0)
			relation->plain = builder_name(builder, cut ? cut : relation->name + prefix, NULL);
		else if (mark > 0)
			relation->plain = builder_name(builder, relation->name + mark, NULL);
		for (int c = 0; c < relation->ncolumns; c++)
		{
			const char *name = relation->columns[c].name + columns + marked;
			const char *spelled = spell_out(relation, name);

			if (spelled)
				relation->columns[c].plain = builder_name(builder, spelled, NULL);
			if (spelled || (marked == 0 && !is_run_together(name)))
				continue;
			cut = is_run_together(name) ? cut_name(&vocabulary, name) : NULL;
			if (cut || columns + marked > 0)
				relation->columns[c].plain = builder_name(builder, cut ? cut : name, NULL);
		}
	}
}

void
builder_plain_names(Builder *builder)
{
	AskSnapshot *face = &builder->snapshot->face;

	for (int i = 0; i < face->nrelations; i++)
	{
		face->relations[i].plain = face->relations[i].name;
		for (int c = 0; c < face->relations[i].ncolumns; c++)
			face->relations[i].columns[c].plain = face->relations[i].columns[c].name;
	}
	/* looks at the words of all tables for each name */
	if (face->nrelations > SNAPSHOT_PROFILE_ALL)
		return;
	for (int first = 0; first < face->nrelations;)
	{
		int past = first + 1;

		while (past < face->nrelations &&
			   strcmp(face->relations[past].schema, face->relations[first].schema) == 0)
			past++;
		plain_names_of_schema(builder, first, past);
		first = past;
	}
}
