# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # what run sets
#
# packaging/rpm, by rpmbuild. This machine's rpm knows no packages that would satisfy a BuildRequires, so --nodeps.

top=$work/rpm
macros=$top/macros.modbtf

# rpm_make SPEC ARG...
rpm_make() {
	rm -rf "$top/RPMS" "$top/SRPMS" "$top/BUILDROOT"
	# Words of this shell, in the file that is loaded before a spec.
	rpmbuild --nodeps --load "$here/distribution.macros" -D "_topdir $top" "${@:2}" -ba "$1"
}

# kmod ARG...: the package of the sample module, with the macros as they are installed
kmod() {
	MODBTF=$plain rpm_make "$here/kmod.spec" --load "$macros" -D "kernel_release ${releases[6.12]}" \
		-D "module_dir ${module_dir:-/lib/modules}" "$@"
}

# with_base ARG...: the options that name the base
with_base() {
	kmod -D "modbtf_base ${images[6.12]}" "$@"
}

# unpack: the packages that were made, in $top/unpacked; $module is the module
unpack() {
	local package
	rm -rf "$top/unpacked"
	mkdir "$top/unpacked"
	for package in "$top"/RPMS/*/*.rpm; do
		(cd "$top/unpacked" && rpm2cpio "$package" | cpio -idm --quiet)
	done
	module=$(find "$top/unpacked" -name 'modbtf_sample.ko*' ! -name '*.debug')
}

rpm_setup() {
	mkdir -p "$top/SOURCES"
	make --no-print-directory -s -C "$tree" install-vendor PREFIX=/usr DESTDIR="$top/vendor" \
		LIBEXECDIR="$top/libexec" RPMMACRODIR=/macros >"$work/log" 2>&1
	mkdir -p "$top/libexec"
	cp "$top/vendor$top/libexec/brp-modbtf" "$top/libexec/"
	cp "$top/vendor/macros/macros.modbtf" "$macros"
	tar -C "${samples[6.12]%/*}/.." --transform "s,^[^/]*,modbtf_sample," -czf "$top/SOURCES/modbtf_sample-1.0.tar.gz" \
		"$(basename "${samples[6.12]%/*}")"
	"$plain" generate -q -b "${images[6.12]}" -o "$work/direct.ko" "${samples[6.12]}"
	strip -g -o "$work/stripped.ko" "${samples[6.12]}"
}

with_debug_info() {
	loud with_base
	unpack
	sound "${images[6.12]}" "$module"
	sections "$module" >"$work/sections"
	grep -qx '\.BTF' "$work/sections"
	not grep '^\.debug_info' "$work/sections"
	[[ -n $(find "$top/unpacked/usr/lib/debug/lib/modules" -name 'modbtf_sample.ko*.debug') ]]
	loud "$plain" diff -b "${images[6.12]}" "$work/direct.ko" "$module"
	[[ ! -s $work/out ]]
}

in_usr() {
	module_dir=/usr/lib/modules loud with_base
	unpack
	sound "${images[6.12]}" "$module"
}

without_debug_info() {
	loud with_base -D 'debug_package %{nil}'
	unpack
	sound "${images[6.12]}" "$module"
	[[ ! -e $top/unpacked/usr/lib/debug ]]
}

# A module that was stripped and compressed by modules_install; its debug info is where it was built.
from_the_build() {
	# Of a package that has none, rpm wants to make no package of debug info.
	loud with_base -D 'debug_package %{nil}' -D "at_install cp $work/stripped.ko %{buildroot}/lib/modules/%{kernel_release}/extra/modbtf_sample.ko; xz --check=crc32 --lzma2=dict=1MiB %{buildroot}/lib/modules/%{kernel_release}/extra/*.ko"
	unpack
	[[ $module == *.ko.xz ]]
	sound "${images[6.12]}" "$module"
}

# Signed behind it, as kernel packages do.
is_signed_last() {
	local sign=${builds[6.12]}/scripts/sign-file key=$work/rpm-key
	openssl req -new -x509 -nodes -days 2 -sha256 -subj "/CN=modbtf test" -keyout "$key" -out "$key.pem" 2>/dev/null
	loud with_base -D "after_install $sign sha256 $key $key.pem %{buildroot}/lib/modules/%{kernel_release}/extra/modbtf_sample.ko"
	unpack
	sound "${images[6.12]}" "$module"
	[[ $(tail -c 28 "$module" | tr -d '\n') == '~Module signature appended~' ]]
}

# What others have put into that step, and users in ~/.rpmmacros, is still done.
keeps_what_is_there() {
	cat >"$top/more" <<-'END'
		%__arch_install_post echo "first of all"\
		echo "second, with %{name}"
	END
	loud with_base --load "$top/more"
	said 'first of all'
	said 'second, with kmod'
	unpack
	sound "${images[6.12]}" "$module"
}

needs_a_base() {
	not kmod >"$work/out" 2>&1
	said "brp-modbtf: no BTF for modules of ${releases[6.12]}"
	loud kmod -D 'modbtf_warn 1'
	said "brp-modbtf: no BTF for modules of ${releases[6.12]}"
	not with_base -D 'modbtf_options --nonsense' >"$work/out" 2>&1
	said "unrecognized option '--nonsense'"
}

asks_for_it() {
	loud with_base -D 'without_modbtf 1'
	unpack
	not grep -x '\.BTF' < <(sections "$module")
}

only_under_rpmbuild() {
	not env RPM_BUILD_ROOT= "$tree/packaging/rpm/brp-modbtf" >"$work/out" 2>&1
	not env RPM_BUILD_ROOT=/ "$tree/packaging/rpm/brp-modbtf" >"$work/out" 2>&1
	said 'RPM_BUILD_ROOT is not set'
	mkdir -p "$work/empty-root"
	RPM_BUILD_ROOT=$work/empty-root loud "$tree/packaging/rpm/brp-modbtf"
	said 'there are no modules'
}

# ---- the package of modbtf

builds_our_package() {
	cp "$(source_tarball)" "$top/SOURCES/"
	# Not for speed: that is measured elsewhere.
	loud rpm_make "$tree/packaging/rpm/modbtf.spec" -D 'optflags -O0 -g'
	mkdir "$top/ours"
	mv "$top"/RPMS/*/*.rpm "$top"/SRPMS/*.rpm "$top/ours/"
}

has_what_it_should() {
	local main names
	main=$(find "$top/ours" -name "modbtf-$version-*.rpm" ! -name '*.src.rpm')
	[[ -n $main ]]
	rpm -qp --qf '[%{FILENAMES}\n]' "$main" >"$work/out"
	for names in /usr/bin/modbtf /usr/lib/kernel/install.d/45-modbtf.install /usr/lib/modbtf/kernel-hook /usr/lib/modbtf/post-build /usr/sbin/modbtf-dkms \
		/usr/share/modbtf/modbtf.mk /usr/share/modbtf/Makefile.modbtf /etc/dkms/framework.conf.d/zz-modbtf.conf \
		/usr/share/bash-completion/completions/modbtf /usr/share/man/man8/modbtf.8.gz \
		/var/lib/modbtf /var/cache/modbtf; do
		grep -qxF "$names" "$work/out" || { echo "no $names in:" && cat "$work/out" && return 1; }
	done
	unsaid brp-modbtf
	rpm -qp --requires "$main" | grep -F 'libkmod.so.2'
	rpm -qpl "$top/ours/modbtf-rpm-macros-$version"-*.rpm >"$work/out"
	said /usr/lib/modbtf/brp-modbtf
	said "$(rpm -E '%{_rpmmacrodir}')/macros.modbtf"
	mkdir "$top/root"
	for main in "$top"/ours/modbtf-*[!c].rpm; do
		[[ $main == *.src.rpm ]] || (cd "$top/root" && rpm2cpio "$main" | cpio -idm --quiet)
	done
	[[ $("$top/root/usr/bin/modbtf" --version) == "modbtf $version" ]]
	grep -qF '%__brp_modbtf /usr/lib/modbtf/brp-modbtf ' "$top/root$(rpm -E '%{_rpmmacrodir}')/macros.modbtf"
	grep -qF /usr/lib/modbtf/kernel-hook "$top/root/usr/lib/kernel/install.d/45-modbtf.install"
	# The macro calls the script, and that the program, of these packages.
	sed "s,/usr/lib/modbtf,$top/root&,g" "$top/root$(rpm -E '%{_rpmmacrodir}')/macros.modbtf" >"$macros"
	plain=$top/root/usr/bin/modbtf loud with_base
	unpack
	sound "${images[6.12]}" "$module"
}

passes_rpmlint() {
	find "$top/ours" -name '*.rpm' ! -name '*-debuginfo-*' ! -name '*-debugsource-*' -print0 |
		xargs -0 rpmlint -c "$here/rpmlint.toml" -r "$tree/packaging/rpm/modbtf.rpmlintrc" \
			"$tree/packaging/rpm/modbtf.spec" >"$work/out" 2>&1 || { cat "$work/out" && return 1; }
	said ' 0 errors, 0 warnings'
}

rpm_setup
expect "rpm: a module that debug info is split off from" with_debug_info
expect "rpm: below /usr/lib/modules" in_usr
expect "rpm: without packages of debug info" without_debug_info
expect "rpm: stripped and compressed already, from the objects" from_the_build
expect "rpm: signed behind it" is_signed_last
expect "rpm: what that step has had is done as well" keeps_what_is_there
expect "rpm: what fails fails the build, or warns" needs_a_base
expect "rpm: without the line nothing happens" asks_for_it
expect "rpm: the script is for build roots only" only_under_rpmbuild
expect "rpm: our own package builds" builds_our_package
expect "rpm: the files, what they need, and they work" has_what_it_should
expect "rpm: rpmlint has nothing to say" passes_rpmlint
