# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots a kernel image under qemu with an initramfs made here. To be sourced. Needs no root, no
# /dev/kvm, no loop devices and no mounts on the host.
#
#   guest_tree DIR		begins a guest tree: busybox and the start script
#   guest_pack DIR OUT		packs the tree as an initramfs, all files owned by root
#   guest_boot VMLINUZ INITRAMFS PREFIX [SECONDS]
#				boots and waits; succeeds if the guest came to the end of /test.sh
#				within the time (default 60 s). Several may run at once, with
#				different prefixes; guest_memory is what each has (512M). VMLINUZ may
#				also be a vmlinux with CONFIG_PVH. GUEST_ARGS: more words for the kernel;
#				GUEST_DISK: an image that is its /dev/vda, not written to
#   guest_stop PREFIX		ends a guest that still runs, and no other
#   guest_values PREFIX KEY [WORD]...	what the guest reported under KEY WORD..., a line each
#   guest_value PREFIX KEY [WORD]...	the last of these lines
#
# Between guest_tree and guest_pack the caller copies files into the tree and writes its /test.sh,
# which runs with /proc, /sys, /dev, debugfs and tracefs mounted, busybox's applets in PATH, and two
# shell functions:
#   report KEY WORDS...		tells one fact to the host
#   report_file KEY FILE	tells each line of a file under one key
#
# guest_boot leaves PREFIX.console, what the kernel and /test.sh printed; PREFIX.report, the facts,
# a line "@@ KEY WORDS..." each; PREFIX.qemu, what qemu itself said. Facts have a serial port of
# their own, so that no kernel message can cut one in two.

: "${MODBTF_QEMU:=qemu-system-x86_64}"
: "${MODBTF_BUSYBOX:=busybox}"
: "${guest_memory:=512M}"

guest_tree() {
	local dir=$1 busybox
	busybox=$(command -v "$MODBTF_BUSYBOX") || return 1
	mkdir -p "$dir"/{bin,dev,proc,sys,tmp}
	cp -L "$busybox" "$dir/bin/busybox"
	cat >"$dir/init" <<-'EOF'
		#!/bin/busybox sh
		export PATH=/bin
		/bin/busybox --install -s /bin
		mount -t proc proc /proc
		mount -t sysfs sysfs /sys
		mount -t devtmpfs devtmpfs /dev
		mount -t debugfs debugfs /sys/kernel/debug
		mount -t tracefs tracefs /sys/kernel/tracing
		stty -F /dev/ttyS1 raw
		exec 3>/dev/ttyS1
		report() {
			echo "@@ $*" >&3
		}
		report_file() {
			while IFS= read -r line; do
				report "$1" "$line"
			done <"$2"
		}
		report release "$(uname -r)"
		report booted "$(cut -d' ' -f1 /proc/uptime)"
		. /test.sh
		report end "$(cut -d' ' -f1 /proc/uptime)"
		poweroff -f
	EOF
	chmod +x "$dir/init"
}

# Not compressed: to unpack 90 MB costs a guest without KVM 3 s more, and us 2 s.
guest_pack() {
	(cd "$1" && find . | LC_ALL=C sort | "$MODBTF_BUSYBOX" cpio -o -H newc -R 0:0 2>/dev/null) >"$2"
}

# No mitigations, no crypto self-tests, no address randomisation, no clock calibration and few
# console messages: half of the time of a boot without KVM. A panic, which an oops becomes, ends
# the guest.
guest_kernel_args() {
	# shellcheck disable=SC2086 # words
	printf '%s ' console=ttyS0 quiet loglevel=4 panic=-1 oops=panic \
		mitigations=off cryptomgr.notests nokaslr tsc=reliable no_timer_check \
		random.trust_cpu=on audit=0 apparmor=0 ${GUEST_ARGS:-}
}

guest_boot() {
	local vmlinuz=$1 initramfs=$2 prefix=$3 limit=${4:-60} status=0 disk=()
	[[ -z ${GUEST_DISK:-} ]] || disk=(-drive "file=$GUEST_DISK,format=raw,if=virtio,readonly=on")
	rm -f "$prefix".{console,report,qemu}
	timeout --foreground --kill-after=2 "$limit" \
		"$MODBTF_QEMU" -accel tcg -M q35 -cpu qemu64 -m "$guest_memory" -nodefaults -display none -no-reboot \
		-pidfile "$prefix.pid" -serial "file:$prefix.console" -serial "file:$prefix.report" \
		-kernel "$vmlinuz" -initrd "$initramfs" -append "$(guest_kernel_args)" "${disk[@]}" \
		</dev/null >"$prefix.qemu" 2>&1 || status=$?
	# A guest that is killed outright leaves its file behind.
	rm -f "$prefix.pid"
	[[ $status -eq 0 ]] || printf 'qemu: exit status %d\n' "$status" >>"$prefix.qemu"
	[[ -n $(guest_value "$prefix" end) ]]
}

guest_stop() {
	if [[ -s $1.pid ]]; then
		kill "$(<"$1.pid")" 2>/dev/null || :
	fi
}

guest_values() {
	local prefix=$1
	shift
	[[ -e $prefix.report ]] || return 0
	want="@@ $*" awk 'BEGIN { want = ENVIRON["want"] }
		index($0 " ", want " ") == 1 { print substr($0, length(want) + 2) }' "$prefix.report"
}

guest_value() {
	guest_values "$@" | tail -n 1
}
