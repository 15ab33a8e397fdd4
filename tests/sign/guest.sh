# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs in the guest, before the steps that boot.sh appends:
#   load LABEL NAME FILE	loads a module
# Facts:
#   load LABEL ok|WHY
#   btf LABEL SIZE		of /sys/kernel/btf/NAME, 0 if there is none
#   log LABEL TEXT		what the kernel said meanwhile

load() {
	local size=0
	report load "$1" "$(/load "$3")"
	[ ! -e "/sys/kernel/btf/$2" ] || size=$(stat -c %s "/sys/kernel/btf/$2")
	report btf "$1" "$size"
	dmesg -c >/tmp/log
	report_file "log $1" /tmp/log
}

dmesg -c >/dev/null
report enforced "$(cat /sys/module/module/parameters/sig_enforce)"
