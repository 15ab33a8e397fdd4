# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # what run sets
#
# --root: what is opened, made, renamed and so on is below the root, but for the program, its libraries and what the C
# library reads for itself.

# traced ARG...: modbtf on the root; foreign paths in $work/foreign
traced() {
	env -u MODBTF_INDEX_CACHE HOME="$work/home" XDG_CACHE_HOME="$work/home/cache" \
		strace -f -e trace=%file -o "$work/trace" "$plain" "$@" >"$work/out" 2>&1 ||
		{ cat "$work/out" && return 1; }
	trace_foreign "$work/trace" "$image" "$plain" >"$work/foreign"
	[[ ! -s $work/foreign ]] || { echo "not below the root:" && cat "$work/foreign" && return 1; }
}

makes_a_root() {
	local series=$1
	release=${releases[$series]}
	rm -rf "$image"
	mkdir -p "$image"/{boot,etc,lib/modules/"$release"/updates} "$work/home"
	cp "${images[$series]}" "$image/boot/vmlinuz-$release"
	ln -s "/boot/vmlinuz-$release" "$image/lib/modules/$release/vmlinuz"
	cp "${samples[$series]}" "$image/lib/modules/$release/updates/"
	module=$image/lib/modules/$release/updates/modbtf_sample.ko
}

updates_a_root() {
	makes_a_root "$1"
	traced update --root="$image"
	grep -q BTF "$work/out"
	sound "$image/boot/vmlinuz-$release" "$module"
	strip -g "$module"
	traced update --root="$image"
	traced check --root="$image" -k "$release"
	traced base --root="$image" -k "$release"
	traced base --root="$image" --list
	rm "$image/boot/vmlinuz-$release" "$image/lib/modules/$release/vmlinuz"
	traced base --root="$image" --prune
	[[ -z $(find "$work/home" -type f) ]]
	[[ -z $(find "$image" -name '*.index') ]]
}

generates_in_a_root() {
	makes_a_root "$1"
	traced generate --root="$image" "$module"
	sound "$image/boot/vmlinuz-$release" "$module"
	traced generate --root="$image" "$module"
}

# There is no key in the root; the one of this machine is none of its business.
signed_in_a_root() {
	makes_a_root 6.12
	openssl req -new -x509 -nodes -days 2 -sha256 -subj "/CN=modbtf test" -keyout "$work/root.key" \
		-out "$work/root.pem" 2>/dev/null
	"${builds[6.12]}/scripts/sign-file" sha256 "$work/root.key" "$work/root.pem" "$module"
	cp "$module" "$work/signed.ko"
	not traced update --root="$image" >"$work/log"
	grep -q 'not below the root' "$work/log" && { cat "$work/log" && return 1; }
	said 'sign'
	cmp "$module" "$work/signed.ko"
}

image=$work/image
expect "root 6.1: update, check and base are of the root alone" updates_a_root 6.1
expect "root 6.12: the same" updates_a_root 6.12
expect "root: generate as well" generates_in_a_root 6.1
expect "root: a signed module, and no key" signed_in_a_root
