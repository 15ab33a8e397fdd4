# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # what run sets
#
# packaging/arch, by makepkg. namcap is found in Arch Linux alone; where it is, it has its say.

# as_user COMMAND...: makepkg does not run as root
as_user() {
	if [[ $(id -u) -eq 0 ]]; then
		HOME=$arch setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
	else
		"$@"
	fi
}

makes_a_package() {
	mkdir "$arch"
	cp "$tree/packaging/arch/PKGBUILD" "$(source_tarball)" "$arch/"
	chmod 755 "$work"
	chown -R "$(as_user id -u)" "$arch"
	# Not for speed: that is measured elsewhere.
	printf '%s\n' 'source /etc/makepkg.conf' "CFLAGS='-O0 -g'" 'MAKEFLAGS=-j2' >"$arch/makepkg.conf"
	# It works where it is called.
	loud as_user env -C "$arch" PKGDEST="$arch" makepkg --config "$arch/makepkg.conf" --nodeps --noconfirm
	[[ -n $(find "$arch" -maxdepth 1 -name "modbtf-$version-*.pkg.tar*") ]]
}

arch_has_what_it_should() {
	local package name
	package=$(find "$arch" -maxdepth 1 -name "modbtf-$version-*.pkg.tar*" | sed -n 1p)
	bsdtar -tf "$package" >"$work/out"
	for name in usr/bin/modbtf usr/lib/modbtf/kernel-hook usr/bin/modbtf-dkms usr/share/libalpm/hooks/80-modbtf-install.hook \
		usr/share/libalpm/hooks/81-modbtf-remove.hook usr/share/modbtf/modbtf.mk etc/dkms/framework.conf.d/zz-modbtf.conf usr/share/man/man8/modbtf.8.gz; do
		grep -qxF "$name" "$work/out" || { echo "no $name in:" && cat "$work/out" && return 1; }
	done
	not grep -E '^(bin|lib|sbin|usr/sbin|usr/local|usr/libexec|etc/kernel|home|tmp)/' "$work/out"
	mkdir "$arch/root"
	bsdtar -xf "$package" -C "$arch/root"
	[[ $("$arch/root/usr/bin/modbtf" --version) == "modbtf $version" ]]
	if type -P namcap >/dev/null; then
		namcap "$tree/packaging/arch/PKGBUILD" "$package" >"$work/out"
		unsaid ' E: '
	fi
}

arch=$work/arch
expect "arch: makepkg" makes_a_package
expect "arch: what is in the package, and it runs" arch_has_what_it_should
