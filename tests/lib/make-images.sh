#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make-images.sh DIR: kernel images of every packing, mostly some KB each, around a tiny base.
#
# For the unit tests of src/base and as a corpus for the fuzzer of the unpacker. Needs gzip, xz and
# zstd. What is made:
#   base.btf base-be.btf	the base, in both byte orders: what has to be found in each image
#   small.btf program.btf	a base of fewer types; the BTF of a BPF program
#   vmlinux vmlinux-be	ELF, 64-bit; vmlinux32, vmlinux32-be: 32-bit
#   vmlinux-nobtf ...-empty ...-nobits ...-noheaders module.ko
#   vmlinux-zlib vmlinux-zstd	with a compressed section (zlib only where perl or python3 is)
#   vmlinux.xz vmlinux.gz	packed as a whole
#   bzImage.CODEC		gzip xz lzma zstd none; lz4 bzip2 lzo only have the magic
#   Image Image-be Image-nobtf Image.gz riscv.Image	bare memory: BTF among noise and decoys
#   zboot.CODEC		gzip xz zstd none; lz4 only has the magic
#   uki.efi uki-zboot.efi uki-gzip.efi efi.stub zImage.arm bzImage.s390 zImage.ppc
#   nested.gz bomb.gz	gzip seven times over; 64 MiB of zeros
# The release that they state is 6.1.0-test.

set -euo pipefail

release=6.1.0-test
banner="Linux version $release (build@host) (gcc 12) #1 SMP"

# Numbers, in the byte order of $order.
order=le

bytes() {
	local value=$1 nr=$2 i byte text=''
	for ((i = 0; i < nr; i++)); do
		printf -v byte '\\x%02x' $(((value >> 8 * i) & 0xff))
		[[ $order == le ]] && text+=$byte || text=$byte$text
	done
	printf '%b' "$text"
}

# u16 and u32 take several numbers.
u16() {
	local value
	for value; do bytes "$value" 2; done
}

u32() {
	local value
	for value; do bytes "$value" 4; done
}

u64() {
	bytes "$1" 8
}

size_of() {
	stat -c %s "$1"
}

# put FILE OFFSET: stdin over what FILE has there.
put() {
	dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}

# Noise that compresses badly enough and is the same each time.
noise() {
	head -c "$1" <(seq 1 100000)
}

# BTF. Offsets of names in the string section:
#   1 int  5 module  12 state  18 count  24 load_module  36 license  44 LICENSE
strings='\0int\0module\0state\0count\0load_module\0license\0LICENSE\0'
strings_size=52

btf_info() {
	echo $(($1 << 24 | $2))
}

btf_types() {
	u32 1 "$(btf_info 1 0)" 4 0x01000020 # 1: int
	u32 5 "$(btf_info 4 2)" 8 12 1 0 18 1 32 # 2: struct module { int state, count; }
	case $1 in
	small) ;;
	base)
		u32 0 "$(btf_info 2 0)" 2 # 3: struct module *
		u32 0 "$(btf_info 13 1)" 1 12 3 # 4: int (struct module *state)
		u32 24 "$(btf_info 12 1)" 4 # 5: load_module
		# More than the program has, so that base and program differ in size both ways.
		u32 0 "$(btf_info 10 0)" 2 0 "$(btf_info 2 0)" 6
		;;
	program)
		u32 44 "$(btf_info 14 0)" 1 1 # 3: int LICENSE
		u32 36 "$(btf_info 15 1)" 4 3 0 4 # 4: section license
		local i
		for ((i = 0; i < 40; i++)); do
			u32 0 "$(btf_info 2 0)" $((i ? 4 + i : 2))
		done
		;;
	esac
}

btf() {
	local types
	types=$(mktemp "$dir/types.XXXXXX")
	btf_types "$1" >"$types"
	u16 0xeb9f
	printf '\x01\x00'
	u32 24 0 "$(size_of "$types")" "$(size_of "$types")" "$strings_size"
	cat "$types"
	printf '%b' "$strings"
	rm "$types"
}

# Three headers that promise more than there is.
decoys() {
	u16 0xeb9f
	printf '\x01\x00'
	u32 24 0 0xfffffff0 0xfffffff0 0x7fffffff
	u16 0xeb9f
	printf '\x01\x00'
	u32 24 0 16 16 4 0 0 0 0 0
	u16 0xeb9f
	printf '\x01\x00'
	u32 0xffffffff 4 4 4 4
}

# elf CLASS TYPE NAME[%FLAGS]=FILE...: an ELF file of these sections, all PROGBITS but those whose
# FILE is "-", which are NOBITS. CLASS is 32 or 64.
elf() {
	local class=$1 type=$2 word=u64 header=64 entry=64 offset names='\0' name_offset=1
	local section name flags file heads body data machine
	shift 2
	[[ $class == 64 ]] || word=u32 header=52 entry=40
	body=$(mktemp "$dir/body.XXXXXX")
	heads=$(mktemp "$dir/heads.XXXXXX")
	printf "%b" "$(printf '\\0%.0s' $(seq "$entry"))" >"$heads"
	for section; do
		name=${section%%=*} file=${section#*=} flags=0
		[[ $name != *%* ]] || flags=${name#*%} name=${name%%%*}
		offset=$((header + $(size_of "$body")))
		if [[ $file == - ]]; then
			elf_section "$name_offset" 8 "$flags" "$offset" 4096 >>"$heads"
		else
			elf_section "$name_offset" 1 "$flags" "$offset" "$(size_of "$file")" >>"$heads"
			cat "$file" >>"$body"
		fi
		names+=$name'\0'
		name_offset=$((name_offset + ${#name} + 1))
	done
	names+='.shstrtab\0'
	elf_section "$name_offset" 3 0 $((header + $(size_of "$body"))) $((name_offset + 10)) >>"$heads"
	printf '%b' "$names" >>"$body"

	# x86-64 and s390 (EM_X86_64, EM_S390)
	[[ $order == le ]] && data=1 machine=62 || data=2 machine=22
	printf '\x7fELF%b%b\x01\0\0\0\0\0\0\0\0\0' "\\x0$((class / 32))" "\\x0$data"
	u16 "$type" "$machine"
	u32 1
	"$word" 0
	"$word" 0
	"$word" $((header + $(size_of "$body")))
	u32 0
	u16 "$header" 0 0 "$entry" $(($# + 2)) $(($# + 1))
	cat "$body" "$heads"
	rm "$body" "$heads"
}

# elf_section NAME TYPE FLAGS OFFSET SIZE: one section header.
elf_section() {
	u32 "$1" "$2"
	"$word" "$3"
	"$word" 0
	"$word" "$4"
	"$word" "$5"
	u32 0 0
	"$word" 1
	"$word" 0
}

# pack CODEC FILE: as the kernel's build does. Where we have no reader, the magic will do.
pack() {
	case $1 in
	gzip) gzip -9nc "$2" ;;
	xz) xz -c --check=crc32 "$2" ;;
	lzma) xz -c --format=lzma "$2" ;;
	zstd) zstd -qc -19 --no-check <"$2" ;; # from a pipe: no content size
	none) cat "$2" ;;
	lz4) printf '\x02\x21\x4c\x18' && noise 1000 ;;
	bzip2) printf 'BZh9' && noise 1000 ;;
	lzo) printf '\x89LZO\0\r\n\x1a\n' && noise 1000 ;;
	esac
}

# bzimage CODEC FILE OUT: one sector of setup and its header, the release behind it.
bzimage() {
	local codec=$1 file=$2 out=$3 payload=$dir/payload
	pack "$codec" "$file" >"$payload"
	[[ $codec == gzip ]] || u32 "$(size_of "$file")" >>"$payload"
	rm -f "$out"
	truncate -s 1088 "$out"
	printf 'MZ' | put "$out" 0
	printf '\x01' | put "$out" 0x1f1
	u16 0xaa55 | put "$out" 0x1fe
	printf 'HdrS' | put "$out" 0x202
	u16 0x20f | put "$out" 0x206
	u16 0x100 | put "$out" 0x20e
	u32 64 "$(size_of "$payload")" | put "$out" 0x248
	printf '%s (build@host) #1\0' "$release" | put "$out" 0x300
	cat "$payload" >>"$out"
	noise 500 >>"$out" # relocations, signature
	rm "$payload"
}

# zboot CODEC FILE OUT
zboot() {
	local codec=$1 file=$2 out=$3 payload=$dir/payload
	pack "$codec" "$file" >"$payload"
	rm -f "$out"
	truncate -s 4096 "$out"
	printf 'MZ\0\0zimg' | put "$out" 0
	u32 4096 "$(size_of "$payload")" | put "$out" 8
	printf '%s' "$codec" | put "$out" 24
	cat "$payload" >>"$out"
	[[ $codec == gzip ]] || u32 "$(size_of "$file")" >>"$out"
	noise 500 >>"$out"
	rm "$payload"
}

# pe OUT NAME=FILE...: a PE file of these sections, none without.
pe() {
	local out=$1 section nr=0 name file
	shift
	rm -f "$out"
	truncate -s 1024 "$out"
	printf 'MZ' | put "$out" 0
	u32 128 | put "$out" 0x3c
	printf 'PE\0\0' | put "$out" 128
	u16 $# | put "$out" 134
	u16 240 | put "$out" 148
	for section; do
		name=${section%%=*} file=${section#*=}
		printf '%s' "$name" | put "$out" $((392 + nr * 40))
		u32 "$(size_of "$file")" 0x1000 $((($(size_of "$file") + 511) / 512 * 512)) \
			"$(size_of "$out")" | put "$out" $((400 + nr * 40))
		cat "$file" >>"$out"
		truncate -s %512 "$out"
		nr=$((nr + 1))
	done
}

# bare OUT SIZE FILE...: memory with FILEs in it, at odd addresses, between noise and decoys. SIZE is
# that of the noise at its start.
bare() {
	local out=$1 size=$2 file
	shift 2
	{
		noise "$size"
		decoys
		printf 'Linux version %%s\n\0'
		printf '%s\n\0' "$banner"
		for file; do
			cat "$file"
			noise 301
		done
		decoys
	} >"$out"
}

# with_magic OUT FILE OFFSET MAGIC: a header of 64 bytes with MAGIC before FILE.
with_magic() {
	{
		printf '%b' "$(printf '\\0%.0s' {1..64})"
		cat "$2"
	} >"$1"
	printf '%b' "$4" | put "$1" "$3"
}

make_elf() {
	local codec
	printf '%s\n\0' "$banner" >rodata
	noise 3000 >text
	: >none
	elf 64 2 .text=text .rodata=rodata .BTF=base.btf >vmlinux
	elf 32 2 .text=text .rodata=rodata .BTF=base.btf >vmlinux32
	elf 64 2 .text=text .rodata=rodata >vmlinux-nobtf
	elf 64 2 .text=text .BTF=none >vmlinux-empty
	elf 64 2 .text=- .rodata=- .BTF=- >vmlinux-nobits
	elf 64 1 .text=text .BTF=base.btf .gnu.linkonce.this_module=rodata >module.ko
	cp vmlinux vmlinux-noheaders
	bytes 0 8 | put vmlinux-noheaders 40
	{
		u32 2 0
		u64 "$(size_of base.btf)"
		u64 1
		zstd -qc <base.btf
	} >part
	elf 64 2 .text=text .rodata=rodata .BTF%0x800=part >vmlinux-zstd
	# A zlib stream is what gzip has between header and trailer, in a frame of its own; its checksum
	# is another one (Adler-32).
	{
		u32 1 0
		u64 "$(size_of base.btf)"
		u64 1
		printf '\x78\xda'
		gzip -9nc base.btf | tail -c +11 | head -c -8
		order=be u32 "$(adler32 base.btf)"
	} >part
	elf 64 2 .text=text .rodata=rodata .BTF%0x800=part >vmlinux-zlib
	order=be
	elf 64 2 .text=text .rodata=rodata .BTF=base-be.btf >vmlinux-be
	elf 32 2 .text=text .rodata=rodata .BTF=base-be.btf >vmlinux32-be
	order=le
	pack xz vmlinux >vmlinux.xz
	pack gzip vmlinux >vmlinux.gz
	for codec in gzip xz lzma zstd none lz4 bzip2 lzo; do
		bzimage "$codec" vmlinux "bzImage.$codec"
	done
	pack gzip vmlinux >part
	elf 32 2 .kernel:vmlinux.strip=part >zImage.ppc
	rm part none
}

adler32() {
	local a=1 b=0 byte
	while read -r byte; do
		a=$(((a + byte) % 65521))
		b=$(((b + a) % 65521))
	done < <(od -An -v -t u1 -w1 "$1")
	echo $((b << 16 | a))
}

make_bare() {
	local codec
	bare memory 1001 small.btf base.btf program.btf
	bare memory-be 1001 small.btf base-be.btf program.btf
	bare memory-nobtf 1001 program.btf
	with_magic Image memory 56 'ARM\x64'
	with_magic Image-be memory-be 56 'ARM\x64'
	with_magic Image-nobtf memory-nobtf 56 'ARM\x64'
	with_magic riscv.Image memory 56 'RSC\x05'
	pack gzip Image >Image.gz
	for codec in gzip xz zstd none lz4; do
		zboot "$codec" Image "zboot.$codec"
	done
	cp memory unknown.bin
	# A payload that has to be searched for is known by its length.
	bare memory 70001 small.btf base.btf program.btf
	bare memory-be 70001 small.btf base-be.btf program.btf
	noise 500 >part
	with_magic zImage.arm part 36 '\x18\x28\x6f\x01'
	{
		printf '\x1f\x8b\x08\0\0\0' # a decoy
		pack xz memory
		noise 500
	} >>zImage.arm
	noise 70000 >bzImage.s390
	printf 'S390EP' | put bzImage.s390 0x10008
	pack gzip memory-be >>bzImage.s390
	rm part memory memory-be memory-nobtf
}

make_efi() {
	local i
	printf '%s' "$release" >uname.text
	pe uki.efi .text=text .uname=uname.text .linux=bzImage.zstd
	pe uki-zboot.efi .text=text .linux=zboot.gzip
	pe uki-gzip.efi .linux=Image.gz
	pe efi.stub .text=Image
	cp base.btf nested.gz
	for ((i = 0; i < 7; i++)); do
		gzip -nc nested.gz >nested
		mv nested nested.gz
	done
	head -c 64M /dev/zero | gzip -nc >bomb.gz
	rm uname.text
}

if [[ $# -ne 1 ]]; then
	echo "usage: make-images.sh DIR" >&2
	exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)
cd "$dir"
for name in base small program; do
	btf "$name" >"$name.btf"
done
order=be
btf base >base-be.btf
order=le
make_elf
make_bare
make_efi
rm text rodata
