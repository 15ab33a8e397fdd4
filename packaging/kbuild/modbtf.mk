# SPDX-License-Identifier: GPL-2.0-only
#
# BTF for modules that are built outside the kernel tree. One line in the file that has obj-m (Kbuild, or the
# Makefile where there is none):
#
#	-include /usr/share/modbtf/modbtf.mk
#
# Then each module has its BTF as soon as it is linked, whoever calls kbuild: make, DKMS, a packager. It is made
# anew only when the module or the kernel's BTF is another one, or what is set of these:
#
#   MODBTF		the program; modbtf
#   MODBTF_BASE		the kernel's BTF: raw BTF, an ELF file or a kernel image. Without it, vmlinux in the kernel's
#			build directory if that has BTF, else what `modbtf base -k RELEASE` finds
#   MODBTF_FLAGS	more options for `modbtf generate`
#   MODBTF_STRICT=1	a module that gets no BTF fails the build; without this it is a warning
#
# Kbuild reads that file for several steps. The last of them is modpost, when all objects are there: so the modules
# are linked as part of that one, by kbuild's own rules, and kbuild then finds nothing left to link.

ifneq ($(filter %scripts/Makefile.modpost,$(MAKEFILE_LIST)),)
ifdef CONFIG_DEBUG_INFO_BTF_MODULES
ifneq ($(KBUILD_MODPOST_NOFINAL),1)

MODBTF ?= modbtf
modbtf-steps := $(dir $(lastword $(MAKEFILE_LIST)))Makefile.modbtf

ifneq ($(shell command -v $(MODBTF)),)

# What modpost writes has a name only behind the line that includes this.
.SECONDEXPANSION:

PHONY += __modbtf
__modpost: __modbtf
__modbtf: $$(output-symdump)
	$(if $(output-symdump),$(Q)$(MAKE) -f $(modbtf-steps))

else ifeq ($(MODBTF_STRICT),1)
$(error $(MODBTF): not found, and MODBTF_STRICT=1)
else
$(warning $(MODBTF): not found, so modbtf gives no BTF to modules)
endif

endif
endif
endif

ifeq ($(KBUILD_EXTMOD)$(KERNELRELEASE),)
ifneq ($(wildcard Kbuild),)
$(warning this does nothing in a Makefile beside Kbuild, which kbuild reads instead: include it there)
endif
endif
