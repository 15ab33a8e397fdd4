# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Roots with a real DKMS in them: this machine, with a DKMS of the archive, kernels of the archive and modbtf installed over
# it. What is written there is in memory, and all of it is mounted in the mount namespace of the caller only. To be
# sourced, after archive.sh, by a shell that is root in a mount namespace of its own.
#
#   root_make DIR SUITE PROGRAM	makes one with the DKMS of this suite, kernels 6.1 and 6.12, their headers, and this modbtf
#   root_run DIR COMMAND...	runs a command there
#   root_reset DIR		DKMS and its configuration are as they were in the beginning

root_kernels=(6.1 6.12)

# root_kernel DIR SERIES: its kernel image, headers, and the directory of its modules
root_kernel() {
	local dir=$1 series=$2 release headers part
	release=$(kernel_release "$series") && headers=$(kernel_headers "$series") || return 1
	mkdir -p "$dir/lib/modules/$release/kernel"
	cp "$(kernel_image "$series")" "$dir/boot/vmlinuz-$release" || return 1
	for part in "$headers"/usr/src/* "$headers"/usr/lib/linux-kbuild-*; do
		mkdir -p "$dir/${part#"$headers"}"
		mount --bind "$part" "$dir/${part#"$headers"}" || return 1
	done
	ln -s "/usr/src/linux-headers-$release" "$dir/lib/modules/$release/build"
}

root_make() {
	local dir=$1 suite=$2 program=$3 layers=$1.layers tree series
	tree=$(archive_tree "$suite" dkms) || return 1
	mkdir -p "$dir" "$layers"
	# An overlay cannot be written to where another one is below it.
	mount -t tmpfs modbtf-test "$layers" || return 1
	mkdir "$layers/upper" "$layers/work"
	mount -t overlay modbtf-test -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" "$dir" || return 1
	mount --rbind /proc "$dir/proc" && mount --rbind /dev "$dir/dev" || return 1
	# Of a DKMS that may be on this machine nothing is to be seen.
	rm -rf "$dir"/etc/dkms "$dir"/var/lib/dkms "$dir"/usr/lib/dkms "$dir"/etc/modbtf.conf "$dir"/var/cache/modbtf \
		"$dir"/lib/modules "$dir"/usr/src
	mkdir -p "$dir"/{boot,etc,lib/modules,tmp,usr/src,var/lib/dkms,var/cache}
	cp -r "$tree"/etc/dkms "$dir/etc/" && cp -r "$tree"/usr/sbin/dkms "$dir/usr/sbin/" || return 1
	cp -r "$dir/etc/dkms" "$layers/etc-dkms"
	for series in "${root_kernels[@]}"; do
		root_kernel "$dir" "$series" || return 1
	done
	make --no-print-directory -s -C "${BASH_SOURCE[0]%/*}/../.." install-dkms PREFIX=/usr MANPAGES= DESTDIR="$dir" &&
		cp "${BASH_SOURCE[0]%/*}/../../hooks/kernel-hook" "$dir/usr/lib/modbtf/" &&
		cp "$program" "$dir/usr/bin/modbtf"
}

root_run() {
	local dir=$1
	shift
	env -u MODBTF -u MODBTF_ROOT -u DPKG_ROOT MODBTF_INDEX_CACHE=/var/cache/modbtf TMPDIR=/tmp HOME=/ LC_ALL=C.UTF-8 \
		chroot "$dir" "$@"
}

root_reset() {
	local dir=$1 modules
	find "$dir/var/lib/dkms" -mindepth 1 -maxdepth 1 ! -name 'mok.*' -exec rm -rf {} +
	rm -rf "$dir/etc/dkms" "$dir/etc/modbtf.conf"
	cp -r "$dir.layers/etc-dkms" "$dir/etc/dkms"
	find "$dir/usr/src" -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -rf {} +
	for modules in "$dir"/lib/modules/*; do
		find "$modules" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
		mkdir "$modules/kernel"
	done
}
