/*-------------------------------------------------------------------------
 *
 * output_names.c
 *		What the columns of a result are called.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "catalog/term.h"
#include "mb/pg_wchar.h"
#include "translate/query.h"

/*
 * Names of the result's columns: the column's own, with what was done to it in
 * front, and its relation's where two would be the same.
 */
void
query_name_outputs(const AskQuery *query)
{
	static const char *const prefixes[] = {"",         "number_of_", "number_of_", "total_",
										   "average_", "minimum_",   "maximum_",   "median_"};
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		Output *output = lfirst(lc);
		const SnapshotRelation *rel = &query->snapshot->relations[output->column.relation];
		ListCell *lc2;
		int same = 0;

		if (output->bucket != TIME_UNIT_NONE)
			output->name = pstrdup(time_unit_name(output->bucket));
		else if (output->column.column < 0 ||
				 (output->aggregate == AGGREGATE_COUNT_DISTINCT &&
				  (rel->columns[output->column.column].in_primary_key ||
				   rel->columns[output->column.column].unique_alone)))
		{
			output->name = psprintf("number_of_%s", relation_plural(rel));
			for (char *p = output->name; *p; p++)
			{
				if (*p == ' ')
					*p = '_';
			}
		}
		else
		{
			const char *name = output->column.elapsed ? elapsed_name(output->column.elapsed)
													  : rel->columns[output->column.column].name;
			const char *prefix =
				output->aggregate == term_aggregate(query->snapshot, output->column)
					? ""
					: prefixes[output->aggregate];

			/* neither "total_total_price" nor "total_total" */
			if (strncmp(name, prefix, strlen(prefix)) == 0 ||
				strcmp(psprintf("%s_", name), prefix) == 0)
				prefix = "";
			output->name = psprintf("%s%s", prefix, name);
		}
		if (output->less)
			output->name = pstrdup("difference");
		else if (output->side)
			output->name = psprintf("%s_%s", output->name, output->side);
		foreach (lc2, query->outputs)
		{
			Output *other = lfirst(lc2);

			if (other == output)
				break;
			if (other->name && strcmp(other->name, output->name) == 0)
				same++;
		}
		if (same > 0)
			output->name = psprintf("%s_%s", rel->name, output->name);
		if (strlen(output->name) >= NAMEDATALEN)
			output->name[pg_mbcliplen(output->name, strlen(output->name), NAMEDATALEN - 1)] = '\0';
	}
}

char *
query_number_of_groups(const AskQuery *query)
{
	ListCell *lc;

	foreach (lc, query->outputs)
	{
		const Output *output = lfirst(lc);

		if (!output->group && !output->hidden)
			return output->name;
	}
	return pstrdup("number");
}
