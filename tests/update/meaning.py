#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares BTF that went from one base to another with that of debug info, by meaning.

meaning.py BASE CACHE < LIST

Everything is as in tests/differential/compare.py, but for one difference that has to be: debug info
tells the layout of each type that the compiler saw, also where the module only points to it and the
base has another one (drift). BTF has this only of types that the module embeds, for to the base that
it was made on the others were no drift.
"""

import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'differential'), os.path.join(HERE, '..', 'lib')]
import btf as B  # noqa: E402
import compare as C  # noqa: E402


def is_drift(base, letter, text):
    found = re.match('(struct|union|enum) ([^:]+):', text)
    return letter == 'missing' and found and (found[1], found[2]) in base.btf.named()


def main(argv):
    base = C.Base(argv[1], argv[2])
    good = True
    for line in sys.stdin:
        name, reference, ours = line.rstrip('\n').split('\t')
        try:
            faults = list(C.compare(C.Split(reference, base), C.Split(ours, base), base))
        except (B.BtfError, OSError) as error:
            faults = [('unreadable', str(error))]
        drift = [text for letter, text in faults if is_drift(base, letter, text)]
        faults = [fault for fault in faults if not is_drift(base, *fault)]
        good = good and not faults
        print('%s\t%s\t%s' % ('not ok' if faults else 'ok', name,
                              C.describe(faults) or '%d drifted types are not told' % len(drift)))
    return 0 if good else 1


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
