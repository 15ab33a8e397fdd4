#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""compare.py BASE CACHE: judges distilled BTF. Reads a line for each module from stdin:

  NAME<TAB>DIRECTORY

The directory holds raw BTF: plain (split BTF over BASE), base and split (modbtf's distilled base and
what is over it), peer-base and peer-split (what libbpf makes of plain), relocated (split, relocated
onto BASE by modbtf), peer-relocated (the same by libbpf). Prints VERDICT<TAB>NAME<TAB>WHY.

What has to hold:
- The distilled bases have the same types, by kind, name and size. Only types that relocation finds
  several of may be missing, and then also present for what their definitions use.
- So have the split parts, if nothing is missing.
- Relocated split BTF is the same bytes, whoever did it.
- It has the types of plain split BTF, and beyond them only types that the base has as well.
- If the base's types stand in the order of their names, so do those of plain, base and split.
"""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf  # noqa: E402

COMPOSITE = (btf.STRUCT, btf.UNION)
ENUMS = (btf.ENUM, btf.ENUM64)
KINDS = (btf.INT, btf.FLOAT, btf.FWD) + COMPOSITE + ENUMS


class Ambiguity:
    """The kernel's rule of matching by name, once more and by other means than modbtf's."""

    def __init__(self, base):
        self.by_name = collections.defaultdict(list)
        for tid in base.ids():
            kind, name, _, flag, size, _ = base.head(tid)
            if kind in KINDS and name:
                self.by_name[name].append((kind, flag, size))

    def of(self, kind, name, size):
        """Does the base have several that a distilled type may stand for?"""
        same = self.by_name[name]
        several = sum(k in COMPOSITE for k, _, _ in same) > 1
        if kind in COMPOSITE:
            fits = [1 for k, _, s in same if s == size or
                    (k in COMPOSITE and not several) or k == btf.FWD]
        elif kind == btf.FWD:
            fits = [1 for k, flag, s in same if k == btf.FWD or
                    (k in COMPOSITE and flag == (k == btf.UNION) and not several)]
        else:
            kinds = ENUMS if kind in ENUMS else (kind,)
            fits = [1 for k, _, s in same if k in kinds and s == size]
        return len(fits) > 1


def heads(base):
    """(kind, name, size or, of an INT, all of it) of each type"""
    result = set()
    for tid in base.ids():
        kind, name, vlen, flag, size, _ = base.head(tid)
        if vlen:
            raise btf.BtfError('%s has members or values' % name)
        result.add((kind, name, base.define(tid) if kind == btf.INT else
                    '%d' % flag if kind == btf.FWD else size))
    if len(result) != len(base.ids()):
        raise btf.BtfError('a type stands twice in the distilled base')
    return result


def texts(split):
    return collections.Counter(split.define(tid) for tid in split.ids())


def is_sorted(b):
    names = [b.name(tid).encode('latin-1') for tid in b.ids()]
    return names == sorted(names)


def some(items):
    items = sorted(map(str, items))
    return '%d, such as %s' % (len(items), ' and '.join(items[:2]))[:300]


def read(directory, name):
    with open(os.path.join(directory, name), 'rb') as file:
        return file.read()


def judge(base, base_texts, ambiguity, directory):
    plain = btf.Btf(read(directory, 'plain'), base)
    ours, peers = btf.Btf(read(directory, 'base')), btf.Btf(read(directory, 'peer-base'))
    split = btf.Btf(read(directory, 'split'), ours)
    missing = heads(peers) - heads(ours)
    beyond = heads(ours) - heads(peers)
    for kind, name, size in missing:
        if not ambiguity.of(kind, name, size):
            return 'the distilled base lacks %s' % name
    if beyond and not missing:
        return 'the distilled base has more than libbpf\'s: ' + some(beyond)
    for kind, name, size in heads(ours):
        # By value it may still be told by its size.
        if ambiguity.of(kind, name, size) and kind not in COMPOSITE:
            return 'the distilled base has %s, of which the kernel has several' % name
    if not missing:
        mine, theirs = texts(split), texts(btf.Btf(read(directory, 'peer-split'), peers))
        if mine != theirs:
            return 'the split part differs from libbpf\'s: only here %s; only there %s' % (
                some(mine - theirs), some(theirs - mine))
    relocated = read(directory, 'relocated')
    if relocated != read(directory, 'peer-relocated'):
        return 'libbpf relocates it otherwise'
    relocated = btf.Btf(relocated, base)
    lost = texts(plain) - texts(relocated)
    if lost:
        return 'lost by distilling and relocation: ' + some(lost)
    own = set((texts(relocated) - texts(plain)).keys()) - base_texts
    if own:
        return 'made up by distilling and relocation: ' + some(own)
    if is_sorted(base) and not (is_sorted(plain) and is_sorted(ours) and is_sorted(split)):
        return 'not in the order of names, as the base is'
    return None


def main(argv):
    base = btf.load_base(argv[1], argv[2])
    base_texts = set(base.define(tid) for tid in base.ids())
    ambiguity = Ambiguity(base)
    for line in sys.stdin:
        name, directory = line.rstrip('\n').split('\t')
        try:
            why = judge(base, base_texts, ambiguity, directory)
        except (btf.BtfError, OSError) as error:
            why = str(error)
        print('%s\t%s\t%s' % ('not ok' if why else 'ok', name, why or 'like libbpf'), flush=True)
    return 0


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
