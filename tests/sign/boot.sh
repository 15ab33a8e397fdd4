# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A kernel as judge of signatures; to be sourced by run. Debian's 6.12 kernel, its one built-in certificate
# replaced by ours (trust.py), boots with module.sig_enforce=1 and loads modules of the corpus that were given
# BTF for the release before, stripped, signed and compressed, and then brought to this kernel by modbtf, which
# had to sign them anew. Controls that it must not load: the sample unsigned, signed with a key that it does not
# know, changed after it was signed, and with new BTF under the signature that it had.

# Set by run.
: "${here:?}" "${work:?}" "${modbtf:?}" "${bare:?}" "${base:?}"

# Modules that load without hardware.
boot_wanted=(acpi_call apfs ddcci dm-writeboost evdi igb_uio langford legion-laptop rapiddisk scap v4l2loopback
	vhba vpoll xtrx compat_xtables xt_DELUDE xt_SYSRQ)
boot_least=8

boot_sign() {
	"$SIGN_FILE" sha256 "$work/ec.key" "$work/ec.der" "$1"
}

# boot_module FILE OUT PACKING: what update has to deal with, as OUT, in place.
boot_module() {
	local file=$1 out=$2 packing=$3
	"$modbtf" generate -q --force --base-section=never -b "$before" -o "$out" "$file"
	strip -g "$out"
	boot_sign "$out"
	case $packing in
	gz) gzip -n "$out" ;;
	xz) xz -q --check=crc64 "$out" ;; # as DKMS 3.0 does it
	zst) zstd -q --rm "$out" ;;
	esac
	out+=${packing:+.$packing}
	"$modbtf" generate -q --root "$bare" -b "$base" --old-base "$before" --sign-key "$work/ec.key" \
		--sign-cert "$work/ec.der" "$out"
	split "$out"
	verifies "$work/ec.pem"
}

# boot_depend NAME: the kernel's own modules that it takes, signed with our key, for theirs is known no more.
boot_depend() {
	local file depends name
	[[ -z ${planned[$1]:-} ]] || return 0
	planned[$1]=1
	file=$(find "$trees/kernel" -name "${1//_/[-_]}.ko*" -print -quit)
	[[ -n $file ]] || return 1
	unpack "$file" >"$modules/$1.ko"
	boot_sign "$modules/$1.ko"
	depends=$(modinfo -F depends "$modules/$1.ko")
	# What it asks for at load, and modprobe would bring, without naming it as a dependency.
	[[ $1 != libcrc32c ]] || depends+=,crc32c_generic
	for name in ${depends//,/ }; do
		boot_depend "${name//-/_}"
	done
	printf 'load %s %s /modules/%s.ko\n' "$1" "$1" "$1"
}

boot_corpus() {
	local file name depends dependency packings=('' gz xz zst) nr=0 packing
	while IFS= read -r file; do
		name=$(modinfo -F name "$file")
		packing=${packings[nr++ % 4]}
		boot_module "$file" "$modules/$name.ko" "$packing" >&2
		# The kernel unpacks xz itself; that it can read what we write is part of this.
		if [[ $packing == gz || $packing == zst ]]; then
			unpack "$modules/$name.ko.$packing" >"$modules/$name.ko"
			rm "$modules/$name.ko.$packing"
			packing=''
		fi
		depends=$(modinfo -F depends "$file")
		for dependency in ${depends//,/ }; do
			boot_depend "${dependency//-/_}" || continue 2
		done
		printf 'load %s %s /modules/%s.ko%s\n' "$name" "$name" "$name" "${packing:+.$packing}"
		printf '%s\n' "$name" >>"$work/booted"
	done < <(corpus_modules 6.12 | cut -f2 | grep -E "/($(tr ' ' '|' <<<"${boot_wanted[*]}"))\.ko\$")
}

boot_controls() {
	local name
	cp "$work/want.ko" "$modules/unsigned.ko"
	cp "$work/want.ko" "$modules/stranger.ko"
	"$SIGN_FILE" sha256 "$work/rsa.key" "$work/rsa.der" "$modules/stranger.ko"
	cp "$work/want.ko" "$modules/changed.ko"
	boot_sign "$modules/changed.ko"
	printf X | dd of="$modules/changed.ko" bs=1 seek=2000 conv=notrunc status=none
	cp "$work/plain.ko" "$work/stale.ko"
	boot_sign "$work/stale.ko"
	split "$work/stale.ko"
	tail -c +$(($(stat -c %s "$work/elf") + 1)) "$work/stale.ko" | cat "$work/want.ko" - >"$modules/stale.ko"
	for name in unsigned stranger changed stale; do
		printf 'load %s modbtf_hello /modules/%s.ko\n' "$name" "$name"
	done
}

boot_prepare() {
	local modules=$work/guest/modules trees
	local -A planned=()
	trees=$(kernel_modules 6.12)
	guest_tree "$work/guest"
	mkdir "$modules"
	: >"$work/booted"
	python3 "$here/trust.py" "$(kernel_image 6.12)" "$work/ec.der" "$work/vmlinux"
	gcc -static -O2 -Wall -Wextra "$here/load.c" -o "$work/guest/load"
	cp "$here/guest.sh" "$work/guest/test.sh"
	boot_controls >>"$work/guest/test.sh"
	boot_corpus >>"$work/guest/test.sh"
	guest_pack "$work/guest" "$work/initramfs"
	GUEST_ARGS=module.sig_enforce=1 guest_boot "$work/vmlinux" "$work/initramfs" "$work/guest-boot" 90
	[[ $(guest_value "$work/guest-boot" enforced) == Y ]]
}

boot_refused() {
	local got
	got=$(guest_value "$work/guest-boot" load "$1")
	echo "load: ${got:-not tried}"
	[[ $got == 'Key was rejected by service' ]]
}

boot_loaded() {
	local got size
	got=$(guest_value "$work/guest-boot" load "$1")
	size=$(guest_value "$work/guest-boot" btf "$1")
	echo "load: ${got:-not tried}, $size bytes of BTF"
	guest_values "$work/guest-boot" log "$1"
	[[ $got == ok && $size -gt 0 ]]
}

boot_enough() {
	[[ $(wc -l <"$work/booted") -ge $boot_least ]]
}

boot_all() {
	local name
	for name in "$MODBTF_QEMU" "$MODBTF_BUSYBOX" gcc strip; do
		if ! command -v "$name" >/dev/null; then
			skip 'a kernel that wants signatures' "$name is not installed"
			return
		fi
	done
	if ! before=$(kernel_base 6.12 1); then
		skip 'a kernel that wants signatures' 'the archive has one release of 6.12 only'
		return
	fi
	expect 'a kernel that trusts our key alone boots with module.sig_enforce=1' boot_prepare
	expect 'it does not load the sample without a signature' boot_refused unsigned
	expect 'nor signed with a key that it does not know' boot_refused stranger
	expect 'nor changed after it was signed' boot_refused changed
	expect 'nor with new BTF under its old signature' boot_refused stale
	while read -r name; do
		expect "it loads $name, rebased and signed anew, with its BTF" boot_loaded "$name"
	done <"$work/booted"
	expect "these are at least $boot_least" boot_enough
}
