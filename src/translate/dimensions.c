/*-------------------------------------------------------------------------
 *
 * dimensions.c
 *		What a question could say and does not: derived from the relationships,
 *		types and values of the tables that it is about.
 *
 * Starting at the rows that are asked about, relationships are followed towards
 * "one": whatever is found there can be said of each row without repeating it.
 * A time column gives the time, a column with few values is a dimension by
 * itself, and a relation whose rows have names is one too.  What the question
 * restricts or groups by is left out, with all else of that relation: who asks
 * for a city has said where.
 *
 * Values are those that the asking role sees, from the profiles; where they can
 * not be had the dimension is offered without them or not at all.  Columns that
 * were marked private are left out: options travel further than an answer does.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "translate/clarify.h"

#define MAX_DIMENSIONS       10
#define MAX_PER_RELATION     2
#define MAX_VALUES_OFFERED   12
#define MAX_MEASURES         6
#define MAX_DEPTH            3
#define MAX_VISITED          24
#define MAX_RELATIONS_RANKED 300
#define MAX_YEARS            3
/* facts further than that have little to do with a thing */
#define MAX_MEASURE_DISTANCE 4.0f

typedef struct DimensionFinder
{
	AskSnapshot *snapshot;
	const QuestionShape *shape;
	List *result; /* OpenDimension * */
	int nvisited;
	int visited[MAX_VISITED]; /* relations, the nearest first */
	int depth[MAX_VISITED];
} DimensionFinder;

static bool
is_stated(const QuestionShape *shape, int relation, int column)
{
	ListCell *lc;

	foreach (lc, shape->stated)
	{
		const StatedColumn *stated = lfirst(lc);

		if (stated->relation == relation && (column < 0 || stated->column == column))
			return true;
	}
	return false;
}

static bool
name_is_taken(const DimensionFinder *finder, const char *name)
{
	ListCell *lc;

	foreach (lc, finder->result)
	{
		if (pg_strcasecmp(((OpenDimension *) lfirst(lc))->name, name) == 0)
			return true;
	}
	return false;
}

static bool
has_column(const DimensionFinder *finder, int relation, int column)
{
	ListCell *lc;

	foreach (lc, finder->result)
	{
		const OpenDimension *dimension = lfirst(lc);

		if (dimension->relation == relation && dimension->column == column)
			return true;
	}
	return false;
}

static OpenDimension *
add_dimension(DimensionFinder *finder, DimensionKind kind, char *name, int relation, int column)
{
	OpenDimension *dimension = palloc0(sizeof(OpenDimension));

	dimension->kind = kind;
	dimension->name = name;
	dimension->relation = relation;
	dimension->column = column;
	dimension->default_option = "all";
	finder->result = lappend(finder->result, dimension);
	return dimension;
}

/* a calendar: its rows are told apart by a day */
static bool
is_calendar(const SnapshotRelation *relation)
{
	for (int i = 0; i < relation->ncolumns; i++)
	{
		if (relation->columns[i].in_primary_key && relation->nprimary_key == 1)
			return type_class_is_time(relation->columns[i].type_class);
	}
	return false;
}

/* follow relationships towards "one", breadth first */
static void
visit_relations(DimensionFinder *finder)
{
	AskSnapshot *snapshot = finder->snapshot;

	finder->visited[0] = finder->shape->root;
	finder->depth[0] = 0;
	finder->nvisited = 1;
	for (int at = 0; at < finder->nvisited; at++)
	{
		int nedges;
		const int *edges = snapshot_edges_of(snapshot, finder->visited[at], &nedges);

		for (int i = 0; i < nedges && finder->depth[at] < MAX_DEPTH; i++)
		{
			const SnapshotEdge *edge = &snapshot->edges[edges[i]];
			bool known =
				edge->from != finder->visited[at] || is_calendar(&snapshot->relations[edge->to]);

			for (int k = 0; k < finder->nvisited && !known; k++)
				known = finder->visited[k] == edge->to;
			if (known || finder->nvisited >= MAX_VISITED)
				continue;
			finder->visited[finder->nvisited] = edge->to;
			finder->depth[finder->nvisited] = finder->depth[at] + 1;
			finder->nvisited++;
		}
	}
}

/* the year of a time as the profile has it, or 0 */
static int
year_of(const char *time)
{
	int year = 0;

	if (time == NULL || strspn(time, "0123456789") != 4 || time[4] != '-')
		return 0;
	for (int i = 0; i < 4; i++)
		year = year * 10 + (time[i] - '0');
	return year;
}

static void
add_time(DimensionFinder *finder)
{
	AskSnapshot *snapshot = finder->snapshot;
	int relation = -1;
	int column = -1;
	int best = 0;
	const ColumnProfile *profile;
	OpenDimension *dimension;
	int first;
	int last;

	if (finder->shape->time_stated)
		return;
	/* of the rows themselves; else of what they belong to, such as the order of a line */
	for (int i = 0; i < finder->nvisited && finder->depth[i] <= 1; i++)
	{
		int score;
		int found = best_time_column(snapshot, finder->visited[i], NULL, &score);

		if (found < 0 || (column >= 0 && score <= best))
			continue;
		relation = finder->visited[i];
		column = found;
		best = score;
		if (i == 0)
			break;
	}
	if (column < 0 || is_stated(finder->shape, relation, column))
		return;
	dimension = add_dimension(finder, DIMENSION_TIME, "time", relation, column);
	dimension->question = "For which time?";
	profile = snapshot->relations[relation].columns[column].is_private
				  ? NULL
				  : snapshot_profile(snapshot, relation, column);
	/* of a sample the ends are not those of the rows */
	first = profile && !profile->sampled ? year_of(profile->min) : 0;
	last = profile && !profile->sampled ? year_of(profile->max) : 0;
	for (int year = last; year >= first && year > last - MAX_YEARS && year > 0; year--)
		dimension->options = lappend(dimension->options, psprintf("%d", year));
	if (last == 0)
		dimension->options = list_make2("this year", "last year");
	dimension->options = list_concat(dimension->options, list_make3("by month", "by year", "all"));
}

static bool
is_category(const SnapshotColumn *column)
{
	return (column->type_class == TYPE_CLASS_TEXT || column->type_class == TYPE_CLASS_ENUM) &&
		   !column->unique_alone && !column->in_primary_key && !column->in_foreign_key &&
		   !column->is_private;
}

/* columns of one relation that have few values; upto = how many of them */
static void
add_categories(DimensionFinder *finder, int relation, int upto)
{
	AskSnapshot *snapshot = finder->snapshot;
	const SnapshotRelation *rel = &snapshot->relations[relation];
	List *labels = label_columns(snapshot, relation);
	int n = 0;

	for (int i = 0; i < rel->ncolumns && n < upto; i++)
	{
		const ColumnProfile *profile;
		OpenDimension *dimension;
		char *name;

		if (list_length(finder->result) >= MAX_DIMENSIONS)
			return;
		if (!is_category(&rel->columns[i]) || list_member_int(labels, i) ||
			is_stated(finder->shape, relation, i))
			continue;
		profile = snapshot_profile(snapshot, relation, i);
		if (!profile || !profile->complete || profile->nvalues < 2 ||
			profile->nvalues > MAX_VALUES_OFFERED)
			continue;
		n++;
		if (has_column(finder, relation, i))
			continue;
		name = readable_name(rel->columns[i].name);
		if (name_is_taken(finder, name))
			name = psprintf("%s %s", relation_singular(rel), name);
		if (name_is_taken(finder, name))
			continue;
		dimension = add_dimension(finder, DIMENSION_VALUES, name, relation, i);
		dimension->question = psprintf("Which %s?", name);
		for (int v = 0; v < profile->nvalues; v++)
			dimension->options = lappend(dimension->options, pstrdup(profile->values[v]));
		dimension->options =
			list_concat(dimension->options, list_make2(psprintf("by %s", name), "all"));
	}
}

/* the rows of a relation that rows point to */
static void
add_things(DimensionFinder *finder, int relation)
{
	const SnapshotRelation *rel = &finder->snapshot->relations[relation];
	List *labels = label_columns(finder->snapshot, relation);
	char *name = relation_singular(rel);
	OpenDimension *dimension;

	if (labels == NIL || rel->columns[linitial_int(labels)].is_private ||
		name_is_taken(finder, name) || list_length(finder->result) >= MAX_DIMENSIONS)
		return;
	dimension = add_dimension(finder, DIMENSION_THINGS, name, relation, linitial_int(labels));
	dimension->question = psprintf("Which %s?", relation_plural(rel));
	dimension->options = list_make2(psprintf("by %s", name), "all");
}

static bool
add_measure(DimensionFinder *finder, OpenDimension *dimension, int relation, int column)
{
	char *text;
	ListCell *lc;

	if (column < 0 || !column_is_measure(finder->snapshot, relation, column) ||
		list_length(dimension->options) >= MAX_MEASURES)
		return false;
	text = reading_text(finder->snapshot, relation, column);
	foreach (lc, dimension->options)
	{
		if (strcmp(lfirst(lc), text) == 0)
			return false;
	}
	dimension->options = lappend(dimension->options, text);
	return true;
}

/*
 * By what things can be ranked: what is recorded of them elsewhere, then their
 * own numbers.
 */
static void
add_ranking(DimensionFinder *finder)
{
	AskSnapshot *snapshot = finder->snapshot;
	int thing = finder->shape->thing;
	const SnapshotRelation *rel = &snapshot->relations[thing];
	OpenDimension *dimension = add_dimension(finder, DIMENSION_RANKING, "ranking", thing, -1);

	dimension->question = psprintf("By what should %s be ranked?", relation_plural(rel));
	for (int i = 0; i < snapshot->nrelations && snapshot->nrelations <= MAX_RELATIONS_RANKED; i++)
	{
		int measure = i == thing ? -1 : default_measure(snapshot, i);
		float distance;

		if (measure < 0)
			continue;
		distance = join_distance(snapshot, i, thing);
		if (distance >= 0 && distance <= MAX_MEASURE_DISTANCE && !path_fans_out(snapshot, i, thing))
			(void) add_measure(finder, dimension, i, measure);
	}
	for (int i = 0; i < rel->ncolumns; i++)
		(void) add_measure(finder, dimension, thing, i);
	dimension->default_option =
		dimension->options == NIL ? NULL : pstrdup(linitial(dimension->options));
	if (dimension->options == NIL)
		finder->result = NIL;
}

/* "show me the numbers": those of the relations that have most to do with others */
static void
add_what(DimensionFinder *finder)
{
	AskSnapshot *snapshot = finder->snapshot;
	OpenDimension *dimension = add_dimension(finder, DIMENSION_MEASURE, "measure", -1, -1);

	dimension->question = "What do you want to know?";
	dimension->default_option = NULL;
	for (int least = 3; least >= 0; least--)
	{
		for (int i = 0; i < Min(snapshot->nrelations, MAX_RELATIONS_RANKED); i++)
		{
			int nedges;

			(void) snapshot_edges_of(snapshot, i, &nedges);
			if (Min(nedges, 3) == least)
				(void) add_measure(finder, dimension, i, default_measure(snapshot, i));
		}
	}
	if (dimension->options == NIL)
		finder->result = NIL;
}

List *
open_dimensions(AskSnapshot *snapshot, const QuestionShape *shape)
{
	DimensionFinder finder = {.snapshot = snapshot, .shape = shape};

	if (shape == NULL)
		return NIL;
	if (shape->unranked)
		add_ranking(&finder);
	else if (shape->vague)
		add_what(&finder);
	if (shape->root < 0 || shape->vague)
		return finder.result;

	snapshot_infer_edges(snapshot);
	visit_relations(&finder);
	add_time(&finder);
	add_categories(&finder, shape->root, MAX_PER_RELATION);
	for (int i = 1; i < finder.nvisited; i++)
	{
		if (!is_stated(shape, finder.visited[i], -1))
			add_things(&finder, finder.visited[i]);
	}
	/* one of each relation before a second one of any */
	for (int upto = 1; upto <= MAX_PER_RELATION; upto++)
	{
		for (int i = 1; i < finder.nvisited; i++)
		{
			if (!is_stated(shape, finder.visited[i], -1))
				add_categories(&finder, finder.visited[i], upto);
		}
	}
	return finder.result;
}
