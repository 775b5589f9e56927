/*-------------------------------------------------------------------------
 *
 * memory_read.c
 *		Reads sql_agent.memory_entry.
 *
 * By index, straight from the table: no privilege or policy of the caller
 * matters, so each reader asks memory_serves() or compares the roles itself.
 * That costs a few microseconds, where a query would take fifty, and each
 * question pays it.  A table that is missing (the extension is not installed
 * here, or is older than the library) is an empty memory.
 *
 *-------------------------------------------------------------------------
 */
#include "common/compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "translate/memory_int.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* columns of sql_agent.memory_entry */
enum
{
	A_ID = 1,
	A_KIND,
	A_TENANT_ID,
	A_ASKING_ROLE,
	A_ASKED_BY,
	A_SCOPE_KEY,
	A_QUESTION,
	A_SQL,
	A_QUESTION_KEY,
	A_TEMPLATE_KEY,
	A_SHARED,
	A_MODEL,
	A_SNAPSHOT_KEY,
	A_READING_KEY,
	A_ONLY_ON,
	A_FILLED_VALUES,
	A_DEPENDS,
	A_SHAPE,
	A_QUESTION_ID,
	A_CREATED_AT,
	A_HITS,
	A_LAST_USED,
	A_VERIFIED_BY,
	A_COUNT = A_VERIFIED_BY
};

static const struct
{
	const char *name;
	AttrNumber column;
} indexes[] = {[MEMORY_BY_QUESTION] = {"memory_entry_question", A_QUESTION_KEY},
			   [MEMORY_BY_TEMPLATE] = {"memory_entry_template", A_TEMPLATE_KEY},
			   [MEMORY_EXAMPLES_OF_SCOPE] = {"memory_entry_examples", A_SCOPE_KEY},
			   [MEMORY_OF_SCOPE] = {"memory_entry_scope", A_SCOPE_KEY}};

static const char *const kind_names[] = {
	[MEMORY_QUESTION] = "question", [MEMORY_EXAMPLE] = "example", [MEMORY_REJECTED] = "rejected"};

const char *
memory_kind_name(MemoryKind kind)
{
	return kind_names[kind];
}

static MemoryKind
kind_of(const char *name)
{
	for (int i = 0; i < lengthof(kind_names); i++)
		if (strcmp(name, kind_names[i]) == 0)
			return (MemoryKind) i;
	return MEMORY_REJECTED;
}

/* four texts a column: schema, relation, column, type */
static List *
read_depends(Datum datum)
{
	Datum *texts;
	bool *nulls;
	int n;
	List *result = NIL;

	deconstruct_array(DatumGetArrayTypeP(datum), TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls,
					  &n);
	for (int i = 0; i + 3 < n; i += 4)
	{
		MemoryColumn *column = palloc(sizeof(MemoryColumn));

		if (nulls[i] || nulls[i + 1] || nulls[i + 2] || nulls[i + 3])
			continue;
		column->schema = TextDatumGetCString(texts[i]);
		column->relation = TextDatumGetCString(texts[i + 1]);
		column->name = TextDatumGetCString(texts[i + 2]);
		column->type = TextDatumGetCString(texts[i + 3]);
		result = lappend(result, column);
	}
	return result;
}

static char *
optional_text(const Datum *values, const bool *nulls, int column)
{
	return nulls[column - 1] ? NULL : TextDatumGetCString(values[column - 1]);
}

static MemoryEntry *
read_entry(HeapTuple tuple, TupleDesc desc)
{
	MemoryEntry *entry = palloc0(sizeof(MemoryEntry));
	Datum values[A_COUNT];
	bool nulls[A_COUNT];

	heap_deform_tuple(tuple, desc, values, nulls);
	entry->id = *DatumGetUUIDP(values[A_ID - 1]);
	entry->kind = kind_of(TextDatumGetCString(values[A_KIND - 1]));
	entry->scope.role = pstrdup(NameStr(*DatumGetName(values[A_ASKING_ROLE - 1])));
	entry->scope.key = (uint64) DatumGetInt64(values[A_SCOPE_KEY - 1]);
	entry->scope.of_tenant = !nulls[A_TENANT_ID - 1];
	if (entry->scope.of_tenant)
		entry->scope.tenant_id = *DatumGetUUIDP(values[A_TENANT_ID - 1]);
	entry->asked_by = pstrdup(NameStr(*DatumGetName(values[A_ASKED_BY - 1])));
	entry->question = TextDatumGetCString(values[A_QUESTION - 1]);
	entry->sql = TextDatumGetCString(values[A_SQL - 1]);
	entry->is_template = !nulls[A_TEMPLATE_KEY - 1];
	entry->shared = DatumGetBool(values[A_SHARED - 1]);
	entry->model = optional_text(values, nulls, A_MODEL);
	if (!nulls[A_SNAPSHOT_KEY - 1])
		entry->snapshot_key = (uint64) DatumGetInt64(values[A_SNAPSHOT_KEY - 1]);
	if (!nulls[A_READING_KEY - 1])
		entry->reading_key = (uint64) DatumGetInt64(values[A_READING_KEY - 1]);
	entry->dated = !nulls[A_ONLY_ON - 1];
	if (entry->dated)
		entry->only_on = DatumGetDateADT(values[A_ONLY_ON - 1]);
	entry->filled_values = DatumGetInt32(values[A_FILLED_VALUES - 1]);
	entry->depends = read_depends(values[A_DEPENDS - 1]);
	if (!nulls[A_SHAPE - 1])
		entry->shape = DatumGetJsonbPCopy(values[A_SHAPE - 1]);
	entry->created_at = DatumGetTimestampTz(values[A_CREATED_AT - 1]);
	entry->hits = DatumGetInt64(values[A_HITS - 1]);
	entry->used = !nulls[A_LAST_USED - 1];
	if (entry->used)
		entry->last_used = DatumGetTimestampTz(values[A_LAST_USED - 1]);
	entry->verified_by = nulls[A_VERIFIED_BY - 1]
							 ? NULL
							 : pstrdup(NameStr(*DatumGetName(values[A_VERIFIED_BY - 1])));
	return entry;
}

/* newest first; what was written at once, in an order that stays */
static int
compare_entries(const ListCell *a, const ListCell *b)
{
	const MemoryEntry *x = lfirst(a);
	const MemoryEntry *y = lfirst(b);

	if (x->created_at != y->created_at)
		return x->created_at > y->created_at ? -1 : 1;
	return memcmp(&x->id, &y->id, sizeof(pg_uuid_t));
}

static Oid
own_relation(const char *name)
{
	Oid nspoid = get_namespace_oid("sql_agent", true);

	return OidIsValid(nspoid) ? get_relname_relid(name, nspoid) : InvalidOid;
}

List *
memory_read(MemoryIndex by, uint64 key, int limit)
{
	Oid table = own_relation("memory_entry");
	Oid index = by == MEMORY_ALL ? InvalidOid : own_relation(indexes[by].name);
	List *result = NIL;
	ScanKeyData scankey;
	Relation rel;
	Snapshot snapshot;
	SysScanDesc scan;
	HeapTuple tuple;

	if (!OidIsValid(table) || (by != MEMORY_ALL && !OidIsValid(index)))
		return NIL;
	rel = table_open(table, AccessShareLock);
	if (by != MEMORY_ALL)
		ScanKeyInit(&scankey, indexes[by].column, BTEqualStrategyNumber, F_INT8EQ,
					Int64GetDatum((int64) key));
	/* what this transaction wrote counts, and what it may not see does not */
	snapshot = RegisterSnapshot(GetTransactionSnapshot());
	scan = systable_beginscan(rel, index, by != MEMORY_ALL, snapshot, by != MEMORY_ALL, &scankey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		result = lappend(result, read_entry(tuple, RelationGetDescr(rel)));
		if (limit > 0 && list_length(result) >= limit)
			break;
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	list_sort(result, compare_entries);
	return result;
}

List *
memory_read_scope(MemoryIndex by, const MemoryScope *scope, int limit)
{
	List *result = NIL;
	ListCell *lc;

	foreach (lc, memory_read(by, scope->key, limit))
	{
		const MemoryEntry *entry = lfirst(lc);

		if (memory_same_scope(&entry->scope, scope))
			result = lappend(result, lfirst(lc));
	}
	return result;
}

bool
memory_serves(const MemoryEntry *entry, const MemoryScope *scope)
{
	if (!memory_same_scope(&entry->scope, scope))
		return false;
	return entry->shared || strcmp(entry->asked_by, GetUserNameFromId(GetUserId(), false)) == 0;
}

DateADT
memory_today(void)
{
	return GetSQLCurrentDate();
}

static char *
column_text(const MemoryColumn *column)
{
	char *relation = quote_qualified_identifier(column->schema, column->relation);

	if (*column->name == '\0')
		return relation;
	return psprintf("%s.%s", relation, quote_identifier(column->name));
}

/* the column's type, InvalidOid where the role can not read the column */
static Oid
readable_type(Oid relid, const char *name, Oid role)
{
	HeapTuple tuple = SearchSysCacheAttName(relid, name);
	Form_pg_attribute attribute;
	Oid result = InvalidOid;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	if (pg_class_aclcheck(relid, role, ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, attribute->attnum, role, ACL_SELECT) == ACLCHECK_OK)
		result = attribute->atttypid;
	ReleaseSysCache(tuple);
	return result;
}

char *
memory_missing(const MemoryEntry *entry, Oid role)
{
	ListCell *lc;

	if (!OidIsValid(role))
		return psprintf("Role %s does not exist.", quote_identifier(entry->scope.role));
	foreach (lc, entry->depends)
	{
		const MemoryColumn *column = lfirst(lc);
		Oid nspoid = get_namespace_oid(column->schema, true);
		Oid relid = OidIsValid(nspoid) ? get_relname_relid(column->relation, nspoid) : InvalidOid;
		Oid type = InvalidOid;

		if (OidIsValid(relid) && *column->name == '\0')
			continue;
		if (OidIsValid(relid))
			type = readable_type(relid, column->name, role);
		if (!OidIsValid(type))
			return psprintf("%s does not exist or can not be read.", column_text(column));
		if (strcmp(format_type_be_qualified(type), column->type) != 0)
			return psprintf("%s is of type %s and was of type %s.", column_text(column),
							format_type_be(type), column->type);
	}
	return NULL;
}
