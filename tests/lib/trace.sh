# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a program opens, makes, renames and so on. To be sourced.
#
#   trace_foreign TRACE DIR PROGRAM	of what `strace -f -e trace=%file -o TRACE` saw: call and path, for each absolute path that is
#				not below DIR, but for the program, its libraries, what the C library reads for itself, and how much
#				memory there is

trace_foreign() {
	# The directories above DIR are only looked at.
	grep -oE '[a-z0-9_]+\((AT_FDCWD, |[0-9]+, )?"/[^"]*"' "$1" | sed -E 's/\(.*, "|\("/ /; s/"$//' |
		awk -v root="$2" '
			index($2, root "/") == 1 || $2 == root { next }
			index(root, $2 "/") == 1 && $1 ~ /stat|readlink|access/ { next }
			{ print }' |
		grep -vE ' (/usr)?(/lib|/lib64)/.*\.so(\.[0-9.]+)?$| /etc/(ld\.so\.(cache|preload)|localtime)$| /proc/(self|sys)/| /sys/fs/cgroup/([^ ]*/)?memory\.max$' |
		grep -vxF "execve $3" | grep -vxF "readlink /proc/self/exe" || true
}
