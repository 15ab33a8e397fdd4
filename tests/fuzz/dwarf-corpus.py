#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Inputs of fuzz-dwarf without an ELF file around them.

usage: dwarf-corpus.py DIR OBJECT...

Writes the debug sections of each relocatable OBJECT to DIR/NAME.sections, and besides the debug info by hand of the
hostile suite. The form is that of fuzz-dwarf.c: flags, machine, then number, length and bytes of each section.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../hostile'))
sys.dont_write_bytecode = True

import dwarf_cases  # noqa: E402 pylint: disable=wrong-import-position

PARTS = ['.debug_info', '.debug_types', '.debug_abbrev', '.debug_str', '.debug_line_str', '.debug_str_offsets',
         '.debug_addr', '.debug_loc', '.debug_loclists', '.symtab', '.strtab', '.symtab_shndx']
# In enum part a section's relocations follow it.
RELOCATED = {'.debug_info', '.debug_types', '.debug_str_offsets', '.debug_addr', '.debug_loc', '.debug_loclists'}
BIG_ENDIAN, WIDE, SECOND_IS_TYPES, REL = 1, 2, 8, 16
MACHINES = [62, 183, 22, 40, 243, 21, 258, 3]
# Sections that fuzz-dwarf.c knows by name.
SECTIONS = {'.text': 1, '.data..percpu': 2, '.data': 3}
SHT_RELA, SHT_NOBITS, SHT_REL, SHF_COMPRESSED = 4, 8, 9, 0x800
MAX_LEN = 0xffff


def numbers():
    number = 0
    for name in PARTS:
        yield name, number
        number += 1
        if name in RELOCATED:
            yield name + ' relocations', number
            number += 1


NUMBERS = dict(numbers())


def sections(data):
    """[(name, type, flags, info, content)] of an ELF file"""
    order = '<' if data[5] == 1 else '>'
    wide = data[4] == 2
    shoff, = struct.unpack_from(order + ('Q' if wide else 'I'), data, 40 if wide else 32)
    size, count, names = struct.unpack_from(order + 'HHH', data, 58 if wide else 46)
    headers = [struct.unpack_from(order + ('IIQQQQIIQQ' if wide else '10I'), data, shoff + i * size)
               for i in range(count)]
    text = headers[names][4]
    for name, kind, flags, _, offset, length, _, info, _, _ in headers:
        at = text + name
        content = b'' if kind == SHT_NOBITS else data[offset:offset + length]
        yield data[at:data.index(b'\0', at)].decode('latin-1'), kind, flags, info, content


def renumbered(symtab, names, order, wide):
    """the symbol table with the section numbers of fuzz-dwarf.c"""
    out = bytearray(symtab)
    each, at = (24, 6) if wide else (16, 14)
    for pos in range(at, len(out), each):
        index, = struct.unpack_from(order + 'H', out, pos)
        if index < len(names):
            struct.pack_into(order + 'H', out, pos, SECTIONS.get(names[index], 3 if index else 0))
    return bytes(out)


def frame(flags, machine, parts):
    """an input; None where a section is too long for one"""
    out = bytearray([flags, MACHINES.index(machine)])
    for name, content in parts.items():
        if len(content) > MAX_LEN:
            return None
        out += struct.pack('<BH', NUMBERS[name], len(content)) + content
    return bytes(out)


def from_object(data):
    order = '<' if data[5] == 1 else '>'
    wide = data[4] == 2
    found = list(sections(data))
    names = [name for name, *_ in found]
    flags = (0 if order == '<' else BIG_ENDIAN) | (WIDE if wide else 0)
    parts = {}
    for name, kind, section_flags, info, content in found:
        if section_flags & SHF_COMPRESSED:
            return None
        if name in PARTS:
            parts[name] = renumbered(content, names, order, wide) if name == '.symtab' else content
            if name == '.debug_types':
                flags |= SECOND_IS_TYPES
        elif kind in (SHT_RELA, SHT_REL) and names[info] in RELOCATED:
            parts[names[info] + ' relocations'] = content
            if kind == SHT_REL:
                flags |= REL
    machine, = struct.unpack_from(order + 'H', data, 18)
    if '.debug_info' not in parts or machine not in MACHINES:
        return None
    return frame(flags, machine, parts)


def main(argv):
    out = argv[1]
    made = {}
    for path in argv[2:]:
        with open(path, 'rb') as file:
            made[os.path.basename(path)] = from_object(file.read())
    for name, info, abbrev in dwarf_cases.cases():
        if len(info) < 4096:
            made[name.replace(' ', '-').replace('/', '-')] = frame(
                WIDE, 62, {'.debug_info': info, '.debug_abbrev': abbrev})
    for name, content in made.items():
        if content:
            with open(os.path.join(out, name + '.sections'), 'wb') as file:
                file.write(content)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
