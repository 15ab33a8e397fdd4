# SPDX-License-Identifier: GPL-2.0-only
#
# GNU make 4.0 or newer. `make help` prints the targets.
#
# What a packager may set, on the command line or in the environment:
#
#   CC, AR          compiler (gcc 10 or newer, clang 11 or newer) and archiver
#   CFLAGS          optimisation, debug info, hardening; replaces the default -O2 -g
#   CPPFLAGS        preprocessor flags, added to ours
#   LDFLAGS         linker flags, added to ours
#   PKG_CONFIG      finds the libraries (libelf libkmod zlib libzstd liblzma libxxhash)
#
#   PREFIX          /usr/local; distributions set /usr
#   BINDIR          $(PREFIX)/bin: also build systems run modbtf, and they are not root
#   SBINDIR         $(PREFIX)/sbin: modbtf-dkms
#   MANDIR          $(PREFIX)/share/man
#   MANPAGES=       (empty) install no man pages; SCDOC (scdoc) makes them, and is needed for nothing else
#   DOCDIR          $(PREFIX)/share/doc/modbtf: a sample of /etc/modbtf.conf, in examples
#   BASHCOMPDIR, ZSHCOMPDIR, FISHCOMPDIR
#                   $(PREFIX)/share/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
#   LIBEXECDIR      $(PREFIX)/lib/modbtf: scripts that other programs run
#   KBUILDDIR       $(PREFIX)/share/modbtf: what makefiles of kernel modules include
#   RPMMACRODIR     empty: macros for specs of kernel modules; Fedora and SUSE set %{_rpmmacrodir}
#   HOOKS           what `make install` puts where kernel updates find it: any of debian, kernel-install, alpm
#                   (modbtf-hooks(7)), and where DKMS does: dkms (modbtf-dkms(8)); nothing without it. Below SYSCONFDIR (/etc), KERNELINSTALLDIR
#                   (/usr/lib/kernel/install.d) and ALPMDIR (/usr/share/libalpm/hooks)
#   PERLDIR         $(PREFIX)/share/perl5: the sequence of debhelper, `make install-debhelper`
#   DESTDIR         put before all of these by `make install`
#
# What a developer may set:
#
#   O               directory for everything that is built, default out. The variants of a build
#                   (sanitized, fuzz, lint) have directories of their own in it
#   V=1             print whole commands
#   WERROR=1        warnings are errors
#   SANITIZE=LIST   build with -fsanitize=LIST, such as address,undefined
#   CLANG           the clang that `make fuzz` and `make lint` use, default clang
#   CLANG_FORMAT    default clang-format
#   TESTS           unit tests to build, default all: TESTS=tests/unit/test-json.c
#   SUITES          suites for `make check`, default all: SUITES='unit properties'
#   SYSTEMS         systems for `make check-system`, default all: bookworm trixie
#   ROWS            parts of `make bench`, default all: ROWS='typical sizes'; see tests/bench/run
#   FUZZ_SECONDS    time of each fuzz target in `make fuzz`, default 8
#   INSTALL_DEPS=   (empty) `make demo`, `make check`, ... do not look for missing packages

VERSION := 0.1.0

O            ?= out
PREFIX       ?= /usr/local
BINDIR       ?= $(PREFIX)/bin
SBINDIR      ?= $(PREFIX)/sbin
MANDIR       ?= $(PREFIX)/share/man
LIBEXECDIR   ?= $(PREFIX)/lib/modbtf
KBUILDDIR    ?= $(PREFIX)/share/modbtf
SYSCONFDIR   ?= /etc
PKG_CONFIG   ?= pkg-config
DOCDIR       ?= $(PREFIX)/share/doc/modbtf
BASHCOMPDIR  ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR   ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR  ?= $(PREFIX)/share/fish/vendor_completions.d
PERLDIR      ?= $(PREFIX)/share/perl5
INSTALL      ?= install
SCDOC        ?= scdoc
MANPAGES     ?= yes
CLANG        ?= clang
CLANG_FORMAT ?= clang-format
CFLAGS       ?= -O2 -g
FUZZ_SECONDS ?= 8
INSTALL_DEPS ?= scripts/install-deps

PKGS      := libelf libkmod zlib libzstd liblzma
# Its functions are inlined from its header; nothing is linked to it.
INLINED   := libxxhash
TEST_PKGS := cmocka

SRCS  ?= $(wildcard src/*/*.c)
TESTS ?= $(wildcard tests/unit/test-*.c)

# ---- flags: ours first, so that a packager's can override them

WARNINGS := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)

# What `make check` and the like build first is built by as many jobs as there are processors, if nobody has said -j.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)

all_cflags := -std=gnu11 -D_GNU_SOURCE -DMODBTF_VERSION='"$(VERSION)"' -Isrc $(WARNINGS) \
	$(if $(WERROR),-Werror) -pthread -MMD -MP $(SANITIZE_FLAGS) \
	$(call pkg,--cflags $(PKGS) $(INLINED)) $(CPPFLAGS) $(CFLAGS)
all_ldflags := -pthread $(SANITIZE_FLAGS) $(CFLAGS) $(LDFLAGS)
libs := $(call pkg,--libs $(PKGS))

# ---- what is made of what

prog       := $(O)/modbtf
lib        := $(O)/libmodbtf.a
lib_objs   := $(SRCS:%.c=$(O)/%.o)
main_obj   := $(O)/src/main.o
unit_progs := $(TESTS:%.c=$(O)/%)
unit_lib   := $(patsubst %.c,$(O)/%.o,$(filter-out tests/unit/test-%,$(wildcard tests/unit/*.c)))
fuzz_progs := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz-*.c))
bench_objs := $(patsubst %.c,$(O)/%.o,$(wildcard tests/bench/*.c))
bench_progs := $(O)/bench/bare-scan $(O)/bench/index-time
fuzz_lib   := $(patsubst %.c,$(O)/%.o,$(filter-out tests/fuzz/fuzz-%,$(wildcard tests/fuzz/*.c)))

sanitized := SANITIZE=address,undefined O=$(O)/sanitized
fuzzing   := SANITIZE=fuzzer-no-link,address,undefined O=$(O)/fuzz CC=$(CLANG)

Q    := $(if $(V),,@)
note  = $(if $(V),,@printf '  %-4s %s\n' $(1) $(patsubst $(O)/%,%,$(2)))

.DELETE_ON_ERROR:
.SUFFIXES:

all: $(prog)

$(prog): $(main_obj) $(lib) $(O)/flags.link
	$(call note,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $(main_obj) $(lib) $(libs)

$(lib): $(lib_objs) $(O)/flags.objects
	$(call note,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(lib_objs)

$(O)/%.o: %.c $(O)/flags.compile
	$(call note,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) $(extra_cflags) -c -o $@ $<

$(unit_progs): $(O)/tests/unit/%: $(O)/tests/unit/%.o $(unit_lib) $(lib) $(O)/flags.link
	$(call note,LD,$@)
	$(Q)$(CC) $(all_ldflags) -o $@ $< $(unit_lib) $(lib) $(libs) \
		$(call pkg,--libs $(TEST_PKGS))

$(unit_progs:=.o) $(unit_lib): extra_cflags = $(call pkg,--cflags $(TEST_PKGS))

$(bench_progs): $(O)/bench/%: $(O)/tests/bench/%.o $(lib) $(O)/flags.link
	$(call note,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_ldflags) -o $@ $< $(lib) $(libs)

# The library's code counts coverage (fuzzer-no-link), main() comes with this flag.
$(fuzz_progs): $(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(fuzz_lib) $(lib) $(O)/flags.link
	$(call note,LD,$@)
	$(Q)$(CC) $(all_ldflags) -fsanitize=fuzzer -o $@ $< $(fuzz_lib) $(lib) $(libs)

# libFuzzer calls functions that no header declares.
$(fuzz_progs:=.o) $(fuzz_lib): extra_cflags = -Wno-missing-prototypes

# Flag tracking: these files change only when their content does, and what depends on them is made again.
$(O)/flags.compile: stamp = $(CC) $(all_cflags)
$(O)/flags.link:    stamp = $(CC) $(all_ldflags) $(libs)
$(O)/flags.objects: stamp = $(AR) $(lib_objs)

$(O)/flags.%: export STAMP = $(stamp)
$(O)/flags.%: FORCE | check-libraries
	@mkdir -p $(@D)
	@echo "$$STAMP" | cmp -s - $@ || echo "$$STAMP" >$@

check-libraries:
	@$(PKG_CONFIG) --print-errors --exists $(PKGS) $(INLINED) || { \
		echo "libraries are missing: run scripts/install-deps build" >&2; exit 1; }

-include $(wildcard $(O)/src/*.d $(O)/src/*/*.d $(O)/tests/*/*.d)

# ---- variants

objects: $(lib_objs) $(main_obj)

unit-objects: $(unit_progs:=.o) $(unit_lib)

unit-programs: $(unit_progs)

bench-objects: $(bench_objs)

bench-programs: $(bench_progs)

fuzz-programs: $(fuzz_progs)

sanitized:
	$(Q)$(MAKE) --no-print-directory $(sanitized) all unit-programs

# ---- tests

demo:
	$(Q)$(if $(INSTALL_DEPS),$(INSTALL_DEPS) build demo)
	$(Q)$(MAKE) $(jobs) --no-print-directory all
	$(Q)OUT=$(abspath $(O)) MODBTF=$(abspath $(prog)) tests/demo/run

unit:
	$(Q)$(MAKE) $(jobs) --no-print-directory $(sanitized) unit-programs
	$(Q)OUT=$(O) tests/unit/run $(TESTS:%.c=$(O)/sanitized/%)

check:
	$(Q)$(if $(INSTALL_DEPS),$(INSTALL_DEPS) build check)
	$(Q)$(MAKE) $(jobs) --no-print-directory all
	$(Q)$(MAKE) $(jobs) --no-print-directory sanitized
	$(Q)$(MAKE) $(jobs) --no-print-directory $(fuzzing) fuzz-programs
	$(Q)OUT=$(O) FUZZ_SECONDS=$(FUZZ_SECONDS) CLANG=$(CLANG) CLANG_FORMAT=$(CLANG_FORMAT) \
		tests/run $(SUITES)

check-system:
	$(Q)$(if $(INSTALL_DEPS),$(INSTALL_DEPS) build check system)
	$(Q)OUT=$(abspath $(O)) tests/system/run $(SYSTEMS)

# ROWS: what to measure again; BENCH_NOTE: see tests/bench/run.
bench bench-smoke bench-kernel: bench-ready
	$(Q)OUT=$(abspath $(O)) MODBTF=$(abspath $(prog)) $(if $(filter bench-kernel,$@),tests/bench/kernel,\
		tests/bench/run $(if $(filter bench-smoke,$@),--smoke,$(ROWS)))

bench-ready:
	$(Q)$(if $(INSTALL_DEPS),$(INSTALL_DEPS) build check bench)
	$(Q)$(MAKE) $(jobs) --no-print-directory all bench-programs

# One after the other, with any -j.
bench-kernel: | $(filter bench,$(MAKECMDGOALS))
bench-report: | $(filter bench bench-kernel,$(MAKECMDGOALS))

bench-report:
	$(Q)mkdir -p docs/bench && rm -f docs/bench/*.svg docs/bench/*.txt
	$(Q)cp $(O)/bench/report.md $(O)/bench/*.svg docs/bench/
	$(Q)find $(O)/bench -maxdepth 1 -name 'profile-*.txt' -exec cp {} docs/bench/ \;

fuzz:
	$(Q)$(if $(INSTALL_DEPS),$(INSTALL_DEPS) build check)
	$(Q)$(MAKE) $(jobs) --no-print-directory all
	$(Q)$(MAKE) $(jobs) --no-print-directory $(fuzzing) fuzz-programs
	$(Q)MODBTF=$(abspath $(prog)) FUZZ_DIR=$(abspath $(O)/fuzz/tests/fuzz) \
		FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run

lint:
	$(Q)OUT=$(O) CLANG=$(CLANG) CLANG_FORMAT=$(CLANG_FORMAT) tests/lint/run

fmt:
	$(Q)find src tests -name '*.[ch]' -exec $(CLANG_FORMAT) -i {} +

# ---- man pages

pages := $(patsubst packaging/man/%.scd,%,$(wildcard packaging/man/*.scd))

man: $(addprefix $(O)/man/,$(pages))

# The date is that of the source: in a tarball, that of the last commit.
$(O)/man/%: packaging/man/%.scd $(O)/flags.man
	@command -v $(SCDOC) >/dev/null || { echo "scdoc is missing, which makes the man pages:" \
		"run scripts/install-deps build, or go without them by MANPAGES=" >&2; exit 1; }
	$(call note,MAN,$@)
	@mkdir -p $(@D)
	$(Q)sed 's,@VERSION@,$(VERSION),; s,/usr/lib/modbtf,$(LIBEXECDIR),g' $< | \
		SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(stat -c %Y $<)} $(SCDOC) >$@

$(O)/flags.man: stamp = $(VERSION) $(LIBEXECDIR)

# ---- installation

KERNELINSTALLDIR ?= /usr/lib/kernel/install.d
ALPMDIR          ?= /usr/share/libalpm/hooks

# FROM:TO
hooks_debian         := $(foreach dir,postinst postrm header_postinst,\
	hooks/debian/$(dir).d/dkms-modbtf:$(SYSCONFDIR)/kernel/$(dir).d/dkms-modbtf)
hooks_kernel-install := hooks/kernel-install/45-modbtf.install:$(KERNELINSTALLDIR)/45-modbtf.install
hooks_alpm           := $(foreach name,80-modbtf-install 81-modbtf-remove,\
	hooks/alpm/$(name).hook:$(ALPMDIR)/$(name).hook)
hooks_dkms           := dkms/framework.conf:$(SYSCONFDIR)/dkms/framework.conf.d/zz-modbtf.conf

# FROM:TO
completions := modbtf.bash:$(BASHCOMPDIR)/modbtf _modbtf:$(ZSHCOMPDIR)/_modbtf modbtf.fish:$(FISHCOMPDIR)/modbtf.fish

page_path    = $(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(1)
page         = $(if $(MANPAGES),$(O)/man/$(1))
install_page = $(if $(MANPAGES),$(INSTALL) -D -m 644 $(O)/man/$(1) $(page_path))

install: all install-hooks install-dkms install-vendor $(call page,modbtf.8) $(call page,modbtf.conf.5)
	$(INSTALL) -D -m 755 $(prog) $(DESTDIR)$(BINDIR)/modbtf
	$(call install_page,modbtf.8)
	$(call install_page,modbtf.conf.5)
	$(INSTALL) -D -m 644 packaging/modbtf.conf $(DESTDIR)$(DOCDIR)/examples/modbtf.conf
	$(Q)set -e; for pair in $(completions); do \
		$(INSTALL) -D -m 644 "packaging/completions/$${pair%%:*}" "$(DESTDIR)$${pair#*:}"; \
	done

# Hooks name the script that they call, wherever that is.
install-hooks: $(call page,modbtf-hooks.7)
	$(call install_page,modbtf-hooks.7)
	$(INSTALL) -D -m 755 hooks/kernel-hook $(DESTDIR)$(LIBEXECDIR)/kernel-hook
	$(INSTALL) -D -m 644 hooks/common $(DESTDIR)$(LIBEXECDIR)/common
	$(Q)set -e; for pair in $(foreach set,$(HOOKS),$(hooks_$(set))); do \
		case $$pair in *.hook | *.conf) mode=644 ;; *) mode=755 ;; esac; \
		$(INSTALL) -D -m $$mode "$${pair%%:*}" "$(DESTDIR)$${pair#*:}"; \
		sed -i 's,/usr/lib/modbtf,$(LIBEXECDIR),g' "$(DESTDIR)$${pair#*:}"; \
	done

# What DKMS runs sources what hooks source, so that goes along.
install-dkms: $(call page,modbtf-dkms.8)
	$(call install_page,modbtf-dkms.8)
	$(INSTALL) -D -m 755 dkms/modbtf-dkms $(DESTDIR)$(SBINDIR)/modbtf-dkms
	sed -i 's,/usr/lib/modbtf,$(LIBEXECDIR),g' $(DESTDIR)$(SBINDIR)/modbtf-dkms
	$(INSTALL) -D -m 755 dkms/post-build $(DESTDIR)$(LIBEXECDIR)/post-build
	$(INSTALL) -D -m 755 dkms/sign-file $(DESTDIR)$(LIBEXECDIR)/sign-file
	$(INSTALL) -D -m 644 dkms/framework.conf $(DESTDIR)$(LIBEXECDIR)/framework.conf
	sed -i 's,/usr/lib/modbtf,$(LIBEXECDIR),g' $(DESTDIR)$(LIBEXECDIR)/framework.conf
	$(INSTALL) -D -m 644 dkms/common $(DESTDIR)$(LIBEXECDIR)/dkms-common
	$(INSTALL) -D -m 644 hooks/common $(DESTDIR)$(LIBEXECDIR)/common

# For build machines of Debian packages: dh_modbtf(1).
install-debhelper: $(call page,dh_modbtf.1)
	$(call install_page,dh_modbtf.1)
	$(INSTALL) -D -m 755 packaging/debhelper/dh_modbtf $(DESTDIR)$(BINDIR)/dh_modbtf
	$(INSTALL) -D -m 644 packaging/debhelper/modbtf.pm $(DESTDIR)$(PERLDIR)/Debian/Debhelper/Sequence/modbtf.pm

# For those who package drivers.
install-vendor:
	$(INSTALL) -D -m 644 packaging/kbuild/modbtf.mk $(DESTDIR)$(KBUILDDIR)/modbtf.mk
	$(INSTALL) -D -m 644 packaging/kbuild/Makefile.modbtf $(DESTDIR)$(KBUILDDIR)/Makefile.modbtf
ifneq ($(RPMMACRODIR),)
	$(INSTALL) -D -m 755 packaging/rpm/brp-modbtf $(DESTDIR)$(LIBEXECDIR)/brp-modbtf
	$(INSTALL) -D -m 644 packaging/rpm/macros.modbtf $(DESTDIR)$(RPMMACRODIR)/macros.modbtf
	sed -i 's,/usr/lib/modbtf,$(LIBEXECDIR),g' $(DESTDIR)$(RPMMACRODIR)/macros.modbtf
endif

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/modbtf $(DESTDIR)$(SBINDIR)/modbtf-dkms $(DESTDIR)$(DOCDIR)/examples/modbtf.conf \
		$(foreach name,modbtf.8 modbtf-dkms.8 modbtf.conf.5 modbtf-hooks.7,$(call page_path,$(name))) \
		$(foreach name,common dkms-common framework.conf kernel-hook post-build sign-file,$(DESTDIR)$(LIBEXECDIR)/$(name)) \
		$(foreach file,modbtf.mk Makefile.modbtf,$(DESTDIR)$(KBUILDDIR)/$(file))
	$(if $(RPMMACRODIR),rm -f $(DESTDIR)$(LIBEXECDIR)/brp-modbtf $(DESTDIR)$(RPMMACRODIR)/macros.modbtf)
	rm -f $(foreach pair,$(completions) $(foreach set,$(HOOKS),$(hooks_$(set))),$(DESTDIR)$(lastword $(subst :, ,$(pair))))

# ---- packages

dist_name := modbtf-$(VERSION)
dist      := $(O)/$(dist_name).tar.xz

dist:
	$(call note,DIST,$(dist))
	@mkdir -p $(O)
	$(Q)scripts/make-dist $(dist_name) $(dist)

# Where dpkg-source wants them: packaging/debian as debian/, in the tree that the tarball unpacks to.
deb: dist
	$(Q)rm -rf $(O)/deb && mkdir -p $(O)/deb
	$(Q)cp $(dist) $(O)/deb/modbtf_$(VERSION).orig.tar.xz
	$(Q)tar -xf $(dist) -C $(O)/deb
	$(Q)cp -a $(O)/deb/$(dist_name)/packaging/debian $(O)/deb/$(dist_name)/debian
	$(Q)cd $(O)/deb/$(dist_name) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u O -u V \
		dpkg-buildpackage -us -uc -F $(DEBFLAGS)
	$(Q)rm -rf $(O)/deb/$(dist_name)
	@ls -1 $(O)/deb/*.deb $(O)/deb/*.dsc

clean:
	rm -rf $(O)

help:
	@echo 'all        $(prog), the program (default)'
	@echo 'demo       build it, give a real module its BTF, show what was done'
	@echo 'check      all test suites; SUITES="..." for some of them'
	@echo 'check-system  our package in whole Debian systems, as root; SYSTEMS="..." for some of them'
	@echo 'unit       unit tests only, under ASan and UBSan'
	@echo 'bench      speed and memory against pahole and a bare scan, as a report; ROWS="..." for parts of it'
	@echo 'bench-kernel  the same for all modules of a kernel; bench-smoke: does it work; bench-report: keep it in docs/bench'
	@echo 'fuzz       each fuzz target for FUZZ_SECONDS seconds'
	@echo 'lint       format, warnings of gcc and clang, scripts, layering'
	@echo 'fmt        let clang-format have its way with all C files'
	@echo 'man        man pages, in $(O)/man'
	@echo 'install    into PREFIX ($(PREFIX)), under DESTDIR; HOOKS="..." for hooks of kernel updates'
	@echo 'uninstall  what install has put there'
	@echo 'dist       $(dist), from the files that git has'
	@echo 'deb        Debian packages and their source, in $(O)/deb'
	@echo 'sanitized  the program and the unit tests with ASan and UBSan, in $(O)/sanitized'
	@echo 'clean      remove $(O)'
	@echo
	@echo 'Variables are explained at the top of the Makefile.'

FORCE:

.PHONY: all objects unit-objects unit-programs fuzz-programs sanitized check-libraries
.PHONY: bench bench-smoke bench-kernel bench-ready bench-report bench-objects bench-programs
.PHONY: demo unit check check-system fuzz lint fmt man install install-hooks install-dkms install-debhelper
.PHONY: install-vendor uninstall dist deb clean help FORCE
