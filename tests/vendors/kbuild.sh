# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # what run sets
#
# packaging/kbuild: what kbuild prints is what it does. Three modules, one in a subdirectory.

# private_build SERIES: a build directory with a key of its own in it, $build
private_build() {
	local from=${builds[$1]} dir=$work/build-$1
	build=$dir/usr/src/${from##*/}
	if [[ ! -d $build ]]; then
		mkdir -p "$dir/usr/src"
		ln -s "$from"/../../lib "$dir/usr/lib"
		ln -s "$from"/../*-common "$dir/usr/src/"
		cp -a "$from" "$dir/usr/src/"
		mkdir "$build/certs"
		openssl req -new -x509 -nodes -days 2 -sha256 -subj "/CN=modbtf test" -keyout "$build/certs/key.pem" \
			-out "$build/certs/pem" 2>/dev/null
		openssl x509 -in "$build/certs/pem" -outform DER -out "$build/certs/signing_key.x509"
	fi
}

# driver SERIES: a driver that includes modbtf.mk, in $driver, and $build for it
driver() {
	series=$1
	driver=$work/driver
	rm -rf "$driver"
	mkdir -p "$driver/sub"
	cp "$tree"/tests/samples/modbtf_sample/*.[chS] "$driver/"
	cp "$tree/tests/samples/modbtf_hello/modbtf_hello.c" "$driver/sub/"
	sed 's/hello/other/g' "$tree/tests/samples/modbtf_hello/modbtf_hello.c" >"$driver/sub/modbtf_other.c"
	cat "$tree/tests/samples/modbtf_sample/Kbuild" - >"$driver/Kbuild" <<-END
		obj-m += sub/
		-include $tree/packaging/kbuild/modbtf.mk
	END
	echo 'obj-m := modbtf_hello.o modbtf_other.o' >"$driver/sub/Kbuild"
	modules=("$driver"/{modbtf_sample,sub/modbtf_hello,sub/modbtf_other}.ko)
	find "$driver" -type f | sort >"$work/sources"
	base=$work/base
	[[ -e $work/raw-$series ]] || "$plain" base -q -b "${images[$series]}" -o "$work/raw-$series"
	cp "$work/raw-$series" "$base"
	private_build "$series"
}

# kbuild ARG...: make on the driver
kbuild() {
	make --no-print-directory -C "$build" M="$driver" MODBTF="$plain" MODBTF_BASE="$base" "$@"
}

# did WORD...: of CC, LD, BTF and so on, for modules, these were done and no others
did() {
	sed -nE 's/^  ([A-Z]+) .*/\1/p' "$work/out" | sort | uniq -c | awk '{ print $2 "=" $1 }' | tr '\n' ' ' >"$work/done"
	[[ "$(<"$work/done")" == "$* " ]] || { echo "expected $*, got:" && cat "$work/out" && return 1; }
}

# another_base: the base file gets the same kernel's BTF, but for the name of one type
another_base() {
	python3 - "$work/raw-$series" "$base" <<-'END'
		import sys
		raw = open(sys.argv[1], 'rb').read()
		for name in (b'kobj_uevent_env', b'uevent_sock', b'cpu_itimer'):
		    if raw.count(b'\0' + name + b'\0') == 1:
		        break
		else:
		    sys.exit('no name to change')
		open(sys.argv[2], 'wb').write(raw.replace(b'\0' + name + b'\0', b'\0' + b'z' * len(name) + b'\0'))
	END
}

builds_with_btf() {
	driver "$1"
	loud kbuild -j4
	[[ $(grep -c '^  BTF \[M\] ' "$work/out") -eq 3 ]]
	unsaid 'Skipping BTF'
	[[ $(sed -nE 's/^  (LD|BTF) \[M\] .*modbtf_sample\.ko$/\1/p' "$work/out" | tr '\n' ' ') == 'LD BTF ' ]]
	sound "$base" "${modules[@]}"
	silent kbuild -j4
	silent kbuild
}

follows_the_base() {
	touch "$base"
	silent kbuild
	another_base
	loud kbuild -j4
	did BTF=3
	sound "$base" "${modules[@]}"
	[[ $series != 6.1 ]] || not sound "$work/raw-$series" "${modules[@]}"
	keeps_kfuncs
	silent kbuild
	cp "$work/raw-$series" "$base"
	loud kbuild
	did BTF=3
	sound "$base" "${modules[@]}"
	keeps_kfuncs
}

# keeps_kfuncs: what kfuncs there are, and their flags, are those that a module has that was just linked
keeps_kfuncs() {
	"$plain" generate -q -b "$base" -o "$work/fresh.ko" "${samples[$series]}"
	loud "$plain" diff -b "$base" "$work/fresh.ko" "${modules[0]}"
}

follows_the_module() {
	touch "$driver/sub/modbtf_other.c"
	loud kbuild -j4
	did BTF=1 CC=1 LD=1 MODPOST=1
	said "sub/modbtf_other.ko"
	objcopy --remove-section=.BTF "${modules[1]}"
	loud kbuild
	did BTF=1
	loud kbuild MODBTF_FLAGS='--base-section=never'
	did BTF=3
	silent kbuild MODBTF_FLAGS='--base-section=never'
	loud kbuild
	did BTF=3
	sound "$base" "${modules[@]}"
}

shows_the_commands() {
	touch "$driver/sub/modbtf_other.c"
	loud kbuild V=1
	said "$plain generate -q --config= -b '$base'   $driver/sub/modbtf_other.ko"
	touch "$driver/sub/modbtf_other.c"
	loud kbuild sub/modbtf_other.ko
	said "BTF [M]"
	loud kbuild
	sound "$base" "${modules[@]}"
}

# The order of kbuild's own steps: install, strip, sign, compress; the BTF is there before them.
installs() {
	local dest=$work/installed file unpacked=$work/unpacked.ko signature
	rm -rf "$dest"
	loud kbuild modules_install INSTALL_MOD_PATH="$dest" INSTALL_MOD_STRIP=1 CONFIG_MODULE_SIG_KEY=certs/key.pem "${@:2}"
	unsaid 'SSL error'
	unsaid 'BTF [M]'
	mapfile -t installed < <(find "$dest" -name '*.ko*')
	[[ ${#installed[@]} -eq 3 && ${installed[0]} == *$1 ]]
	sound "$base" "${installed[@]}"
	for file in "${installed[@]}"; do
		case $file in
		*.xz) xz -dc "$file" >"$unpacked" ;;
		*.zst) zstd -qdc "$file" >"$unpacked" ;;
		*) cp "$file" "$unpacked" ;;
		esac
		signature=$(tail -c 28 "$unpacked" | tr -d '\n')
		[[ $signature == '~Module signature appended~' ]]
		not grep '^\.debug_info' < <(sections "$unpacked")
	done
}

cleans() {
	loud kbuild clean
	find "$driver" -type f | sort | diff "$work/sources" -
}

lacks_a_base() {
	driver 6.12
	base=$work/nowhere
	loud kbuild
	said "modbtf: $base: cannot open"
	said 'WARNING: modbtf: modules get no BTF'
	[[ -e ${modules[2]} ]]
	not kbuild MODBTF_STRICT=1 >"$work/out" 2>&1
	base='' loud kbuild
	said "modbtf: no vmlinux and no vmlinuz of kernel ${releases[6.12]}"
	base=$work/raw-6.12
	loud kbuild
	did BTF=3
	sound "$base" "${modules[@]}"
}

lacks_the_program() {
	loud kbuild MODBTF="$work/nowhere"
	said "$work/nowhere: not found"
	said 'Skipping BTF'
	not kbuild MODBTF="$work/nowhere" MODBTF_STRICT=1 >"$work/out" 2>&1
	said "$work/nowhere: not found, and MODBTF_STRICT=1"
	loud kbuild
	did BTF=3
}

fails_for_a_module() {
	loud kbuild MODBTF_FLAGS=--nonsense
	said "unrecognized option '--nonsense'"
	said 'WARNING: modbtf:'
	not kbuild MODBTF_FLAGS=--nonsense MODBTF_STRICT=1 >"$work/out" 2>&1
	loud kbuild
	did BTF=3
}

# As kernel developers have it. One without BTF is passed over.
takes_vmlinux() {
	base=''
	echo 'char banner[] = "Linux version '"${releases[6.12]}"' (a@b) #1";' | gcc -c -x c -o "$work/empty.o" -
	cp "$work/empty.o" "$build/vmlinux"
	loud kbuild
	said 'vmlinux: '
	said "modbtf: no vmlinux and no vmlinuz of kernel ${releases[6.12]}"
	objcopy --add-section=.BTF="$work/raw-$series" "$work/empty.o" "$build/vmlinux"
	loud kbuild
	did BTF=3
	rm "$build/vmlinux"
	sound "$work/raw-6.12" "${modules[@]}"
}

# Beside a Kbuild, no makefile is read by kbuild.
warns_in_the_wrong_place() {
	driver 6.12
	printf 'include %s\nall:\n' "$tree/packaging/kbuild/modbtf.mk" >"$driver/Makefile"
	loud make --no-print-directory -C "$driver"
	said 'include it there'
	rm "$driver/Kbuild"
	loud make --no-print-directory -C "$driver"
	unsaid 'include it there'
}

# Kernels from 6.13 on build in the directory of the module. Their compiler is in another root, where the program comes
# with its libraries.
builds_for_7() {
	local root headers release library dir=$work/driver-7 say
	release=$(kernel_release 7)
	root=$(toolchain_tree)
	headers=$(kernel_headers 7)
	rm -rf "$dir"
	mkdir -p "$dir/lib"
	cp "$tree"/tests/samples/modbtf_sample/* "$tree"/packaging/kbuild/* "$dir/"
	# shellcheck disable=SC2016 # make expands it
	echo 'include $(src)/modbtf.mk' >>"$dir/Kbuild"
	for library in $(ldd "$plain" | grep -oE '/[^ ]+') "$(ldconfig -p | sed -n '/libkmod\.so\.2/s/.*=> //p' | sed -n 1p)"; do
		cp -L "$library" "$dir/lib/"
	done
	cp "$plain" "$dir/lib/program"
	cp "$(kernel_image 7)" "$dir/vmlinuz"
	printf '#!/bin/sh\nexec /module/lib/ld-linux-*.so.* --library-path /module/lib /module/lib/program "$@"\n' \
		>"$dir/modbtf"
	chmod +x "$dir/modbtf"
	for library in "$headers"/usr/lib/linux-kbuild-*; do
		ln -sfn "/headers/usr/lib/${library##*/}" "$root/usr/lib/${library##*/}"
	done
	build_7() {
		toolchain_run "$root" "$headers" "$dir" make --no-print-directory -C "/usr/src/linux-headers-$release" \
			M=/module -j4 MODBTF=/module/modbtf MODBTF_BASE=/module/vmlinuz 2>&1 |
			grep -vE '^warning: |^  (The kernel was built with|You are using)|ing directory'
	}
	say=$(build_7)
	[[ $say == *'  BTF [M] modbtf_sample.ko'* && $say != *Skipping* ]] || { echo "$say" && return 1; }
	sound "$(kernel_image 7)" "$dir/modbtf_sample.ko"
	say=$(build_7 || true)
	[[ -z $say ]] || { echo "the second time: $say" && return 1; }
}

for series in 6.1 6.12; do
	expect "kbuild $series: each module gets its BTF, once" builds_with_btf "$series"
	# As the case has it, which runs in a shell of its own.
	driver=$work/driver base=$work/base modules=("$work"/driver/{modbtf_sample,sub/modbtf_hello,sub/modbtf_other}.ko)
	build=$work/build-$series/usr/src/${builds[$series]##*/}
	expect "kbuild $series: another base, and nothing is compiled or linked" follows_the_base
	if [[ $series == 6.1 ]]; then
		expect "kbuild $series: installed, stripped, signed" installs .ko
	else
		expect "kbuild $series: what is linked anew gets its BTF anew" follows_the_module
		expect "kbuild $series: V=1, one module by name" shows_the_commands
		expect "kbuild $series: installed, stripped, signed, compressed" installs .ko.xz
		expect "kbuild $series: the same, with zstd" installs .ko.zst CONFIG_MODULE_COMPRESS_XZ= CONFIG_MODULE_COMPRESS_ZSTD=y
	fi
	expect "kbuild $series: clean" cleans
done
expect "kbuild: no base is a warning, and an error if that is asked for" lacks_a_base
driver 6.12
expect "kbuild: no program, the same; kbuild's own step is there" lacks_the_program
expect "kbuild: a module that gets none, the same" fails_for_a_module
expect "kbuild: vmlinux of the build directory" takes_vmlinux
expect "kbuild: an include that nobody reads is told" warns_in_the_wrong_place
expect "kbuild 7: each module gets its BTF, once" builds_for_7
