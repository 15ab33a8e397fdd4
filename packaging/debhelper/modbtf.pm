# SPDX-License-Identifier: GPL-2.0-only
#
# dh --with modbtf. Before dh_strip, and whatever else a package does there about debug information.

use strict;
use warnings;
use Debian::Debhelper::Dh_Lib;

insert_before('dh_strip', 'dh_modbtf');

1;
