#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Have modules still the functions that they had?

functions.py OLD_BASE NEW_BASE CACHE < LIST

Like tests/rebase/judge.py, with the same arguments and the same lines of LIST, but for functions and
variables alone, which takes a fifth of the time: the same ones in the same order, with linkage,
prototype and, of variables, section and place. Prints a line for each module where that is not so, and
at the end "MODULES modules, FUNCTIONS functions". Exit status 1 if there was such a line.
"""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'rebase'), os.path.join(HERE, '..', 'lib')]
import btf as B  # noqa: E402
import judge as J  # noqa: E402

KINDS = (B.FUNC, B.VAR, B.DATASEC)


def texts(path, base):
    """({name of the kind: texts}, number of functions)"""
    btf = B.load(path, base)
    found = {kind: [] for kind in KINDS}
    for tid in btf.ids():
        kind = btf.kind(tid)
        if kind in found:
            found[kind].append(J.plain(btf.define(tid)))
    return found


def main(argv):
    if len(argv) != 4:
        print('usage: functions.py OLD_BASE NEW_BASE CACHE < LIST', file=sys.stderr)
        return 2
    old_base = B.load_base(argv[1], argv[3])
    new_base = old_base if argv[1] == argv[2] else B.load_base(argv[2], argv[3])
    modules = functions = wrong = 0
    for line in sys.stdin:
        name, old, new = line.rstrip('\n').split('\t')
        try:
            was, now = texts(old, old_base), texts(new, new_base)
        except (B.BtfError, OSError) as error:
            print('%s: %s' % (name, error))
            wrong += 1
            continue
        modules += 1
        functions += len(now[B.FUNC])
        if was != now:
            some = next((pair for kind in KINDS for pair in zip(was[kind], now[kind])
                         if pair[0] != pair[1]), ('one number', 'another'))
            print('%s: was %s, is %s' % ((name,) + some))
            wrong += 1
    print('%d modules, %d functions' % (modules, functions))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
