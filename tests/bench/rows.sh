# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set in one of the parts is used in others
#
# Single figures: a function row_NAME each, into the table "rows". To be sourced, behind lib.sh.

all_rows=(typical large nfs hundred packed base check rebase)

# describe ROW TEXT
describe() {
	note "row-$1" "$2"
}

# module_row ROW RUNS PEER_RUNS JOBS FILE: modbtf, the bare scan, and the peers, in turn.
module_row() {
	local row=$1 runs=$2 peer_runs=$3 jobs=$4 file=$5 copy=$work/$1.ko prepare blocks
	prepare=$(fresh "$file" "$copy")
	peer_blocks "$peer_runs" "$prepare" "$base" "$jobs" "$copy"
	measured --written "$copy" rows "$row" \
		-- modbtf "$runs" "$prepare" "$modbtf" generate -q -j "$jobs" -b "$base" "$copy" \
		-- bare "$runs" '' "$bare" "$file" "${blocks[@]}"
	profiled "$row" "$(((runs + 2) / 3))" "$modbtf" generate -q -j "$jobs" -b "$base" -o "$copy" "$file"
	rm "$copy"
}

typical_module() {
	printf '%s/v4l2loopback.ko\n' "$(corpus_package "$series" v4l2loopback-dkms)"
}

# The second module that is built for a kernel finds the index of its base; the first has to make it.
row_typical() {
	local file copy=$work/first.ko
	file=$(typical_module)
	describe typical "v4l2loopback ($(($(stat -c %s "$file") / 1000)) kB), base raw"
	describe first "the same, first module of a kernel (no index kept)"
	module_row typical 20 10 "$cores" "$file"
	measured --written "$copy" rows first \
		-- modbtf 20 "$(fresh "$file" "$copy")" MODBTF_INDEX_CACHE= "$modbtf" generate -q -j "$cores" -b "$base" "$copy"
}

# bare_row ROW RUNS PEER_RUNS FILE
bare_row() {
	local file=$work/bare-${4##*/}
	without_btf "$4" "$file"
	describe "$1" "$(basename "$4" .ko) ($(($(debug_size "$4") / 1000000)) MB of debug info), one thread"
	module_row "$1" "$2" "$3" 1 "$file"
	rm "$file"
}

kernel_debug() {
	spread_modules "$series" >/dev/null && debug_modules "$series"
}

# The smallest that is large enough, and the largest there is.
row_large() {
	local file size best='' best_size=0 files
	mapfile -t files < <(kernel_debug)
	for file in "${files[@]}"; do
		if [[ $(stat -c %s "$file") -lt 20000000 ]]; then
			continue
		fi
		size=$(debug_size "$file")
		if [[ $size -ge 20000000 && ($best_size -eq 0 || $size -lt $best_size) ]]; then
			best=$file
			best_size=$size
		fi
	done
	bare_row large 7 3 "$best"
	bare_row huge 3 2 "$(stat -c '%s %n' "${files[@]}" | sort -n | sed -n '$s/^[0-9]* //p')"
}

row_nfs() {
	bare_row nfs 10 3 "$(kernel_debug | grep '/nfs\.ko$')"
}

row_hundred() {
	local prepare file files count=0 dir=$work/hundred who blocks=()
	mkdir "$dir" "$dir.from"
	mapfile -t files < <(kernel_debug)
	for file in "${files[@]}"; do
		if [[ $count -lt 100 && $(stat -c %s "$file") -lt 5000000 ]]; then
			cp "$file" "$dir.from/$count.ko"
			count=$((count + 1))
		fi
	done
	describe hundred "$count modules ($(du -sh --apparent-size "$dir.from" | cut -f1)), $cores cores"
	printf -v prepare 'cp -r %q/. %q/' "$dir.from" "$dir"
	eval "$prepare"
	for who in "${peers[@]}"; do
		peer_loop "$work/hundred-$who" "$who" "$dir" "$count" "$cores"
		blocks+=(-- "$who" 3 "$prepare" "$work/hundred-$who")
	done
	measured --written "$dir/*.ko" rows hundred \
		-- modbtf 10 "$prepare" "$modbtf" generate -q -j "$cores" -b "$base" "$dir"/*.ko "${blocks[@]}"
	rm -r "$dir" "$dir.from"
}

# A compressed module in place, against what unpacking and packing alone takes at the level that modbtf writes with.
row_packed() {
	local plain=$work/packed-plain.ko packed=$work/packed.ko.zst copy=$work/packed-copy.ko.zst
	cp "$(typical_module)" "$plain"
	zstd -q -3 -f "$plain" -o "$packed"
	describe packed "v4l2loopback.ko.zst, in place"
	measured rows packed \
		-- modbtf 20 "$(fresh "$packed" "$copy")" "$modbtf" generate -q -j "$cores" -b "$base" "$copy" \
		-- unpack 20 '' zstd -q -d -f "$packed" -o "$work/packed-again.ko" \
		-- pack 20 '' zstd -q -3 -f "$plain" -o "$work/packed-again.ko.zst"
	profiled packed 20 "$modbtf" generate -q -j "$cores" -b "$base" -o "$copy" "$packed"
}

# The payload as it stands in the image, for the decompressor that a user would take.
row_base() {
	local series_of image packing
	for series_of in 6.12 6.1; do
		image=$(kernel_image $series_of)
		packing=$(python3 -c '
import struct, sys
data = open(sys.argv[1], "rb").read()
start = ((data[0x1f1] or 4) + 1) * 512
offset, length = struct.unpack_from("<II", data, 0x248)
payload = data[start + offset:start + offset + length - 4]
open(sys.argv[2], "wb").write(payload)
print("zstd" if payload[:4] == b"\x28\xb5\x2f\xfd" else "xz")
' "$image" "$work/payload-$series_of")
		describe "base-$series_of" "base out of a vmlinuz ($packing), against \`$packing -dc\`"
		measured rows "base-$series_of" \
			-- modbtf 10 '' "$modbtf" base -b "$image" -o "$work/btf-$series_of" \
			-- plain 10 '' "$packing" -q -d -c "$work/payload-$series_of"
		cmp "$work/btf-$series_of" "$(kernel_base $series_of)"
	done
}

# All modules of a kernel as the distribution ships them. "plain" is what it takes to unpack them, for a program that does
# nothing else.
row_check() {
	local dir
	dir=$(kernel_modules "$series")
	describe check "check of all $(find "$dir" -name '*.ko*' | wc -l) modules of a kernel (.ko.xz), $cores cores"
	printf '#!/bin/bash\nfind %q -name "*.ko.xz" -print0 | xargs -0 -n 50 -P %d xz -dc >/dev/null\n' "$dir" "$cores" \
		>"$work/unpack"
	chmod +x "$work/unpack"
	measured rows check \
		-- modbtf 3 '' "$modbtf" check -q -j "$cores" -b "$base" -k "$release" --root "${dir%/lib/modules/*}" \
		-- plain 3 '' "$work/unpack"
}

# update_row OLD RELEASE_BEFORE BASE_BEFORE: the modules of the kernel before under a root of their own, as if they were from outside the
# tree and the newest kernel had come; their vermagic says that they are for that. Then once more, with nothing to do.
update_row() {
	local old=$1 before=$2 base_before=$3 root=$work/root from=$work/updates dir count prepare update
	dir=$root/lib/modules/$release/updates
	mkdir -p "$dir" "$root/boot"
	cp "$(kernel_image "$series")" "$root/boot/vmlinuz-$release"
	cp -r "$old" "$from"
	find "$from" -name '*.ko' -print0 |
		LC_ALL=C xargs -0 sed -i "s/vermagic=${before//./[.]}/vermagic=$release/"
	count=$(find "$from" -name '*.ko' | wc -l)
	if [[ ${#before} -ne ${#release} ]]; then
		say "update: the names of $before and $release differ in length"
		return 1
	fi
	printf -v prepare 'cp -r %q/. %q/ && sync -f %q' "$from" "$dir" "$dir"
	update=("$modbtf" update -q -j "$cores" --root "$root" -k "$release" --unsigned)
	describe update "\`update\` of $count modules, $before to $release, $cores cores"
	describe current "the same with nothing to do"
	measured rows update -- modbtf 3 "$prepare" "${update[@]}" --old-base "$base_before"
	eval "$prepare"
	profiled update 1 "${update[@]}" --old-base "$base_before"
	"$modbtf" update -n --root "$root" -k "$release" >"$work/plan"
	if ! tail -n 1 "$work/plan" | grep "^$count modules: $count current," >/dev/null; then
		say "update: not all is current afterwards: $(tail -n 1 "$work/plan")"
		return 1
	fi
	measured rows current -- modbtf 10 '' "${update[@]}"
	profiled current 5 "${update[@]}"
	rm -r "$root" "$from"
}

# All modules of the release before, moved to the newest, in place; no program else can. With .ko.xz what is more is
# the codec's, which takes minutes.
row_rebase() {
	local old release_before base_before tree="$work/rebase" packed form prepare
	old=$(plain_modules "$series" 1)
	release_before=$(kernel_release "$series" 1)
	base_before=$(kernel_base "$series" 1)
	packed=$(kernel_modules "$series" 1)/kernel
	update_row "$old" "$release_before" "$base_before"
	describe rebase "rebase of all $(find "$old" -name '*.ko' | wc -l) modules of a kernel by \`generate\`, $release_before to $release, $cores cores"
	describe rebase-xz "the same with .ko.xz in and out"
	for form in rebase rebase-xz; do
		[[ $form == rebase ]] || old=$packed
		mkdir -p "$tree"
		printf '#!/bin/bash\nfind %q -name "*.ko*" -print0 | LC_ALL=C sort -z | xargs -0 -s 1000000 %q generate -q -j %d --unsigned --force --base-section=never --old-base %q -b %q\n' \
			"$tree" "$modbtf" "$cores" "$base_before" "$base" >"$work/$form-all"
		chmod +x "$work/$form-all"
		printf -v prepare 'cp -r %q/. %q/ && sync -f %q' "$old" "$tree" "$tree"
		if [[ $form == rebase ]]; then
			measured rows $form -- modbtf 3 "$prepare" "$work/$form-all"
		else
			measured rows $form -- modbtf 1 "$prepare" "$work/$form-all"
		fi
		rm -r "$tree"
	done
}
