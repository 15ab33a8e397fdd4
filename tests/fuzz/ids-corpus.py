#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Inputs of fuzz-ids: sections without an ELF file around them, in the form that fuzz-ids.c says.

usage: ids-corpus.py DIR

Each of the sections below fresh, resolved, and resolved without symbols, for machines of either class and byte order.
"""

import os
import struct
import sys

BIG_ENDIAN, WIDE, REL = 1, 2, 4
IDS, SYMTAB, STRTAB, DATA, RELA = 1, 2, 3, 4, 5
# Of fuzz-ids.c: what each name's id is in the BTF that ids are resolved with there.
NUMBERS = {'a': 6, 'b': 7, 'c': 8, 'd': 9, 'own': 10, 'mine': 11, 'baz': 12, 'foo': 2}
# name, flags, machine (index in fuzz-ids.c), number of the pointer relocation
TARGETS = [('x86_64', WIDE, 0, 1), ('s390x', WIDE | BIG_ENDIAN, 2, 22), ('i386', REL, 7, 1), ('arm', REL, 3, 2)]
# set: (name, flags or None, [(kind, name, flags)]); list: (kind, name); None: an unused word
KFUNCS = ('kf', 1, [('func', 'c', 4), ('func', 'a', 1), ('func', 'd', 8), ('func', 'b', 2)])
SECTIONS = {
    'kfuncs': [KFUNCS],
    'lists': [('struct', 'own'), None, ('func', 'a'), ('union', 'baz'), ('typedef', 'mine'), ('struct', 'foo')],
    'set': [('s', None, [('func', 'd', 0), ('func', 'a', 0)]), ('func', 'b')],
    'mixed': [('struct', 'foo'), ('struct', 'own'), KFUNCS, ('other', 0, [('func', 'b', 16), ('func', 'none', 32)])],
    'missing': [('kf', 1, [('func', 'x', 4), ('func', 'a', 1), ('func', 'y', 4)]), ('func', 'z')],
    'empty': [('none', 1, []), ('neither', None, [])],
}


class Builder:
    def __init__(self, flags, relocation):
        self.order = '>' if flags & BIG_ENDIAN else '<'
        self.wide, self.rel, self.relocation = flags & WIDE, flags & REL, relocation
        self.words, self.symbols, self.pointers = [], [], []

    def symbol(self, kind, name, size, number=True):
        suffix = '__%d' % (100 + len(self.symbols)) if number else ''
        self.symbols.append(('__BTF_ID__%s__%s%s' % (kind, name, suffix), 4 * len(self.words), size))

    def add(self, item, resolved):
        if item is None:
            self.words.append(0)
        elif len(item) == 2:
            self.symbol(item[0], item[1], 4)
            self.words.append(NUMBERS.get(item[1], 0) if resolved else 0)
        else:
            name, flags, ids = item
            paired = flags is not None
            self.pointers.append(4 * len(self.words))
            self.symbol('set8' if paired else 'set', name, (8 if paired else 4) * (len(ids) + 1), False)
            self.words += [len(ids) if resolved else 0] + ([flags] if paired else [])
            values = [(NUMBERS.get(n, 0) if resolved else 0, f) for _, n, f in ids]
            for (kind, own, _), (number, f) in zip(ids, sorted(values) if resolved else values):
                self.symbol(kind, own, 4)
                self.words += [number] + ([f] if paired else [])

    def pack(self, fmt, *values):
        return struct.pack(self.order + fmt, *values)

    def entry(self, name, value, size, info):
        if self.wide:
            return self.pack('IBBHQQ', name, info, 0, IDS, value, size)
        return self.pack('IIIBBH', name, value, size, info, 0, IDS)

    def parts(self, symbols):
        names, table = b'\0', bytes(24 if self.wide else 16) + self.entry(0, 0, 0, 3)
        for name, value, size in self.symbols if symbols else ():
            table += self.entry(len(names), value, size, 1)
            names += name.encode() + b'\0'
        data = relocations = b''
        for i, pointer in enumerate(self.pointers):
            data += self.pack('Q' if self.wide else 'I', pointer if self.rel else 0)
            if self.wide:
                relocations += self.pack('QQQ', 8 * i, 1 << 32 | self.relocation, pointer)
            else:
                relocations += self.pack('II', 4 * i, 1 << 8 | self.relocation)
        return {IDS: self.pack('%dI' % len(self.words), *self.words), SYMTAB: table, STRTAB: names, DATA: data,
                RELA: relocations}


def main(argv):
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    for target, flags, machine, relocation in TARGETS:
        for name, items in SECTIONS.items():
            for state in ('fresh', 'resolved', 'stripped'):
                builder = Builder(flags, relocation)
                for item in items:
                    builder.add(item, state != 'fresh')
                with open(os.path.join(argv[1], '%s-%s-%s' % (name, state, target)), 'wb') as file:
                    file.write(bytes([flags, machine]))
                    for part, content in builder.parts(state != 'stripped').items():
                        file.write(bytes([part]) + struct.pack('<H', len(content)) + content)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
