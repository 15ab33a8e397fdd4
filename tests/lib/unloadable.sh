# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # for who sources it
#
# Modules that no guest of ours can load, for a reason that has nothing to do with BTF: unloadable[NAME]=WHY. To be sourced.

declare -A unloadable=(
	[bbswitch]='wants two graphics cards'
	[hdaps]='wants a ThinkPad'
	[dahdi_echocan_oslec]='wants a staging module that Debian leaves out'
	[thinkpad_ec]='wants a ThinkPad'
	[tp_smapi]='wants a ThinkPad'
	[lime]='wants to know where memory shall be dumped to'
	[gost_test]='wants algorithms by modprobe'
	[xt_DNETMAP]='wants NF_NAT built in'
	[xt_pknock]='wants modprobe'
)
