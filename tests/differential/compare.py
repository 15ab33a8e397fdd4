#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares split BTF with that of a reference (pahole), by meaning.

compare.py BASE CACHE < LIST

BASE is the raw BTF that both were made on; CACHE a directory for what is computed from it. Each line
of LIST is NAME<TAB>REFERENCE<TAB>OURS, two files of raw BTF or ELF. For each line one is printed:
"ok<TAB>NAME<TAB>figures" or "not ok<TAB>NAME<TAB>what is wrong". Exit status 1 if anything is.

What has to hold (the letter stands before each fault):
  functions  the same names with the same prototypes and linkage
  subset     each own type of ours is one of the reference
  base       no own type of ours is equal to a type of the base
  twice      no two own types of ours are equal
  variables  the same variables and data sections
  tags       the same declaration tags
  missing    a named type that the reference has and the base has not is in ours

Texts of btf.py are compared: two types are the same if their texts are equal. Where one name has
several own definitions, the texts tell them apart. The reference may hold copies of types of the base,
and does (its deduplication follows pointers); ours may not.
"""

import collections
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf as B  # noqa: E402

SHOWN = 4
PARTICULAR = (B.FUNC, B.VAR, B.DATASEC, B.DECL_TAG)
NAMED = (B.STRUCT, B.UNION, B.ENUM, B.ENUM64, B.TYPEDEF, B.FWD, B.INT, B.FLOAT)


class Base:
    """The base and what is asked of it for each module."""

    def __init__(self, path, cache):
        self.btf = B.load_base(path, cache)
        self.texts = {self.btf.define(tid) for tid in self.btf.ids()}
        self.shapes = {}

    def shape_of(self, key):
        """Shapes of all definitions of (kind word, name) in the base."""
        if key not in self.shapes:
            self.shapes[key] = {shape(self.btf, tid) for tid in self.btf.named().get(key, ())}
        return self.shapes[key]


def shape(btf, tid):
    """A definition without the types it refers to."""
    kind, name, _, _, size, _ = btf.head(tid)
    if kind in (B.ENUM, B.ENUM64):
        return str((name, size, btf.enumerators(tid)))
    return str((name, size, [(n, o, b, btf.name(t) if t else '')
                             for n, o, b, t in btf.members(tid)]))


class Split:
    """Split BTF with the texts of its types, ambiguous names told apart."""

    def __init__(self, path, base):
        self.btf = B.load(path, base.btf)
        self.marks = self._ambiguous(base)
        if self.marks:
            self._mark()

    def _ambiguous(self, base):
        """{id: digest} of the own definitions that share their name with another own one. Copies of a
        base type are not own ones in this sense, wherever they stand."""
        shapes = collections.defaultdict(dict)
        for key, ids in self.btf.named().items():
            if len(ids) > 1 or key in base.btf.named():
                for tid in ids:
                    text = shape(self.btf, tid)
                    if text not in base.shape_of(key):
                        shapes[key][tid] = hashlib.sha1(text.encode()).hexdigest()[:8]
        return {tid: digest for ids in shapes.values() if len(set(ids.values())) > 1
                for tid, digest in ids.items()}

    def _mark(self):
        # Homonyms have been marked already, and no text has been made before this.
        make = self.btf._make_refer
        self.btf._make_refer = lambda tid: make(tid) + (
            '@' + self.marks[tid] if tid in self.marks else '')

    def texts(self, wanted):
        """Counter of the texts of all own types whose kind is wanted."""
        return collections.Counter(self.btf.define(tid) for tid in self.btf.ids()
                                   if wanted(self.btf.kind(tid)))


def is_type(kind):
    return kind not in PARTICULAR


def known_to_base(split, base, tid):
    if split.btf.define(tid) in base.texts:
        return True
    # A forward declaration is the struct or union of that name.
    kind, name, _, flag, _, _ = split.btf.head(tid)
    return kind == B.FWD and ('union' if flag else 'struct', name) in base.btf.named()


def compare_functions(reference, ours):
    def functions(split):
        result = collections.defaultdict(list)
        for tid in split.btf.ids():
            if split.btf.kind(tid) == B.FUNC:
                result[split.btf.name(tid)].append(split.btf.define(tid))
        return {name: sorted(texts) for name, texts in result.items()}

    theirs, mine = functions(reference), functions(ours)
    for name in sorted(theirs.keys() | mine.keys()):
        if name not in mine:
            yield 'functions', 'lacks %s' % theirs[name][0]
        elif name not in theirs:
            yield 'functions', 'has in addition %s' % mine[name][0]
        elif theirs[name] != mine[name]:
            yield 'functions', 'has %s, reference %s' % (mine[name], theirs[name])


def compare_sets(letter, theirs, mine):
    for text in sorted((theirs - mine).elements()):
        yield letter, 'lacks %s' % text
    for text in sorted((mine - theirs).elements()):
        yield letter, 'has in addition %s' % text


def compare_types(reference, ours, base):
    theirs, mine = reference.texts(is_type), ours.texts(is_type)
    for text in sorted(mine.keys() - theirs.keys()):
        yield 'subset', text
    for text, count in sorted(mine.items()):
        if count > 1:
            yield 'twice', text
    for tid in ours.btf.ids():
        if is_type(ours.btf.kind(tid)) and known_to_base(ours, base, tid):
            yield 'base', '%d: %s' % (tid, ours.btf.define(tid))
    for tid in reference.btf.ids():
        kind, name = reference.btf.head(tid)[:2]
        if kind in NAMED and name and reference.btf.define(tid) not in mine and \
           not known_to_base(reference, base, tid):
            yield 'missing', reference.btf.define(tid)


def compare(reference, ours, base):
    """All faults, as (letter, text)."""
    yield from compare_functions(reference, ours)
    yield from compare_types(reference, ours, base)
    for letter, kinds in (('variables', (B.VAR, B.DATASEC)), ('tags', (B.DECL_TAG,))):
        yield from compare_sets(letter, reference.texts(lambda kind, k=kinds: kind in k),
                                ours.texts(lambda kind, k=kinds: kind in k))


def describe(faults):
    """One line for many faults: how many of each, the first few in full."""
    grouped = collections.defaultdict(list)
    for letter, text in faults:
        grouped[letter].append(text)
    return '; '.join('%s %d: %s' % (letter, len(texts), ' | '.join(
        text if len(text) < 400 else text[:400] + '...' for text in texts[:SHOWN]))
        for letter, texts in grouped.items())


def judge(name, reference_path, ours_path, base):
    """(good, line)"""
    try:
        reference, ours = Split(reference_path, base), Split(ours_path, base)
        faults = list(compare(reference, ours, base))
    except (B.BtfError, OSError) as error:
        return False, 'not ok\t%s\t%s' % (name, error)
    if faults:
        return False, 'not ok\t%s\t%s' % (name, describe(faults))
    functions = sum(ours.texts(lambda kind: kind == B.FUNC).values())
    return True, 'ok\t%s\t%d functions, %d types of our own (reference %d), %d homonyms' % (
        name, functions, len(ours.btf.ids()), len(reference.btf.ids()), len(ours.btf.homonyms))


def main(argv):
    if len(argv) != 3:
        print('usage: compare.py BASE CACHE < LIST', file=sys.stderr)
        return 2
    base = Base(argv[1], argv[2])
    good = True
    for line in sys.stdin:
        fine, text = judge(*line.rstrip('\n').split('\t'), base)
        good = good and fine
        print(text, flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
