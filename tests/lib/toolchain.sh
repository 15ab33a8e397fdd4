# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Modules for kernels whose compiler and build tools do not run on this machine: a root tree of the
# suite that the kernel comes from, with a compiler, and kbuild in it by chroot. To be sourced, after
# archive.sh. Wants to be root, or to become root in a user namespace.
#
#   toolchain_tree			path of the tree (trixie)
#   toolchain_sample SERIES NAME	path of tests/samples/NAME compiled for a kernel of the archive
#
# Both are kept in the cache.

toolchain_packages=(base-files bash binutils coreutils dash diffutils findutils gcc-14 grep libc6-dev
	libelf1t64 libssl3t64 make mawk sed)
# To be changed when what is done here changes.
toolchain_recipe=3

toolchain_closure() {
	archive_query trixie "$(archive_arch)" depends --recurse --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "${toolchain_packages[@]}" |
		sed -nE 's/^([a-z0-9][a-z0-9.+-]*)$/\1/p' | sort -u
}

# Packages are unpacked, not installed: what alternatives would link is linked here.
toolchain_fill() {
	local dir=$1 packages deb
	mapfile -t packages < <(toolchain_closure)
	mkdir "$dir/deb"
	(cd "$dir/deb" && archive_apt trixie "$(archive_arch)" apt-get download "${packages[@]}") || return 1
	for deb in "$dir"/deb/base-files_*.deb "$dir"/deb/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner --keep-directory-symlink || return 1
	done
	rm -r "$dir/deb"
	ln -s mawk "$dir/usr/bin/awk"
	rm -rf "$dir/usr/src"
	ln -s /headers/usr/src "$dir/usr/src"
	mkdir -p "$dir"/{dev,headers,module}
}

toolchain_tree() {
	local version
	version=$(archive_field trixie gcc-14 Version) || return 1
	cache_entry "toolchain/trixie_gcc-14_${version//:/_}_$toolchain_recipe" toolchain_fill
}

# toolchain_run ROOT HEADERS MODULE COMMAND...: as root of that tree, where these two directories are
# /headers (and by links, /usr/src and what it needs of /usr/lib) and /module. Nothing is left mounted: the mounts are seen by that command only.
toolchain_run() {
	local become=(unshare --map-root-user --mount)
	[[ $(id -u) -ne 0 ]] || become=(unshare --mount)
	# shellcheck disable=SC2016 # the inner shell shall expand this
	"${become[@]}" sh -c '
		PATH=$PATH:/usr/sbin:/sbin
		root=$1
		mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" &&
			mount --bind "$2" "$root/headers" &&
			mount --bind "$3" "$root/module" && shift 3 &&
			exec chroot "$root" /usr/bin/env -i PATH=/usr/bin HOME=/ LC_ALL=C "$@"' \
		sh "$@"
}

# toolchain_sample_fill DIR SOURCE ROOT HEADERS RELEASE
toolchain_sample_fill() {
	local dir=$1 source=$2 root=$3 headers=$4 release=$5 kbuild
	cp -r "$source/." "$dir" || return 1
	for kbuild in "$headers"/usr/lib/linux-kbuild-*; do
		ln -sfn "/headers/usr/lib/${kbuild##*/}" "$root/usr/lib/${kbuild##*/}" || return 1
	done
	toolchain_run "$root" "$headers" "$dir" make -C "/usr/src/linux-headers-$release" \
		M=/module -j2 modules >"$dir/log" 2>&1 || {
		cat "$dir/log"
		return 1
	}
}

toolchain_sample() {
	local series=$1 name=$2 release version root headers source digest dir
	read -r release version < <(kernel_resolve "$series") || return 1
	root=$(toolchain_tree) && headers=$(kernel_headers "$series") || return 1
	source=$(dirname "${BASH_SOURCE[0]}")/../samples/$name
	digest=$(cd "$source" &&
		find . -type f ! -name '.*' | sort | xargs sha256sum | sha256sum | cut -c1-16)
	dir=$(cache_entry "sample/${release}_${version}_${root##*/}/${name}_$digest" \
		toolchain_sample_fill "$source" "$root" "$headers" "$release") || return 1
	printf '%s\n' "$dir/$name.ko"
}
