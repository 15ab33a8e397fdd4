# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Other programs that write or read BTF, to compare with. To be sourced; sources archive.sh.
#
#   peer_pahole ARGS...		the newest pahole of the archive (sid), with the libbpf of that suite
#   peer_pahole_old ARGS...	the pahole of bookworm (1.24)
#   peer_bpftool ARGS...	the newest bpftool of the archive, or the installed one where that does not run
#   peer_libbpf_program SOURCE OUT	compiles a C program with the newest libbpf of the archive (sid)
#   peer_libbpf PROGRAM ARGS...	runs it
#   peer_setup			fetches all of them and remembers where they are, also for child
#				processes: to be called once, before peers are run many times
#   peer_encode MODULE OUT [ARGS...]	the raw BTF that the newest pahole writes for a module, with what the
#				kernel's own build asks of it; ARGS is --btf_base=BASE for split BTF
#   peer_reference MODULE BASE	directory of what peer_encode writes for a module: split, on a raw base, and
#				alone, without any; kept in the cache
#
# Each runs from an extracted tree with the libraries and the loader of its own suite, so the
# libraries of this machine do not matter.

# shellcheck source=tests/lib/archive.sh
source "$(dirname "${BASH_SOURCE[0]}")/archive.sh"

# peer_closure SUITE PACKAGE: the package and all that it depends on, alternatives by the first.
peer_closure() {
	archive_query "$1" "$(archive_arch)" depends --recurse --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "$2" |
		sed -nE 's/^([a-z0-9][a-z0-9.+-]*)$/\1/p' | sort -u
}

# peer_fill DIR SUITE PACKAGE: the library packages are enough; programs that it depends on (a
# shell, debconf) are not run.
peer_fill() {
	local dir=$1 suite=$2 package=$3 name version arch
	arch=$(archive_arch)
	while read -r name; do
		[[ $name == "$package" || $name == lib* || $name == zlib* ]] || continue
		version=$(archive_field "$suite" "$name" Version) || return 1
		[[ -n $version ]] || continue
		archive_extract "$dir" "$suite" "$name" "$version" "$arch" || return 1
	done < <(peer_closure "$suite" "$package")
}

# peer_tree SUITE PACKAGE: keyed by the version of the package and of libbpf, whose dedup matters.
peer_tree() {
	local suite=$1 package=$2 version libbpf
	version=$(archive_field "$suite" "$package" Version) || return 1
	libbpf=$(archive_field "$suite" libbpf1 Version) || return 1
	[[ -n $version ]] || return 1
	version=${version}_libbpf_$libbpf
	cache_entry "peer/${package}_${version//:/_}" peer_fill "$suite" "$package"
}

# peer_exec TREE FILE ARGS...: runs a program with the loader and the libraries of a tree.
peer_exec() {
	local tree=$1 loader libraries
	shift
	loader=$(compgen -G "$tree/*/ld-linux*.so*" || compgen -G "$tree/usr/*/ld-linux*.so*") || return 127
	libraries=$(compgen -G "$tree/lib/*-linux-gnu"; compgen -G "$tree/usr/lib/*-linux-gnu") || true
	"${loader%%$'\n'*}" --library-path "${libraries//$'\n'/:}" "$@"
}

# peer_run TREE PROGRAM ARGS...
peer_run() {
	local tree=$1 program=$2
	shift 2
	peer_exec "$tree" "$(compgen -G "$tree/usr/*bin/$program")" "$@"
}

# peer_libbpf_program SOURCE OUT: compiles a program against the newest libbpf of the archive. It is
# run with peer_libbpf OUT ARGS...
peer_libbpf_program() {
	local tree headers library
	tree=$(peer_pahole_tree) && headers=$(archive_tree sid libbpf-dev) || return 1
	library=$(compgen -G "$tree/usr/lib/*-linux-gnu/libbpf.so.1") || return 1
	# What the library itself is linked to, and the C library that it wants, are found when it is run.
	gcc -O1 -g -Wall -Wextra -I"$headers/usr/include" "$1" -o "$2" "$library" -Wl,--allow-shlib-undefined
}

peer_libbpf() {
	local tree
	tree=$(peer_pahole_tree) || return 127
	peer_exec "$tree" "$@"
}

peer_pahole_tree() {
	if [[ -n ${MODBTF_PEER_PAHOLE:-} ]]; then
		printf '%s\n' "$MODBTF_PEER_PAHOLE"
	else
		peer_tree sid pahole
	fi
}

peer_pahole() {
	local tree
	tree=$(peer_pahole_tree) || return 127
	peer_run "$tree" pahole "$@"
}

peer_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func
peer_features+=,decl_tag_kfuncs

# Not asked by the kernel's build: to leave units in assembler out. The assembler describes each of its
# functions as void (void), which is not true of them.
peer_encode() {
	local module=$1 out=$2
	shift 2
	peer_pahole -J --btf_features="$peer_features" --lang_exclude=rust,asm \
		--btf_encode_detached="$out" "$@" "$module" && [[ -s $out ]]
}

# To be changed when what is asked of pahole changes.
peer_recipe=2

# peer_reference_fill DIR MODULE BASE
peer_reference_fill() {
	peer_encode "$2" "$1/split" --btf_base="$3" && peer_encode "$2" "$1/alone"
}

peer_reference() {
	local tree module base
	tree=$(peer_pahole_tree) || return 1
	module=$(sha256sum "$1") && base=$(sha256sum "$2") || return 1
	cache_entry "reference/${tree##*/}_$peer_recipe/${base:0:24}/${module:0:24}" \
		peer_reference_fill "$1" "$2"
}

peer_pahole_old() {
	local tree
	tree=${MODBTF_PEER_PAHOLE_OLD:-$(peer_tree bookworm pahole)} || return 127
	peer_run "$tree" pahole "$@"
}

peer_bpftool() {
	local tree
	tree=${MODBTF_PEER_BPFTOOL:-$(peer_bpftool_tree)}
	if [[ $tree == installed ]]; then
		bpftool "$@"
	else
		peer_run "$tree" bpftool "$@"
	fi
}

peer_bpftool_tree() {
	local tree
	if tree=$(peer_tree sid bpftool) && peer_run "$tree" bpftool version >/dev/null 2>&1; then
		printf '%s\n' "$tree"
	else
		printf 'installed\n'
	fi
}

peer_setup() {
	MODBTF_PEER_PAHOLE=$(peer_tree sid pahole) || return 1
	MODBTF_PEER_PAHOLE_OLD=$(peer_tree bookworm pahole) || return 1
	MODBTF_PEER_BPFTOOL=$(peer_bpftool_tree)
	export MODBTF_PEER_PAHOLE MODBTF_PEER_PAHOLE_OLD MODBTF_PEER_BPFTOOL
}
