# sql_agent: ask PostgreSQL in plain words.
#
# The version stands once, in the control file.  The install script is joined
# from the SQL faces of the capabilities, in the order of SQL_PARTS.

EXTENSION = sql_agent
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" sql_agent.control)
MODULE_big = sql_agent

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

SQL_PARTS = src/common/header.sql \
	src/common/roles.sql \
	src/tenant/tenant.sql \
	src/ledger/ledger.sql \
	src/chart/chart.sql \
	src/guard/guard.sql \
	src/catalog/catalog.sql \
	src/interpret/interpret.sql \
	src/translate/translate.sql \
	src/ask/ask.sql

INSTALL_SQL = $(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(INSTALL_SQL)
EXTRA_CLEAN = $(INSTALL_SQL) build results output_iso tmp_check regression.diffs regression.out

PG_CPPFLAGS = -Isrc -DSQL_AGENT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare
SHLIB_LINK += -Wl,--version-script=src/sql_agent.map
ifeq ($(CI),true)
PG_CFLAGS += -Werror -DUSE_ASSERT_CHECKING
endif

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(INSTALL_SQL): $(SQL_PARTS) sql_agent.control
	cat $(SQL_PARTS) > $@

$(OBJS): $(sort $(wildcard src/*.h src/*/*.h))
