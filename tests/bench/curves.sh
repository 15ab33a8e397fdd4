# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set in one of the parts is used in others
#
# What something costs against how much of it there is: a function curve_NAME each, with a table of that name. To be
# sourced, behind lib.sh. They take the modules that sample_of tells.

all_curves=(sizes cores modules bases)

# From here on a file is large, and pahole has one run.
large=5000000

sample_of() {
	if [[ -n ${smoke:-} ]]; then
		sample_modules "$series" | cut -f2
	else
		spread_modules "$series"
	fi
}

# Time and memory against size: each module by itself, in one thread, in place on a copy.
curve_sizes() {
	local file files row copy=$work/size.ko from=$work/size-from.ko prepare peer_runs blocks
	mapfile -t files < <(sample_of)
	prepare=$(fresh "$from" "$copy")
	rm -f "$out"/sizes.tsv "$out"/sizes-of.tsv
	for file in "${files[@]}"; do
		row=$(basename "$file" .ko)
		printf '%s\t%d\t%d\n' "$row" "$(debug_size "$file")" "$(stat -c %s "$file")" >>"$out/sizes-of.tsv"
		without_btf "$file" "$from"
		peer_runs=3
		[[ $(stat -c %s "$file") -lt $large ]] || peer_runs=1
		peer_blocks $peer_runs "$prepare" "$base" 1 "$copy"
		measured --written "$copy" sizes "$row" \
			-- modbtf 3 "$prepare" "$modbtf" generate -q -j 1 -b "$base" "$copy" \
			-- bare 3 '' "$bare" "$from" "${blocks[@]}"
	done
	rm "$copy" "$from"
}

# The whole sample in one process, into a directory.
curve_cores() {
	local files jobs blocks=() dir=$work/cores
	mapfile -t files < <(sample_of)
	note cores-sample "$(stat -L -c %s "${files[@]}" | awk '{ sum += $1 } END { printf "%d modules, %.0f MB", NR, sum / 1e6 }')"
	rm -f "$out/cores.tsv"
	for jobs in $(seq 1 "$cores"); do
		blocks+=(-- "$jobs" 3 "rm -rf $dir && mkdir $dir && sync -f $dir"
			"$modbtf" generate -q -j "$jobs" -b "$base" -o "$dir/" "${files[@]}")
	done
	measured --written "$dir/*.ko" cores sample "${blocks[@]}"
	rm -r "$dir"
}

# small_modules COUNT: as many modules of usual size, each of another name, or fewer
small_modules() {
	{
		sample_of
		[[ -n ${smoke:-} ]] || debug_modules "$series"
	} | while read -r file; do
		[[ $(stat -c %s "$file") -gt 1500000 ]] || printf '%s\t%s\n' "$(basename "$file" | md5sum)" "$file"
	done | sort -u -k1,1 | cut -f2 | sed -n "1,$1p"
}

# One call for 1 to 150 modules, in one thread. They stand in an order that has nothing to do with their sizes.
curve_modules() {
	local files count dir=$work/modules from=$work/modules-from prepare number=0 who blocks file some
	mkdir "$dir" "$from"
	mapfile -t files < <(small_modules 150)
	for file in "${files[@]}"; do
		cp "$file" "$from/$(printf %03d $number).ko"
		number=$((number + 1))
	done
	rm -f "$out/modules.tsv"
	printf -v prepare 'cp -r %q/. %q/ && sync -f %q' "$from" "$dir" "$dir"
	eval "$prepare"
	for count in 1 2 5 10 20 50 100 150; do
		if [[ $count -gt ${#files[@]} ]]; then
			say "modules: only ${#files[@]} are small enough"
			break
		fi
		mapfile -t some < <(printf '%s\n' "$dir"/*.ko | sed -n "1,${count}p")
		blocks=()
		for who in "${peers[@]}"; do
			[[ $count -le 20 ]] || continue # a process for each: it goes on like that
			peer_loop "$work/modules-$who" "$who" "$dir" "$count" 1
			blocks+=(-- "$who" 1 "$prepare" "$work/modules-$who")
		done
		measured --written "$dir/000.ko" modules "$count" \
			-- modbtf 5 "$prepare" "$modbtf" generate -q -j 1 -b "$base" "${some[@]}" \
			-- first 5 "$prepare" MODBTF_INDEX_CACHE= "$modbtf" generate -q -j 1 -b "$base" "${some[@]}" \
			"${blocks[@]}"
	done
	rm -r "$dir" "$from"
}

# bases_to_measure: NAME<TAB>PATH of raw BTF, of real kernels, and the newest 6.12 cut down to its first types.
bases_to_measure() {
	local count of path
	for count in 5000 10000 20000 40000 60000 80000; do
		python3 "$bench/cut-base.py" "$base" $count "$work/cut-$count"
		printf 'first %d of %s\t%s\n' $count "$release" "$work/cut-$count"
	done
	printf '%s\t%s\n' "$release" "$base"
	[[ -z ${smoke:-} ]] || return 0
	for of in 6.1 7; do
		path=$(kernel_base $of) && printf '%s\t%s\n' "$(kernel_release $of)" "$path"
	done
}

# One module on bases of different sizes; and the index alone.
curve_bases() {
	local name path file copy=$work/bases.ko prepare blocks
	file=$(sample_of | sed -n 1p)
	[[ -n ${smoke:-} ]] || file=$(typical_module)
	prepare=$(fresh "$file" "$copy")
	rm -f "$out"/bases.tsv "$out"/index.tsv
	while IFS=$'\t' read -r name path; do
		printf '%s\t%s\n' "$name" "$("$index_time" "$path" 31)" >>"$out/index.tsv"
		peer_blocks 3 "$prepare" "$path" 1 "$copy"
		measured --written "$copy" bases "$name" \
			-- modbtf 10 "$prepare" "$modbtf" generate -q -j 1 --force -b "$path" "$copy" \
			-- first 10 "$prepare" MODBTF_INDEX_CACHE= "$modbtf" generate -q -j 1 --force -b "$path" "$copy" \
			"${blocks[@]}"
	done < <(bases_to_measure)
	profiled index 3 "$index_time" "$base" 31
}
