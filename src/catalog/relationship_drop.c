/*-------------------------------------------------------------------------
 *
 * relationship_drop.c
 *		Recorded relationships go with their tables and columns.
 *
 * They are kept by names, and the next table or column of the name is another.
 *
 * This runs at every DROP in the database, of temporary tables, too, and for all
 * tables of a schema at once; nearly always there is nothing to take away.  So a
 * statement that changes something is run only for what an index has found.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "catalog/relationship.h"
#include "commands/event_trigger.h"
#include "common/owner.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(sql_agent_relation_dropped);

/* the table of relationships and its indexes by either end */
typedef struct Recorded
{
	Relation rel;
	Oid from_index;
	Oid to_index;
} Recorded;

/* false where there is none, as while the extension is dropped */
static bool
open_recorded(Recorded *recorded)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);
	Oid relation = OidIsValid(nspoid) ? get_relname_relid("relationship", nspoid) : InvalidOid;

	if (!OidIsValid(relation))
		return false;
	recorded->from_index = get_relname_relid("relationship_pkey", nspoid);
	recorded->to_index = get_relname_relid("relationship_to", nspoid);
	if (!OidIsValid(recorded->from_index) || !OidIsValid(recorded->to_index))
		return false;
	recorded->rel = table_open(relation, AccessShareLock);
	return true;
}

/* is there a row whose two columns from the attribute on are these? */
static bool
has_row(const Recorded *recorded, Oid index, AttrNumber attribute, const char *schema,
		const char *table)
{
	ScanKeyData keys[2];
	NameData names[2];
	int count = schema != NULL ? 2 : 0;
	SysScanDesc scan;
	bool found;

	if (count > 0)
	{
		namestrcpy(&names[0], schema);
		namestrcpy(&names[1], table);
		ScanKeyInit(&keys[0], attribute, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&names[0]));
		ScanKeyInit(&keys[1], attribute + 1, BTEqualStrategyNumber, F_NAMEEQ,
					NameGetDatum(&names[1]));
	}
	scan = systable_beginscan(recorded->rel, index, true, NULL, count, keys);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	return found;
}

/* of the table, or of one column of it */
static void
forget(const char *schema, const char *table, const char *column)
{
	static const char query[] =
		"DELETE FROM sql_agent.relationship AS r"
		" WHERE r.from_schema OPERATOR(pg_catalog.=) $1 AND r.from_table OPERATOR(pg_catalog.=) $2"
		"   AND ($3 IS NULL OR $3 OPERATOR(pg_catalog.=) ANY (r.from_columns))"
		"    OR r.to_schema OPERATOR(pg_catalog.=) $1 AND r.to_table OPERATOR(pg_catalog.=) $2"
		"   AND ($3 IS NULL OR $3 OPERATOR(pg_catalog.=) ANY (r.to_columns))";
	Oid types[] = {NAMEOID, NAMEOID, NAMEOID};
	Datum values[] = {DirectFunctionCall1(namein, CStringGetDatum(schema)),
					  DirectFunctionCall1(namein, CStringGetDatum(table)),
					  DirectFunctionCall1(namein, CStringGetDatum(column != NULL ? column : ""))};

	if (SPI_execute_with_args(query, lengthof(types), types, values, column != NULL ? NULL : "  n",
							  false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not forget relationships");
}

static void
forget_dropped(const Recorded *recorded)
{
	/* of tables the name has two parts, of columns three */
	static const char query[] =
		"SELECT d.address_names[1], d.address_names[2], d.address_names[3]"
		" FROM pg_catalog.pg_event_trigger_dropped_objects() AS d"
		" WHERE d.object_type OPERATOR(pg_catalog.=) ANY (ARRAY['table', 'table column'])"
		" AND NOT d.is_temporary";
	static SPIPlanPtr plan = NULL;
	SPITupleTable *dropped;
	uint64 count;

	if (SPI_execute_plan(owner_prepare(&plan, query, 0, NULL), NULL, NULL, true, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read what was dropped");
	dropped = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		char *schema = SPI_getvalue(dropped->vals[i], dropped->tupdesc, 1);
		char *table = SPI_getvalue(dropped->vals[i], dropped->tupdesc, 2);
		char *column = SPI_getvalue(dropped->vals[i], dropped->tupdesc, 3);

		CHECK_FOR_INTERRUPTS();
		if (schema != NULL && table != NULL &&
			(has_row(recorded, recorded->from_index, RELATIONSHIP_FROM_SCHEMA, schema, table) ||
			 has_row(recorded, recorded->to_index, RELATIONSHIP_TO_SCHEMA, schema, table)))
			forget(schema, table, column);
	}
}

/*
 * Event trigger after a DROP.
 */
Datum
sql_agent_relation_dropped(PG_FUNCTION_ARGS)
{
	Recorded recorded;
	OwnerScope scope;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("function must be called as an event trigger")));
	if (!extension_installed() || !open_recorded(&recorded))
		PG_RETURN_NULL();
	if (has_row(&recorded, recorded.from_index, RELATIONSHIP_FROM_SCHEMA, NULL, NULL))
	{
		owner_scope_enter(&scope);
		forget_dropped(&recorded);
		owner_scope_leave(&scope);
	}
	table_close(recorded.rel, AccessShareLock);
	PG_RETURN_NULL();
}
