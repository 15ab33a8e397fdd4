#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""random-btf.py SEED COUNT DIR: little cases for relocation, as DIR/0, DIR/1, ...: target (a base), base
(a distilled base) and split (split BTF over it), raw BTF; over is split BTF over target.

Few names and sizes, so that they meet in all ways: several types of a name, of one size or not,
declarations, bitfields, kinds that no distilled base may have, types embedded or pointed to. About
one case in four can be relocated. The same seed gives the same cases.
"""

import os
import random
import struct
import sys

(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO,
 VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(1, 20)
NAMES = ['a', 'b', 'c']
MEMBER = 'd'
# As the string section of the unit tests' fixtures begins, for tests/fuzz.
STRINGS = ['', 'foo', 'bar', 'baz', 'a', 'b', 'c', 'd']


class Writer:
    def __init__(self, strings=(), start=1):
        self.words, self.nr, self.start = [], 0, start
        self.base_strings = dict(strings)
        self.text, self.offset, self.own, self.names = b'', 0, {}, []
        if not strings:
            for s in STRINGS:
                self.string(s)

    def string(self, s):
        if s in self.base_strings:
            return self.base_strings[s]
        if s not in self.own:
            self.own[s] = self.offset + len(self.text)
            self.text += s.encode() + b'\0'
        return self.own[s]

    def add(self, kind, name, size, flag=0, vlen=0, extra=()):
        self.words += [self.string(name), flag << 31 | kind << 24 | vlen, size, *extra]
        self.names.append(name)
        self.nr += 1
        return self.start + self.nr - 1

    def data(self):
        types = struct.pack('<%dI' % len(self.words), *self.words)
        return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types),
                           len(self.text)) + types + self.text


def add_named(rng, w, name, whole):
    """One of the kinds that relocation looks at. whole: as a base has it, with members."""
    kind = rng.choice([INT, FLOAT, ENUM, FWD, STRUCT, STRUCT, STRUCT, UNION] + [ENUM64] * whole)
    size = rng.choice([4, 4, 8])
    if kind == INT:
        w.add(INT, name, size, extra=[rng.choice([0, 1, 1, 4]) << 24 | size * 8])
    elif kind == FWD:
        w.add(FWD, name, 0, rng.choice([0, 0, 1]))
    elif kind in (STRUCT, UNION) and whole and rng.random() < 0.5:
        flag = rng.choice([0, 1])
        w.add(kind, name, size, flag, 1, [w.string(MEMBER), 1, (3 << 24) * flag])
    else:
        w.add(kind, name, size)


def make_target(rng):
    w = Writer()
    w.add(INT, 'int', 4, extra=[1 << 24 | 32])
    for _ in range(rng.randrange(1, 8)):
        if rng.random() < 0.1:
            w.add(TYPEDEF, rng.choice(NAMES), 1)
        else:
            add_named(rng, w, rng.choice(NAMES), True)
    return w


def make_distilled(rng):
    w = Writer()
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        chance = rng.random()
        if chance < 0.02:
            w.add(STRUCT, '', 4)
        elif chance < 0.04:
            w.add(rng.choice([TYPEDEF, ENUM64]), rng.choice(NAMES), 0 if w.nr == 0 else 1)
        else:
            add_named(rng, w, rng.choice(NAMES), False)
    return w


def make_split(rng, distilled):
    w = Writer(distilled.own, distilled.nr + 1)
    w.offset = len(distilled.text)
    # What is no type's name there cannot be relocated; that is tried now and then.
    used = [distilled.names[i] for i in range(distilled.nr) if distilled.names[i]]
    names = used + ['own', 'other', 'x'] + (['foo'] if rng.random() < 0.1 else [])
    w.add(PTR, '', rng.randrange(w.start))
    for _ in range(rng.randrange(4)):
        any_id = rng.randrange(1, w.start + w.nr)
        choice = rng.randrange(5)
        if choice == 0:
            w.add(rng.choice([CONST, VOLATILE]), '', any_id)
        elif choice == 1:
            w.add(TYPEDEF, rng.choice(names), any_id)
        elif choice == 2:
            w.add(ARRAY, '', 0, extra=[any_id, 1, 2])
        else:
            w.add(rng.choice([STRUCT, UNION]), rng.choice(names), 64, 0, 1,
                  [w.string(rng.choice(names)), any_id, 0])
    return w


def main(argv):
    rng, count = random.Random(int(argv[1])), int(argv[2])
    for i in range(count):
        directory = os.path.join(argv[3], str(i))
        os.mkdir(directory)
        target, distilled = make_target(rng), make_distilled(rng)
        for name, made in (('target', target), ('base', distilled),
                           ('split', make_split(rng, distilled)), ('over', make_split(rng, target))):
            with open(os.path.join(directory, name), 'wb') as file:
                file.write(made.data())


if __name__ == '__main__':
    main(sys.argv)
