#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""BTF as text for expectations: one line for each own type, function and variable of a module.

usage: text.py MODULE [BASE]             prints all lines, sorted
       text.py MODULE BASE EXPECTED...   checks that they are as the files EXPECTED say

Integers are written by sign and bits (s32, u8, bool), for compilers call them differently; what stands in the base and what is the
module's own looks the same. A struct has "name@bit offset:bit size type" for each member.

In an expectation a line stands as it has to be printed; "!" before it: nothing of that name (the first two words, for "type" and
"fwd" the line) may be there; "@" before it: what follows is in the base, and must not be an own type; "#": a comment.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lib'))
sys.dont_write_bytecode = True

import btf  # noqa: E402 pylint: disable=wrong-import-position


class Text:
    def __init__(self, types):
        self.types = types

    def words(self, tid, count, fmt):
        owner = self.types._owner(tid)  # pylint: disable=protected-access
        return list(owner._words(owner.head(tid)[5], fmt, count))  # pylint: disable=protected-access

    def number(self, tid):
        size = self.types.head(tid)[4]
        info = self.words(tid, 1, 'I')[0][0]
        if info >> 24 & 4:
            return 'bool'
        name = self.types.head(tid)[1]
        if name.startswith('__') and not name.startswith('__int128'):
            return name  # made up, by the compiler or by modbtf
        return '%s%d' % ('s' if info >> 24 & 1 else 'u', 8 * size)

    def refer(self, tid):
        if not tid:
            return 'void'
        kind, name, _, flag, target, _ = self.types.head(tid)
        if kind == btf.INT:
            return self.number(tid)
        if kind == btf.FLOAT:
            return 'f%d' % (8 * target)
        if kind in btf.NAMED and name:
            return '%s %s' % (btf.NAMED[kind], name)
        if kind == btf.FWD:
            return '%s %s' % ('union' if flag else 'struct', name)
        if kind == btf.TYPEDEF:
            return name
        if kind == btf.PTR:
            return '*' + self.refer(target)
        if kind in btf.QUALIFIER:
            return btf.QUALIFIER[kind] + self.refer(target)
        if kind == btf.TYPE_TAG:
            return 'tag(%s) %s' % (name, self.refer(target))
        if kind == btf.ARRAY:
            element, _, count = self.words(tid, 1, 'III')[0]
            return '[%d]%s' % (count, self.refer(element))
        if kind == btf.FUNC_PROTO:
            return self.prototype(tid)
        return self.define(tid)

    def prototype(self, tid):
        _, _, vlen, _, target, _ = self.types.head(tid)
        params = [('%s %s' % (self.types.string(n) if n else '-', self.refer(t))) if n or t else '...'
                  for n, t in self.words(tid, vlen, 'II')]
        return '(%s) %s' % (', '.join(params), self.refer(target))

    def members(self, tid):
        return ', '.join('%s@%d%s %s' % (name or '-', offset, ':%d' % bits if bits else '', self.refer(target))
                         for name, offset, bits, target in self.types.members(tid))

    def define(self, tid):
        kind, name, vlen, flag, target, _ = self.types.head(tid)
        if kind in (btf.STRUCT, btf.UNION):
            return '%s %s %d {%s}' % (btf.NAMED[kind], name or '-', target, self.members(tid))
        if kind in (btf.ENUM, btf.ENUM64):
            return '%s %s %d%s {%s}' % (
                'enum' if kind == btf.ENUM else 'enum64', name or '-', target, ' signed' if flag else '',
                ', '.join('%s=%d' % pair for pair in self.types.enumerators(tid)))
        if kind == btf.FWD:
            return 'fwd ' + self.refer(tid)
        if kind == btf.TYPEDEF:
            return 'typedef %s %s' % (name, self.refer(target))
        if kind == btf.FUNC:
            return 'func %s %s' % (name, self.refer(target))
        if kind == btf.VAR:
            return 'var %s %s %s' % (name, ['static', 'global', 'extern'][self.words(tid, 1, 'I')[0][0]],
                                     self.refer(target))
        if kind == btf.DATASEC:
            return 'section %s %d {%s}' % (name, target, ', '.join(
                '%s@%d:%d' % (self.types.name(var), offset, size)
                for var, offset, size in self.words(tid, vlen, 'III')))
        if kind == btf.DECL_TAG:
            return 'decl %s %d %s' % (name, self.words(tid, 1, 'i')[0][0],
                                      self.types.name(target) or self.refer(target))
        return 'type ' + self.refer(tid)

    def lines(self):
        return sorted(self.define(tid) for tid in self.types.ids())


def key_of(line):
    """what two lines on the same type have in common"""
    words = line.split()
    return line if words[0] in ('type', 'fwd') else ' '.join(words[:2])


def check(lines, base_lines, path):
    have = set(lines)
    named = {}
    for line in lines:
        named.setdefault(key_of(line), line)
    with open(path, encoding='ascii') as file:
        for line in file:
            line = line.rstrip('\n')
            if not line or line.startswith('#'):
                continue
            key = key_of(line.lstrip('!@'))
            if line[0] == '!':
                if key in named:
                    yield 'is there: ' + named[key]
            elif line[0] == '@':
                if key in named:
                    yield 'is own: ' + named[key]
                if line[1:] not in base_lines:
                    yield 'not in the base: ' + line[1:]
            elif line not in have:
                yield 'missing: %s; there is: %s' % (line, named.get(key, 'nothing'))


def main(argv):
    base = btf.load(argv[2]) if len(argv) > 2 else None
    text = Text(btf.load(argv[1], base))
    if len(argv) < 4:
        print('\n'.join(text.lines()))
        return 0
    faults = []
    for path in argv[3:]:
        faults += check(text.lines(), set(Text(base).lines()), path)
    print('\n'.join(faults[:10]), end='\n' if faults else '')
    return 1 if faults else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv))
    except (btf.BtfError, OSError) as error:
        sys.exit('text.py: %s' % error)
