# sql_agent: ask PostgreSQL in plain words.
#
#   make                 build               make check        every test, in private clusters
#   make install         install             make installcheck pg_regress, against a running server
#   make deps            install what building and testing need
#   make demo            a private server with the samples, and questions; make demo-stop
#   make lint            format, static analysis, names, versions, comments
#   make bench           benchmarks          make dist         a release archive
#   make eval            public questions    make fuzz-guard   random statements against the guard
#
# The version stands once, in the control file.  The install script is joined
# from the SQL faces of the capabilities, in the order of SQL_PARTS.

EXTENSION = sql_agent
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" sql_agent.control)
MODULE_big = sql_agent

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

SQL_PARTS = src/common/header.sql \
	src/common/roles.sql \
	src/common/changed.sql \
	src/tenant/tenant.sql \
	src/tenant/registry.sql \
	src/tenant/share.sql \
	src/service/service.sql \
	src/ledger/ledger.sql \
	src/ledger/price.sql \
	src/chart/chart.sql \
	src/guard/guard.sql \
	src/guard/lint.sql \
	src/task/task.sql \
	src/task/schedule.sql \
	src/catalog/catalog.sql \
	src/catalog/relationship.sql \
	src/translate/memory.sql \
	src/ask/ask.sql \
	src/ask/clarify.sql \
	src/ingest/ingest.sql \
	src/ingest/parts.sql \
	src/ingest/background.sql \
	src/insight/insight.sql

INSTALL_SQL = $(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(INSTALL_SQL)
SCRIPTS = bin/sql_agent_upload
EXTRA_CLEAN = $(INSTALL_SQL) build/toolchain results output_iso regression.diffs regression.out

REGRESS := $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
ISOLATION := $(sort $(patsubst test/specs/%.spec,%,$(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test
# the tests look at what a statement did
installcheck: export PGOPTIONS := $(PGOPTIONS) -c sql_agent.background_uploads=off

PG_CPPFLAGS = -Isrc -DSQL_AGENT_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare
# libcurl and cJSON: each is called in a few files only (docs/dependencies.md)
SHLIB_LINK += -lcurl -lcjson -Wl,--version-script=src/sql_agent.map
# libzip, expat and libuchardet: the readers of files
SHLIB_LINK += -lzip -lexpat -luchardet
ifeq ($(CI),true)
PG_CFLAGS += -Werror -DUSE_ASSERT_CHECKING
endif

PG_CONFIG ?= pg_config
export PG_CONFIG

.DEFAULT_GOAL := all

# Targets of our own.  They need no PostgreSQL to be installed yet, and PGXS has
# a "check" that only says that it is not supported; so PGXS is left out when
# nothing but these is asked for, and goals of both kinds are made one by one.
OWN_GOALS = deps check demo demo-stop bench lint format dist

# a folder of tests may bring targets: it adds their names to OWN_GOALS
-include $(wildcard test/*/Makefile.inc)

GOALS := $(or $(MAKECMDGOALS),all)
ifeq ($(filter-out $(OWN_GOALS),$(GOALS)),)

.PHONY: $(OWN_GOALS)

deps:
	@test/deps

check:
	@test/deps check
	@test/run

demo:
	@test/deps check
	@examples/demo start

demo-stop:
	@examples/demo stop

# make bench BENCH=name runs one
bench:
	@test/deps check
	@bench/run $(BENCH)

lint:
	@test/deps
	@test/lint

format:
	clang-format -i --style=file src/*.c src/*/*.c src/*/*.h

dist:
	@mkdir -p build
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ -o build/$(EXTENSION)-$(EXTVERSION).zip HEAD
	@echo build/$(EXTENSION)-$(EXTVERSION).zip

else ifneq ($(filter $(OWN_GOALS),$(GOALS)),)

.PHONY: $(GOALS)
.NOTPARALLEL:
$(GOALS):
	@+$(MAKE) --no-print-directory $@

else

PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(PGXS),)
$(error $(PG_CONFIG) was not found: run "make deps", or set PG_CONFIG)
endif
include $(PGXS)

$(INSTALL_SQL): $(SQL_PARTS) sql_agent.control
	cat $(SQL_PARTS) > $@

# built again when a header, the major or the compiler changes
$(OBJS): $(sort $(wildcard src/*.h src/*/*.h)) build/toolchain

build/toolchain: FORCE
	@mkdir -p build
	@echo '$(VERSION) $(CC)' | cmp -s - $@ || echo '$(VERSION) $(CC)' > $@

.PHONY: FORCE
FORCE:

endif
