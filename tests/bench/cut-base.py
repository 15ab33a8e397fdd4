#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""cut-base.py BASE COUNT OUT: the first COUNT types of raw BTF and their strings, as a base to measure with.

A reference to a type that is not in it any more becomes one to char: such a base is sound, but describes no kernel.
Functions, variables and sections that lose theirs become typedefs of char, for they may not refer to that. Little endian only.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf  # noqa: E402  # pylint: disable=wrong-import-position

REFERS = {btf.PTR, btf.TYPEDEF, btf.VOLATILE, btf.CONST, btf.RESTRICT, btf.FUNC, btf.FUNC_PROTO, btf.VAR,
          btf.DECL_TAG, btf.TYPE_TAG}
NEEDS_ITS_OWN = {btf.FUNC, btf.VAR, btf.DECL_TAG, btf.DATASEC}
# Kinds whose elements begin with a name.
NAMES = {btf.STRUCT, btf.UNION, btf.ENUM, btf.ENUM64, btf.FUNC_PROTO}


class Strings:
    """Those of the old section that are asked for, in a new one."""

    def __init__(self, old):
        self.old = old
        self.new = bytearray(1)
        self.places = {0: 0}

    def move(self, offset):
        if offset not in self.places:
            self.places[offset] = len(self.new)
            self.new += self.old[offset:self.old.index(b'\0', offset) + 1]
        return self.places[offset]


def types(data):
    at = 0
    while at < len(data):
        name, info, size = struct.unpack_from('<III', data, at)
        kind, vlen = info >> 24 & 31, info & 0xffff
        end = at + 12 + btf.FIXED.get(kind, 0) + btf.EACH.get(kind, 0) * vlen
        yield kind, vlen, name, info, size, bytearray(data[at + 12:end])
        at = end


def find_char(all_types, strings):
    for tid, (kind, _, name, _, size, _) in enumerate(all_types, 1):
        if kind == btf.INT and size == 1 and strings[name:name + 5] == b'char\0':
            return tid
    sys.exit('cut-base: the base has no char')


def redirect(rest, places, count, char):
    """Of these ids in the words behind a type; True if one of them had to be."""
    cut = False
    for place in places:
        if struct.unpack_from('<I', rest, place)[0] > count:
            struct.pack_into('<I', rest, place, char)
            cut = True
    return cut


def main(argv):
    if len(argv) != 4:
        sys.exit('usage: cut-base.py BASE COUNT OUT')
    count = int(argv[2])
    with open(argv[1], 'rb') as file:
        data = file.read()
    head, type_off, type_len, str_off, str_len = struct.unpack_from('<IIIII', data, 4)
    strings = Strings(data[head + str_off:head + str_off + str_len])
    every = list(types(data[head + type_off:head + type_off + type_len]))
    char = find_char(every, strings.old)
    if char > count:
        sys.exit('cut-base: char is not among the first %d' % count)
    out = bytearray()
    for kind, vlen, name, info, size, rest in every[:count]:
        cut = False
        if kind in REFERS and size > count:
            size, cut = char, True
        if kind == btf.ARRAY:
            cut = redirect(rest, (0, 4), count, char)
        elif kind in (btf.STRUCT, btf.UNION):
            cut = redirect(rest, range(4, 12 * vlen, 12), count, char)
        elif kind == btf.FUNC_PROTO:
            redirect(rest, range(4, 8 * vlen, 8), count, char)
        elif kind == btf.DATASEC:
            cut = redirect(rest, range(0, 12 * vlen, 12), count, char)
        if cut and kind in NEEDS_ITS_OWN:
            info, size, rest = btf.TYPEDEF << 24, char, b''
        if kind in NAMES:
            for place in range(0, len(rest), btf.EACH[kind]):
                struct.pack_into('<I', rest, place, strings.move(struct.unpack_from('<I', rest, place)[0]))
        out += struct.pack('<III', strings.move(name), info, size) + rest
    with open(argv[3], 'wb') as file:
        file.write(data[:4] + struct.pack('<IIIII', 24, 0, len(out), len(out), len(strings.new)) + out + strings.new)


if __name__ == '__main__':
    main(sys.argv)
