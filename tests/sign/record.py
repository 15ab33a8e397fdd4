#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands in for sign-file: tells in $SIGNER_LOG how it was called, and has $SIGN_FILE sign.

Not a shell script: a shell opens files and blocks signals of its own.
"""

import os
import sys

descriptors = [(fd, os.readlink('/proc/self/fd/' + fd)) for fd in os.listdir('/proc/self/fd')
               if os.path.exists('/proc/self/fd/' + fd)]
with open('/proc/self/status', encoding='ascii') as file:
    blocked = [line.split()[1] for line in file if line.startswith('SigBlk')]
module = sys.argv[-1]
with open(os.environ['SIGNER_LOG'], 'w', encoding='utf-8') as log:
    for arg in sys.argv[1:]:
        print('argument', arg, file=log)
    print('directory', os.getcwd(), file=log)
    print('blocked', int(blocked[0], 16), file=log)
    print('session', os.getsid(0) == os.getpid(), file=log)
    if os.path.exists(module):
        print('mode %o in %o' % (os.stat(module).st_mode & 0o7777,
                                 os.stat(os.path.dirname(module)).st_mode & 0o7777), file=log)
    for fd, target in descriptors:
        print('descriptor', fd, target, file=log)
    with open('/proc/self/cmdline', encoding='utf-8') as file:
        print('cmdline', file.read().replace('\0', ' '), file=log)
os.execv(os.environ['SIGN_FILE'], sys.argv)
