# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Cases that are commands. To be sourced, after report.sh.
#
#   expect NAME COMMAND...	passes if the command succeeds, and shows what it printed if not. A
#				function fails with its first command that fails

expect() {
	local name=$1 status output
	shift
	# Not as the condition of an `if`: bash turns `set -e` off there, for all that is called from it.
	set +e
	output=$(
		set -e
		"$@" 2>&1
	)
	status=$?
	set -e
	if [[ $status -eq 0 ]]; then
		pass "$name"
	else
		output=$(tr '\n' ' ' <<<"$output" | cut -c 1-500)
		fail "$name" "exit code $status: ${output:-it said nothing}"
	fi
}
