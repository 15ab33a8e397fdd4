#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""ELF64 relocatable objects for tests: reading, comparing, and making broken ones.

As a module:
  Elf(data)               .sections (list of Section, in the order of the section header table),
                          .header (dict of the ELF header's fields)
    .find(name)           first section of that name, None if there is none
    .put(name, content)   replaces a section's content: it goes to the end of the file
    .patch(section, field, value), .patch_header(field, value)    overwrite one header field
    .data                 the bytes (a bytearray), changed by put and patch

As a program:
  elf.py same OLD NEW SECTION...   all but these sections and the section name table is as it was:
                                   prints each difference, exit code 1 if there is one
  elf.py section FILE NAME OUT     writes a section's content
"""

import struct
import sys

HEADER = [('type', 16, 'H'), ('machine', 18, 'H'), ('version', 20, 'I'), ('entry', 24, 'Q'),
          ('phoff', 32, 'Q'), ('shoff', 40, 'Q'), ('flags', 48, 'I'), ('ehsize', 52, 'H'),
          ('phentsize', 54, 'H'), ('phnum', 56, 'H'), ('shentsize', 58, 'H'), ('shnum', 60, 'H'),
          ('shstrndx', 62, 'H')]
SECTION = [('name', 0, 'I'), ('type', 4, 'I'), ('flags', 8, 'Q'), ('addr', 16, 'Q'),
           ('offset', 24, 'Q'), ('size', 32, 'Q'), ('link', 40, 'I'), ('info', 44, 'I'),
           ('addralign', 48, 'Q'), ('entsize', 56, 'Q')]
SHT_NULL, SHT_NOBITS = 0, 8


class Section:
    def __init__(self, elf, index):
        self.elf, self.index = elf, index
        self.at = elf.shoff + 64 * index

    def __getattr__(self, field):
        for name, pos, fmt in SECTION:
            if name == field:
                return struct.unpack_from(self.elf.order + fmt, self.elf.data, self.at + pos)[0]
        raise AttributeError(field)

    @property
    def text(self):
        """its name as text"""
        names = self.elf.section(self.elf.shstrndx)
        return self.elf.cstring(names.offset + self.name)

    @property
    def content(self):
        if self.type == SHT_NOBITS:
            return b''
        return bytes(self.elf.data[self.offset:self.offset + self.size])


class Elf:
    def __init__(self, data):
        self.data = bytearray(data)
        if self.data[:5] != b'\x7fELF\x02':
            raise ValueError('not ELF64')
        self.order = '<' if self.data[5] == 1 else '>'

    def __getattr__(self, field):
        for name, pos, fmt in HEADER:
            if name == field:
                return struct.unpack_from(self.order + fmt, self.data, pos)[0]
        raise AttributeError(field)

    @property
    def header(self):
        return {name: getattr(self, name) for name, _, _ in HEADER}

    def section(self, index):
        return Section(self, index)

    @property
    def sections(self):
        return [Section(self, i) for i in range(self.shnum)]

    def cstring(self, pos):
        return bytes(self.data[pos:self.data.index(b'\0', pos)]).decode('latin-1')

    def find(self, name):
        for section in self.sections:
            if section.type != SHT_NULL and section.text == name:
                return section
        return None

    def patch(self, section, field, value):
        for name, pos, fmt in SECTION:
            if name == field:
                struct.pack_into(self.order + fmt, self.data, section.at + pos, value)
                return
        raise KeyError(field)

    def patch_header(self, field, value):
        for name, pos, fmt in HEADER:
            if name == field:
                struct.pack_into(self.order + fmt, self.data, pos, value)
                return
        raise KeyError(field)

    def put(self, name, content):
        section = self.find(name)
        self.data += b'\0' * (-len(self.data) % 16)
        self.patch(section, 'offset', len(self.data))
        self.patch(section, 'size', len(content))
        self.data += content


def differences(old, new, changed):
    """What a rewrite that was to change these sections only has changed besides."""
    names = old.section(old.shstrndx).text
    for field, value in old.header.items():
        if field not in ('shoff', 'shnum') and getattr(new, field) != value:
            yield 'ELF header: %s was %#x, is %#x' % (field, value, getattr(new, field))
    if old.data[:16] != new.data[:16]:
        yield 'ELF header: identification changed'
    if new.shnum < old.shnum:
        yield '%d sections were there, %d are' % (old.shnum, new.shnum)
        return
    for before, after in zip(old.sections, new.sections):
        what = 'section %d %s' % (before.index, before.text)
        if before.text in changed:
            continue
        if before.text != after.text:
            yield '%s: is called %s now' % (what, after.text)
            continue
        for field, _, _ in SECTION:
            if field in ('name', 'offset') or (field == 'size' and before.text == names):
                continue
            if getattr(before, field) != getattr(after, field):
                yield '%s: %s was %#x, is %#x' % (
                    what, field, getattr(before, field), getattr(after, field))
        if before.text == names:
            if not after.content.startswith(before.content):
                yield '%s: names changed' % what
        elif before.content != after.content:
            yield '%s: content changed' % what
        if after.addralign > 1 and after.type != SHT_NULL and after.offset % after.addralign:
            yield '%s: not aligned' % what
    for after in new.sections[old.shnum:]:
        if after.text not in changed:
            yield 'section %d %s: nobody asked for it' % (after.index, after.text)


def main(argv):
    def read(path):
        with open(path, 'rb') as file:
            return Elf(file.read())

    if len(argv) >= 4 and argv[1] == 'same':
        found = list(differences(read(argv[2]), read(argv[3]), argv[4:]))
        print('\n'.join(found), end='\n' if found else '')
        return 1 if found else 0
    if len(argv) == 5 and argv[1] == 'section':
        section = read(argv[2]).find(argv[3])
        if section is None:
            print('%s: no section %s' % (argv[2], argv[3]), file=sys.stderr)
            return 1
        with open(argv[4], 'wb') as file:
            file.write(section.content)
        return 0
    print('usage: elf.py same OLD NEW SECTION... | section FILE NAME OUT', file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv))
