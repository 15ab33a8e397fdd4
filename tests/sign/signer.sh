#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# signer.sh HASH KEY CERT MODULE: stands in for sign-file. What it does is said in $SIGNER:
#   well			signs with $SIGN_FILE
#   anything else	is wrong in one way or another

set -euo pipefail
module=$4

case $SIGNER in
well) exec "$SIGN_FILE" "$@" ;;
fails)
	printf 'the token is\tnot\nthere \033[31m\n' >&2
	exit 3
	;;
says-it)
	echo "passphrase $KBUILD_SIGN_PIN does not fit"
	exit 1
	;;
dies) kill -KILL $$ ;;
hangs)
	echo $$ >"$SIGNER_LOG"
	sleep 600
	;;
hangs-quietly) # nothing of it is left open, and its child is as stubborn
	exec >/dev/null 2>&1
	trap '' TERM INT HUP
	sleep 600 &
	echo "$$ $!" >"$SIGNER_LOG"
	wait
	;;
nothing) ;;
garbage) head -c 300 /dev/zero >>"$module" ;;
marker) printf '%300s~Module signature appended~\n' '' >>"$module" ;;
not-pkcs7) printf '%16s\0\0\2\0\0\0\0\0\0\0\0\020~Module signature appended~\n' '' >>"$module" ;;
huge)
	head -c 100000 /dev/zero >>"$module"
	printf '\0\0\2\0\0\0\0\0\0\001\206\240~Module signature appended~\n' >>"$module"
	;;
changes) # and signs what it made of it
	printf X | dd of="$module" bs=1 seek=200 conv=notrunc status=none
	exec "$SIGN_FILE" "$@"
	;;
cuts)
	truncate -s -1 "$module"
	exec "$SIGN_FILE" "$@"
	;;
twice)
	"$SIGN_FILE" "$@"
	exec "$SIGN_FILE" "$@"
	;;
other-hash) exec "$SIGN_FILE" sha384 "${@:2}" ;;
other-key) exec "$SIGN_FILE" "$1" "$OTHER_KEY" "$OTHER_CERT" "$4" ;;
swapped) # as if sign-file were only now started
	own=$(pwd -P)
	[[ $own == */.modbtf-sign-* ]] || own=$(dirname "$module")
	mv "$own" "${own%/*}/moved"
	mkdir "$own"
	ln -s "$VICTIM" "$own/module.~signed~"
	cp "${own%/*}/moved/module" "$own/module"
	exec "$SIGN_FILE" "$@"
	;;
removes) rm "$module" ;;
links) ln -sf /etc/passwd "$module" ;;
pipe)
	rm "$module"
	mkfifo "$module"
	;;
*)
	echo "signer.sh: '$SIGNER'?" >&2
	exit 99
	;;
esac
