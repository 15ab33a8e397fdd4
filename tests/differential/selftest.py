#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Proves that compare.py passes what is right and finds what is wrong.

selftest.py BASE CACHE REFERENCE

REFERENCE is the directory of what pahole wrote for the module modbtf_sample: split on BASE, alone
without. Without its copies of base types (removed here) it has to pass, differences that are meant to
be included (added here); with one fault seeded it has to fail for the right reason.
"""

import os
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import compare as C  # noqa: E402
from compare import B  # noqa: E402


class Editor:
    """Split BTF as a list of types that can be changed: [name offset, info, size or type, rest]."""

    def __init__(self, btf):
        assert btf.order == '<'
        self.base = btf.base
        self.start = btf.start
        self.strings = bytearray(btf.strings)
        ends = btf.offsets[1:] + [None]
        self.types = []
        type_end = btf.offsets[0] + struct.unpack_from('<I', btf.data, 12)[0]
        for pos, end in zip(btf.offsets, ends):
            rest = btf.data[pos + 12:end if end else type_end]
            self.types.append(list(struct.unpack_from('<III', btf.data, pos)) + [
                list(struct.unpack('<%dI' % (len(rest) // 4), rest))])

    @staticmethod
    def kind(entry):
        return entry[1] >> 24 & 31

    def references(self, entry):
        """Places of type ids: (list, index)"""
        kind, rest = self.kind(entry), entry[3]
        if kind in (B.PTR, B.TYPEDEF, B.FUNC, B.FUNC_PROTO, B.VAR, B.DECL_TAG, B.TYPE_TAG,
                    *B.QUALIFIER):
            yield entry, 2
        if kind == B.ARRAY:
            yield rest, 0
            yield rest, 1
        step = {B.STRUCT: 3, B.UNION: 3, B.FUNC_PROTO: 2, B.DATASEC: 3}.get(kind)
        if step:
            first = 0 if kind == B.DATASEC else 1
            for i in range(first, len(rest), step):
                yield rest, i

    def add(self, kind, name, size, rest=(), vlen=0):
        self.types.append([self.add_string(name) if name else 0, kind << 24 | vlen, size, list(rest)])
        return self.start + len(self.types) - 1

    def drop(self, becomes):
        """Removes own types; becomes maps their ids to those that stand in for them."""
        kept = [i for i in range(len(self.types)) if self.start + i not in becomes]
        place = {self.start + i: self.start + new for new, i in enumerate(kept)}
        for tid, other in becomes.items():
            place[tid] = place.get(other, other)
        self.types = [self.types[i] for i in kept]
        for entry in self.types:
            for where, i in self.references(entry):
                where[i] = place.get(where[i], where[i])

    def add_string(self, text):
        self.strings += text.encode() + b'\0'
        return self.base.str_end + len(self.strings) - len(text) - 1

    def add_copy(self, btf, tid):
        """A copy of any type under a new id"""
        owner = btf._owner(tid)
        pos = owner.offsets[tid - owner.start]
        kind, _, vlen = btf.head(tid)[:3]
        words = (B.FIXED.get(kind, 0) + B.EACH.get(kind, 0) * vlen) // 4
        self.types.append(list(struct.unpack_from('<III', owner.data, pos)) + [
            list(struct.unpack_from('<%dI' % words, owner.data, pos + 12))])
        return self.start + len(self.types) - 1

    def data(self):
        types = b''.join(struct.pack('<III%dI' % len(e[3]), *e[:3], *e[3]) for e in self.types)
        return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types),
                           len(self.strings)) + types + self.strings


class Differences:
    """Adds to the reference, and to what is right, where the two are meant to differ."""

    def __init__(self, base):
        self.base = base.btf
        # A struct of the base that points to what the base only declares.
        self.struct, self.pointer = next(
            (tid, member) for ids in self.base.named().values() for tid in ids
            if self.base.kind(tid) == B.STRUCT
            for _, _, _, member in self.base.members(tid)
            if member and self.base.kind(member) == B.PTR and self._declared(member))
        self.forward = self.base.targets(self.pointer)[0]
        self.name = self.base.name(self.forward)
        self.function = next(t for t in self.base.ids() if self.base.kind(t) == B.FUNC)
        self.function_name = self.base.name(self.function)

    def _declared(self, pointer):
        target = self.base.targets(pointer)[0]
        if not target:
            return False
        kind, name, _, flag, _, _ = self.base.head(target)
        return kind == B.FWD and not flag and ('struct', name) in self.base.declared

    def add(self, editor, ours):
        """A definition of what the base declares; a type that points to it in ours and to the
        declaration in the reference; a function that the reference merges with the base's."""
        definition = editor.add(B.STRUCT, self.name, 4, [editor.add_string('only'), 1, 0], vlen=1)
        pointer = editor.add(B.PTR, '', definition)
        editor.add(B.TYPEDEF, 'selftest_pointer', pointer if ours else self.pointer)
        if ours:
            editor.add_copy(self.base, self.function)


def flatten(editor, btf):
    """Arrays of arrays become one array, as in the base."""
    for i, entry in enumerate(editor.types):
        if Editor.kind(entry) == B.ARRAY:
            entry[3][:] = btf.array(editor.start + i)


def without_copies(path, base):
    """What pahole wrote, less the types that are the base's and those that stand there twice."""
    split = C.Split(path, base)
    editor, btf = Editor(split.btf), split.btf
    ids = {base.btf.define(tid): tid for tid in reversed(base.btf.ids())}
    becomes, seen = {}, {}
    for tid in btf.ids():
        kind, name, _, flag, _, _ = btf.head(tid)
        if not C.is_type(kind):
            continue
        text = btf.define(tid)
        definitions = base.btf.named().get(('union' if flag else 'struct', name))
        if text in ids:
            becomes[tid] = ids[text]
        elif kind == B.FWD and definitions:
            becomes[tid] = definitions[0]
        elif text in seen:
            becomes[tid] = seen[text]
        else:
            seen[text] = tid
    editor.drop(becomes)
    return editor


class Faults:
    """Each method seeds one fault; its name begins with the letter that has to be reported."""

    def __init__(self, editor, btf, base, differences, alone):
        self.editor, self.btf, self.base = editor, btf, base
        self.differences, self.alone = differences, alone

    def find(self, kind, name=None, **how):
        """First own type of this kind, as (index, entry)"""
        for i, entry in enumerate(self.editor.types):
            tid = self.editor.start + i
            if Editor.kind(entry) == kind and (name is None or self.btf.name(tid) == name):
                if all(getattr(self, key)(entry) == value for key, value in how.items()):
                    return i, entry
        raise LookupError('the sample has no kind %d %s' % (kind, name or ''))

    @staticmethod
    def vlen(entry):
        return entry[1] & 0xffff

    def functions_renamed(self):
        self.find(B.FUNC, 'modbtf_sample_many')[1][0] = self.editor.add_string('modbtf_sample_any')

    def functions_lost(self):
        i, _ = self.find(B.FUNC, 'modbtf_sample_many')
        self.editor.drop({self.editor.start + i: 0})

    def functions_added(self):
        i, entry = self.find(B.FUNC, 'modbtf_sample_many')
        self.editor.types.append([self.editor.add_string('phantom')] + entry[1:])

    def functions_linkage(self):
        self.find(B.FUNC, 'modbtf_sample_many')[1][1] ^= 1

    def functions_other_prototype(self):
        other = self.find(B.FUNC, 'modbtf_sample_observe')[1][2]
        self.find(B.FUNC, 'modbtf_sample_many')[1][2] = other

    def proto(self, name):
        return self.editor.types[self.find(B.FUNC, name)[1][2] - self.editor.start]

    def functions_parameter_name(self):
        self.proto('modbtf_sample_many')[3][2] = self.editor.add_string('renamed')

    def functions_parameter_type(self):
        rest = self.proto('modbtf_sample_many')[3]
        rest[1], rest[3] = rest[3], rest[1]

    def functions_return_type(self):
        self.proto('modbtf_sample_many')[2] = 0

    def functions_variadic_end(self):
        self.proto('modbtf_sample_note')[3][-1] = 1

    def functions_kernels_homonym(self):
        target = self.base.btf.named()['struct', 'map_info'][0]
        own = self.find(B.STRUCT, 'map_info')[0] + self.editor.start
        for entry in self.editor.types:
            if Editor.kind(entry) == B.PTR and entry[2] == own:
                entry[2] = target

    def functions_other_local(self):
        ids = [self.editor.start + i for i, e in enumerate(self.editor.types)
               if Editor.kind(e) == B.STRUCT and
               self.btf.name(self.editor.start + i) == 'modbtf_sample_local']
        assert len(ids) == 2
        for entry in self.editor.types:
            if Editor.kind(entry) == B.PTR and entry[2] == ids[0]:
                entry[2] = ids[1]

    def functions_in_assembly(self):
        other = self.find(B.FUNC, 'modbtf_sample_many')[1][2]
        self.editor.add(B.FUNC, 'modbtf_sample_assembly', other)

    def functions_like_the_kernels_lost(self):
        i, _ = self.find(B.FUNC, self.differences.function_name)
        self.editor.drop({self.editor.start + i: 0})

    def functions_like_the_kernels_unheard_of(self):
        self.alone.remove(self.differences.function_name)

    def functions_like_the_kernels_other_prototype(self):
        other = self.find(B.FUNC, 'modbtf_sample_many')[1][2]
        self.find(B.FUNC, self.differences.function_name)[1][2] = other

    def functions_like_the_kernels_twice(self):
        self.editor.add_copy(self.base.btf, self.differences.function)

    def subset_member_offset(self):
        self.find(B.STRUCT, 'modbtf_sample_event')[1][3][5] += 32

    def subset_member_name(self):
        self.find(B.STRUCT, 'modbtf_sample_event')[1][3][0] = self.editor.add_string('identity')

    def subset_member_type(self):
        self.find(B.STRUCT, 'modbtf_sample_pair')[1][3][1] = 1

    def subset_bit_size(self):
        self.find(B.STRUCT, 'modbtf_sample_straddle')[1][3][2] += 1 << 24

    def subset_size(self):
        self.find(B.STRUCT, 'modbtf_sample_counter')[1][2] += 8

    def subset_enumerator(self):
        self.find(B.ENUM, 'modbtf_sample_level')[1][3][1] += 1

    def subset_enum_sign(self):
        self.find(B.ENUM, 'modbtf_sample_level')[1][1] ^= 1 << 31

    def subset_enum64_high_half(self):
        self.find(B.ENUM64, 'modbtf_sample_mask')[1][3][5] ^= 1

    def subset_array_length(self):
        self.find(B.ARRAY)[1][3][2] += 1

    def subset_array_index(self):
        self.find(B.ARRAY)[1][3][1] = self.base.btf.named()['struct', 'list_head'][0]

    def subset_array_nested(self):
        rest = self.find(B.ARRAY)[1][3]
        rest[0] = self.editor.add(B.ARRAY, '', 0, rest)
        rest[2] = 1

    def subset_forward_kind(self):
        self.find(B.FWD, 'modbtf_sample_opaque')[1][1] ^= 1 << 31

    def subset_qualifier(self):
        entry = self.find(B.VOLATILE)[1]
        entry[1] += 1 << 24

    def missing_struct(self):
        self.find(B.STRUCT, 'modbtf_sample_pair')[1][0] = self.editor.add_string('unheard_of')

    def missing_typedef(self):
        self.find(B.TYPEDEF, 'modbtf_sample_id_t')[1][0] = self.editor.add_string('unheard_of')

    def base_struct(self):
        self.editor.add_copy(self.btf, self.base.btf.named()['struct', 'list_head'][0])

    def base_pointer(self):
        tid = next(t for t in self.base.btf.ids() if self.base.btf.kind(t) == B.PTR)
        self.editor.add_copy(self.btf, tid)

    def base_typedef(self):
        tid = next(t for t in self.base.btf.ids() if self.base.btf.kind(t) == B.TYPEDEF)
        self.editor.add_copy(self.btf, tid)

    def base_forward(self):
        name = self.editor.add_string('task_struct')
        self.editor.types.append([name, B.FWD << 24, 0, []])

    def base_declared_pointer(self):
        own = self.find(B.STRUCT, self.differences.name)[0] + self.editor.start
        for entry in self.editor.types:
            if Editor.kind(entry) == B.PTR and entry[2] == own:
                entry[2] = self.differences.forward

    def base_declared_typedef(self):
        self.editor.add(B.TYPEDEF, 'selftest_declared', self.differences.forward)

    def base_declared_typedef_of_pointer(self):
        self.find(B.TYPEDEF, 'selftest_pointer')[1][2] = self.differences.pointer

    def base_struct_with_declared(self):
        """A copy of the base's struct, but for where it points to."""
        pointer = self.find(B.TYPEDEF, 'selftest_pointer')[1][2]
        copy = self.editor.add_copy(self.base.btf, self.differences.struct)
        rest = self.editor.types[copy - self.editor.start][3]
        for i in range(1, len(rest), 3):
            if rest[i] == self.differences.pointer:
                rest[i] = pointer

    def missing_of_declared(self):
        self.find(B.STRUCT, self.differences.name)[1][0] = self.editor.add_string('unheard_of')

    def twice_declared(self):
        forward = self.editor.add(B.FWD, self.differences.name, 0)
        self.editor.add(B.PTR, '', forward)

    def twice_struct(self):
        i, _ = self.find(B.STRUCT, 'modbtf_sample_pair')
        self.editor.add_copy(self.btf, self.editor.start + i)

    def twice_pointer(self):
        i, _ = self.find(B.PTR)
        self.editor.add_copy(self.btf, self.editor.start + i)

    def variables_linkage(self):
        self.find(B.VAR)[1][3][0] ^= 1

    def variables_type(self):
        self.find(B.VAR)[1][2] = 1

    def variables_place(self):
        self.find(B.DATASEC)[1][3][1] += 4

    def variables_length(self):
        self.find(B.DATASEC)[1][3][2] += 4

    def variables_lost(self):
        i, entry = self.find(B.DATASEC)
        del entry[3][:3]
        entry[1] -= 1

    def tags_function(self):
        self.find(B.DECL_TAG)[1][2] = self.find(B.FUNC, 'modbtf_sample_many')[0] + self.editor.start

    def tags_twice(self):
        i, _ = self.find(B.DECL_TAG)
        self.editor.add_copy(self.btf, self.editor.start + i)

    def tags_value(self):
        self.find(B.DECL_TAG)[1][0] = self.editor.add_string('other_tag')

    def tags_lost(self):
        i, _ = self.find(B.DECL_TAG)
        self.editor.drop({self.editor.start + i: 0})


def write(directory, name, data):
    path = os.path.join(directory, name)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def main(argv):
    if len(argv) != 4:
        print('usage: selftest.py BASE CACHE REFERENCE', file=sys.stderr)
        return 2
    base = C.Base(argv[1], argv[2])
    split, alone = os.path.join(argv[3], 'split'), C.function_names(os.path.join(argv[3], 'alone'))
    bad = 0

    def report(good, name, why):
        nonlocal bad
        bad += not good
        print('ok\t%s\t%s' % (name, why) if good else 'not ok\t%s\t%s' % (name, why))

    def faults_of(reference, ours, names):
        return list(C.compare(C.read_reference(reference, base),
                              C.Split(write(scratch, 'ours', ours), base), base, names))

    with tempfile.TemporaryDirectory() as scratch:
        editor = Editor(B.load(split, base.btf))
        flatten(editor, B.load(split, base.btf, flatten=True))
        faults = faults_of(split, editor.data(), alone)
        letters = {letter for letter, _ in faults}
        report(letters <= {'base', 'twice'}, 'reference against itself', C.describe(faults))
        right = without_copies(write(scratch, 'flat', editor.data()), base)
        faults = faults_of(split, right.data(), alone)
        report(not faults, 'without the copies', C.describe(faults) or 'no fault')

        differences = Differences(base)
        editor = Editor(B.load(split, base.btf))
        differences.add(editor, ours=False)
        reference = write(scratch, 'reference', editor.data())
        differences.add(right, ours=True)
        right = B.Btf(right.data(), base.btf)
        alone = alone | {differences.function_name}
        faults = faults_of(reference, right.data, alone)
        report(not faults, 'differences that are meant to be', C.describe(faults) or 'no fault')

        for name in sorted(n for n in dir(Faults) if n.split('_')[0] in (
                'functions', 'subset', 'missing', 'base', 'twice', 'variables', 'tags')):
            if '_' not in name:
                continue
            editor, names = Editor(right), set(alone)
            try:
                getattr(Faults(editor, right, base, differences, names), name)()
                faults = faults_of(reference, editor.data(), names)
            except LookupError as error:
                report(False, name, error)
                continue
            letters = {letter for letter, _ in faults}
            report(name.split('_')[0] in letters, name, 'found: %s' % (sorted(letters) or 'nothing'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
