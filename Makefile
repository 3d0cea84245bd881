# all (default)  builds build/runner                 demo      sets up the machine, builds, runs the quickstart experiment
# test           every suite, see scripts/test       unit, integration, fuzz, bench: one suite each
# accuracy       counts against programs with a known truth; VERSIONS=, LINKINGS=, PROCS=, PROGRAMS= narrow it
# lint           formatters and checkers             fmt       formats in place
# web            builds the report's script anew with Node (its result is committed)
# install        DESTDIR=, PREFIX=                   clean
# V=1 shows the commands.
# SANITIZE=1 builds with ASan and UBSan in build-asan, SANITIZE=fuzz with clang and libFuzzer in build-fuzz.

PREFIX   ?= /usr/local
BUILD    ?= build
CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(shell scripts/find-bpftool)
SUDO     ?= $(if $(filter 0,$(shell id -u)),,sudo)
PKGS     := libbpf libelf libdw libcap libseccomp yaml-0.1 jansson libzstd libsodium libprotobuf-c zlib

# Asked once, when first used: `make demo` installs what they ask for.
once      = $(eval $(1) := $(2))$(value $(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell pkg-config --cflags $(PKGS)))
PKG_LIBS   = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PKGS)))

ifeq ($(SANITIZE),1)
BUILD    := build-asan
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(SANITIZE),fuzz)
BUILD    := build-fuzz
CC       := $(CLANG)
SANFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
            -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
endif

VERSION  := 0.1.0
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            -Wno-missing-field-initializers
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -DRUNNER_VERSION='"$(VERSION)"' $(WARNINGS) $(CFLAGS) $(SANFLAGS) -I. -I$(BUILD) \
             $(PKG_CFLAGS)
LIBS      = $(PKG_LIBS) -lm

SOURCES  := $(filter-out runner/main.c,$(shell find runner cgroup bpf -name '*.c' ! -name '*.bpf.c' | sort))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/obj/%.o)
UNIT     := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/unit/*.c)))
INTEGRATION := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/integration/*.c)))
FUZZ     := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(sort $(wildcard tests/fuzz/*.c)))
ACCURACY := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/accuracy/*.c)))
ACCURACY_TESTED := $(filter-out %/main.o,$(ACCURACY))
BENCH    := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(sort $(wildcard tests/bench/*.c)))

# A line for each step instead of its command.
Q := $(if $(filter 1,$(V)),,@)
step = $(if $(Q),@echo '  $(1) $(2:$(BUILD)/%=%)')

all: $(BUILD)/runner

$(BUILD)/runner: $(BUILD)/obj/runner/main.o $(BUILD)/librunner.a
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/librunner.a: $(OBJECTS) $(BUILD)/perfetto.pb-c.o
	@rm -f $@
	$(call step,AR,$@)
	$(Q)ar rcs $@ $^

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# --- BPF: all programs are linked to one object and one skeleton; built without the host's BTF -----------------
# Twice: kernels before 5.15 lack some helpers and instructions (bpf/variant.h).
BPF_SOURCES := $(sort $(wildcard bpf/*.bpf.c))
SKELETONS   := $(BUILD)/bpf/observer.skel.h $(BUILD)/bpf/before_5_15/observer.skel.h
BPF_FLAGS    = -target bpf -D__TARGET_ARCH_x86 -O2 -g -mcpu=v3 -Wall -Werror -I. $(PKG_CFLAGS)
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(call step,BPF,$<)
	$(Q)$(CLANG) $(BPF_FLAGS) -c -o $@ $<
$(BUILD)/bpf/before_5_15/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h)
	@mkdir -p $(@D)
	$(call step,BPF,$<)
	$(Q)$(CLANG) $(BPF_FLAGS) -DBEFORE_5_15 -c -o $@ $<
$(BUILD)/bpf/observer.linked.o: $(BPF_SOURCES:%.c=$(BUILD)/%.o)
	$(Q)$(BPFTOOL) gen object $@ $^
$(BUILD)/bpf/before_5_15/observer.linked.o: $(BPF_SOURCES:bpf/%.c=$(BUILD)/bpf/before_5_15/%.o)
	$(Q)$(BPFTOOL) gen object $@ $^
$(BUILD)/bpf/observer.skel.h: SKELETON_NAME = observer_bpf
$(BUILD)/bpf/before_5_15/observer.skel.h: SKELETON_NAME = before_5_15_bpf
$(SKELETONS): %/observer.skel.h: %/observer.linked.o
	$(Q)$(BPFTOOL) gen skeleton $< name $(SKELETON_NAME) >$@.new && mv $@.new $@
# Which of them include the skeleton is known only after a first compilation.
$(if $(BPF_SOURCES),$(filter $(BUILD)/obj/bpf/%,$(OBJECTS)): | $(SKELETONS))

# --- Perfetto's messages -----------------------------------------------------------------------------------------
PROTO := $(BUILD)/perfetto.pb-c
$(PROTO).c $(PROTO).h &: runner/export/perfetto.proto
	@mkdir -p $(@D)
	$(call step,PROTO,$<)
	$(Q)protoc-c --c_out=$(BUILD) -Irunner/export $<
$(PROTO).o: $(PROTO).c
	$(call step,CC,$<)
	$(Q)$(CC) -std=gnu17 $(CFLAGS) $(SANFLAGS) -I$(BUILD) -c -o $@ $<
$(BUILD)/obj/runner/export/packets.o: | $(PROTO).h

# --- the report's style and script, which are part of the program --------------------------------------------------
$(BUILD)/obj/runner/report/page/assets.o: $(addprefix runner/report/web/,style.css views.css figure.css dist/report.js)

web:
	scripts/npm-packages runner/report/web
	cd runner/report/web && node build.mjs

# --- tests ------------------------------------------------------------------------------------------------------
TEST_LIBS = $(shell pkg-config --libs criterion)
$(BUILD)/unit-tests: $(UNIT) $(ACCURACY_TESTED) $(BUILD)/librunner.a
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)
$(BUILD)/integration-tests: $(INTEGRATION) $(BUILD)/librunner.a
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)
$(BUILD)/accuracy-matrix: $(ACCURACY) $(BUILD)/librunner.a
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/accuracy/kernel: tests/accuracy/kernel/main.c
	@mkdir -p $(@D)
	$(call step,CC,$<)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -O2 -g -o $@ $< -pthread
$(BUILD)/accuracy-matrix: | $(BUILD)/accuracy/kernel
# See scripts/go-version-row.
$(BUILD)/go-version-row: $(BUILD)/obj/scripts/go-version-row.o $(BUILD)/librunner.a
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/librunner.a
	@mkdir -p $(@D)
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The library itself holds no main(): libFuzzer brings one.
$(BUILD)/fuzz/report: $(BUILD)/obj/tests/unit/markup.o
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/librunner.a
	@mkdir -p $(@D)
	$(call step,LINK,$@)
	$(Q)$(CC) $(SANFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

export RUNNER_TEST_BIN := $(CURDIR)/$(BUILD)

# For ./scripts/test: what it starts, built with the flags of SANITIZE.
test-programs: $(BUILD)/unit-tests $(if $(INTEGRATION),$(BUILD)/integration-tests)
fuzz-programs: $(FUZZ)
go-programs:
	scripts/build-programs $(BUILD)

unit: $(BUILD)/unit-tests
	$<
integration: all $(BUILD)/integration-tests go-programs
	$(SUDO) env RUNNER_TEST_BIN=$(RUNNER_TEST_BIN) $(BUILD)/integration-tests -j1
# What the bundles say of programs with a known truth, see tests/accuracy/cases.h. All of it takes minutes.
VERSIONS ?= C $(shell scripts/go-toolchain --list)
LINKINGS ?= plain stripped pie cgo
PROCS    ?= 1 2 4
accuracy: all $(BUILD)/accuracy-matrix
	scripts/build-accuracy $(BUILD) "$(VERSIONS)" "$(LINKINGS)"
	$(SUDO) env RUNNER_TEST_BIN=$(RUNNER_TEST_BIN) $(BUILD)/accuracy-matrix --versions "$(VERSIONS)" \
	    --linkings "$(LINKINGS)" --procs "$(PROCS)" $(if $(PROGRAMS),--programs "$(PROGRAMS)") $(if $(KEEP),--keep)
fuzz:
	scripts/test fuzz
test:
	scripts/setup test
	scripts/test
bench: all $(BENCH) go-programs
	@bad=0; for program in $(BENCH); do $(SUDO) env RUNNER_TEST_BIN=$(RUNNER_TEST_BIN) $$program || bad=1; done; \
	scripts/web-tests --bench || bad=1; exit $$bad

# --- what people start --------------------------------------------------------------------------------------------
demo:
	scripts/setup build
	$(MAKE) all
	$(SUDO) $(BUILD)/runner manifests/quickstart.yaml

SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	install -D -m 0755 $(BUILD)/runner $(DESTDIR)$(PREFIX)/bin/runner
	install -d $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	$(BUILD)/runner help man >$(SHARE)/man/man1/runner.1
	$(BUILD)/runner help completion bash >$(SHARE)/bash-completion/completions/runner
	$(BUILD)/runner help completion zsh >$(SHARE)/zsh/site-functions/_runner
	$(BUILD)/runner help completion fish >$(SHARE)/fish/vendor_completions.d/runner.fish
	install -d $(SHARE)/runner/manifests $(SHARE)/doc/runner
	install -m 0644 $(wildcard manifests/*) $(SHARE)/runner/manifests
	install -m 0644 $(wildcard LICENSE README.md) $(SHARE)/doc/runner

clean:
	rm -rf build build-asan build-fuzz

# --- lint ---------------------------------------------------------------------------------------------------------
# A file is looked at again when it or one of its headers changed: hence by way of its object.
C_FILES  := $(shell find runner cgroup bpf scripts tests -name '*.[ch]' | sort)
TIDY     := $(patsubst %.c,$(BUILD)/lint/%.tidy,$(filter-out %.bpf.c,$(filter %.c,$(C_FILES)))) \
            $(BPF_SOURCES:%.c=$(BUILD)/lint/%.tidy)
SHELL_SCRIPTS = $(shell grep -lE '^\#!.*[ /](ba)?sh' scripts/* .ci/run .github/actions/*/run)

$(BUILD)/lint/%.bpf.tidy: %.bpf.c $(BUILD)/%.bpf.o .clang-tidy
	@mkdir -p $(@D)
	@echo clang-tidy $<
	@clang-tidy --quiet --checks=-performance-no-int-to-ptr $< -- $(BPF_FLAGS) 2>$@.log || { cat $@.log; false; }
	@touch $@
# The analyzer takes ten seconds for criterion's macros in a test; tests are run with sanitizers.
$(BUILD)/lint/tests/%.tidy: TIDY_CHECKS := '--checks=-clang-analyzer-*'
$(BUILD)/lint/%.tidy: %.c $(BUILD)/obj/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo clang-tidy $<
	@clang-tidy --quiet $(TIDY_CHECKS) $< -- $(ALL_CFLAGS) 2>$@.log || { cat $@.log; false; }
	@touch $@

tidy: $(TIDY)
lint: tidy
	clang-format --dry-run -Werror $(C_FILES)
	shellcheck $(SHELL_SCRIPTS)
	scripts/check-includes
	scripts/check-style
	scripts/check-go
	scripts/check-web
fmt:
	clang-format -i $(C_FILES)
	$(shell scripts/find-go)fmt -w demos tests

.PHONY: all web test-programs fuzz-programs go-programs unit integration accuracy fuzz test bench demo install clean tidy lint fmt
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
