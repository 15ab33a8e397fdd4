#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares split BTF with that of a reference (pahole), by meaning.

compare.py [-v] BASE CACHE < LIST

BASE is the raw BTF that both were made on; CACHE a directory for what is computed from it. Each line
of LIST is NAME<TAB>REFERENCE<TAB>OURS[<TAB>ALONE], files of raw BTF or ELF. For each line one is
printed: "ok<TAB>NAME<TAB>figures" or "not ok<TAB>NAME<TAB>what is wrong". Exit status 1 if anything is.
With -v each fault is printed on stderr as well, in full.

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

Differences that are meant to be:
- The reference of pahole 1.32 on has arrays of arrays. On a base without any, as all kernels of older
  paholes are, that makes other types of those that the base has. Its arrays are read as the base has
  them; ours have to be written so.
- The reference merges a function into one of the base that has the same name and prototype, although
  it is another function, and one cannot attach to the module's through the kernel's. Ours has to have
  it, like the base's. ALONE, what the reference makes without a base, tells which these are; without
  ALONE each function like one of the base is taken for one of them.
- A struct that the base only declares and the module defines: pointers to it are own types of ours,
  for by the base's nobody finds the definition. The reference may point to either.
"""

import collections
import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf as B  # noqa: E402

LINE = 260
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

    def __init__(self, path, base, flatten=False):
        self.btf = B.load(path, base.btf, flatten)
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

    def text(self, tid):
        """A type as the other side has it, which may point to the declaration in the base."""
        return B.without_here(self.btf.define(tid))

    def texts(self, wanted):
        """Counter of the texts of all own types whose kind is wanted."""
        return collections.Counter(self.text(tid) for tid in self.btf.ids()
                                   if wanted(self.btf.kind(tid)))

    def functions(self):
        """{name: [ids]}"""
        result = collections.defaultdict(list)
        for tid in self.btf.ids():
            if self.btf.kind(tid) == B.FUNC:
                result[self.btf.name(tid)].append(tid)
        return result


def read_reference(path, base):
    return Split(path, base, flatten=not base.btf.nested)


def is_type(kind):
    return kind not in PARTICULAR


def known_to_base(split, base, tid):
    kind, name, _, flag, _, _ = split.btf.head(tid)
    # To a named struct it is all one whether what it points to is declared or defined.
    if split.btf.define(tid) in base.texts or \
       (kind in (B.STRUCT, B.UNION) and name and split.text(tid) in base.texts):
        return True
    # A forward declaration is the struct or union of that name.
    return kind == B.FWD and ('union' if flag else 'struct', name) in base.btf.named()


def compare_functions(reference, ours, base, alone):
    """alone: names of all functions of the reference, None if not known."""
    theirs, mine = reference.functions(), ours.functions()
    merged = (mine.keys() if alone is None else alone) - theirs.keys()
    if alone is not None:
        for name in sorted(theirs.keys() - alone):
            yield 'functions', 'the reference has %s only with a base' % name
    for name in sorted(theirs.keys() | mine.keys() | merged):
        texts = sorted(ours.text(tid) for tid in mine.get(name, ()))
        wanted = sorted(reference.text(tid) for tid in theirs.get(name, ()))
        if not texts:
            yield 'functions', 'lacks %s' % (wanted[0] if wanted else name)
        elif name in merged:
            if len(texts) > 1 or ours.btf.define(mine[name][0]) not in base.texts:
                yield 'functions', 'has in addition %s' % ' and '.join(texts)
        elif not wanted:
            yield 'functions', 'has in addition %s' % ' and '.join(texts)
        elif texts != wanted:
            yield 'functions', 'has %s' % unlike(' and '.join(texts), ' and '.join(wanted))


def unlike(one, other):
    """Two texts from a little before the place where they part."""
    same = os.path.commonprefix([one, other])
    skip = max(0, len(same) - 30)
    name = same.split(':')[0] + ': ...' if skip else ''
    return '%s%s, reference ...%s' % (name, one[skip:], other[skip:])


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
        yield from compare_targets(ours, tid)
    for tid in reference.btf.ids():
        kind, name = reference.btf.head(tid)[:2]
        if kind in NAMED and name and reference.text(tid) not in mine and \
           reference.text(tid) not in base.texts and not known_to_base(reference, base, tid):
            yield 'missing', reference.text(tid)


def compare_targets(ours, tid):
    """References to a declaration although the module has the definition"""
    for target in ours.btf.targets(tid):
        own = target >= ours.btf.start
        for key in ours.btf.declarations(target):
            if key in ours.btf.named():
                yield 'twice' if own else 'base', '%d refers to the declaration of %s %s: %s' % (
                    tid, *key, ours.btf.define(tid))


def compare(reference, ours, base, alone=None):
    """All faults, as (letter, text)."""
    yield from compare_functions(reference, ours, base, alone)
    yield from compare_types(reference, ours, base)
    for letter, kinds in (('variables', (B.VAR, B.DATASEC)), ('tags', (B.DECL_TAG,))):
        yield from compare_sets(letter, reference.texts(lambda kind, k=kinds: kind in k),
                                ours.texts(lambda kind, k=kinds: kind in k))


def shorten(text, length):
    return text if len(text) <= length else text[:length - 3] + '...'


def describe(faults):
    """One line of at most LINE characters for many faults: how many of each letter, the first of them."""
    grouped = collections.defaultdict(list)
    for letter, text in faults:
        grouped[letter].append(text)
    room = LINE // max(1, len(grouped)) - 20
    return shorten('; '.join('%s %d: %s' % (letter, len(texts), shorten(texts[0], room))
                             for letter, texts in grouped.items()), LINE)


def judge(base, name, reference_path, ours_path, alone_path=None, verbose=False):
    """(good, line)"""
    try:
        reference = read_reference(reference_path, base)
        # As it is, for it has to be like the base.
        ours = Split(ours_path, base)
        alone = function_names(alone_path) if alone_path else None
        faults = list(compare(reference, ours, base, alone))
    except (B.BtfError, OSError) as error:
        return False, 'not ok\t%s\t%s' % (name, error)
    if verbose:
        for letter, text in faults:
            print('%s: %s: %s' % (name, letter, text), file=sys.stderr)
    if faults:
        return False, 'not ok\t%s\t%s' % (name, describe(faults))
    functions = sum(ours.texts(lambda kind: kind == B.FUNC).values())
    return True, 'ok\t%s\t%d functions, %d types of our own (reference %d), %d homonyms' % (
        name, functions, len(ours.btf.ids()), len(reference.btf.ids()), len(ours.btf.homonyms))


def function_names(path):
    btf = B.load(path)
    return {btf.name(tid) for tid in btf.ids() if btf.kind(tid) == B.FUNC}


def main(argv):
    verbose = argv[1:2] == ['-v']
    if len(argv) != 3 + verbose:
        print('usage: compare.py [-v] BASE CACHE < LIST', file=sys.stderr)
        return 2
    base = Base(*argv[-2:])
    good = True
    for line in sys.stdin:
        fine, text = judge(base, *line.rstrip('\n').split('\t'), verbose=verbose)
        good = good and fine
        print(text, flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
