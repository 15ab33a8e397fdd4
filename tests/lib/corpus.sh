# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Real modules with debug info and without BTF: *-dkms packages of the archive and the samples of
# this tree, compiled for a kernel of the archive as their dkms.conf says. To be sourced; sources
# archive.sh. SERIES is as there ("6.1", "6.12").
#
#   corpus_modules SERIES	PACKAGE<TAB>PATH of each module of each package that compiles. Fewer than 12
#				packages are an error, and so is one that the archive has but does
#				not give
#   corpus_problems SERIES	PACKAGE<TAB>WHY of each package that does not compile
#   corpus_package SERIES PACKAGE	directory with the modules of one package
#   sample_modules SERIES	the same two columns for tests/samples (modbtf_sample, _hello, _ambiguous); also
#				for series 7, whose compiler comes from toolchain.sh
#   debug_modules SERIES	paths of some of the kernel's own modules with debug info, from its -dbg
#				package (a download of 1 GB): very large ones, and many small ones
#   spread_modules SERIES	paths of 150 of them, of all sizes, the smallest first; where debug_modules has not
#				been asked before, one download serves both
#   debug_all_modules SERIES	paths of all of them (a download of 1 GB, 6.5 GB on disk)
#   plain_modules SERIES [BACK]	directory with all of the kernel's own modules, as shipped but unpacked
#   ids_modules SERIES		paths of the kernel's own modules that have .BTF_ids, as shipped but unpacked
#   ids_debug_modules SERIES	paths of the same modules with debug info, from the -dbg package
#
# Debian's kernels have CONFIG_DEBUG_INFO with the compiler's default form, so kbuild itself
# compiles with -g, to DWARF 5. It makes no BTF: there is no vmlinux in our build directories.
#
# A build is kept in the cache, keyed by package version, kernel and compiler; a failed one as well.

# shellcheck source=tests/lib/archive.sh
source "$(dirname "${BASH_SOURCE[0]}")/archive.sh"
# shellcheck source=tests/lib/toolchain.sh
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"

# kbuild takes some variables of a calling make for its own.
corpus_clean_environment() {
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES O V W C M CFLAGS CPPFLAGS LDFLAGS ARCH CROSS_COMPILE
}

# To be changed when the way of building changes, so that old builds are not used.
corpus_recipe=1
# Packages compiled at a time, and programs in all.
corpus_jobs=${JOBS:-2}

corpus_packages=(
	acpi-call-dkms adv-17v35x-dkms apfs-dkms bbswitch-dkms ddcci-dkms digimend-dkms
	dm-writeboost-dkms dpdk-kmods-dkms evdi-dkms falcosecurity-scap-dkms gost-crypto-dkms
	langford-dkms leds-alix-dkms lenovolegionlinux-dkms lime-forensics-dkms nat-rtsp-dkms
	openvpn-dco-dkms rapiddisk-dkms rtpengine-kernel-dkms tp-smapi-dkms v4l2loopback-dkms
	vhba-dkms vpoll-dkms xtables-addons-dkms xtrx-dkms
)
# These take a minute and more each. Not taken at all: lttng-modules and openafs-modules (several
# minutes), those that want a running kernel, iptables or an installed dkms (iptables-netflow,
# mimic, mstflint, west-chamber).
if [[ ${MODBTF_CORPUS:-} == all ]]; then
	corpus_packages+=(dahdi-dkms jool-dkms openrazer-driver-dkms)
fi

# What compiles in no suite's version. Without these, the others should.
declare -A corpus_unfit=(
	["6.12 adv-17v35x-dkms"]='wants the serial core before 6.10'
	["6.12 gost-crypto-dkms"]='does not find its own headers with 6.12'
	["6.12 nat-rtsp-dkms"]='wants the strlcpy() of kernels before 6.8'
)

# corpus_wanted SERIES: all packages but the unfit ones
corpus_wanted() {
	local package
	for package in "${corpus_packages[@]}"; do
		[[ -n ${corpus_unfit["$1 $package"]:-} ]] || printf '%s\n' "$package"
	done
}

# corpus_suites SERIES: where to take packages from, the first that compiles. Those of a suite are
# meant for the kernel of that suite.
corpus_suites() {
	case $1 in
	6.1) echo bookworm trixie sid ;;
	*) echo trixie sid bookworm ;;
	esac
}

# corpus_compile TREE OUT ROOT RELEASE: compiles usr/src/NAME-VERSION of TREE the way dkms does, and
# leaves the modules in OUT. dkms.conf and makefiles rely on an installed and running kernel; here
# its lib/modules is under ROOT, and a uname of our own says which kernel runs.
# shellcheck disable=SC2034,SC2153 # some variables are for dkms.conf
corpus_compile() (
	set +u
	corpus_clean_environment
	tree=$1 out=$2 root=$3 kernelver=$4
	conf=("$tree"/usr/src/*/dkms.conf)
	[[ -e ${conf[0]} ]] || exit 1
	arch=$(uname -m)
	dkms_tree=$out/dkms
	source_tree=$tree/usr/src
	kernel_source_dir=$root/lib/modules/$kernelver/build
	# shellcheck source=/dev/null
	source "${conf[0]}"
	module=$PACKAGE_NAME module_version=$PACKAGE_VERSION
	build=$dkms_tree/$PACKAGE_NAME/$PACKAGE_VERSION/build
	mkdir -p "${build%/*}" "$dkms_tree/bin"
	cp -r "${conf[0]%/*}" "$build" && cd "$build" || exit 1
	grep -rlIZ --include='Makefile*' --include='Kbuild*' --include='*.mk' --include='configure*' \
		--include='*.sh' --include='*.conf' '/lib/modules' . |
		xargs -0 -r sed -i "s,/lib/modules,$root/lib/modules,g"
	printf '#!/bin/sh\n[ "$*" = -r ] && echo %s || exec /bin/uname "$@"\n' "$kernelver" \
		>"$dkms_tree/bin/uname"
	chmod +x "$dkms_tree/bin/uname"
	PATH=$dkms_tree/bin:$PATH
	# A second time, now that all the words that it may use have their values.
	# shellcheck source=/dev/null
	source ./dkms.conf
	for i in "${!PATCH[@]}"; do
		[[ -z ${PATCH_MATCH[i]} || $kernelver =~ ${PATCH_MATCH[i]} ]] || continue
		patch -p1 <"patches/${PATCH[i]}" || exit 1
	done
	if [[ -n $PRE_BUILD ]]; then
		# Its words are split on purpose, as dkms does.
		# shellcheck disable=SC2086
		./$PRE_BUILD || exit 1
	fi
	command=${MAKE[0]:-make -C $kernel_source_dir M=$build}
	for i in "${!MAKE_MATCH[@]}"; do
		[[ ! $kernelver =~ ${MAKE_MATCH[i]} ]] || command=${MAKE[i]}
	done
	# As dkms: a quoted 'make' is left alone.
	command=${command/#make/make KERNELRELEASE=$kernelver}
	eval "$command" || exit 1
	mkdir "$out/modules"
	for i in "${!BUILT_MODULE_NAME[@]}"; do
		cp "$build/${BUILT_MODULE_LOCATION[i]}/${BUILT_MODULE_NAME[i]}.ko" "$out/modules/" || exit 1
	done
	if [[ ${#BUILT_MODULE_NAME[@]} -eq 0 ]]; then
		cp "$build/$PACKAGE_NAME.ko" "$out/modules/" || exit 1
	fi
)

# corpus_fill DIR TREE ROOT RELEASE: DIR gets modules/ and log; without modules/ it did not compile.
corpus_fill() {
	local dir=$1
	if ! corpus_compile "$2" "$dir" "$3" "$4" >"$dir/log" 2>&1; then
		# Somebody ended the compiler, or memory ran out: that says nothing about the package.
		! grep -E 'signal terminated program|: (Killed|Terminated)$' "$dir/log" || return 1
		rm -rf "$dir/modules"
	fi
	rm -rf "$dir/dkms"
}

# corpus_entry SERIES SUITE PACKAGE: the cache entry of one build. Status 3: not in that suite.
corpus_entry() {
	local series=$1 suite=$2 package=$3 release version kernel_version tree root compiler
	version=$(archive_field "$suite" "$package" Version 2>/dev/null) || return 3
	[[ -n $version ]] || return 3
	read -r release kernel_version < <(kernel_resolve "$series") || return 1
	compiler=$(kernel_compiler "$series") || return 1
	compiler+=-$("$compiler" -dumpfullversion) || return 1
	tree=$(archive_tree "$suite" "$package=$version") || return 1
	root=$(kernel_headers "$series") || return 1
	cache_entry "corpus/${release}_${kernel_version}_$compiler/${package}_${version//:/_}_$corpus_recipe" \
		corpus_fill "$tree" "$root" "$release"
}

# corpus_package: status 3 if all went well, but for the compiler.
corpus_package() {
	local series=$1 package=$2 suite dir='' log='' status
	for suite in $(corpus_suites "$series"); do
		status=0
		dir=$(corpus_entry "$series" "$suite" "$package") || status=$?
		if [[ $status -eq 3 ]]; then
			continue
		elif [[ $status -ne 0 ]]; then
			printf '%s of %s could not be had\n' "$package" "$suite" >&2
			return 1
		elif [[ -d $dir/modules ]]; then
			printf '%s\n' "$dir/modules"
			return
		fi
		log=$dir/log
	done
	if [[ -n $log ]]; then
		printf 'does not compile for %s, see %s\n' "$series" "$log" >&2
	else
		printf 'is in none of %s\n' "$(corpus_suites "$series")" >&2
	fi
	return 3
}

# corpus_tools SERIES: what is missing must not look like a package that does not compile, and be
# kept as one.
corpus_tools() {
	local tool
	for tool in make patch perl python3 xargs "$(kernel_compiler "$1")"; do
		if ! type -P "$tool" >/dev/null; then
			printf '%s: not installed, and needed to compile the corpus\n' "$tool" >&2
			return 1
		fi
	done
}

# corpus_build_all SERIES: corpus_modules, found out anew; "# PACKAGE<TAB>WHY" for a package that does
# not compile.
corpus_build_all() {
	local series=$1 package packages said
	corpus_tools "$series" || return 1
	mapfile -t packages < <(corpus_wanted "$series")
	said=$(mktemp -d) || return 1
	(
		for package in "${packages[@]}"; do
			while [[ $(jobs -pr | wc -l) -ge $corpus_jobs ]]; do
				wait -n || true
			done
			{
				status=0
				corpus_package "$series" "$package" >"$said/$package" 2>"$said/$package.why" ||
					status=$?
				echo "$status" >"$said/$package.status"
			} &
		done
		wait
	)
	corpus_collect "$series" "$said" "${packages[@]}" && rm -r "$said" && return
	rm -rf "$said"
	return 1
}

# corpus_collect SERIES SAID PACKAGE...: the lines of corpus_build_all, from what corpus_package said
# of each package.
corpus_collect() {
	local series=$1 said=$2 package module status count=0
	shift 2
	for package in "$@"; do
		status=$(cat "$said/$package.status")
		if [[ $status -eq 3 ]]; then
			printf '# %s\t%s\n' "$package" "$(tail -n 1 "$said/$package.why")"
			continue
		elif [[ $status -ne 0 ]]; then
			cat "$said/$package.why" >&2
			return 1
		fi
		count=$((count + 1))
		for module in "$(cat "$said/$package")"/*.ko; do
			printf '%s\t%s\n' "$package" "$module"
		done
	done
	if [[ $count -lt 12 ]]; then
		printf 'only %d packages compile for %s, 12 are needed\n' "$count" "$series" >&2
		return 1
	fi
}

# corpus_list SERIES: a file with the output of corpus_build_all. Asking apt for each package takes
# longer than all the rest when everything has been built, so the answer is kept as long as the
# package lists are.
corpus_list() {
	local series=$1 cache suite arch kernel key list stamps=()
	cache=$(cache_dir)
	kernel=$(kernel_resolve "$series") || return 1
	arch=$(archive_arch)
	for suite in $(corpus_suites "$series"); do
		archive_update "$suite" "$arch" || return 1
		stamps+=("$cache/apt/${suite}_$arch/updated")
	done
	key=$({
		echo "$kernel" "$corpus_recipe" "$(corpus_wanted "$series")" "$(corpus_suites "$series")"
		"$(kernel_compiler "$series")" -dumpfullversion
		stat -c '%y' "${stamps[@]}"
	} | sha256sum)
	list=$cache/corpus/modules-${key:0:24}
	if [[ ! -s $list ]] ||
		! sed -n 's/^[^#].*\t//p' "$list" | tr '\n' '\0' | xargs -0 ls >/dev/null 2>&1; then
		mkdir -p "$cache/corpus"
		corpus_build_all "$series" >"$list.$BASHPID" || {
			rm -f "$list.$BASHPID"
			return 1
		}
		mv "$list.$BASHPID" "$list"
	fi
	printf '%s\n' "$list"
}

corpus_modules() {
	local list
	list=$(corpus_list "$1") && grep -v '^#' "$list"
}

corpus_problems() {
	local list
	list=$(corpus_list "$1") && sed -n 's/^# //p' "$list"
}

sample_names=(modbtf_sample modbtf_hello modbtf_ambiguous)

# sample_fill DIR BUILD NAME
sample_fill() (
	dir=$1
	corpus_clean_environment
	cp -r "$archive_lib/../samples/$3/." "$dir" || exit 1
	make -C "$2" M="$dir" -j"$corpus_jobs" modules >"$dir/log" 2>&1 || {
		cat "$dir/log"
		exit 1
	}
)

sample_modules() {
	local series=$1 release version build compiler digest name dir module
	read -r release version < <(kernel_resolve "$series") || return 1
	build=$(kernel_build "$series") && compiler=$(kernel_compiler "$series") || return 1
	if [[ $series == 7 ]]; then
		for name in "${sample_names[@]}"; do
			module=$(toolchain_sample "$series" "$name") || return 1
			printf '%s\t%s\n' "$name" "$module"
		done
		return
	fi
	compiler+=-$("$compiler" -dumpfullversion) || return 1
	for name in "${sample_names[@]}"; do
		digest=$(cd "$archive_lib/../samples/$name" &&
			find . -type f ! -name '.*' -name '*.[chS]' -o -name Kbuild | sort |
			xargs sha256sum | sha256sum | cut -c1-16)
		dir=$(cache_entry "sample/${release}_${version}_$compiler/${name}_$digest" \
			sample_fill "$build" "$name") || return 1
		printf '%s\t%s\n' "$name" "$dir/$name.ko"
	done
}

# debug_wanted MODULES: a few modules of lib/modules/RELEASE of the image package, as they are called in the debug
# package. A module that is small in one is small in the other.
debug_wanted() {
	local modules=$1
	{
		find "$modules/kernel" -regextype egrep \
			-regex '.*/(amdgpu|i915|nfs|nf_conntrack|btrfs|xfs)\.ko[.a-z]*' -printf '%P\n'
		find "$modules/kernel" -name '*.ko*' -size -40k -printf '%P\n' | LC_ALL=C sort |
			awk '{ name[NR] = $0 } END { for (i = 0; i < 100; i++) print name[int(i * NR / 100) + 1] }'
	} | sed "s,^,./usr/lib/debug/lib/modules/${modules##*/}/kernel/,; s/\.ko.*/.ko/" |
		sort -u
}

# debug_fill DIR MODULES SUITE PACKAGE VERSION ARCH: these out of a very large package, in one pass and without
# keeping the rest.
debug_fill() {
	local dir=$1
	mkdir "$dir/deb" && archive_download "$dir/deb" "${@:3}" || return 1
	debug_wanted "$2" >"$dir/wanted"
	dpkg-deb --fsys-tarfile "$dir/deb/package.deb" | tar -x -C "$dir" -T "$dir/wanted" || return 1
	rm -r "$dir/deb"
}

# spread_pick COUNT: of "SIZE NAME" lines in the order of sizes, so many: half of them even over the logarithm of the
# size, from the smallest to the largest, and half over the rank.
spread_pick() {
	awk -v count="$1" '
		{ size[NR] = $1; name[NR] = $2 }
		END {
			half = int(count / 2)
			left = count
			at = 1
			for (i = 0; i < half; i++) {
				wanted = size[1] * (size[NR] / size[1]) ^ (i / (half - 1)) * 0.999
				while (at < NR && (size[at] < wanted || taken[at]))
					at++
				if (!taken[at]) {
					taken[at] = 1
					left--
				}
			}
			rest = left
			for (i = 0; i < rest; i++) {
				at = int(1 + i * (NR - 1) / rest)
				while (taken[at])
					at++
				taken[at] = 1
			}
			for (i = 1; i <= NR; i++)
				if (taken[i])
					print name[i]
		}'
}

# spread_fill DIR MODULES SUITE PACKAGE VERSION ARCH: as debug_fill, and the list DIR/spread. Sizes are those in the
# debug package, which takes a pass of its own.
spread_fill() {
	local dir=$1
	mkdir "$dir/deb" && archive_download "$dir/deb" "${@:3}" || return 1
	dpkg-deb --fsys-tarfile "$dir/deb/package.deb" | tar -tv | awk '/\.ko$/ { print $3, $6 }' |
		LC_ALL=C sort -k1,1n -k2 | spread_pick 150 >"$dir/spread" || return 1
	debug_wanted "$2" >"$dir/wanted"
	sort -u "$dir/spread" "$dir/wanted" >"$dir/both"
	dpkg-deb --fsys-tarfile "$dir/deb/package.deb" | tar -x -C "$dir" -T "$dir/both" || return 1
	rm -r "$dir/deb" "$dir/both"
}

# debug_all_fill DIR SUITE PACKAGE VERSION ARCH
debug_all_fill() {
	local dir=$1 room
	room=$(df -B 1000000000 --output=avail "$dir" | tail -n 1)
	if [[ $room -lt 9 ]]; then
		printf 'all modules with debug info take 8 GB in %s, and %d GB are free: set MODBTF_CACHE to a place with room\n' \
			"$(cache_dir)" "$room" >&2
		return 1
	fi
	mkdir "$dir/deb" && archive_download "$dir/deb" "${@:2}" || return 1
	dpkg-deb --fsys-tarfile "$dir/deb/package.deb" |
		tar -x -C "$dir" --wildcards './usr/lib/debug/lib/modules/*.ko' || return 1
	rm -r "$dir/deb"
}

# debug_entry KIND SERIES FUNC ARGS...: FUNC DIR ARGS... SUITE PACKAGE VERSION ARCH fills it.
debug_entry() {
	local kind=$1 series=$2 release version suite
	suite=$(kernel_suite "$series") || return 1
	read -r release version < <(kernel_resolve "$series") || return 1
	cache_entry "$kind/${release}_$version" "${@:3}" "$suite" "linux-image-$release-dbg" "$version" \
		"$(archive_arch)"
}

debug_modules() {
	local key modules dir
	modules=$(kernel_modules "$1") && key=$(kernel_resolve "$1") || return 1
	dir=$(cache_dir)/spread/${key/ /_}
	if [[ -d $dir ]]; then
		sed "s,^\.,$dir," "$dir/wanted" | sort
		return
	fi
	dir=$(debug_entry debug "$1" debug_fill "$modules") || return 1
	find "$dir" -name '*.ko*' -type f | sort
}

spread_modules() {
	local modules dir
	modules=$(kernel_modules "$1") && dir=$(debug_entry spread "$1" spread_fill "$modules") || return 1
	sed "s,^\.,$dir," "$dir/spread"
}

debug_all_modules() {
	local dir
	dir=$(debug_entry debug-all "$1" debug_all_fill) || return 1
	find "$dir" -name '*.ko' | LC_ALL=C sort
}

# plain_fill DIR MODULES: all modules of lib/modules/RELEASE, in the directories that they have there.
plain_fill() {
	local dir=$1 modules=$2
	(cd "$modules" && find kernel -type d -print0 | (cd "$dir" && xargs -0 mkdir -p)) || return 1
	# shellcheck disable=SC2016 # the shell that xargs starts shall expand this
	(cd "$modules" && find kernel -name '*.ko*' -print0) | xargs -0 -n 50 -P "$corpus_jobs" sh -c '
		modules=$1 dir=$2
		shift 2
		for file; do
			case $file in
			*.xz) xz -dc "$modules/$file" ;;
			*.zst) zstd -qdc "$modules/$file" ;;
			*.gz) gzip -dc "$modules/$file" ;;
			*) cat "$modules/$file" ;;
			esac >"$dir/${file%.ko*}.ko" || exit 255
		done' plain "$modules" "$dir"
}

plain_modules() {
	local modules key dir
	modules=$(kernel_modules "$@") && key=$(kernel_resolve "$@") || return 1
	dir=$(cache_entry "plain/${key/ /_}" plain_fill "$modules") && printf '%s\n' "$dir/kernel"
}

# ids_fill DIR MODULES: all .BTF_ids modules of lib/modules/RELEASE.
ids_fill() {
	local dir=$1 modules=$2
	# shellcheck disable=SC2016 # the shell that xargs starts shall expand this
	find "$modules/kernel" -name '*.ko*' -print0 | LC_ALL=C sort -z | xargs -0 -n 50 -P "$corpus_jobs" sh -c '
		dir=$1
		shift
		for file; do
			name=${file##*/}
			name=${name%.ko*}
			case $file in
			*.xz) xz -dc "$file" ;;
			*.zst) zstd -qdc "$file" ;;
			*.gz) gzip -dc "$file" ;;
			*) cat "$file" ;;
			esac >"$dir/$name.new" || exit 255
			if LC_ALL=C grep -qaF .BTF_ids "$dir/$name.new"; then
				mv "$dir/$name.new" "$dir/$name.ko"
			else
				rm "$dir/$name.new"
			fi
		done' ids "$dir"
	[[ -n $(find "$dir" -name '*.ko' -print -quit) ]]
}

ids_modules() {
	local modules key dir
	modules=$(kernel_modules "$1") && key=$(kernel_resolve "$1") || return 1
	dir=$(cache_entry "ids/${key/ /_}" ids_fill "$modules") || return 1
	find "$dir" -name '*.ko' | LC_ALL=C sort
}

# ids_debug_fill DIR SHIPPED SUITE PACKAGE VERSION ARCH: SHIPPED is the directory of ids_modules.
ids_debug_fill() {
	local dir=$1 shipped=$2 patterns
	mkdir "$dir/deb" && archive_download "$dir/deb" "${@:3}" || return 1
	mapfile -t patterns < <(find "$shipped" -name '*.ko' -printf './usr/lib/debug/*/%f\n')
	dpkg-deb --fsys-tarfile "$dir/deb/package.deb" |
		tar -x -C "$dir" --wildcards "${patterns[@]}" || return 1
	rm -r "$dir/deb"
}

ids_debug_modules() {
	local shipped dir
	shipped=$(ids_modules "$1" | sed -n 1p) && [[ -n $shipped ]] || return 1
	dir=$(debug_entry ids-debug "$1" ids_debug_fill "${shipped%/*}") || return 1
	find "$dir" -name '*.ko' | LC_ALL=C sort
}
