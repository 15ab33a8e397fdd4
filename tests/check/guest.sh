# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs in the guest: which of the modules in /modules has BTF that the kernel takes? Facts:
#   taken NUMBER
#   refused TEXT	the kernel's words for one of those that it did not take
#   status STATUS	of the loader

dmesg -c >/dev/null
status=0
/load "$MODULE" /modules >/tmp/taken 2>/tmp/why || status=$?
report status "$status"
report_file why /tmp/why
report_file taken /tmp/taken
dmesg | grep 'failed to validate module\|BTF mismatch' | head -n 1 >/tmp/refused
report_file refused /tmp/refused
