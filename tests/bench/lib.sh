# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set in one of the parts is used in others
#
# What is common to the parts of the benchmark. To be sourced; sets
#   modbtf, bare, index_time	the program, the bare scan, the timer of the index
#   out			where results go; each a table with tabs, see measure.py and report.py
#   work		a temporary directory, removed at the end
#   cores, series, release, base	the kernel that is measured with, and its raw BTF

# shellcheck source=tests/lib/corpus.sh
source "$bench/../lib/corpus.sh"
# shellcheck source=tests/lib/peers.sh
source "$bench/../lib/peers.sh"

modbtf=$(realpath "${MODBTF:-$bench/../../out/modbtf}")
out=${OUT:-$bench/../../out}/bench
bare=$(realpath "$out/bare-scan")
index_time=$(realpath "$out/index-time")
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cores=$(nproc)
export MODBTF_INDEX_CACHE=$work/indices
series=6.12
release=$(kernel_release "$series")
base=$(kernel_base "$series")

# scripts/Makefile.btf of today's kernels; scripts/pahole-flags.sh of 6.1 for the old pahole.
new_flags=(-J "--btf_features=encode_force,var,float,enum64,decl_tag,type_tag,optimized_func,consistent_func,decl_tag_kfuncs"
	--lang_exclude=rust)
# shellcheck disable=SC2034 # by its name, see peer_blocks
old_flags=(-J --btf_gen_floats --lang_exclude=rust)

# The peers that are measured; none of them in a smoke run.
peers=(new old)

say() {
	printf '%s\n' "$*" >&2
}

# peer_script FILE TREE: a program FILE that is that pahole, without any work of its own but an exec.
peer_script() {
	local loader libraries
	loader=$(compgen -G "$2/*/ld-linux*.so*" || compgen -G "$2/usr/*/ld-linux*.so*")
	libraries=$(compgen -G "$2/lib/*-linux-gnu" || true; compgen -G "$2/usr/lib/*-linux-gnu" || true)
	printf '#!/bin/sh\nexec %q --library-path %q %q "$@"\n' "${loader%%$'\n'*}" "${libraries//$'\n'/:}" \
		"$(compgen -G "$2/usr/*bin/pahole")" >"$1"
	chmod +x "$1"
}

peers_ready() {
	peer_setup
	peer_script "$work/new" "$MODBTF_PEER_PAHOLE"
	peer_script "$work/old" "$MODBTF_PEER_PAHOLE_OLD"
	note new_pahole "$(peer_pahole --version | tr -d v)"
	note old_pahole "$(peer_pahole_old --version | tr -d v)"
	note new_libbpf "${MODBTF_PEER_PAHOLE##*_libbpf_}"
	note old_libbpf "${MODBTF_PEER_PAHOLE_OLD##*_libbpf_}"
}

# note KEY TEXT: for the report.
note() {
	local notes=$out/notes.tsv
	{
		[[ ! -e $notes ]] || awk -F '\t' -v key="$1" '$1 != key' "$notes"
		printf '%s\t%s\n' "$1" "$2"
	} >"$notes.new"
	mv "$notes.new" "$notes"
}

# measured [--written GLOB] TABLE ROW -- WHO RUNS PREPARE COMMAND...: see measure.py
measured() {
	local written=()
	if [[ $1 == --written ]]; then
		written=("$1" "$2")
		shift 2
	fi
	say "$1: $2"
	python3 "$bench/measure.py" "${written[@]}" "$out/$1.tsv" "${@:2}"
}

# peer_blocks RUNS PREPARE BASE JOBS FILE: each peer, as words for measured in the array blocks.
peer_blocks() {
	local who
	blocks=()
	for who in "${peers[@]}"; do
		local -n flags=${who}_flags
		blocks+=(-- "$who" "$1" "$2" "$work/$who" "${flags[@]}" -j"$4" --btf_base "$3" "$5")
	done
}

# peer_loop FILE WHO DIR COUNT JOBS: a program FILE that runs a peer on the first COUNT modules in DIR, a process for each.
peer_loop() {
	local -n flags=${2}_flags
	printf '#!/bin/bash\nprintf "%%s\\0" %q/*.ko | head -z -n %d | xargs -0 -n 1 -P %d %q %s --btf_base %q\n' "$3" "$4" "$5" \
		"$work/$2" "${flags[*]}" "$base" >"$1"
	chmod +x "$1"
}

# debug_size FILE: bytes of debug info, relocations left out.
debug_size() {
	readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' |
		while read -r name _ _ _ size _; do
			if [[ $name == .debug_* ]]; then
				echo $((16#$size))
			fi
		done | awk '{ sum += $1 } END { print sum + 0 }'
}

# without_btf FROM TO: a module of the kernel as it would come from outside the tree, where kbuild writes no BTF. Those that
# have resolved ids keep it, for it tells their names.
without_btf() {
	if readelf -SW "$1" | grep -F ' .BTF_ids ' >/dev/null; then
		cp "$1" "$2"
	else
		objcopy --remove-section=.BTF "$1" "$2"
	fi
}

# fresh FROM TO: words for the shell that make a fresh copy. It is on disk before the clock starts: nobody is to wait for
# another one's bytes.
fresh() {
	printf 'cp %q %q && sync %q' "$1" "$2" "$2"
}

# note_machine: what the figures are of. Then made_of is the day and the program, for "note of-NAME".
note_machine() {
	made_of="$(date -u +%Y-%m-%d), $("$modbtf" --version), $(git -C "$bench" describe --always --dirty 2>/dev/null || echo 'not from git')"
	note made-of "$made_of"
	note cpu "$(sed -n '/^model name/{s/[^:]*: //p;q}' /proc/cpuinfo)"
	note cores "$cores"
	note memory "$(awk '$1 == "MemTotal:" { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
	note linux "$(uname -r)"
	note files "$(stat -f -c %T "$work")"
	note load "$(cut -d' ' -f1 /proc/loadavg)"
	note about "${BENCH_NOTE:-}"
	note compiler "$(readelf -p .comment "$modbtf" | sed -nE 's/^ *\[ *[0-9a-f]+\] +(.*(GCC|clang).*)/\1/p' | paste -sd,)"
	note kernel-used "$release"
}

# profiled NAME RUNS COMMAND...: where its CPU time goes, as $out/profile-NAME.txt: the 15 functions that take most. report.py keeps
# those of goals that are not met.
profiled() {
	local name=$1 runs=$2 data=$work/perf.data i
	shift 2
	{
		printf '#!/bin/sh\n'
		for ((i = 0; i < runs; i++)); do
			printf '%q ' "$@"
			printf '>/dev/null\n'
		done
	} >"$work/profiled"
	chmod +x "$work/profiled"
	say "profile: $name"
	if ! perf record -q -F 2000 -o "$data" "$work/profiled" >/dev/null 2>"$work/perf.said"; then
		say "profile: perf does not work here: $(tail -n 1 "$work/perf.said")"
		rm -f "$out/profile-$name.txt"
		return
	fi
	{
		printf '%s: %s\n\n' "$name" "$(basename "$1") ${*:2:5} ..." | sed "s,$work/,,g; s,$(cache_dir)/,,g"
		# Of a library without symbols each address would be a line.
		perf report -i "$data" --stdio -q --no-children --percentage relative --comm "$(basename "$1" | cut -c1-15)" \
			--sort dso,symbol 2>/dev/null |
			awk 'NF { sum[$2 " " ($4 ~ /^0x/ ? "(no symbols)" : $4)] += $1 }
				END { for (where in sum) printf "%5.2f%% %s\n", sum[where], where }' |
			sort -rn | sed -n 1,15p
	} >"$out/profile-$name.txt"
	rm "$data"
}
