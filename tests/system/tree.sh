# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Whole Debian systems in a directory, with apt, dpkg and all maintainer scripts at work. To be sourced, after
# archive.sh, by root in a mount and pid namespace of its own: all that is mounted, written and started here ends with it.
#
#   tree_base SUITE PACKAGE...	path of a minimal system with these packages, kept in the cache; the machine must not see
#				its files change
#   tree_open BASE SUITES DIR	a system on top of it, in memory, at $tree; SUITES (as archive.sh has them) are what its apt sees;
#				DIR is an empty directory, where $tree_stage is mounted: room for what shall not stay
#   tree_run COMMAND...		runs it in there, without network
#   tree_boots RELEASE		what uname -r says in there from now on
#   tree_install LOG PACKAGE...	apt-get install there, without what is only recommended; PACKAGE may be a .deb of this machine
#   tree_purge LOG PACKAGE...	apt-get purge there
#   tree_files FILE		writes FILE, a line for each file, with a digest of those in etc, sorted
#   tree_image FILE		an ext4 image of what a kernel needs to boot it; sources, compilers and the like left out
#
# The packages that were downloaded are kept in the cache, system/SUITES, for two weeks after their last use.

# To be changed when the way of making a base changes, so that old ones are not used.
tree_recipe=1

tree_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

tree_base_fill() {
	local dir=$1 suite=$2 uri
	shift 2
	uri=$(archive_uri "$suite") || return 1
	# shellcheck disable=SC2016 # mmdebstrap's shell shall expand it
	mmdebstrap --quiet --mode=root --variant=apt --format=directory --include="$*" \
		--dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "false"' \
		--essential-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"' \
		--essential-hook='chmod 755 "$1/usr/sbin/policy-rc.d"' \
		"$suite" "$dir" "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
}

# Suites change when a point release comes, and then their InRelease does.
tree_base() {
	local suite=$1 arch lists digest
	shift
	arch=$(archive_arch)
	archive_update "$suite" "$arch" || return 1
	lists=("$(cache_dir)/apt/${suite}_$arch/lists/"*"_dists_${suite}_InRelease")
	digest=$({ cat "${lists[0]}" && echo "$tree_recipe" "$@"; } | sha256sum | cut -c1-16) || return 1
	cache_entry "system/$suite-$digest" tree_base_fill "$suite" "$@"
}

tree_open() {
	local base=$1 suites=$2 stage=$3 state node
	state=$(cache_dir)/apt/${suites}_$(archive_arch)
	tree_debs=$(cache_dir)/system/$suites
	mkdir -p "$tree_debs"
	archive_update "$suites" "$(archive_arch)" || return 1
	mount -t tmpfs -o mode=755,size=90% tree "$stage" || return 1
	mkdir "$stage"/{upper,work,root,image,empty}
	tree_stage=$stage
	tree=$stage/root
	mount -t overlay -o "lowerdir=$base,upperdir=$stage/upper,workdir=$stage/work" tree "$tree" || return 1
	mount -t proc proc "$tree/proc" && mount -t tmpfs -o mode=755 dev "$tree/dev" || return 1
	for node in null zero full random urandom tty; do
		: >"$tree/dev/$node"
		mount --bind "/dev/$node" "$tree/dev/$node" || return 1
	done
	mkdir -m 1777 "$tree/dev/shm"
	ln -s /proc/self/fd "$tree/dev/fd"
	ln -s /proc/self/fd/0 "$tree/dev/stdin"
	ln -s /proc/self/fd/1 "$tree/dev/stdout"
	ln -s /proc/self/fd/2 "$tree/dev/stderr"
	rm -rf "$tree"/var/lib/apt/lists "$tree"/etc/apt/sources.list "$tree"/etc/apt/sources.list.d/*
	cp "$state/sources.list" "$tree/etc/apt/sources.list"
	cp -r "$state/lists" "$tree/var/lib/apt/lists"
	# Packages of kernels tell which hooks they run.
	tree_script /usr/local/bin/run-parts <<-'END'
		#!/bin/sh
		exec /usr/bin/run-parts --verbose "$@"
	END
	tree_script /usr/local/bin/uname <<-'END'
		#!/bin/sh
		[ "$*" != -r ] || exec cat /usr/local/etc/booted
		exec /usr/bin/uname "$@"
	END
	tree_boots none
}

# tree_script PATH: from standard input
tree_script() {
	cat >"$tree$1"
	chmod 755 "$tree$1"
}

tree_boots() {
	printf '%s\n' "$1" >"$tree/usr/local/etc/booted"
}

tree_run() {
	unshare --net chroot "$tree" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH="$tree_path" "$@" </dev/null
}

tree_apt() {
	tree_run apt-get -q -y -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
		-o DPkg::Path="$tree_path" -o DPkg::Use-Pty=false "$@"
}

# tree_download ARGS...: what apt-get wants for this; fetched by the apt of this machine, which knows the way to the mirror.
tree_download() {
	local uri file size hash wanted=() dir status=0
	dir=$(mktemp -d "$tree_debs/new.XXXXXX") || return 1
	while read -r uri file size hash; do
		uri=${uri#\'}
		[[ $uri == *://* && -n $size ]] || continue
		# apt has %3a in names for the colon of an epoch, on both sides.
		if [[ ! -e $tree_debs/$file ]]; then
			wanted+=("${uri%\'}" "$dir/$file" "$hash")
		else
			touch "$tree_debs/$file"
		fi
		echo "$file" >>"$dir/list"
	done < <(tree_apt -qq --print-uris "$@")
	if [[ ${#wanted[@]} -gt 0 ]]; then
		/usr/lib/apt/apt-helper -q -o APT::Sandbox::User=root download-file "${wanted[@]}" && mv "$dir"/*.deb "$tree_debs/" || status=1
	fi
	if [[ -e $dir/list && $status -eq 0 ]]; then
		(cd "$tree_debs" && xargs -d '\n' cp -t "$tree/var/cache/apt/archives" <"$dir/list") || status=1
	fi
	rm -rf "$dir"
	find "$tree_debs" -mindepth 1 -maxdepth 1 -mtime +14 -exec rm -rf {} +
	return "$status"
}

tree_install() {
	local log=$1 package packages=() status=0
	shift
	for package; do
		if [[ $package == */*.deb ]]; then
			cp "$package" "$tree/tmp/"
			package=/tmp/${package##*/}
		fi
		packages+=("$package")
	done
	{
		tree_download install "${packages[@]}" && tree_apt install "${packages[@]}"
	} >"$log" 2>&1 || status=$?
	rm -f "$tree"/var/cache/apt/archives/*.deb "$tree"/tmp/*.deb
	return "$status"
}

tree_purge() {
	local log=$1
	shift
	tree_apt purge "$@" >"$log" 2>&1
}

tree_files() {
	(cd "$tree" && find . -xdev -path ./etc -prune -o -printf '%P %y\n' &&
		find etc \( -type f -exec sha256sum {} + \) -o -printf '%p %y\n' | sed -E 's/^([0-9a-f]{64})  (.*)/\2 \1/') |
		LC_ALL=C sort >"$1"
}

tree_image() {
	local view=$tree_stage/image path size status=0
	mount --bind "$tree" "$view" || return 1
	for path in usr/src usr/include usr/share/{doc,man,locale,perl} usr/lib/gcc usr/lib/"$(uname -m)-linux-gnu/perl" \
		var/{cache,log} var/lib/{apt,dkms,dpkg} boot; do
		[[ ! -d $view/$path ]] || mount --bind "$tree_stage/empty" "$view/$path" || return 1
	done
	rm -f "$1"
	# Sparse, so that room costs nothing.
	size=$(du -sk --apparent-size "$view" | cut -f1)
	truncate -s "$((size * 2 + 65536))k" "$1"
	mke2fs -q -t ext4 -m 0 -d "$view" "$1" || status=$?
	umount -R "$view" && return "$status"
}
