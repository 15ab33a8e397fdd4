# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The result protocol of all shell suites. To be sourced.
#
#   pass NAME		one case went well
#   fail NAME WHY	one case went wrong
#   skip NAME WHY	one case could not be run here
#   summary		the count of all three; its status is 1 if anything failed
#
# One line a case on stdout: "ok - NAME", "not ok - NAME: WHY", "skip - NAME: WHY".
# Where CI=true a skip counts as a failure: there everything has to run.

report_passed=0
report_failed=0
report_skipped=0

pass() {
	report_passed=$((report_passed + 1))
	printf 'ok - %s\n' "$1"
}

fail() {
	report_failed=$((report_failed + 1))
	printf 'not ok - %s: %s\n' "$1" "${2:?fail: say why}"
}

skip() {
	report_skipped=$((report_skipped + 1))
	printf 'skip - %s: %s\n' "$1" "${2:?skip: say why}"
}

summary() {
	printf '%d passed, %d failed, %d skipped\n' \
		"$report_passed" "$report_failed" "$report_skipped"
	if [[ $report_failed -gt 0 ]]; then
		return 1
	fi
	if [[ ${CI:-} == true && $report_skipped -gt 0 ]]; then
		printf 'a skip is a failure where CI=true\n'
		return 1
	fi
	# Nothing run at all is a broken suite, not a good one.
	[[ $((report_passed + report_skipped)) -gt 0 ]]
}
