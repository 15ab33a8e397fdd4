#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The first process of a system that tests/system has installed: loads the modules that /usr/local/etc/modules-RELEASE names,
# and tells on the second serial port, in the words of tests/lib/qemu.sh,
#   release RELEASE		of the kernel that runs
#   load NAME ok|WHY		what modprobe said
#   file NAME PATH		the file that it took
#   btf NAME SIZE|none	of /sys/kernel/btf/NAME while it was loaded
#   log NAME TEXT		a line that the kernel logged meanwhile; "boot" what it said of BTF before
#   end SECONDS

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
stty -F /dev/ttyS1 raw
exec 3>/dev/ttyS1

report() {
	echo "@@ $*" >&3
}

# tell NAME: the lines of /tmp/log
tell() {
	while IFS= read -r line; do
		report log "$1" "$line"
	done </tmp/log
}

report release "$(uname -r)"
dmesg -c >/tmp/boot
grep -E 'BTF|BPF:' /tmp/boot >/tmp/log
tell boot
while read -r name; do
	report file "$name" "$(modinfo -n "$name")"
	why=ok
	modprobe "$name" 2>/tmp/why || why=$(tr '\n' ' ' </tmp/why)
	report load "$name" "${why:-failed}"
	if [ -e "/sys/kernel/btf/$name" ]; then
		report btf "$name" "$(stat -c %s "/sys/kernel/btf/$name")"
	else
		report btf "$name" none
	fi
	dmesg -c >/tmp/log
	tell "$name"
done <"/usr/local/etc/modules-$(uname -r)"
report end "$(cut -d' ' -f1 /proc/uptime)"
echo o >/proc/sysrq-trigger
sleep 60
