# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Packages and kernels of any suite of the Debian archive, without touching the system. To be
# sourced. Works without root; needs apt, dpkg-deb and flock. The mirror is the one that this
# machine's own apt configuration names.
#
# Everything is kept in the test cache, ${MODBTF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/modbtf}.
# An entry is made in a temporary directory and renamed when it is complete, under a lock of its
# own, so suites may run side by side and may be interrupted at any time.
#
# The cache:
#   cache_dir			its path
#   cache_entry KEY FUNC ARGS...	path of the entry KEY; if it is missing, FUNC DIR ARGS... fills DIR
#
# Packages. SUITE is one suite or several joined by '+' (bookworm+bookworm-security); ARCH is a
# Debian architecture, this machine's if it is left out:
#   archive_find SUITE REGEX [ARCH]	"PACKAGE VERSION" of all names that match, newest version first
#   archive_field SUITE PACKAGE FIELD [ARCH]	one field of the newest version
#   archive_tree SUITE PACKAGE[=VERSION] [ARCH]	path of the extracted package
#   archive_deb SUITE PACKAGE[=VERSION] [ARCH]	path of the .deb itself (for the very large ones)
#
# Kernels. SERIES is "6.1", "6.12" (both as bookworm has them) or "7" (trixie-backports); BACK is 0
# for the newest release (the default), 1 for the one before, and so on:
#   kernel_release SERIES [BACK] [ARCH]	release string, as in uname -r
#   kernel_version SERIES [BACK] [ARCH]	version of its Debian packages
#   kernel_tree SERIES [BACK] [ARCH]	the extracted package that has its vmlinuz; until 7.0 its modules too
#   kernel_image SERIES [BACK] [ARCH]	path of its vmlinuz
#   kernel_modules SERIES [BACK] [ARCH]	path of its lib/modules/RELEASE directory
#   kernel_build SERIES [BACK]		directory for make -C, to build modules against it
#   kernel_headers SERIES [BACK]	the tree that it is in, with a lib/modules/RELEASE/build of its own
#   kernel_compiler SERIES [BACK]	the gcc that its headers want (gcc-12)
#   kernel_base SERIES [BACK]		path of its raw base BTF
#
# All of them print to stdout, return non-zero with a message on stderr when they cannot, and are
# meant for release=$(kernel_release 6.12).

archive_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

cache_dir() {
	printf '%s\n' "${MODBTF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/modbtf}"
}

cache_entry() {
	local key=$1 func=$2 cache
	shift 2
	cache=$(cache_dir)
	if [[ ! -d $cache/$key ]]; then
		mkdir -p "$(dirname "$cache/$key")" "$cache/lock" || return 1
		cache_fill "$cache" "$key" "$func" "$@" || return 1
	fi
	printf '%s\n' "$cache/$key"
}

# The subshell owns the lock and the temporary directory. What FUNC prints goes to stderr, for
# stdout is cache_entry's answer.
cache_fill() (
	cache=$1 key=$2 func=$3
	shift 3
	exec {lock}>"$cache/lock/${key//\//:}"
	flock "$lock"
	[[ ! -d $cache/$key ]] || exit 0
	temporary=$(mktemp -d "$cache/$key.XXXXXX") || exit 1
	trap 'rm -rf "$temporary"' EXIT
	chmod 755 "$temporary"
	if ! "$func" "$temporary" "$@" 1>&2; then
		printf '%s: could not be made\n' "$key" >&2
		exit 1
	fi
	mv -T "$temporary" "$cache/$key"
)

# archive_mirrors: "URI SUITE" for each Debian source of this machine. apt itself reads its sources
# here, so both of their formats, [options] and mirror lists are understood.
archive_mirrors() {
	apt-get update --print-uris -o Dir::State::Lists=/nonexistent 2>/dev/null |
		sed -nE "s,^'([^']+)/dists/([^']+)/(In)?Release'.*,\1 \2,p"
}

# archive_uri SUITE: which mirror has it. The security archive is separate from the main one.
archive_uri() {
	local suite=$1 uri candidate main='' security=''
	while read -r uri candidate; do
		case $candidate in
		*-security | */updates) security=${security:-$uri} ;;
		bookworm* | trixie* | forky* | sid | stable* | testing* | unstable*) main=${main:-$uri} ;;
		esac
	done < <(archive_mirrors)
	if [[ $suite == *-security ]]; then
		# Where no source names it, it is the main archive's neighbour on most mirrors.
		uri=${security:-${main:+${main%/}-security}}
	else
		uri=$main
	fi
	if [[ -z $uri ]]; then
		printf 'no apt source of this machine names a Debian mirror for %s\n' "$suite" >&2
		return 1
	fi
	printf '%s\n' "$uri"
}

# archive_apt SUITE ARCH TOOL ARGS...: an apt tool on the state of this suite alone. Installed
# packages, pins and other sources of the machine have no say.
archive_apt() {
	local state tool=$3
	state=$(cache_dir)/apt/$1_$2
	local options=(
		-o "APT::Architecture=$2"
		-o "APT::Sandbox::User=$(id -un)"
		-o "Acquire::Languages=none"
		-o "Acquire::GzipIndexes=false"
		-o "Acquire::Retries=3"
		-o "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"
		-o "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false"
		-o "Dir::Etc::SourceList=$state/sources.list"
		-o "Dir::Etc::SourceParts=/dev/null"
		-o "Dir::Etc::Preferences=/dev/null"
		-o "Dir::Etc::PreferencesParts=/dev/null"
		-o "Dir::State=$state"
		-o "Dir::State::Lists=$state/lists"
		-o "Dir::State::status=$state/status"
		-o "Dir::Cache=$state/cache"
		-o "Dir::Cache::pkgcache=pkgcache.bin"
		-o "Dir::Cache::srcpkgcache=srcpkgcache.bin"
	)
	shift 3
	"$tool" -q "${options[@]}" "$@"
}

# archive_update SUITE ARCH: fetch the package lists if ours are missing or half a day old. Old
# lists serve when the mirror does not answer. Takes the lock itself.
archive_update() (
	suites=$1 arch=$2
	state=$(cache_dir)/apt/${suites}_$arch
	max_age=${MODBTF_ARCHIVE_MAX_AGE:-720}
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial" || exit 1
	exec {lock}>"$state/lock"
	flock "$lock"
	[[ -z $(find "$state/updated" -mmin "-$max_age" 2>/dev/null) ]] || exit 0
	: >"$state/status"
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[[ -e $keyring ]] && signed=" signed-by=$keyring" || signed=''
	for suite in ${suites//+/ }; do
		uri=$(archive_uri "$suite") || exit 1
		printf 'deb [arch=%s%s] %s %s main\n' "$arch" "$signed" "$uri" "$suite"
	done >"$state/sources.list.new" || exit 1
	mv "$state/sources.list.new" "$state/sources.list"
	if archive_apt "$suites" "$arch" apt-get update -o APT::Update::Error-Mode=any 1>&2; then
		touch "$state/updated"
	elif [[ -e $state/updated ]]; then
		printf '%s: the mirror did not answer, using older package lists\n' "$suites" >&2
	else
		printf '%s: package lists could not be had\n' "$suites" >&2
		exit 1
	fi
)

archive_arch() {
	dpkg --print-architecture
}

# archive_query SUITE ARCH ARGS...: apt-cache on fresh lists.
archive_query() {
	local suite=$1 arch=$2 state lock status=0
	shift 2
	archive_update "$suite" "$arch" || return 1
	state=$(cache_dir)/apt/${suite}_$arch
	exec {lock}<"$state/lock"
	flock -s "$lock"
	archive_apt "$suite" "$arch" apt-cache "$@" || status=$?
	exec {lock}<&-
	return "$status"
}

archive_find() {
	local suite=$1 regex=$2 arch=${3:-$(archive_arch)} names
	mapfile -t names < <(archive_query "$suite" "$arch" pkgnames | grep -E -x -- "$regex")
	if [[ ${#names[@]} -eq 0 ]]; then
		printf '%s has no package %s for %s\n' "$suite" "$regex" "$arch" >&2
		return 1
	fi
	archive_query "$suite" "$arch" show --no-all-versions "${names[@]}" |
		awk '$1 == "Package:" { name = $2 } $1 == "Version:" { print name, $2 }' |
		sort -k2,2Vr -k1,1
}

archive_field() {
	local suite=$1 package=$2 field=$3 arch=${4:-$(archive_arch)}
	archive_query "$suite" "$arch" show --no-all-versions "$package" |
		awk -v field="$field:" '$1 == field && !done { sub(/^[^ ]* /, ""); print; done = 1 }'
}

# archive_download DIR SUITE PACKAGE VERSION ARCH: the .deb as DIR/package.deb.
archive_download() {
	local dir=$1 suite=$2 package=$3 version=$4 arch=$5 files
	(cd "$dir" && archive_apt "$suite" "$arch" apt-get download "$package=$version") || return 1
	files=("$dir"/*.deb)
	if [[ ${#files[@]} -ne 1 || ! -s ${files[0]} ]]; then
		printf '%s %s: not downloaded\n' "$package" "$version" >&2
		return 1
	fi
	mv "${files[0]}" "$dir/package.deb"
}

archive_extract() {
	archive_download "$@" || return 1
	dpkg-deb -x "$1/package.deb" "$1" && rm "$1/package.deb"
}

# archive_entry KIND FUNC SUITE PACKAGE[=VERSION] ARCH: an entry keyed by package_version_arch. The
# colon of an epoch would part the path in two, for make and in library paths.
archive_entry() {
	local kind=$1 func=$2 suite=$3 package=${4%%=*} version=${4#*=} arch=$5
	if [[ $4 != *=* ]]; then
		version=$(archive_field "$suite" "$package" Version "$arch") || return 1
	fi
	if [[ -z $version ]]; then
		printf '%s has no package %s for %s\n' "$suite" "$package" "$arch" >&2
		return 1
	fi
	cache_entry "$kind/${package}_${version//:/_}_$arch" \
		"$func" "$suite" "$package" "$version" "$arch"
}

archive_tree() {
	archive_entry tree archive_extract "$1" "$2" "${3:-$(archive_arch)}"
}

archive_deb() {
	local dir
	dir=$(archive_entry deb archive_download "$1" "$2" "${3:-$(archive_arch)}") || return 1
	printf '%s\n' "$dir/package.deb"
}

kernel_suite() {
	case $1 in
	6.1 | 6.12) echo bookworm+bookworm-security ;;
	7) echo trixie-backports ;;
	*)
		printf 'kernel series %s: not known\n' "$1" >&2
		return 1
		;;
	esac
}

# kernel_resolve SERIES [BACK] [ARCH]: "RELEASE VERSION". Releases without headers are of no use;
# for another architecture, where nothing is compiled, the image alone will do. Kept in the cache
# as long as the package lists are, so that one run sees one kernel.
kernel_resolve() {
	local series=$1 back=${2:-0} arch=${3:-$(archive_arch)} suite cache list kind=headers
	suite=$(kernel_suite "$series") || return 1
	archive_update "$suite" "$arch" || return 1
	cache=$(cache_dir)
	list=$cache/apt/${suite}_$arch/kernels-$series
	[[ $arch == "$(archive_arch)" ]] || kind=image
	if [[ ! $list -nt $cache/apt/${suite}_$arch/updated ]]; then
		archive_find "$suite" "linux-$kind-${series//./\\.}[.][0-9.]+([+-][a-z0-9]+)?-$arch" \
			"$arch" | sed "s/^linux-$kind-//" >"$list.$$" || return 1
		mv "$list.$$" "$list"
	fi
	sed -n "$((back + 1))p" "$list" | grep . || {
		printf 'the archive has no kernel %s, %d before the newest\n' "$series" "$back" >&2
		return 1
	}
}

kernel_release() {
	kernel_resolve "$@" | cut -d' ' -f1
}

kernel_version() {
	kernel_resolve "$@" | cut -d' ' -f2
}

# kernel_package NAME... -- SERIES [BACK] [ARCH]: the first of these packages that the archive has
# in the version of this kernel, extracted. RELEASE in a NAME stands for the kernel's release.
kernel_package() {
	local names=() name release version suite arch regex found
	while [[ $1 != -- ]]; do
		names+=("$1")
		shift
	done
	shift
	arch=${3:-$(archive_arch)}
	suite=$(kernel_suite "$1") || return 1
	read -r release version < <(kernel_resolve "$@") || return 1
	names=("${names[@]/RELEASE/$release}")
	regex=${names[*]//+/[+]}
	found=$(archive_find "$suite" "${regex// /|}" "$arch") || return 1
	for name in "${names[@]}"; do
		if grep -qxF "$name $version" <<<"$found"; then
			archive_tree "$suite" "$name=$version" "$arch"
			return
		fi
	done
	printf '%s %s: no such package in the archive\n' "${names[*]}" "$version" >&2
	return 1
}

# The signed package where there is one. Since 7.0 vmlinuz and modules are in packages of their own,
# and the image package only depends on them.
kernel_tree() {
	kernel_package linux-binary-RELEASE linux-image-RELEASE linux-image-RELEASE-unsigned -- "$@"
}

# kernel_first PATTERN...: the first of these paths that exists.
kernel_first() {
	local path
	for path in "$@"; do
		if [[ -e $path ]]; then
			printf '%s\n' "$path"
			return
		fi
	done
	printf 'none of these exists: %s\n' "$*" >&2
	return 1
}

kernel_image() {
	local release tree
	release=$(kernel_release "$@") && tree=$(kernel_tree "$@") || return 1
	kernel_first "$tree"/{boot/vmlinuz-"$release",{usr/,}lib/modules/"$release"/vmlinuz}
}

kernel_modules() {
	local release tree
	release=$(kernel_release "$@") || return 1
	tree=$(kernel_package linux-modules-RELEASE linux-image-RELEASE linux-image-RELEASE-unsigned -- "$@") ||
		return 1
	kernel_first "$tree"/{usr/,}lib/modules/"$release"
}

# kernel_build_fill DIR SUITE RELEASE VERSION: the headers package and the two that it depends on,
# in one tree. What is absolute in them, an include of the common Makefile and the links in
# lib/modules, is made relative. The vmlinux that newer headers packages carry (BTF only) is moved
# away: kbuild must make no BTF of its own.
kernel_build_fill() {
	local dir=$1 suite=$2 release=$3 version=$4 headers=linux-headers-$3 depends package makefile
	depends=$(archive_field "$suite" "$headers" Depends) || return 1
	for package in "$headers" $(grep -oE 'linux-(headers-[^ ]*-common|kbuild-[^ ,]*)' <<<"$depends"); do
		# All are of one version; linux-kbuild has one name for all of 6.1.
		archive_extract "$dir" "$suite" "$package" "$version" "$(archive_arch)" || return 1
	done
	makefile=$dir/usr/src/$headers/Makefile
	# shellcheck disable=SC2016 # make shall expand this, not the shell
	sed -i 's,^include /usr/src/,include $(dir $(lastword $(MAKEFILE_LIST)))../,' "$makefile" ||
		return 1
	if [[ -e $dir/usr/src/$headers/vmlinux ]]; then
		mv "$dir/usr/src/$headers/vmlinux" "$dir/vmlinux.btf" || return 1
	fi
	mkdir -p "$dir/lib/modules/$release"
	ln -sfn "../../../usr/src/$headers" "$dir/lib/modules/$release/build" &&
		ln -sfn "../../../usr/src/${headers%-*}-common" "$dir/lib/modules/$release/source"
}

kernel_headers() {
	local suite release version
	suite=$(kernel_suite "$1") || return 1
	read -r release version < <(kernel_resolve "$@") || return 1
	cache_entry "headers/${release}_$version" kernel_build_fill "$suite" "$release" "$version"
}

kernel_build() {
	local release dir
	release=$(kernel_release "$@") && dir=$(kernel_headers "$@") || return 1
	printf '%s\n' "$dir/usr/src/linux-headers-$release"
}

# The compiler stands in the headers' .kernelvariables: CC and what "-12" is called there differ
# from release to release, the package dependency does not. Kept like kernel_resolve's answer.
kernel_compiler() {
	local suite release depends compiler kept
	suite=$(kernel_suite "$1") && release=$(kernel_release "$@") || return 1
	kept=$(cache_dir)/apt/${suite}_$(archive_arch)/compiler-$release
	if [[ $kept -nt ${kept%/*}/updated ]]; then
		cat "$kept"
		return
	fi
	depends=$(archive_field "$suite" "linux-headers-$release" Depends) || return 1
	compiler=$(grep -oE 'gcc-[0-9]+' <<<"$depends" | sed -n 1p)
	if [[ -z $compiler ]]; then
		printf 'linux-headers-%s names no compiler\n' "$release" >&2
		return 1
	fi
	printf '%s\n' "$compiler" >"$kept.$BASHPID" && mv "$kept.$BASHPID" "$kept" || return 1
	printf '%s\n' "$compiler"
}

kernel_base_fill() {
	python3 "$archive_lib/btf.py" extract "$2" "$1/btf"
}

# From the compressed image, as the kernel itself has it.
kernel_base() {
	local release version image dir
	read -r release version < <(kernel_resolve "$@") || return 1
	image=$(kernel_image "$@") || return 1
	dir=$(cache_entry "base/${release}_$version" kernel_base_fill "$image") || return 1
	printf '%s\n' "$dir/btf"
}
