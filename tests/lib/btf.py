#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A small reader of BTF for tests, independent of the program under test.

As a module:
  Btf(data, base=None)   types of raw BTF, split BTF with the Btf of its base
    .ids()               ids of its own types (without those of the base)
    .define(id)          one type in full, as canonical text
    .refer(id)           the text by which other types refer to it
    .homonyms            own ids that only share their name with a base type
    .declared            (kind word, name) of all that it declares and does not define
    .nested              it has arrays of arrays
  load(path, base=None)  Btf of a raw BTF file or of the .BTF section of an ELF file
  load_base(path, cache) the same for a large base; its texts are kept in a cache directory
  elf_section(data, name), kernel_btf(data)   raw bytes, None if there is none

As a program:
  btf.py extract IMAGE OUT        raw BTF out of a kernel image (bzImage, arm64 Image, zboot) or ELF
  btf.py dump FILE [BASE]         own types as canonical text, one a line

Two types are the same if their canonical texts are equal. References to a named struct, union or
enum are written by kind and name, a forward declaration like the definition; all else is written
out in full. A reference to an own homonym is marked @own, for there the name is not the base's type.
So is one to an own definition of what the base only declares, by @here (what refers to the
declaration knows nothing of the definition); without_here() takes that mark off. Each text can be
read in one way only: qualifiers, * and [] stand before what they apply to, and a prototype is
fn(parameters)->result.

Arrays of several dimensions are one array in kernels of pahole up to 1.31, and arrays of arrays from
1.32 on. With flatten, Btf reads its own ones as the former.
"""

import bz2
import gzip
import hashlib
import lzma
import os
import pickle
import struct
import subprocess
import sys
import tempfile

(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO,
 VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(1, 20)

QUALIFIER = {VOLATILE: 'volatile ', CONST: 'const ', RESTRICT: 'restrict '}
NAMED = {STRUCT: 'struct', UNION: 'union', ENUM: 'enum', ENUM64: 'enum'}
# Bytes behind the 12 of struct btf_type: fixed, and for each of vlen elements.
FIXED = {INT: 4, ARRAY: 12, VAR: 4, DECL_TAG: 4}
EACH = {STRUCT: 12, UNION: 12, ENUM: 8, FUNC_PROTO: 8, DATASEC: 12, ENUM64: 12}


HERE = '@here'


class BtfError(Exception):
    pass


def without_here(text):
    return text.replace(HERE, '')


class Btf:
    def __init__(self, data, base=None, flatten=False):
        if len(data) < 24:
            raise BtfError('shorter than a BTF header')
        self.order = {0x9feb: '<', 0xeb9f: '>'}.get(int.from_bytes(data[:2], 'big'))
        # 0xeB9F little endian is the bytes 9f eb.
        if self.order is None:
            raise BtfError('no BTF magic')
        _, version, _, hdr_len, type_off, type_len, str_off, str_len = \
            struct.unpack_from(self.order + 'HBBIIIII', data)
        if version != 1:
            raise BtfError('BTF version %d' % version)
        types = hdr_len + type_off
        strings = hdr_len + str_off
        if max(types + type_len, strings + str_len) > len(data):
            raise BtfError('sections exceed the data')
        self.base = base
        self.flatten = flatten
        self.data = data
        self.start = base.end if base else 1
        self.str_start = base.str_end if base else 0
        self.str_end = self.str_start + str_len
        self.strings = data[strings:strings + str_len]
        self.offsets = []
        self._scan(types, types + type_len)
        self.end = self.start + len(self.offsets)
        self._refer = {}
        self._define = {}
        self._declarations = {}
        self._busy = set()
        self._declared = self._nested = None
        self.homonyms = self._find_homonyms() if base else frozenset()
        self.here = frozenset(tid for key in base.declared for tid in self.named().get(key, ())) \
            if base else frozenset()

    def _scan(self, pos, end):
        unpack = struct.Struct(self.order + 'III').unpack_from
        while pos + 12 <= end:
            self.offsets.append(pos)
            info = unpack(self.data, pos)[1]
            kind = info >> 24 & 31
            pos += 12 + FIXED.get(kind, 0) + EACH.get(kind, 0) * (info & 0xffff)
        if pos != end:
            raise BtfError('type section does not end with a type')

    def ids(self):
        return range(self.start, self.end)

    def string(self, offset):
        if offset < self.str_start:
            return self.base.string(offset)
        offset -= self.str_start
        end = self.strings.find(b'\0', offset)
        if end < 0:
            raise BtfError('string offset %d' % offset)
        return self.strings[offset:end].decode('latin-1')

    def _owner(self, tid):
        if tid < self.start and self.base:
            return self.base
        if not self.start <= tid < self.end:
            raise BtfError('type id %d of %d' % (tid, self.end))
        return self

    def head(self, tid):
        """(kind, name, vlen, kind_flag, size or type, position of what follows)"""
        owner = self._owner(tid)
        pos = owner.offsets[tid - owner.start]
        name, info, size = struct.unpack_from(owner.order + 'III', owner.data, pos)
        return (info >> 24 & 31, owner.string(name) if name else '', info & 0xffff, info >> 31,
                size, pos + 12)

    def kind(self, tid):
        return self.head(tid)[0]

    def name(self, tid):
        return self.head(tid)[1]

    def _words(self, pos, fmt, count):
        fmt = struct.Struct(self.order + fmt)
        return fmt.iter_unpack(self.data[pos:pos + fmt.size * count])

    def members(self, tid):
        """[(name, bit offset, bit size, type)] of a struct or union"""
        owner = self._owner(tid)
        _, _, vlen, flag, _, pos = owner.head(tid)
        if flag:
            return [(owner.string(n), o & 0xffffff, o >> 24, t)
                    for n, t, o in owner._words(pos, 'III', vlen)]
        return [(owner.string(n), o, 0, t) for n, t, o in owner._words(pos, 'III', vlen)]

    def enumerators(self, tid):
        owner = self._owner(tid)
        kind, _, vlen, signed, _, pos = owner.head(tid)
        if kind == ENUM:
            return [(owner.string(n), v)
                    for n, v in owner._words(pos, 'Ii' if signed else 'II', vlen)]
        result = []
        for n, low, high in owner._words(pos, 'III', vlen):
            value = high << 32 | low
            result.append((owner.string(n), value - (1 << 64 if signed and high >> 31 else 0)))
        return result

    def array(self, tid):
        """(element, index, count)"""
        owner = self._owner(tid)
        element, index, count = next(owner._words(owner.head(tid)[5], 'III', 1))
        while self.flatten and element and self.kind(element) == ARRAY:
            element, _, inner = self.array(element)
            count = count * inner & 0xffffffff
        return element, index, count

    def targets(self, tid):
        """Ids of all types that a type refers to."""
        owner = self._owner(tid)
        kind, _, vlen, _, target, pos = owner.head(tid)
        if kind in (STRUCT, UNION):
            return [member for _, _, _, member in self.members(tid)]
        if kind == ARRAY:
            return list(self.array(tid)[:2])
        if kind == FUNC_PROTO:
            return [target] + [t for _, t in owner._words(pos, 'II', vlen)]
        if kind == DATASEC:
            return [t for t, _, _ in owner._words(pos, 'III', vlen)]
        return [] if kind in (INT, FLOAT, FWD, ENUM, ENUM64) else [target]

    def declarations(self, tid):
        """(kind word, name) of the forward declarations that the text of a reference to a type comes
        from; those behind named types are not part of it."""
        if tid == 0:
            return frozenset()
        owner = self._owner(tid)
        result = owner._declarations.get(tid)
        if result is None:
            kind, name, _, flag, _, _ = owner.head(tid)
            if kind == FWD:
                result = frozenset([('union' if flag else 'struct', name)])
            elif kind in NAMED and name:
                result = frozenset()
            else:
                result = frozenset().union(*map(owner.declarations, owner.targets(tid)))
            owner._declarations[tid] = result
        return result

    @property
    def declared(self):
        if self._declared is None:
            self._survey()
        return self._declared

    @property
    def nested(self):
        if self._nested is None:
            self._survey()
        return self._nested

    def _survey(self):
        self._declared, self._nested = set(), False
        for tid in self.ids():
            kind, name, _, flag, _, _ = self.head(tid)
            if kind == FWD:
                self._declared.add(('union' if flag else 'struct', name))
            elif kind == ARRAY:
                element = self.array(tid)[0]
                self._nested = self._nested or (element and self.kind(element) == ARRAY)
        self._declared -= self.named().keys()

    def _parts(self, tid):
        """Names of what a struct, union or enum consists of, anonymous members looked through."""
        if self.kind(tid) in (ENUM, ENUM64):
            return {name for name, _ in self.enumerators(tid)}
        result = set()
        for name, _, _, member in self.members(tid):
            if name:
                result.add(name)
            elif member and self.kind(member) in (STRUCT, UNION):
                result |= self._parts(member)
        return result

    def _find_homonyms(self):
        """Own definitions that have less than half their member names in common with each
        definition that the base has of this name."""
        found = set()
        names = self.base.named()
        for tid in self.ids():
            kind, name, vlen, _, _, _ = self.head(tid)
            if kind not in NAMED or not name or not vlen:
                continue
            parts = self._parts(tid)
            others = [self.base._parts(other) for other in names.get((NAMED[kind], name), ())]
            if others and all(2 * len(parts & o) < max(len(parts), len(o)) for o in others):
                found.add(tid)
        return frozenset(found)

    def named(self):
        """{(kind word, name): [ids of the definitions]}"""
        if not hasattr(self, '_named'):
            self._named = {}
            for tid in self.ids():
                kind, name, vlen, _, _, _ = self.head(tid)
                if kind in NAMED and name and (vlen or kind in (STRUCT, UNION)):
                    self._named.setdefault((NAMED[kind], name), []).append(tid)
        return self._named

    def refer(self, tid):
        if tid == 0:
            return 'void'
        owner = self._owner(tid)
        text = owner._refer.get(tid)
        if text is None:
            if tid in owner._busy:
                raise BtfError('type %d contains itself' % tid)
            owner._busy.add(tid)
            text = owner._refer[tid] = owner._make_refer(tid)
            owner._busy.discard(tid)
        return text

    def _make_refer(self, tid):
        kind, name, _, flag, target, _ = self.head(tid)
        if kind in NAMED and name:
            return '%s %s%s' % (NAMED[kind], name, '@own' if tid in self.homonyms else
                                HERE if tid in self.here else '')
        if kind == FWD:
            return '%s %s' % ('union' if flag else 'struct', name)
        if kind == PTR:
            return '*' + self.refer(target)
        if kind in QUALIFIER:
            return QUALIFIER[kind] + self.refer(target)
        if kind == TYPEDEF:
            return 'typedef %s=%s' % (name, self.refer(target))
        return self.define(tid)

    def define(self, tid):
        owner = self._owner(tid)
        text = owner._define.get(tid)
        if text is None:
            text = owner._define[tid] = owner._make_define(tid)
        return text

    def _make_define(self, tid):
        kind, name, vlen, flag, size, pos = self.head(tid)
        if kind == INT:
            (info,), = self._words(pos, 'I', 1)
            return 'int %s:%d(%d,%d,%d)' % (name, size, info >> 24, info >> 16 & 255, info & 255)
        if kind == FLOAT:
            return 'float %s:%d' % (name, size)
        if kind == FWD:
            return 'fwd ' + self.refer(tid)
        if kind in (PTR, TYPEDEF) or kind in QUALIFIER:
            return self.refer(tid)
        if kind == TYPE_TAG:
            return 'tag(%s%s) %s' % ('attribute ' if flag else '', name, self.refer(size))
        if kind == ARRAY:
            element, index, count = self.array(tid)
            return '[%d by %s]%s' % (count, self.refer(index), self.refer(element))
        if kind in (STRUCT, UNION):
            refer = self.refer
            return '%s %s:%d{%s}' % (NAMED[kind], name, size, ';'.join([
                '%s@%d:%d %s' % (n, offset, bits, refer(member))
                for n, offset, bits, member in self.members(tid)]))
        if kind in (ENUM, ENUM64):
            return 'enum %s:%d%s{%s}' % (name, size, ' signed' if flag else '', ';'.join([
                '%s=%d' % pair for pair in self.enumerators(tid)]))
        if kind == FUNC_PROTO:
            return 'fn(%s)->%s' % (', '.join([
                '%s %s' % (self.string(n), self.refer(t)) if n or t else '...'
                for n, t in self._words(pos, 'II', vlen)]), self.refer(size))
        if kind == FUNC:
            return 'func %d %s: %s' % (vlen, name, self.define(size))
        if kind == VAR:
            (linkage,), = self._words(pos, 'I', 1)
            return 'var %d %s: %s' % (linkage, name, self.refer(size))
        if kind == DATASEC:
            return 'section %s:%d{%s}' % (name, size, ';'.join([
                '%s@%d:%d' % (self.name(var), offset, length)
                for var, offset, length in self._words(pos, 'III', vlen)]))
        if kind == DECL_TAG:
            (component,), = self._words(pos, 'i', 1)
            named = self.kind(size) in (FUNC, VAR)
            return 'decl(%s%s) %d of %s' % (
                'attribute ' if flag else '', name, component,
                self.name(size) + '()' if named else self.refer(size))
        raise BtfError('kind %d' % kind)


def elf_section(data, wanted):
    """A section of an ELF image, extended numbering included."""
    if data[:4] != b'\x7fELF':
        return None
    order = '<' if data[5] == 1 else '>'
    wide = data[4] == 2
    shoff, = struct.unpack_from(order + 'Q', data, 40) if wide else \
        struct.unpack_from(order + 'I', data, 32)
    size, count, index = struct.unpack_from(order + 'HHH', data, 58 if wide else 46)
    if not shoff:
        return None

    def header(i):
        fmt = order + ('IIQQQQIIQQ' if wide else 'IIIIIIIIII')
        return struct.unpack_from(fmt, data, shoff + i * size)

    count = count or header(0)[5]
    index = header(0)[6] if index == 0xffff else index
    names = header(index)[4]
    for i in range(count):
        name, kind, _, _, offset, length = header(i)[:6]
        end = data.find(b'\0', names + name)
        if kind not in (0, 8) and data[names + name:end] == wanted.encode():
            return data[offset:offset + length]
    return None


def decompress(data):
    """What a kernel's payload holds, by its magic. Bytes behind the stream are ignored."""
    if data[:2] == b'\x1f\x8b':
        import zlib
        return zlib.decompressobj(31).decompress(data)
    if data[:6] == b'\xfd7zXZ\0':
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)
    if data[:3] == b'BZh':
        return bz2.BZ2Decompressor().decompress(data)
    if data[:4] == b'\x28\xb5\x2f\xfd':
        # zstd prints the frame in full, then complains of the 4 bytes behind it.
        done = subprocess.run(['zstd', '-dcq'], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        return done.stdout
    return data


def find_btf(data):
    """BTF in an image without section headers (arm64): the longest that its header describes."""
    best = None
    for magic, order in ((b'\x9f\xeb\x01\0', '<'), (b'\xeb\x9f\x01\0', '>')):
        pos = data.find(magic)
        while pos >= 0:
            if pos + 24 <= len(data):
                hdr_len, type_off, type_len, str_off, str_len = \
                    struct.unpack_from(order + 'IIIII', data, pos + 4)
                length = hdr_len + str_off + str_len
                if hdr_len == 24 and type_off == 0 and str_off == type_len and \
                   pos + length <= len(data) and (best is None or length > len(best)):
                    candidate = data[pos:pos + length]
                    try:
                        Btf(candidate)
                        best = candidate
                    except BtfError:
                        pass
            pos = data.find(magic, pos + 4)
    return best


def kernel_btf(data):
    """Raw BTF of a kernel image in any of the usual packings, or of an ELF file."""
    if data[:4] == b'\x7fELF':
        return elf_section(data, '.BTF')
    if data[0x202:0x206] == b'HdrS':
        setup = ((data[0x1f1] or 4) + 1) * 512
        offset, length = struct.unpack_from('<II', data, 0x248)
        return kernel_btf(decompress(data[setup + offset:setup + offset + length]))
    if data[4:8] == b'zimg':
        offset, length = struct.unpack_from('<II', data, 8)
        return kernel_btf(decompress(data[offset:offset + length]))
    if data[:2] == b'\x1f\x8b':
        return kernel_btf(gzip.decompress(data))
    return find_btf(data)


def load(path, base=None, flatten=False):
    with open(path, 'rb') as file:
        data = file.read()
    section = elf_section(data, '.BTF')
    if section is None and data[:4] == b'\x7fELF':
        raise BtfError('%s: no .BTF section' % path)
    return Btf(data if section is None else section, base, flatten)


def load_base(path, cache):
    """A base with the texts of all its types. Made once and kept, keyed by what it depends on."""
    with open(path, 'rb') as file:
        data = file.read()
    with open(os.path.abspath(__file__), 'rb') as file:
        key = hashlib.sha256(file.read() + data).hexdigest()[:32]
    kept = os.path.join(cache, key + '.pickle')
    btf = Btf(data)
    try:
        with open(kept, 'rb') as file:
            btf._refer, btf._define, btf._named, btf._declared, btf._nested = pickle.load(file)
        return btf
    except (OSError, EOFError, pickle.PickleError, ValueError):
        pass
    for tid in btf.ids():
        btf.define(tid)
        btf.refer(tid)
    os.makedirs(cache, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache, delete=False) as file:
        pickle.dump((btf._refer, btf._define, btf.named(), btf.declared, btf.nested), file,
                    pickle.HIGHEST_PROTOCOL)
    os.rename(file.name, kept)
    return btf


def main(argv):
    if len(argv) == 4 and argv[1] == 'extract':
        with open(argv[2], 'rb') as file:
            found = kernel_btf(file.read())
        if found is None:
            raise BtfError('%s: no BTF found' % argv[2])
        Btf(found)
        with open(argv[3], 'wb') as file:
            file.write(found)
    elif len(argv) in (3, 4) and argv[1] == 'dump':
        btf = load(argv[2], load(argv[3]) if len(argv) == 4 else None)
        for tid in btf.ids():
            print('%d\t%s' % (tid, btf.define(tid)))
    else:
        print('usage: btf.py extract IMAGE OUT | dump FILE [BASE]', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    try:
        sys.exit(main(sys.argv))
    except (BtfError, OSError) as error:
        sys.exit('btf.py: %s' % error)
