#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Modules whose BTF is wrong in one way each, and what kernel and modbtf make of them.

  mutate.py make BASE MODULE DIR COUNT
                                    BASE: raw BTF of a kernel; MODULE: a module of it, with .BTF. Writes
                                    DIR/NNNN.ko, and DIR/list, a line "NNNN<TAB>what is wrong" for each,
                                    some COUNT of them (0: all), always the same ones
  mutate.py judge DIR TAKEN JSON    TAKEN: numbers of the modules whose BTF the kernel took, one a line;
                                    JSON: what `modbtf check --json` said of all. Prints results in the
                                    form of tests/lib/report.sh

All begin with one sound split BTF that has each kind of type. What is done to it: each field of the
header, of each type and of each entry gets values that matter (bounds, ids of types of other kinds,
ids and offsets that do not exist), names get letters that do not belong there, chains of modifiers
get long, sections get out of order, the whole is cut off.
"""

import collections
import json
import os
import re
import struct
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

import btf as B  # noqa: E402 pylint: disable=wrong-import-position
from elf import Elf  # noqa: E402 pylint: disable=wrong-import-position

KINDS = ['', 'INT', 'PTR', 'ARRAY', 'STRUCT', 'UNION', 'ENUM', 'FWD', 'TYPEDEF', 'VOLATILE', 'CONST',
         'RESTRICT', 'FUNC', 'FUNC_PROTO', 'VAR', 'DATASEC', 'FLOAT', 'DECL_TAG', 'TYPE_TAG', 'ENUM64']
NAMED_ENTRIES = {B.STRUCT: 3, B.UNION: 3, B.ENUM: 2, B.ENUM64: 3, B.FUNC_PROTO: 2}
MAX_ID = 0xfffff
MAX_OFFSET = 0xffffff
NO_ID = 0xfffffff0


def info(kind, vlen=0, kflag=0):
    return kflag << 31 | kind << 24 | vlen


class Split:
    """Split BTF in the making: .types are lists of words, .strings the bytes behind the base's."""

    def __init__(self, base):
        self.start, self.str_start = base.end, base.str_end
        self.base_int = next(i for i in base.ids() if base.kind(i) == B.INT and base.head(i)[4] == 4)
        self.base_func = next(i for i in base.ids() if base.kind(i) == B.FUNC)
        self.types, self.strings = [], b''

    def name(self, text):
        offset = self.str_start + len(self.strings)
        self.strings += (text if isinstance(text, bytes) else text.encode()) + b'\0'
        return offset

    def add(self, name, head, size, *extra):
        """name: text, or a name offset. Returns the type's id."""
        offset = name if isinstance(name, int) else self.name(name)
        self.types.append([offset, head, size, *extra])
        return self.start + len(self.types) - 1

    def copy(self):
        other = object.__new__(Split)
        other.__dict__.update(self.__dict__)
        other.types = [list(words) for words in self.types]
        return other

    @property
    def end(self):
        return self.start + len(self.types)

    def type_bytes(self, order='<'):
        return b''.join(struct.pack('%s%dI' % (order, len(words)), *[w & 0xffffffff for w in words])
                        for words in self.types)

    def bytes(self, order='<'):
        types = self.type_bytes(order)
        return struct.pack(order + 'HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types),
                           len(self.strings)) + types + self.strings


def seed(base):
    """Each kind, in the forms that compilers and pahole write. Ids by name, for mutations to refer to."""
    s, ids = Split(base), {}
    ids['int'] = i = s.add('mt_int', info(B.INT), 4, 1 << 24 | 32)
    ids['ptr'] = p = s.add(0, info(B.PTR), i)
    ids['array'] = s.add(0, info(B.ARRAY), 0, i, s.base_int, 3)
    ids['struct'] = t = s.add('mt_struct', info(B.STRUCT, 2), 16, s.name('first'), i, 0,
                              s.name('second'), p, 64)
    s.add('mt_bits', info(B.STRUCT, 3, 1), 8, s.name('three'), i, 3 << 24, s.name('five'), i,
          5 << 24 | 3, s.name('whole'), s.base_int, 32)
    ids['union'] = s.add('mt_union', info(B.UNION, 2), 8, s.name('either'), i, 0, s.name('or'), p, 0)
    ids['enum'] = s.add('mt_enum', info(B.ENUM, 2), 4, s.name('MT_NONE'), 0, s.name('MT_ONE'), 1)
    s.add('mt_signed', info(B.ENUM, 1, 1), 4, s.name('MT_LESS'), 0xffffffff)
    s.add('mt_large', info(B.ENUM64, 2), 8, s.name('MT_LOW'), 1, 0, s.name('MT_HIGH'), 0, 1)
    ids['fwd'] = s.add('mt_declared', info(B.FWD), 0)
    s.add('mt_declared_union', info(B.FWD, 0, 1), 0)
    s.add('mt_type', info(B.TYPEDEF), t)
    ids['const'] = c = s.add(0, info(B.CONST), t)
    s.add(0, info(B.VOLATILE), c)
    s.add(0, info(B.RESTRICT), p)
    ids['tag'] = g = s.add('user', info(B.TYPE_TAG), t)
    s.add(0, info(B.PTR), g)
    ids['proto'] = f = s.add(0, info(B.FUNC_PROTO, 2), i, s.name('what'), p, s.name('many'), i)
    s.add(0, info(B.FUNC_PROTO, 2), 0, s.name('format'), p, 0, 0)
    ids['func'] = s.add('mt_static', info(B.FUNC), f)
    s.add('mt_global', info(B.FUNC, 1), f)
    ids['var'] = v = s.add('mt_var', info(B.VAR), t, 1)
    w = s.add('mt_own_var', info(B.VAR), i, 0)
    ids['datasec'] = s.add('.data..percpu', info(B.DATASEC, 2), 32, v, 0, 16, w, 16, 4)
    s.add('mt_double', info(B.FLOAT), 8)
    s.add('mt tag', info(B.DECL_TAG), t, 0xffffffff)
    s.add('bpf_kfunc', info(B.DECL_TAG), ids['func'], 0)
    s.add(0, info(B.STRUCT, 1), 4, 0, s.base_int, 0)
    s.add(0, info(B.STRUCT), 0)
    none = s.add(0, info(B.ARRAY), 0, i, s.base_int, 0)
    s.add('mt_flexible', info(B.STRUCT, 2), 4, s.name('length'), i, 0, s.name('data'), none, 32)
    s.add(0, info(B.CONST), 0)
    return s, ids


class Mutations:
    def __init__(self, base):
        self.seed, self.ids = seed(base)
        self.made = collections.OrderedDict()

    def add(self, what, data):
        """data: the bytes of .BTF. What was made in another way before is not made again."""
        if data not in self.made:
            self.made[data] = what

    def word(self, what, number, position, value):
        s = self.seed.copy()
        s.types[number][position] = value & 0xffffffff
        self.add(what, s.bytes())

    def headers(self):
        data = self.seed.bytes()
        size, types = len(data), len(self.seed.type_bytes())
        self.add('nothing', data)
        fields = [('magic', 'H', 0, [0, 0x9feb, 0xeb9e]), ('version', 'B', 2, [0, 2, 255]),
                  ('flags', 'B', 3, [1, 0x80]),
                  ('hdr_len', 'I', 4, [0, 4, 8, 16, 20, 23, 25, 28, 32, size - 1, size, size + 1,
                                       0x7fffffff, 0xffffffff]),
                  ('type_off', 'I', 8, [1, 2, 4, 12, types, size, 0xffffffff]),
                  ('type_len', 'I', 12, [0, 1, types - 12, types - 4, types - 1, types + 1, types + 4,
                                         size - 24, size, 0xffffffff]),
                  ('str_off', 'I', 16, [0, types - 4, types - 1, types + 1, types + 4, size,
                                        0xffffffff]),
                  ('str_len', 'I', 20, [0, 1, size - 24 - types - 1, size - 24 - types + 1, size,
                                        0xffffffff])]
        for name, fmt, at, values in fields:
            for value in values:
                changed = bytearray(data)
                struct.pack_into('<' + fmt, changed, at, value)
                self.add('header: %s %#x' % (name, value), bytes(changed))
        for cut in (1, 3, 4, 7, 8, 12, 16, 20, 23, 24, 25, 36, 24 + types - 1, 24 + types,
                    24 + types + 1, size - 1, size - 7):
            self.add('cut off after %d bytes' % cut, data[:cut])
        self.add('a byte too many', data + b'\0')
        self.add('big endian', self.seed.bytes('>'))

    def layouts(self):
        types, strings = self.seed.type_bytes(), self.seed.strings

        def wrap(hdr_len, sections, pad=b'', tail=b''):
            return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, hdr_len, *sections) + pad + tail

        t, n = len(types), len(strings)
        both = types + strings
        for more in (1, 4, 7, 8, 12, 40):
            self.add('header of %d bytes, the rest 0' % (24 + more),
                     wrap(24 + more, [0, t, t, n], b'\0' * more, both))
            for at in range(0, more, 4):
                pad = bytearray(more)
                pad[at] = 1
                self.add('header of %d bytes, byte %d set' % (24 + more, 24 + at),
                         wrap(24 + more, [0, t, t, n], bytes(pad), both))
        kinds = b'\4\0\0\0' * 19
        for layout, what in ((kinds, 'whole'), (kinds[:3], 'of 3 bytes'), (kinds + b'\0', 'of odd length')):
            at = struct.pack('<II', t + n, len(layout))
            self.add('layout section behind all, ' + what, wrap(32, [0, t, t, n], at, both + layout))
            at = struct.pack('<II', t, len(layout))
            self.add('layout section in the middle, ' + what,
                     wrap(32, [0, t, t + len(layout), n], at, types + layout + strings))
        self.add('layout section that overlaps',
                 wrap(32, [0, t, t, n], struct.pack('<II', t - 4, 8), both))
        self.add('layout section behind the end',
                 wrap(32, [0, t, t, n], struct.pack('<II', t + n, 8), both))
        for hdr_len, pad in ((24, b''), (32, b'\0' * 8)):
            self.add('strings before types, header of %d' % hdr_len,
                     wrap(hdr_len, [n, t, 0, n], pad, strings + types))
            odd = strings + b'\0' * (5 - len(strings) % 4)
            self.add('strings before types, not aligned, header of %d' % hdr_len,
                     wrap(hdr_len, [len(odd), t, 0, len(odd)], pad, odd + types))
        self.add('a gap between types and strings', wrap(24, [0, t, t + 4, n], tail=types + b'\0' * 4 + strings))
        self.add('a gap before types', wrap(24, [4, t, t + 4, n], tail=b'\0' * 4 + both))
        self.add('no types', wrap(24, [0, 0, 0, n], tail=strings))
        self.add('no types, strings first', wrap(24, [n, 0, 0, n], tail=strings))
        self.add('nothing behind the header', wrap(24, [0, 0, 0, 0]))
        nameless = Split.__new__(Split)
        nameless.__dict__.update(self.seed.__dict__, types=[[0, info(B.PTR), 0]], strings=b'')
        self.add('no strings', nameless.bytes())
        nameless.strings = b'a'
        self.add('strings without end', nameless.bytes())
        self.add('header of 8 bytes', struct.pack('<HBBI', 0xeb9f, 1, 0, 8))
        self.add('header of 16 bytes', struct.pack('<HBBIII', 0xeb9f, 1, 0, 16, 0, 12) + bytes(12))
        self.add('header of 20 bytes',
                 struct.pack('<HBBIIII', 0xeb9f, 1, 0, 20, 0, 12, 12) + struct.pack('<III', 0, info(B.PTR), 0))

    def values(self, kind, position, value):
        """What to put where @value stands."""
        s, ids = self.seed, self.ids
        result = [0, 1, 2, 3, value + 1, value - 1, value + 8, value << 1, 0x7fffffff, 0x80000000, 0xffffffff,
                  0x10000, 0x1000000, value | 1 << 31, value | 7 << 24]
        if kind in NAMED_ENTRIES or position == 2 or kind in (B.ARRAY, B.DATASEC):
            result += [s.end - 1, s.end, s.end + 1, MAX_ID, MAX_ID + 1, NO_ID, s.base_func, s.base_int]
            result += ids.values()
        return result

    def fields(self):
        """By far the most."""
        s = self.seed
        for number, words in enumerate(s.types):
            kind = words[1] >> 24 & 31
            label = 'type %d %s' % (number, KINDS[kind])
            own = s.start + number
            for value in (0, 1, words[0] + 1, s.str_start, s.str_start - 1, s.str_start + len(s.strings) - 1,
                          s.str_start + len(s.strings), MAX_OFFSET, MAX_OFFSET + 1, 0xffffffff,
                          s.types[3][0]):
                self.word('%s: name_off %#x' % (label, value), number, 0, value)
            vlen = words[1] & 0xffff
            for value in (0, 1, 2, vlen + 1, vlen - 1, 0xffff):
                self.word('%s: vlen %#x' % (label, value & 0xffff), number, 1,
                          words[1] & ~0xffff | value & 0xffff)
            for bit in (16, 20, 23, 29, 30, 31):
                self.word('%s: bit %d of info' % (label, bit), number, 1, words[1] ^ 1 << bit)
            for value in range(32):
                self.word('%s: kind %d' % (label, value), number, 1,
                          words[1] & ~(31 << 24) | value << 24)
            for position in range(2, len(words)):
                for value in self.values(kind, position, words[position]) + [own]:
                    self.word('%s: word %d %#x' % (label, position, value & 0xffffffff), number, position,
                              value)

    def names(self):
        """Each kind, and entries of each kind that has them, under names that may not be."""
        texts = [b'', b'1a', b'a b', b'a-b', b'a.b', b'.a', b'_', b'a\x01', b'a\x7f', b'\xc3\xa9', b'a\xd7',
                 b'\xe9', b'\xa0', b'a\xb5', b'a:b', b'?', b'x' * 127, b'x' * 128, b'x' * 129, b'x' * 511,
                 b'x' * 512, b'x' * 513]
        for number, words in enumerate(self.seed.types):
            kind = words[1] >> 24 & 31
            places = [0]
            if kind in NAMED_ENTRIES:
                places += list(range(3, len(words), NAMED_ENTRIES[kind]))[:1]
            for place in places:
                for text in texts:
                    s = self.seed.copy()
                    s.types[number][place] = s.name(text)
                    shown = text if len(text) < 20 else '%d letters' % len(text)
                    self.add('type %d %s: name %s %r' % (number, KINDS[kind], 'of an entry' if place else 'is',
                                                         shown), s.bytes())

    def appended(self, what, *types):
        """types: (name, info, words...) with ids as numbers from the first of them on, as strings."""
        s = self.seed.copy()
        first = s.end

        def own(word):
            return first + int(word) if isinstance(word, str) else word

        for name, head, *words in types:
            s.add(name, head, *[own(word) for word in words])
        self.add(what, s.bytes())

    def chains(self):
        ids = self.ids
        for length in (30, 31, 32, 33, 34, 64):
            chain = [(0, info(B.CONST), str(n + 1)) for n in range(length - 1)]
            self.appended('%d modifiers forwards' % length, *chain, (0, info(B.CONST), ids['int']))
            self.appended('%d modifiers backwards' % length, (0, info(B.CONST), ids['int']),
                          *[(0, info(B.CONST), str(n)) for n in range(length - 1)])
        self.appended('a modifier of itself', (0, info(B.CONST), '0'))
        self.appended('two modifiers of each other', (0, info(B.CONST), '1'), (0, info(B.VOLATILE), '0'))
        self.appended('a typedef of itself', ('mt_loop', info(B.TYPEDEF), '0'))
        self.appended('a pointer to itself', (0, info(B.PTR), '0'))
        self.appended('a struct in itself', ('mt_loop', info(B.STRUCT, 1), 4, 0, '0', 0))
        self.appended('an array of itself', (0, info(B.ARRAY), 0, '0', ids['int'], 1))
        for kind in (B.PTR, B.CONST, B.VOLATILE, B.RESTRICT, B.FUNC_PROTO):
            for target, what in (('9', 'that does not exist'), (ids['var'], 'a variable'),
                                 (ids['func'], 'a function'), (ids['datasec'], 'a section')):
                self.appended('%s of a type %s' % (KINDS[kind], what), (0, info(kind), target))
        tag, const = ('mt_t', info(B.TYPE_TAG)), (0, info(B.CONST))
        self.appended('tag before const', (*tag, '1'), (*const, ids['int']))
        self.appended('tag behind const', (*const, '1'), (*tag, ids['int']))
        self.appended('tag behind a typedef', ('mt_d', info(B.TYPEDEF), '1'), (*tag, ids['int']))
        self.appended('tag behind an earlier const', (*tag, ids['int']), (*const, '0'))
        self.appended('tag, const, tag', (*tag, '1'), (*const, '2'), (*tag, ids['int']))
        self.appended('tag behind a pointer', (0, info(B.PTR), '1'), (*tag, ids['int']))
        for kind in (B.TYPE_TAG, B.DECL_TAG):
            extra = [0xffffffff] if kind == B.DECL_TAG else []
            self.appended('an attribute, %s' % KINDS[kind], ('mt_a', info(kind, 0, 1), ids['struct'], *extra))
        for kind in range(20, 128):
            if kind in (20, 31, 32, 36, 63, 64, 127):
                self.appended('kind %d' % kind, (0, kind << 24, 0))

    def large(self):
        ids = self.ids
        for vlen in (0xffff, 0x10000, 0x10001):
            members = [word for _ in range(vlen) for word in (0, ids['int'], 0)]
            self.appended('%d members' % vlen, ('mt_many', info(B.UNION) | vlen, 8, *members))

    def make(self):
        for step in (self.headers, self.layouts, self.chains, self.large, self.fields, self.names):
            step()
        return self.made


def sample(made, count):
    """Of @made, all that come first, and of types and names, which follow, those that chance names."""
    items = list(made.items())
    first = sum(not what.startswith('type ') for _, what in items)
    if not count or count >= len(items):
        return items
    share = max(count - first, 1) / (len(items) - first)
    return [(data, what) for data, what in items
            if not what.startswith('type ') or zlib.crc32(what.encode()) < share * 2 ** 32]


def make(base_path, module_path, out, count):
    base = B.load(base_path)
    with open(module_path, 'rb') as file:
        module = file.read()
    with open(os.path.join(out, 'list'), 'w', encoding='utf-8') as table:
        for number, (data, what) in enumerate(sample(Mutations(base).make(), int(count))):
            elf = Elf(module)
            elf.put('.BTF', data)
            with open(os.path.join(out, '%04d.ko' % number), 'wb') as file:
                file.write(elf.data)
            table.write('%04d\t%s\n' % (number, what))


# Where modbtf says "fault", and the kernel takes the BTF: what it says, and why we stay with it.
STRICTER = [
    (r'^header: .*(too few|impossible length)',
     'kernels read a header of less than 24 bytes and take what is missing for 0: nobody writes it, and all '
     'that could be read is no type at all'),
    (r'^header: .*FUNC_PROTO with a name outside of the strings',
     'names of arguments are looked at for programs only; to read them for a module is a fault in waiting'),
]


def judge(out, taken_path, json_path):
    with open(os.path.join(out, 'list'), encoding='utf-8') as file:
        what = dict(line.rstrip('\n').split('\t', 1) for line in file)
    with open(taken_path, encoding='utf-8') as file:
        taken = set(file.read().split())
    said = {}
    with open(json_path, encoding='utf-8') as file:
        for line in file:
            verdict = json.loads(line)
            faults = [f for f in verdict['findings'] if f['severity'] == 'fault']
            findings = [f for f in verdict['findings'] if f['class'] in ('reference', 'names')]
            said[os.path.basename(verdict['file'])[:4]] = faults, findings
    missed, unexplained, reasons = [], [], collections.Counter()
    found = collections.Counter()
    for number, text in what.items():
        faults, findings = said[number]
        if number not in taken:
            found['refused by both' if faults else 'missed'] += 1
            if not faults:
                missed.append('%s %s' % (number, text))
            continue
        if not faults:
            found['taken by both, and found fault with' if findings else 'taken by both'] += 1
            continue
        found['refused by modbtf only'] += 1
        line = '%s: %s' % (faults[0]['class'], faults[0]['text'])
        reason = next((why for pattern, why in STRICTER if re.search(pattern, line)), None)
        if reason is None:
            unexplained.append('%s %s: %s' % (number, text, line))
        else:
            reasons[reason] += 1
    print('# %d modules: %s' % (len(what), ', '.join('%d %s' % (n, k) for k, n in sorted(found.items()))))
    for reason, count in reasons.most_common():
        print('# %d that the kernel takes: %s' % (count, reason))
    return report(missed, unexplained, found)


def report(missed, unexplained, found):
    failed = 0
    for name, faults in (('what the kernel refuses, check refuses', missed),
                         ('what check refuses and the kernel takes has a reason', unexplained),
                         ('the kernel takes some and refuses some',
                          [] if found['refused by both'] > 100 and found['taken by both'] > 20 else
                          ['%d, %d' % (found['refused by both'], found['taken by both'])])):
        if faults:
            failed += 1
            print('not ok - %s: %d: %s' % (name, len(faults), faults[0]))
            for fault in faults[1:40]:
                print('  also: %s' % fault)
        else:
            print('ok - %s' % name)
    return failed


def main(argv):
    if len(argv) == 6 and argv[1] == 'make':
        make(*argv[2:])
        return 0
    if len(argv) == 5 and argv[1] == 'judge':
        return 1 if judge(*argv[2:]) else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv))
