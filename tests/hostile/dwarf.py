# SPDX-License-Identifier: GPL-2.0-only
"""Writes DWARF 5 by hand, for tests that need what no compiler would write.

    dwarf = Dwarf()
    dwarf.die(TYPEDEF, name('a'), type_of('a'), label='a')
    info, abbrev = dwarf.finish()

Units hold no relocations: strings stand inline, references are relative to the unit.
"""

import struct

ARRAY, CLASS, ENUM, PARAMETER, LEXICAL_BLOCK = 0x01, 0x02, 0x04, 0x05, 0x0b
MEMBER, POINTER, UNIT, STRUCT, SUBROUTINE_TYPE, TYPEDEF = 0x0d, 0x0f, 0x11, 0x13, 0x15, 0x16
UNION, UNSPECIFIED_PARAMETERS, SUBRANGE, BASE, CONST = 0x17, 0x18, 0x21, 0x24, 0x26
ENUMERATOR, SUBPROGRAM, VARIABLE, VOLATILE, RESTRICT, ATOMIC = 0x28, 0x2e, 0x34, 0x35, 0x37, 0x47

AT_SIBLING, AT_LOCATION, AT_NAME, AT_BYTE_SIZE, AT_BIT_SIZE = 0x01, 0x02, 0x03, 0x0b, 0x0d
AT_LANGUAGE, AT_CONST_VALUE, AT_PRODUCER, AT_PROTOTYPED = 0x13, 0x1c, 0x25, 0x27
AT_UPPER_BOUND, AT_ABSTRACT_ORIGIN, AT_COUNT, AT_DATA_MEMBER_LOCATION = 0x2f, 0x31, 0x37, 0x38
AT_DECLARATION, AT_ENCODING, AT_EXTERNAL, AT_SPECIFICATION, AT_TYPE = 0x3c, 0x3e, 0x3f, 0x47, 0x49
AT_SIGNATURE, AT_DATA_BIT_OFFSET = 0x69, 0x6b

BLOCK, DATA2, DATA4, DATA8, STRING, BLOCK1, DATA1, SDATA = 9, 5, 6, 7, 8, 10, 11, 13
STRP, UDATA, REF_ADDR, REF4, INDIRECT, FLAG_PRESENT, STRX = 0x0e, 0x0f, 0x10, 0x13, 0x16, 0x19, 0x1a
REF_SIG8, IMPLICIT_CONST, ADDRX = 0x20, 0x21, 0x1b


def uleb(value):
    out = bytearray()
    while True:
        byte = value & 0x7f
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def sleb(value):
    out = bytearray()
    while True:
        byte = value & 0x7f
        value >>= 7
        done = (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40)
        out.append(byte | (0 if done else 0x80))
        if done:
            return bytes(out)


def name(text):
    return (AT_NAME, STRING, text)


def type_of(label):
    return (AT_TYPE, REF4, label)


def size(value):
    return (AT_BYTE_SIZE, UDATA, value)


def at(value):
    return (AT_DATA_MEMBER_LOCATION, UDATA, value)


class Dwarf:
    """One unit. Labels are unit-relative offsets of DIEs, usable before they are set."""

    def __init__(self, version=5):
        self.info = bytearray(12)
        self.version = version
        self.abbrevs = {}
        self.labels = {}
        self.fixups = []
        self.open = 1
        self.die(UNIT, (AT_PRODUCER, STRING, 'by hand'), (AT_LANGUAGE, DATA1, 0x1d),
                 name('hostile.c'), children=True, label='unit')
        self.die(BASE, name('int'), size(4), (AT_ENCODING, DATA1, 5), label='int')

    def die(self, tag, *attributes, children=False, label=None):
        if label:
            self.labels[label] = len(self.info)
        key = (tag, children, tuple((attribute, form, value if form == IMPLICIT_CONST else None)
                                    for attribute, form, value in attributes))
        code = self.abbrevs.setdefault(key, len(self.abbrevs) + 1)
        self.info += uleb(code)
        for _, form, value in attributes:
            self.value(form, value)

    def value(self, form, value):
        fixed = {DATA1: '<B', DATA2: '<H', DATA4: '<I', DATA8: '<Q', REF_SIG8: '<Q', STRP: '<I',
                 REF_ADDR: '<I'}
        if isinstance(value, bytes):
            self.info += value  # as it is, whatever the form
        elif form == REF4:
            if isinstance(value, str):
                self.fixups.append((len(self.info), value))
                value = 0
            self.info += struct.pack('<I', value)
        elif form in fixed:
            self.info += struct.pack(fixed[form], value)
        elif form == STRING:
            self.info += (value if isinstance(value, bytes) else value.encode('latin-1')) + b'\0'
        elif form in (UDATA, STRX, ADDRX):
            self.info += uleb(value)
        elif form == SDATA:
            self.info += sleb(value)
        elif form in (FLAG_PRESENT, IMPLICIT_CONST):
            pass
        else:
            raise ValueError('form %#x' % form)

    def end(self):
        """ends the children of the DIE that has them"""
        self.info.append(0)

    def abbrev(self):
        out = bytearray()
        for (tag, children, attributes), code in self.abbrevs.items():
            out += uleb(code) + uleb(tag) + bytes([children])
            for attribute, form, implicit in attributes:
                out += uleb(attribute) + uleb(form)
                if form == IMPLICIT_CONST:
                    out += sleb(implicit)
            out += b'\0\0'
        return bytes(out) + b'\0'

    def finish(self, terminated=True):
        """(.debug_info, .debug_abbrev)"""
        if terminated:
            self.end()
        for pos, label in self.fixups:
            struct.pack_into('<I', self.info, pos, self.labels[label])
        struct.pack_into('<IHBBI', self.info, 0, len(self.info) - 4, self.version, 1, 8, 0)
        return bytes(self.info), self.abbrev()
