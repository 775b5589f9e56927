/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Everything that differs between PostgreSQL 14 and 18, in one place.
 *
 * No other file tests PG_VERSION_NUM, but for includes that moved.  Each entry
 * says which major changed what.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SQL_AGENT_COMPAT_H
#define SQL_AGENT_COMPAT_H

#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "parser/analyze.h"

#if PG_VERSION_NUM < 140000
#error "sql_agent needs PostgreSQL 14 or later"
#endif

/* 18 lets a module carry its name and version */
#ifdef PG_MODULE_MAGIC_EXT
#define AGENT_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "sql_agent", .version = SQL_AGENT_VERSION)
#else
#define AGENT_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* 15 brought InitMaterializedSRF; its name for a time was SetSingleFuncCall */
#if PG_VERSION_NUM < 150000
extern void InitMaterializedSRF(FunctionCallInfo fcinfo, bits32 flags);
#define MAT_SRF_USE_EXPECTED_DESC 0x01
#define MAT_SRF_BLESS			  0x02
#endif

/* 15 renamed EmitWarningsOnPlaceholders */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 15 split parse_analyze() by the way parameters are given */
#if PG_VERSION_NUM < 150000
#define parse_analyze_fixedparams(parsetree, text, types, ntypes, env)                             \
	parse_analyze(parsetree, text, types, ntypes, env)
#endif

/* 16 moved the parameters into a hash table and returns an array made from it */
#if PG_VERSION_NUM >= 160000
#define agent_guc_variables(count) get_guc_variables(count)
#else
#define agent_guc_variables(count) (*(count) = GetNumConfigOptions(), get_guc_variables())
#endif

#endif /* SQL_AGENT_COMPAT_H */
