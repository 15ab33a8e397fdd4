#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Small changes to what compilers write, in place.

usage: edit.py language OBJECT CODE    the language of an object's only unit
       edit.py long32 BTF              a base of a 32-bit machine: long has 4 bytes
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lib'))
sys.dont_write_bytecode = True

import btf  # noqa: E402 pylint: disable=wrong-import-position
import elf  # noqa: E402 pylint: disable=wrong-import-position

AT_LANGUAGE = 0x13
SIZES = {0x01: 8, 0x05: 2, 0x06: 4, 0x0b: 1, 0x0e: 4, 0x1b: 1, 0x1f: 4, 0x17: 4, 0x25: 1, 0x26: 2, 0x1a: 1}
STRING = 0x08


def uleb(data, pos):
    value = shift = 0
    while True:
        value |= (data[pos] & 0x7f) << shift
        shift += 7
        pos += 1
        if not data[pos - 1] & 0x80:
            return value, pos


def language_place(info, abbrev, order):
    """where the first unit's DW_AT_language stands in .debug_info, and its size"""
    version, = struct.unpack_from(order + 'H', info, 4)
    pos = 12 if version >= 5 else 11
    code, pos = uleb(info, pos)
    at = 0
    declared, at = uleb(abbrev, at)
    assert declared == code, 'the first abbreviation is not that of the unit'
    _, at = uleb(abbrev, at)
    at += 1
    while True:
        attribute, at = uleb(abbrev, at)
        form, at = uleb(abbrev, at)
        assert attribute or form, 'the unit states no language'
        if attribute == AT_LANGUAGE:
            return pos, SIZES[form]
        pos = info.index(b'\0', pos) + 1 if form == STRING else pos + SIZES[form]


def set_language(path, code):
    with open(path, 'rb') as file:
        image = elf.Elf(file.read())
    info = image.find('.debug_info')
    pos, size = language_place(info.content, image.find('.debug_abbrev').content, image.order)
    order = 'little' if image.order == '<' else 'big'
    image.data[info.offset + pos:info.offset + pos + size] = code.to_bytes(size, order)
    with open(path, 'wb') as file:
        file.write(image.data)


def set_long32(path):
    with open(path, 'rb') as file:
        data = bytearray(file.read())
    types = btf.Btf(bytes(data))
    for tid in types.ids():
        kind, name, _, _, _, after = types.head(tid)
        if kind == btf.INT and name in ('long', 'long int'):
            info, = struct.unpack_from(types.order + 'I', data, after)
            struct.pack_into(types.order + 'II', data, after - 4, 4, info & ~0xff | 32)
            break
    else:
        raise btf.BtfError('%s: no long' % path)
    with open(path, 'wb') as file:
        file.write(data)


def main(argv):
    if len(argv) == 4 and argv[1] == 'language':
        set_language(argv[2], int(argv[3], 0))
    elif len(argv) == 3 and argv[1] == 'long32':
        set_long32(argv[2])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
