/*-------------------------------------------------------------------------
 *
 * links.c
 *		Rows that connect things of one kind with each other: "regions that
 *		neighbour Arvo", "papers citing X", "friends of Ann".
 *
 * neighbours (region_name, neighbour) points to regions twice.  One of the two
 * is the thing that is asked about, the other one is what is named.  Which is
 * which is told by the names: the column that is called like the key of the
 * things is theirs; "cited by" asks for what is cited, "citing" for what cites.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "common/words.h"
#include "translate/compose.h"

typedef struct Link
{
	int relation; /* the rows that connect */
	int things;   /* what they connect */
	int mine;     /* the column of the things that are asked about */
	int other;    /* the column of those that are named */
	int key;      /* what both point to */
	bool told;    /* which is which is not a guess */
} Link;

static bool
has_word_ending(const SnapshotColumn *column, const char *ending)
{
	ListCell *lc;
	int elen = strlen(ending);

	foreach (lc, words_of_identifier(column->plain))
	{
		const char *word = lfirst(lc);
		int len = strlen(word);

		if (len > elen + 2 && strcmp(word + len - elen, ending) == 0)
			return true;
	}
	return false;
}

/*
 * Should the first column be the one of the things that are asked about?
 * *told is false where nothing says so.
 */
static bool
first_is_mine(const AskSnapshot *snapshot, const Link *link, const Mention *word, bool *told)
{
	const SnapshotRelation *rel = &snapshot->relations[link->relation];
	const SnapshotColumn *a = &rel->columns[link->mine];
	const SnapshotColumn *b = &rel->columns[link->other];
	const char *key = snapshot->relations[link->things].columns[link->key].name;
	char *said = word->element ? word_fold(word->element->text, strlen(word->element->text)) : "";
	int len = strlen(said);
	bool passive;

	*told = true;
	passive = len > 3 && strcmp(said + len - 2, "ed") == 0;

	if (strcmp(a->name, key) == 0 || strcmp(b->name, key) == 0)
		return strcmp(a->name, key) == 0;
	if (has_word_ending(a, "ing") != has_word_ending(b, "ing"))
		return has_word_ending(a, "ing") != passive;
	/* "border" of borders (state, border): the column that is said is the other one */
	*told = word->chosen.column == link->mine || word->chosen.column == link->other;
	return word->chosen.column == link->other;
}

/* does the mention name rows that connect things with their like? */
static bool
find_link(Composer *c, const Mention *word, Link *link)
{
	int nedges;
	const int *edges;

	if (word->chosen.relation < 0)
		return false;
	edges = snapshot_edges_of(c->snapshot, word->chosen.relation, &nedges);
	for (int i = 0; i < nedges; i++)
	{
		const SnapshotEdge *a = &c->snapshot->edges[edges[i]];

		for (int j = i + 1; j < nedges; j++)
		{
			const SnapshotEdge *b = &c->snapshot->edges[edges[j]];
			const SnapshotRelation *rel;

			if (a->from != word->chosen.relation || b->from != a->from || a->to != b->to ||
				a->to == a->from || a->nkeys != 1 || b->nkeys != 1 ||
				a->to_attnums[0] != b->to_attnums[0])
				continue;
			rel = &c->snapshot->relations[a->from];
			link->relation = a->from;
			link->things = a->to;
			link->mine = snapshot_column_by_attnum(rel, a->from_attnums[0]);
			link->other = snapshot_column_by_attnum(rel, b->from_attnums[0]);
			link->key = snapshot_column_by_attnum(&c->snapshot->relations[a->to], a->to_attnums[0]);
			if (!first_is_mine(c->snapshot, link, word, &link->told))
			{
				int mine = link->mine;

				link->mine = link->other;
				link->other = mine;
			}
			return true;
		}
	}
	return false;
}

static bool
names_things(const Composer *c, int relation)
{
	for (int i = 0; i < c->scan->count; i++)
	{
		const Mention *m = &c->scan->mentions[i];

		if (!m->has_filter && m->chosen.relation == relation && m->chosen.column < 0)
			return true;
	}
	return false;
}

/*
 * The value is that of the other thing: its name, or the column itself.
 */
static bool
belongs_to_link(const Composer *c, const Mention *value, const Link *link)
{
	if (value->role != ROLE_FILTER || value->filter.kind != FILTER_VALUES)
		return false;
	if (value->chosen.relation == link->relation)
		return value->chosen.column == link->mine || value->chosen.column == link->other;
	return value->chosen.relation == link->things &&
		   list_member_int(label_columns(c->snapshot, link->things), value->chosen.column);
}

static void
move_to_other(Composer *c, Mention *value, const Link *link)
{
	Filter *filter = &value->filter;

	if (value->chosen.relation == link->things && value->chosen.column != link->key)
	{
		/* named by another column than the one they are pointed to by */
		filter->among = rows_of_value(c, value->element, link->things);
		filter->among_column.relation = link->things;
		filter->among_column.column = link->key;
		filter->kind = FILTER_AMONG;
		value->via = -1;
	}
	value->chosen.relation = link->relation;
	value->chosen.column = link->other;
	filter->column.relation = link->relation;
	filter->column.column = link->other;
}

bool
settle_links(Composer *c)
{
	QuestionScan *scan = c->scan;
	const Mention *taken = NULL;

	for (int i = 0; i < scan->count; i++)
	{
		Mention *word = &scan->mentions[i];
		Mention *value = NULL;
		Link link;

		if (word->has_filter || word->leading || word->role == ROLE_RANK ||
			word->role == ROLE_MEASURE || word->role == ROLE_GROUP || !word->element ||
			!find_link(c, word, &link) || !names_things(c, link.things))
			continue;
		/* the value behind it, else the one before */
		for (int k = i + 1; k < scan->count && !value; k++)
		{
			if (belongs_to_link(c, &scan->mentions[k], &link))
				value = &scan->mentions[k];
		}
		for (int k = i - 1; k >= 0 && !value; k--)
		{
			if (belongs_to_link(c, &scan->mentions[k], &link))
				value = &scan->mentions[k];
		}
		if (!value)
			continue;
		/* "states that border states that border Texas" */
		if (value == taken)
			return compose_fail(
				c, psprintf("It is not clear what \"%s\" connects.", word->element->text));
		taken = value;
		if (!link.told)
			return compose_fail(c, psprintf("It is not clear in which direction \"%s\" is meant.",
											word->element->text));
		move_to_other(c, value, &link);
		word->role = ROLE_QUALIFIER;
		word->optional = true;
		word->chosen.relation = -1;
	}
	return true;
}

bool
other_column_of_link(Composer *c, const Mention *word, int things, FieldRef *column, int *inner)
{
	Link link = {.told = false};

	if (!find_link(c, word, &link) || link.things != things || !link.told)
		return false;
	column->relation = link.relation;
	column->column = link.other;
	*inner = link.key;
	return true;
}
