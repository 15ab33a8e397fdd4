# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of modbtf(8) for bash. Needs nothing of bash-completion, by which it is loaded.

# _modbtf_options COMMAND: as `modbtf COMMAND --help` has them; those that take a value end with =
_modbtf_options() {
	local make='-b --base= --old-base= --debug= -k --kernel= --root= -j --jobs= --memlimit= -n --dry-run --base-section=
		--sign-key= --sign-cert= --sign-hash= --sign-file= --sign --unsigned --config= --force --strict'
	case $1 in
	generate) printf '%s ' "$make" -o --output= --shard= ;;
	update) printf '%s ' "$make" ;;
	check) printf '%s ' -b --base= -k --kernel= --root= -j --jobs= --memlimit= --config= ;;
	show) printf '%s ' -b --base= -k --kernel= --root= --dump= ;;
	diff) printf '%s ' -b --base= --old-base= --root= ;;
	base) printf '%s ' -b --base= -k --kernel= -o --output= --root= -n --dry-run --list --prune ;;
	*) return ;;
	esac
	printf '%s ' --json -q --quiet -v --verbose -h --help
}

# _modbtf_reply COMPGEN-ARG...: what that has for $current
_modbtf_reply() {
	mapfile -t COMPREPLY < <(compgen "$@" -- "$current")
}

_modbtf_modules() {
	local path
	_modbtf_reply -f
	for path in "${!COMPREPLY[@]}"; do
		[[ ${COMPREPLY[path]} == *.ko?(.gz|.xz|.zst) || -d ${COMPREPLY[path]/#\~/$HOME} ]] || unset "COMPREPLY[path]"
	done
	COMPREPLY=("${COMPREPLY[@]}")
	compopt -o filenames 2>/dev/null
}

# _modbtf_value OPTION: fails if that takes none
_modbtf_value() {
	case $1 in
	-k | --kernel) _modbtf_reply -W "$(cd /lib/modules 2>/dev/null && printf '%s ' *)" ;;
	-j | --jobs | --memlimit | --shard) COMPREPLY=() ;;
	--base-section) _modbtf_reply -W 'auto always never' ;;
	--sign-hash) _modbtf_reply -W 'sha256 sha384 sha512 sha3-256 sha3-384 sha3-512' ;;
	--dump) _modbtf_reply -W 'raw c' ;;
	--root)
		_modbtf_reply -d
		compopt -o filenames 2>/dev/null
		;;
	-b | --base | --old-base | --debug | -o | --output | --sign-key | --sign-cert | --sign-file | --config)
		_modbtf_reply -f
		compopt -o filenames 2>/dev/null
		;;
	*) return 1 ;;
	esac
}

_modbtf() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_modbtf_reply -W 'generate update check show diff base -h --help --version'
		return
	fi
	# bash takes the = of --option=VALUE for a word.
	if [[ $current == = ]]; then
		current=
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $before == --sign ]]; then
		before=
	fi
	if [[ $before == --sign ]]; then
		_modbtf_reply -W 'auto always'
	elif _modbtf_value "$before"; then
		return
	elif [[ $current == -* ]]; then
		_modbtf_reply -W "$(_modbtf_options "$command")"
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	else
		case $command in
		generate | update | check | show) _modbtf_modules ;;
		diff)
			_modbtf_reply -f
			compopt -o filenames 2>/dev/null
			;;
		esac
	fi
}

complete -F _modbtf modbtf
