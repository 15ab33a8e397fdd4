# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs in the guest, before the steps that tests/kernel/run appends. LABEL is the case that a fact
# belongs to, NAME the module's name in the kernel.
#   load LABEL NAME FILE	inserts a module
#   unload NAME LABEL		removes it, if it was loaded
#   trace LABEL ARGS...		runs the loader
# Facts:
#   load LABEL ok|WHY
#   btf LABEL SIZE SHA256	of /sys/kernel/btf/NAME; "btf LABEL none" if there is none
#   log LABEL TEXT		a line that the kernel logged meanwhile
#   trace LABEL STATUS		exit status of the loader
#   said LABEL TEXT		a line that the loader printed

log() {
	dmesg -c >/tmp/log
	report_file "log $1" /tmp/log
}

load() {
	local label=$1 btf=/sys/kernel/btf/$2 why=ok
	insmod "$3" 2>/tmp/why || why=$(tr '\n' ' ' </tmp/why)
	report load "$label" "${why:-failed}"
	if [ -e "$btf" ]; then
		report btf "$label" "$(stat -c %s "$btf")" "$(sha256sum <"$btf" | cut -d' ' -f1)"
	else
		report btf "$label" none
	fi
	log "$label"
}

unload() {
	[ ! -e "/sys/module/$1" ] || rmmod "$1" || report stuck "$2"
}

trace() {
	local label=$1 status=0
	shift
	/loader "$@" >/tmp/said 2>&1 || status=$?
	report trace "$label" "$status"
	report_file "said $label" /tmp/said
	log "$label"
}

dmesg -c >/dev/null
