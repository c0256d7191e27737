# fortnight. `make help` lists the targets. Needs GNU make; packages are installed by the targets that need them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
O ?= build
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

# --- packages (Debian 12 names) ---------------------------------------------------------------------------------
BUILD_PACKAGES := gcc libc6-dev make pkg-config libglib2.0-dev libetpan-dev libcurl4-gnutls-dev libgnutls28-dev \
	libgmime-3.0-dev libsqlite3-dev libconfig-dev libarchive-dev libxml2-dev libjansson-dev libseccomp-dev \
	libuchardet-dev zlib1g-dev libdeflate-dev libical-dev libpoppler-glib-dev poppler-data libcairo2-dev libpango1.0-dev \
	libxlsxwriter-dev libunistring-dev liblzma-dev libstdc++-12-dev fonts-wqy-microhei tzdata ca-certificates
TEST_PACKAGES := clang libclang-rt-14-dev clang-format python3 openssl strace binutils universal-ctags sqlite3 git \
	libreoffice-writer-nogui libreoffice-calc-nogui chromium
DEMO_PACKAGES := python3 openssl sqlite3

LIBS := glib-2.0 gio-2.0 gmime-3.0 sqlite3 libconfig libarchive libxml-2.0 jansson libseccomp gnutls libcurl uchardet \
	libical zlib libdeflate poppler-glib cairo pangocairo xlsxwriter

# --- sources ----------------------------------------------------------------------------------------------------
LIB_SOURCES := $(sort $(wildcard parsers/*.c gateway/core/*.c gateway/store/*.c gateway/io/*.c gateway/keeper/*.c gateway/commands/*.c))
UNIT_TESTS := $(sort $(wildcard tests/unit/test_*.c))
TEST_SUPPORT := $(filter-out $(UNIT_TESTS),$(wildcard tests/unit/*.c))

# --- flags ------------------------------------------------------------------------------------------------------
# deferred: pkg-config exists only after `make packages`
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(LIBS)))$(PKG_CFLAGS)
# libetpan's own pkg-config file drags in a no-pie specs file, so it is named by hand
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(LIBS)) -letpan -lm)$(PKG_LIBS)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
	-Wformat=2 -Wimplicit-fallthrough -Wundef -Wno-unused-parameter -Wno-missing-field-initializers
HARDEN := -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fcf-protection
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu17 $(CFLAGS) $(WARN) $(HARDEN) -I. -D_GNU_SOURCE -DFORTNIGHT_DATADIR='"$(PREFIX)/share/fortnight"' $(PKG_CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
SAN_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DFORTNIGHT_SANITIZER

.PHONY: all demo check simulate-long bench score fuzz fuzz-targets lint install packages test-packages clean help format unit-binaries print-cflags
all: fortnight

# `make packages` alone is enough for a build by hand; `demo` and `check` call it themselves.
packages:
	$(Q)tests/packages.sh $(BUILD_PACKAGES)
test-packages:
	$(Q)tests/packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)

# --- the program ------------------------------------------------------------------------------------------------
objects = $(patsubst %.c,$(1)/%.o,$(2))
# The reader role as a program of its own, carried inside the program (gateway/io/reader_image.c): without PDF and archives,
# and with its libraries linked in, because a process a message is the dearer the more is mapped. Where a library comes
# without an archive for the linker, the reader is linked as everything else is.
READER_SOURCES := gateway/reader_program.c gateway/reader_elsewhere.c gateway/core/error.c \
	gateway/core/json_read.c gateway/core/json_write.c \
	$(filter-out parsers/container.c $(wildcard parsers/pdf*.c),$(wildcard parsers/*.c)) \
	$(patsubst %,gateway/io/%.c,reader reader_warm ipc clock log sandbox landlock seccomp)
READER_ARCHIVES := gmime-3.0 gio-2.0 gobject-2.0 glib-2.0 pcre2-8 ffi xml2 lzma jansson uchardet deflate z idn2 unistring seccomp stdc++ gcc_eh
# code where large pages can hold it (gateway/io/reader_warm.c)
READER_LAYOUT := -Wl,-z,max-page-size=0x200000
READER_LIBS := -Wl,-Bstatic $(READER_ARCHIVES:%=-l%) -Wl,-Bdynamic -lm
$(O)/release/reader: $(call objects,$(O)/release,$(READER_SOURCES) gateway/reader_closed.c)
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(READER_LAYOUT) -s -o $@ $^ $(READER_LIBS) 2>$@.log || { echo "  LINK $@ (shared libraries: see $@.log)"; \
		$(CC) $(ALL_LDFLAGS) -s -o $@ $(filter-out %/reader_closed.o,$^) $(PKG_LIBS); }
$(O)/release/gateway/io/reader_image.o: $(O)/release/reader
$(O)/release/gateway/io/reader_image.o: WARN += -DFORTNIGHT_READER_PROGRAM='"$(O)/release/reader"'
fortnight: $(call objects,$(O)/release,gateway/main.c $(LIB_SOURCES))
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(O)/release/%.o: %.c Makefile
	@echo "  CC   $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# embedded by the assembler, which -MMD does not see
$(O)/release/gateway/store/schema.o $(O)/san/gateway/store/schema.o: gateway/store/schema.sql

# --- the same with sanitizers, for the tests --------------------------------------------------------------------
$(O)/san/%.o: %.c Makefile
	@echo "  CC   $< (sanitized)"
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -D_FORTIFY_SOURCE=2,$(ALL_CFLAGS)) $(SAN_CFLAGS) -MMD -MP -c -o $@ $<
$(O)/san/libfortnight.a: $(call objects,$(O)/san,$(LIB_SOURCES))
	$(Q)rm -f $@ && ar rcs $@ $^
$(O)/san/fortnight: $(call objects,$(O)/san,gateway/main.c) $(O)/san/libfortnight.a
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(SAN_CFLAGS) -o $@ $^ $(PKG_LIBS)
$(O)/san/tests/unit/test_%: $(O)/san/tests/unit/test_%.o $(call objects,$(O)/san,$(TEST_SUPPORT)) $(O)/san/libfortnight.a
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(SAN_CFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS)
# the fuzz targets over what they once found
$(O)/san/tests/unit/test_fuzz: $(patsubst %.c,$(O)/san/%.o,tests/fuzz/support.c tests/fuzz/support_forms.c tests/fuzz/memory_stream.c)
# the keeper with a clock of the test's own, for tests/scenarios
$(O)/san/tests/scenarios/driver: $(O)/san/tests/scenarios/driver.o $(O)/san/libfortnight.a
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(SAN_CFLAGS) -Wl,--wrap=clock_now_s -o $@ $^ $(PKG_LIBS)
# three simulated years, without sanitizers: a million decisions
$(O)/release/tests/simulation/years: $(call objects,$(O)/release,tests/simulation/years.c tests/simulation/events.c $(LIB_SOURCES))
	@echo "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
UNIT_BINARIES := $(patsubst tests/unit/%.c,$(O)/san/tests/unit/%,$(UNIT_TESTS))

# one module's tests: make unit-calendar
unit-%: $(O)/san/tests/unit/test_%
	$(Q)G_DEBUG=fatal-warnings $<

-include $(shell find $(O) -path $(O)/servers -prune -o -name '*.d' -type f -print 2>/dev/null)

# --- checks -----------------------------------------------------------------------------------------------------
unit-binaries: $(UNIT_BINARIES)

check: test-packages
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) fortnight $(O)/san/fortnight $(O)/san/tests/scenarios/driver \
		$(O)/release/tests/simulation/years unit-binaries
	$(Q)tests/run --build $(O)/san

# --- fuzzing: libFuzzer (clang), with sanitizers ------------------------------------------------------------------
SECONDS ?= 60
FUZZ := $(O)/fuzz
FUZZ_SUPPORT := tests/fuzz/support.c tests/fuzz/support_forms.c tests/unit/zip_writer.c
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(FUZZ)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_CFLAGS = $(filter-out -D_FORTIFY_SOURCE=2,$(ALL_CFLAGS)) $(SAN_CFLAGS)
fuzz: test-packages
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) fuzz-targets
	$(Q)tests/fuzz/run.py --seconds $(SECONDS) --targets $(FUZZ) --out $(FUZZ)/work --jobs $(JOBS)
fuzz-targets: $(FUZZ_TARGETS)
$(FUZZ)/objects/%.o: %.c Makefile
	@echo "  CC   $< (to be fuzzed)"
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
# every pixel of a page is compared: following that took two thirds of the time of a page
$(FUZZ)/objects/parsers/pdf_rules.o: FUZZ_CFLAGS += -O2 -fno-sanitize-coverage=trace-cmp
$(FUZZ)/objects/gateway/store/schema.o: gateway/store/schema.sql
$(FUZZ)/libfortnight.a: $(call objects,$(FUZZ)/objects,$(LIB_SOURCES) $(FUZZ_SUPPORT))
	$(Q)rm -f $@ && ar rcs $@ $^
# the stream in memory stands in for gateway/io/tls_stream.o of the library
$(FUZZ)/fuzz_imap: $(FUZZ)/objects/tests/fuzz/memory_stream.o
# an office file is changed member by member
$(addprefix $(FUZZ)/fuzz_,docx xlsx odt ods): $(FUZZ)/objects/tests/fuzz/zip_mutator.o
$(FUZZ)/fuzz_%: $(FUZZ)/objects/tests/fuzz/fuzz_%.o $(FUZZ)/libfortnight.a
	@echo "  LINK $@"
	$(Q)clang $(ALL_LDFLAGS) $(SAN_CFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS)
# a reader with a fault that a fuzzer must find within a minute, and what that reader needs
PLANTED := tests/fuzz/fuzz_csv.c tests/fuzz/support.c tests/unit/zip_writer.c parsers/csv.c parsers/document.c parsers/problem.c \
	parsers/charset.c
$(FUZZ)/planted/fuzz_csv: $(PLANTED) Makefile
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -DFORTNIGHT_PLANTED_OVERFLOW -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $(PLANTED) $(PKG_LIBS)
.SECONDARY: $(call objects,$(FUZZ)/objects,$(wildcard tests/fuzz/fuzz_*.c))

# a hundred seeds of three simulated years (make check: ten); ticks, letters and processor time a seed
simulate-long: test-packages
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(O)/release/tests/simulation/years
	$(Q)FORTNIGHT_BUILD=$(abspath $(O)/san) python3 tests/e2e/test_years.py --seeds 100

lint:
	$(Q)tests/lint.py
format:
	$(Q)clang-format -i $(wildcard gateway/*.[ch] gateway/*/*.[ch] parsers/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch])
print-cflags:
	@echo $(ALL_CFLAGS)

# --- for people -------------------------------------------------------------------------------------------------
# make demo SEED=7 draws names and numbers anew; make demo MAIL=my.eml adds your own message
demo: packages
	$(Q)tests/packages.sh $(DEMO_PACKAGES)
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) fortnight
	$(Q)tests/demo/demo.py --build $(O) $(if $(SEED),--seed $(SEED)) $(if $(MAIL),--mail $(MAIL))

bench: test-packages
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) fortnight
	$(Q)tests/bench/bench.py --build $(O)

# figures of reading forms and mail, compared with tests/scores.json; material of others is looked for in ../shared
score: fortnight
	$(Q)tests/score.py --build ./fortnight

install: fortnight
	install -D -m 755 fortnight $(DESTDIR)$(PREFIX)/bin/fortnight
	mkdir -p $(DESTDIR)$(PREFIX)/share/fortnight
	cp -R templates etc $(DESTDIR)$(PREFIX)/share/fortnight/
	chmod -R u=rwX,go=rX $(DESTDIR)$(PREFIX)/share/fortnight

help:
	@echo "make          builds ./fortnight (needs the packages of make packages)"
	@echo "make demo     installs what is needed, builds, and shows a programme from mail to summary; SEED=n, MAIL=file"
	@echo "make check    installs what is needed, builds with sanitizers, runs all tests"
	@echo "make simulate-long  a hundred times three simulated years, judged by an oracle"
	@echo "make bench    measures a mailbox of 5,000 messages beside a Python pipeline"
	@echo "make score    how well forms are read, against tests/scores.json"
	@echo "make fuzz     every parser with changed inputs for SECONDS=$(SECONDS), with sanitizers"
	@echo "make lint     layers, lengths, includes, documentation, formatting"
	@echo "make install  PREFIX=$(PREFIX) DESTDIR="

clean:
	rm -rf $(O) fortnight
