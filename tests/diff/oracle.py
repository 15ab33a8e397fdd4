#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does `modbtf diff --json` say of two kernels what an independent reader of BTF says?

oracle.py OLD NEW JSON

OLD and NEW are raw BTF. Named types and functions are compared as texts, in which typedefs stand by
their name as well; per sort and name, what is gained, lost or changed must be what JSON says.
Prints the figures; exit status 1, and some lines that differ, if it is not.
"""

import collections
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf as B  # noqa: E402

WORDS = {B.STRUCT: 'struct', B.UNION: 'union', B.ENUM: 'enum', B.ENUM64: 'enum', B.TYPEDEF: 'typedef',
         B.INT: 'int', B.FLOAT: 'float', B.FUNC: 'function'}


class ByName(B.Btf):
    """Refers to typedefs and integers by name alone."""

    def _make_refer(self, tid):
        if self.kind(tid) in (B.TYPEDEF, B.INT):
            return self.name(tid)
        return super()._make_refer(tid)

    def _make_define(self, tid):
        if self.kind(tid) == B.TYPEDEF:
            return 'typedef ' + self.refer(self.head(tid)[4])
        return super()._make_define(tid)


def things(btf):
    """{(sort, name): set of texts}"""
    found = collections.defaultdict(set)
    for tid in btf.ids():
        kind, name, vlen = btf.head(tid)[:3]
        if kind in WORDS and name and (vlen or kind not in (B.ENUM, B.ENUM64)):
            found[WORDS[kind], name].add(btf.define(tid))
    return found


def expected(old, new):
    for key in set(old) | set(new):
        gone, come = old.get(key, set()) - new.get(key, set()), new.get(key, set()) - old.get(key, set())
        for _ in range(min(len(gone), len(come))):
            yield key + ('changed',)
        for _ in range(len(gone) - len(come)):
            yield key + ('lost',)
        for _ in range(len(come) - len(gone)):
            yield key + ('gained',)


def main():
    old, new = (things(ByName(open(path, 'rb').read())) for path in sys.argv[1:3])
    wanted = collections.Counter(expected(old, new))
    have = collections.Counter()
    with open(sys.argv[3], encoding='utf-8') as stream:
        for line in stream:
            said = json.loads(line)
            if said['kind'] in WORDS.values() and said['name']:
                have[said['kind'], said['name'], said['change']] += 1
    print('%d differences of %d things' % (sum(wanted.values()), len(new)))
    for word, rest in (('not said', wanted - have), ('said', have - wanted)):
        for key in sorted(rest)[:5]:
            print('%s: %s' % (word, ' '.join(key)))
    return wanted != have


sys.exit(main())
