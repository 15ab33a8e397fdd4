#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What .BTF_ids of a module says, read without the program under test.

usage: ids.py map MODULE BASE		one line for each id, by names: "SET KIND NAME FLAGS". Fresh ids
					have the names that symbols say, resolved ones those that their
					type has in the module's BTF (over .BTF.base, else over BASE);
					sets, whose order means nothing, are sorted
       ids.py check MODULE BASE		the same, and what the kernel relies on: exit code 1 if a count is
					wrong, a set not sorted, or an id not what its symbol says
       ids.py maps BASE DIR MODULE...	the same of many, each in a file DIR/NAME; faults are lines with a !
       ids.py fresh MODULE BASE OUT	the module as it was before its ids were resolved
       ids.py clear MODULE OUT		the module with all ids and counts 0, flags where they stand
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../lib'))
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import btf  # noqa: E402
from elf import Elf  # noqa: E402

SHT_SYMTAB = 2
PREFIX = '__BTF_ID__'
KINDS = {'func': btf.FUNC, 'struct': btf.STRUCT, 'union': btf.UNION, 'typedef': btf.TYPEDEF}
WORDS = {kind: word for word, kind in KINDS.items()}


def read(path):
    with open(path, 'rb') as file:
        return Elf(file.read())


class Ids:
    def __init__(self, elf):
        self.elf = elf
        self.section = elf.find('.BTF_ids')
        if self.section is None:
            raise SystemExit('there is no .BTF_ids')
        self.words = list(struct.unpack('%s%dI' % (elf.order, self.section.size // 4),
                                        self.section.content))
        self.sets = []  # (name, flagged, first word, number of ids), by place
        self.marks = {}  # word: (kind, name)
        for name, value, size in self.symbols():
            kind, _, rest = name[len(PREFIX):].partition('__')
            if kind in ('set', 'set8'):
                unit = 4 if kind == 'set' else 8
                self.sets.append((rest, kind == 'set8', value // 4, size // unit - 1))
            else:
                self.marks[value // 4] = (kind, rest[:rest.rindex('__')])
        self.sets.sort(key=lambda s: s[2])

    def symbols(self):
        table = next(s for s in self.elf.sections if s.type == SHT_SYMTAB)
        names = self.elf.section(table.link)
        for pos in range(0, table.size, 24):
            name, _, _, section, value, size = struct.unpack_from(
                self.elf.order + 'IBBHQQ', self.elf.data, table.offset + pos)
            if section == self.section.index:
                text = self.elf.cstring(names.offset + name)
                if text.startswith(PREFIX):
                    yield text, value, size

    def places(self, entry):
        """words of the ids of a set"""
        _, flagged, first, count = entry
        return [first + (2 + 2 * i if flagged else 1 + i) for i in range(count)]

    @property
    def resolved(self):
        return any(self.words[at] for at in self.marks) or \
            any(self.words[first] for _, _, first, _ in self.sets)

    def named(self, types, at):
        """(kind, name) of the id in a word; with no types, what its symbol says"""
        if types is None:
            return self.marks[at]
        tid = self.words[at]
        if not tid:
            return ('none', '')
        kind, name = types.head(tid)[:2]
        return (WORDS.get(kind, 'kind %d' % kind), name)

    def lines(self, types):
        inside = set()
        for entry in self.sets:
            name, flagged, first, _ = entry
            flags = ' %#x' % self.words[first + 1] if flagged else ''
            yield 'set %s%s' % (name, flags)
            found = []
            for at in self.places(entry):
                inside.add(at)
                flags = ' %#x' % self.words[at + 1] if flagged else ''
                found.append('%s %s %s%s' % ((name,) + self.named(types, at) + (flags,)))
            yield from sorted(found)
        for at in sorted(self.marks):
            if at not in inside:
                yield 'list %d %s %s' % ((at,) + self.named(types, at))

    def faults(self, types):
        for entry in self.sets:
            name, _, first, count = entry
            places = self.places(entry)
            if self.words[first] != count:
                yield '%s: counts %d ids of %d' % (name, self.words[first], count)
            numbers = [self.words[at] for at in places]
            if numbers != sorted(numbers):
                yield '%s: is not sorted' % name
            said = sorted(self.marks[at] for at in places)
            have = sorted(self.named(types, at) for at in places)
            if said != have:
                yield '%s: %s, but symbols say %s' % (name, have, said)
        inside = {at for entry in self.sets for at in self.places(entry)}
        for at, said in self.marks.items():
            if at not in inside and self.named(types, at) != said:
                yield 'list %d: %s, but its symbol says %s' % (at, self.named(types, at), said)

    def put(self):
        content = struct.pack('%s%dI' % (self.elf.order, len(self.words)), *self.words)
        self.elf.data[self.section.offset:self.section.offset + len(content)] = content


def types_of(elf, base):
    """base: a path, or its Btf"""
    data, own = elf.find('.BTF'), elf.find('.BTF.base')
    if own:
        base = btf.Btf(own.content)
    elif isinstance(base, str):
        base = btf.load(base)
    return btf.Btf(data.content, base)


def clear(ids):
    for at in ids.marks:
        ids.words[at] = 0
    for _, _, first, _ in ids.sets:
        ids.words[first] = 0
    ids.put()


def make_fresh(ids, types):
    """Flags go back to where their symbol is."""
    for entry in ids.sets:
        places = ids.places(entry)
        if not entry[1]:
            continue
        flags = {}
        for at in places:
            flags.setdefault(ids.named(types, at), []).append(ids.words[at + 1])
        for at in places:
            ids.words[at + 1] = flags[ids.marks[at]].pop(0)
    clear(ids)


def maps(base, out, paths):
    base = btf.load(base)
    os.makedirs(out)
    for path in paths:
        elf = read(path)
        ids, types = Ids(elf), types_of(elf, base)
        lines = list(ids.lines(types)) + ['! ' + fault for fault in ids.faults(types)]
        name = os.path.basename(path).rpartition('.')[0]
        with open(os.path.join(out, name), 'w', encoding='ascii') as file:
            file.write('\n'.join(lines) + '\n')


def main(argv):
    if len(argv) > 4 and argv[1] == 'maps':
        maps(argv[2], argv[3], argv[4:])
        return 0
    if len(argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    what, path = argv[1:3]
    elf = read(path)
    ids = Ids(elf)
    if what == 'clear':
        clear(ids)
    else:
        types = types_of(elf, argv[3]) if ids.resolved else None
    if what in ('map', 'check'):
        print('\n'.join(ids.lines(types)))
        if what == 'check':
            faults = list(ids.faults(types)) if types else ['not resolved']
            print('\n'.join(faults), end='\n' if faults else '', file=sys.stderr)
            return 1 if faults else 0
        return 0
    if what == 'fresh' and types:
        make_fresh(ids, types)
    with open(argv[-1], 'wb') as file:
        file.write(elf.data)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
