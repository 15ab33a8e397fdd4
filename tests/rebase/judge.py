#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Judges rebased split BTF by what it was made from.

judge.py [-v] OLD_BASE NEW_BASE CACHE < LIST

The bases are raw BTF; CACHE is a directory for what is computed from them. Each line of LIST is
NAME<TAB>OLD<TAB>NEW, files of raw BTF or ELF. For each line one is printed: "ok<TAB>NAME<TAB>figures"
or "not ok<TAB>NAME<TAB>what is wrong". Exit status 1 if anything is. With -v each fault is printed on
stderr as well, in full.

What has to hold (the letter stands before each fault):
  functions  the same ones in the same order, with their prototypes and linkage
  lost       each own type of the old BTF is an own type of the new one, or one of the new base
  subset     each own type of the new BTF is an own type of the old one, or one of the old base
  base       no own type is equal to a type of the base
  twice      no two own types are equal (one name may have several definitions, and what leads to
             different ones is different)
  variables  the same variables and data sections
  tags       the same declaration tags, and those of kfuncs where older encoders left them out

Texts are compared as in tests/differential (see compare.py). To which of several definitions of its
name a type refers depends on the base, so "lost" and "subset" look at names without that.
"""

import collections
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'differential'), os.path.join(HERE, '..', 'lib')]
import btf as B  # noqa: E402
import compare as C  # noqa: E402

MARK = re.compile('@(own|here|[0-9a-f]{8})(?![:0-9A-Za-z_])')


def plain(text):
    return MARK.sub('', text)


def plain_texts(split, kinds=None):
    return [plain(split.btf.define(tid)) for tid in split.btf.ids()
            if (split.btf.kind(tid) in kinds if kinds else C.is_type(split.btf.kind(tid)))]


def faults(old_base, new_base, old, new):
    """All faults, as (letter, text)."""
    before, after = plain_texts(old, (B.FUNC,)), plain_texts(new, (B.FUNC,))
    for one, other in zip(before, after):
        if one != other:
            yield 'functions', 'was %s, is %s' % (one, other)
            break
    if len(before) != len(after):
        yield 'functions', 'were %d, are %d' % (len(before), len(after))
    before, after = set(plain_texts(old)), set(plain_texts(new))
    for text in sorted(before - after):
        # A declaration is whatever has the name.
        if text not in new_base.texts and not declared(text, new, new_base):
            yield 'lost', text
    for text in sorted(after - before - old_base.texts):
        if not declared(text, old, old_base):
            yield 'subset', text
    for tid in new.btf.ids():
        if C.is_type(new.btf.kind(tid)) and C.known_to_base(new, new_base, tid) and \
           not leads_to_own_enum(new.btf, new_base.btf, tid):
            yield 'base', new.btf.define(tid)
    for tid in equals(new.btf):
        yield 'twice', new.btf.define(tid)
    before, after = (sorted(plain_texts(split, (B.VAR, B.DATASEC))) for split in (old, new))
    if before != after:
        yield 'variables', 'were %s, are %s' % (before, after)
    before, after = (collections.Counter(plain_texts(split, (B.DECL_TAG,))) for split in (old, new))
    for text in before - after:
        yield 'tags', 'lacks %s' % text
    for text in after - before:
        if not text.startswith(('decl(bpf_kfunc)', 'decl(bpf_fastcall)')):
            yield 'tags', 'has in addition %s' % text


def leads_to_own_enum(btf, base, tid):
    """Does a type without name lead to an own enum that the base only declares? (Its text does not
    tell the two apart.)"""
    for target in btf.targets(tid):
        if not target:
            continue
        kind, name = btf.head(target)[:2]
        if kind in (B.ENUM, B.ENUM64) and name:
            if target >= btf.start and ('enum', name) not in base.named():
                return True
        elif not (kind in B.NAMED and name) and leads_to_own_enum(btf, base, target):
            return True
    return False


def equals(btf):
    """Own types that are equal to an earlier own one: they look alike, and so does, all the way down,
    what they refer to. (Texts do not tell apart what refers to different types of one name.)"""
    looks, targets = {}, {}
    for tid in btf.ids():
        kind, name, _, flag, size, pos = btf.head(tid)
        targets[tid] = btf.targets(tid)
        own = (kind, name, flag)
        if not C.is_type(kind):
            own += (tid,)
        elif kind in (B.STRUCT, B.UNION):
            own += (size, tuple(member[:3] for member in btf.members(tid)))
        elif kind in (B.ENUM, B.ENUM64):
            own += (size, tuple(btf.enumerators(tid)))
        elif kind == B.FUNC_PROTO:
            own += (len(targets[tid]), btf.define(tid))
        elif kind == B.ARRAY:
            own += btf.array(tid)[2:]
        elif kind in (B.INT, B.FLOAT):
            own += (btf.define(tid),)
        looks[tid] = own
    classes, count = looks, 0
    while True:
        classes = {tid: hash((looks[tid], tuple(classes.get(t, t) for t in targets[tid])))
                   for tid in looks}
        if len(set(classes.values())) == count:
            break
        count = len(set(classes.values()))
    seen = set()
    for tid, key in classes.items():
        if key in seen:
            yield tid
        seen.add(key)


def declared(text, split, base):
    """Does another one of that name stand for the declaration that is this text? An enum without
    values declares."""
    found = re.match(r'fwd (struct|union) (.+)$|(enum) ([^:]+):4\{\}$', text)
    if not found:
        return False
    key = (found[1], found[2]) if found[1] else (found[3], found[4])
    return key in split.btf.named() or key in base.btf.named() or key in base.btf.declared


def judge(old_base, new_base, name, old_path, new_path, verbose):
    """(good, line)"""
    try:
        # The old BTF may be written in the old base's way, the new one has to be in the new base's.
        old = C.Split(old_path, old_base, flatten=not new_base.btf.nested)
        new = C.Split(new_path, new_base)
        found = list(faults(old_base, new_base, old, new))
    except (B.BtfError, OSError) as error:
        return False, 'not ok\t%s\t%s' % (name, error)
    if verbose:
        for letter, text in found:
            print('%s: %s: %s' % (name, letter, text), file=sys.stderr)
    if found:
        return False, 'not ok\t%s\t%s' % (name, C.describe(found))
    copies = sum(C.is_type(old.btf.kind(tid)) and old.btf.kind(tid) in (B.STRUCT, B.UNION) and
                 C.known_to_base(old, new_base, tid) for tid in old.btf.ids())
    return True, 'ok\t%s\t%d functions, %d types that were %d, %d copies of structs gone' % (
        name, len(plain_texts(new, (B.FUNC,))), len(new.btf.ids()), len(old.btf.ids()), copies)


def main(argv):
    verbose = argv[1:2] == ['-v']
    if len(argv) != 4 + verbose:
        print('usage: judge.py [-v] OLD_BASE NEW_BASE CACHE < LIST', file=sys.stderr)
        return 2
    old_base = C.Base(argv[-3], argv[-1])
    new_base = old_base if argv[-2] == argv[-3] else C.Base(argv[-2], argv[-1])
    good = True
    for line in sys.stdin:
        fine, text = judge(old_base, new_base, *line.rstrip('\n').split('\t'), verbose)
        good = good and fine
        print(text, flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
