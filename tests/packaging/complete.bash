#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# complete.bash FILE WORD...: what bash completes the last of these words to, by the completion in FILE; a word each line. An
# option and its value are three words, with the = between them.

set -euo pipefail
# shellcheck source=packaging/completions/modbtf.bash
source "$1"
shift
registered=$(complete -p modbtf)
function=$(sed -nE 's/.* -F ([^ ]+) .*/\1/p' <<<"$registered")
# shellcheck disable=SC2034 # the function reads it
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
# Its status says nothing: compopt fails where no line is edited.
"$function" "$1" "${@: -1}" "${@: -2:1}" || :
printf '%s\n' "${COMPREPLY[@]}"
