# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Cases of modbtf-dkms that take no DKMS: what it does with files, under a root that has nothing else. To be sourced by run.

# shellcheck disable=SC2154 # run sets work and tree

# What is installed, for modbtf-dkms in the tree has no file for all modules to copy.
install_files() {
	make --no-print-directory -s -C "$tree" install-dkms PREFIX="$work/usr" MANPAGES= DESTDIR= >"$work/log" 2>&1
	modbtf_dkms=$work/usr/sbin/modbtf-dkms
}

# image: a root with a DKMS that has modules a and b, whatever they are
image() {
	i="$work/an image"
	rm -rf "$i"
	mkdir -p "$i"/{etc/dkms,usr/bin,usr/src} "$i"/usr/src/{a-1,b-2}
	for module in a/1 b/2; do
		mkdir -p "$i/var/lib/dkms/$module"
		ln -s "/usr/src/${module/\//-}" "$i/var/lib/dkms/$module/source"
		: >"$i/usr/src/${module/\//-}/dkms.conf"
	done
	: >"$i/usr/bin/openssl"
	chmod +x "$i/usr/bin/openssl"
}

# in_image ARG...: modbtf-dkms under that root, run by $by_shell if that is set
in_image() {
	local shell
	read -ra shell <<<"${by_shell:-}"
	"${shell[@]}" "$modbtf_dkms" "$@" --root="$i"
}

# restored TEXT: a file with this text is edited, and then is as it was
restored() {
	local file=$i/etc/dkms/a.conf
	printf '%b' "$1" >"$file"
	cp "$file" "$work/before"
	in_image enable a
	grep -q 'POST_BUILD=' "$file"
	bash -n "$file"
	in_image enable --debug-info a
	[[ $(grep -c '^# modbtf-dkms begin' "$file") -eq 1 ]]
	in_image disable a
	cmp "$work/before" "$file"
}

files_are_restored() {
	local by_shell
	for by_shell in '' 'busybox sh' 'bash --posix'; do
		image
		in_image enable a
		in_image enable a
		in_image disable a
		[[ -z $(ls -A "$i/etc/dkms") ]]
		restored ''
		restored '\n\n'
		restored 'A=1'
		restored '# x\nPOST_BUILD="x y"\n'
		restored 'A=1\r\nB=2\r\n\r\n'
		restored 'caf\xe9=\xff\n\n\nB'
		# Text that was added later stays, and so does the end of its last line.
		printf 'A=1' >"$i/etc/dkms/a.conf"
		in_image enable a
		printf 'B=2' >>"$i/etc/dkms/a.conf"
		in_image disable a
		[[ $(<"$i/etc/dkms/a.conf") == $'A=1\nB=2' ]]
	done
}

files_keep_owner_and_mode() {
	image
	echo 'A=1' >"$i/etc/dkms/a.conf"
	chown 12:34 "$i/etc/dkms/a.conf"
	chmod 640 "$i/etc/dkms/a.conf"
	in_image enable a b
	[[ $(stat -c '%u:%g:%a' "$i/etc/dkms/a.conf") == 12:34:640 ]]
	[[ $(stat -c '%u:%g:%a' "$i/etc/dkms/b.conf") == 0:0:644 ]]
	in_image disable --all
	[[ $(stat -c '%u:%g:%a' "$i/etc/dkms/a.conf") == 12:34:640 ]]
	[[ $(ls -A "$i/etc/dkms") == a.conf ]]
}

# left_alone FILE: enable and disable fail, and it stays as it is
left_alone() {
	cp -a "$1" "$work/before"
	not in_image enable a 2>"$work/out"
	said 'not edited'
	not in_image disable a 2>"$work/out" || [[ -L $1 ]]
	cmp "$work/before" "$1"
	[[ $(ls -A "$i/etc/dkms") == a.conf ]]
}

files_that_are_left_alone() {
	local file
	image
	file=$i/etc/dkms/a.conf
	in_image enable a
	sed -i '/^# modbtf-dkms end/d' "$file"
	left_alone "$file"
	in_image enable b
	cat "$i/etc/dkms/b.conf" "$i/etc/dkms/b.conf" >"$file"
	rm "$i/etc/dkms/b.conf"
	left_alone "$file"
	printf '# modbtf-dkms end\nA=1\n# modbtf-dkms begin\n' >"$file"
	left_alone "$file"
	rm "$file"
	echo 'A=1' >"$work/elsewhere"
	ln -s "$work/elsewhere" "$file"
	left_alone "$file"
	[[ $(<"$work/elsewhere") == 'A=1' ]]
}

names_are_checked() {
	local name status
	image
	# shellcheck disable=SC2016 # as it stands there
	for name in '' . .. ../x a/1 -x 'a b' framework '*' 'a;b' $'a\nb' '$(id)' '"'; do
		status=0
		in_image enable -- "$name" >"$work/out" 2>&1 || status=$?
		[[ $status -eq 2 ]] || { echo "exit code $status for '$name'" && return 1; }
	done
	[[ -z $(ls -A "$i/etc/dkms") ]]
	in_image enable 'a+b_c-d.e~1:2@x'
	bash -n "$i/etc/dkms/a+b_c-d.e~1:2@x.conf"
}

root_is_not_left() {
	image
	rm -r "$i/etc/dkms"
	mkdir "$work/outside"
	ln -s "$work/outside" "$i/etc/dkms"
	not in_image enable a 2>"$work/out"
	said 'leads out of'
	not in_image enable --all 2>"$work/out"
	rm "$i/etc/dkms"
	mkdir "$i/etc/dkms"
	ln -s "$work/outside" "$i/etc/dkms/framework.conf.d"
	not in_image enable --all 2>"$work/out"
	[[ -z $(ls -A "$work/outside") ]]
	rm -r "$i/etc/dkms"
	not in_image enable a 2>"$work/out"
	said 'install DKMS first'
}

overrides_are_told() {
	image
	in_image enable a b
	echo 'POST_BUILD=other' >>"$i/etc/dkms/a.conf"
	not in_image status a >"$work/out" 2>&1
	said 'a: off'
	said 'a.conf counts for more'
	echo 'POST_BUILD=other' >"$i/etc/dkms/b-2.conf"
	not in_image status b >"$work/out" 2>&1
	said 'b-2.conf counts for more'
	rm "$i/etc/dkms/b-2.conf"
	in_image status b >"$work/out" 2>&1
	said 'b: on, by'
	# shellcheck disable=SC2016 # as it stands there
	echo 'POST_BUILD="../../../usr/lib/modbtf/post-build $PACKAGE_NAME"' >"$i/usr/src/a-1/dkms.conf"
	in_image disable --all
	in_image status >"$work/out" 2>&1
	said 'a: on, by /usr/src/a-1/dkms.conf'
	said 'b: off'
	not in_image disable a >"$work/out" 2>&1
	said 'a: is still on, by /usr/src/a-1/dkms.conf'
}

# headers TEXT: of a kernel with this configuration
headers() {
	mkdir -p "$i"/lib/modules/5-x "$i"/usr/src/linux-headers-5-x/{include/config,scripts}
	ln -sfn /usr/src/linux-headers-5-x "$i/lib/modules/5-x/build"
	echo "$1" >"$i/usr/src/linux-headers-5-x/include/config/auto.conf"
}

# all_is WHAT: where `enable --all` writes
all_is() {
	in_image enable --all >"$work/out" 2>&1
	[[ $(cd "$i/etc/dkms" && find . -type f -name '*.conf' | sort | tr '\n' ' ') == "$1 " ]]
	in_image disable --all
}

files_where_nothing_is_signed() {
	local one=./framework.conf.d/zz-modbtf.conf each='./a.conf ./b.conf'
	image
	all_is "$one"
	headers 'CONFIG_MODULES=y'
	all_is "$each"
	said 'kernel 5-x does without'
	headers 'CONFIG_MODULE_SIG_HASH="sha256"'
	all_is "$each"
	said 'the headers of kernel 5-x have no sign-file'
	: >"$i/usr/src/linux-headers-5-x/scripts/sign-file"
	all_is "$one"
	rm "$i/usr/bin/openssl"
	all_is "$each"
	said 'there is no key'
	: >"$i/var/lib/dkms/mok.key"
	all_is "$one"
	in_image enable --all --each
	[[ -e $i/etc/dkms/a.conf && -e $i/etc/dkms/b.conf ]]
	in_image disable --all
	in_image enable --all --debug-info
	grep -q 'KCFLAGS=-g' "$i/etc/dkms/b.conf"
	in_image disable --all
	mkdir "$i/srv"
	mv "$i/var/lib/dkms" "$i/srv/tree"
	echo 'dkms_tree="/srv/tree" # here' >"$i/etc/dkms/framework.conf"
	in_image enable --all --each
	[[ -e $i/etc/dkms/a.conf && -e $i/etc/dkms/b.conf ]]
}

# misused ARG...
misused() {
	local status=0
	in_image "$@" >"$work/out" 2>&1 || status=$?
	[[ $status -eq 2 ]] || { echo "exit code $status of: $*" && return 1; }
	said "Try 'modbtf-dkms --help'"
}

command_line() {
	image
	misused
	misused nothing a
	misused enable
	misused enable --all a
	misused enable --each a
	misused enable --wrong a
	misused disable --debug-info a
	"$modbtf_dkms" enable a --root 2>"$work/out" || [[ $? -eq 2 ]]
	said '--root wants a directory'
	"$modbtf_dkms" --help >"$work/out"
	said 'modbtf-dkms enable'
	"$modbtf_dkms" status --root "$i" a >"$work/out" 2>&1 || said 'a: off'
	not in_image status --root="$work/nowhere" a 2>"$work/out"
}
