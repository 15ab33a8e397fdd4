# SPDX-License-Identifier: GPL-2.0-only
"""Debug information that no compiler writes: cycles, depths, absurd counts, references to nowhere.

cases() yields (name, .debug_info, .debug_abbrev). modbtf may refuse each of them or make sense of it; what it
must not do is crash, hang, or write BTF that a kernel would refuse.
"""

from dwarf import *  # pylint: disable=wildcard-import,unused-wildcard-import

DEEP = 100000


def struct_of(dwarf, label, *members, nbytes=8):
    dwarf.die(STRUCT, name(label), size(nbytes), children=True, label=label)
    for i, (member, attributes) in enumerate(members):
        dwarf.die(MEMBER, name('m%d' % i), type_of(member), *attributes)
    dwarf.end()


def typedef_of_itself(d):
    d.die(TYPEDEF, name('a'), type_of('a'), label='a')


def typedefs_in_a_ring(d):
    d.die(TYPEDEF, name('a'), type_of('b'), label='a')
    d.die(TYPEDEF, name('b'), type_of('c'), label='b')
    d.die(CONST, type_of('a'), label='c')


def qualifier_of_itself(d):
    for tag in (CONST, VOLATILE, RESTRICT, ATOMIC):
        d.die(tag, type_of('q%d' % tag), label='q%d' % tag)


def pointer_to_itself(d):
    d.die(POINTER, size(8), type_of('p'), label='p')


def struct_in_itself(d):
    struct_of(d, 's', ('s', [at(0)]))


def structs_in_each_other(d):
    struct_of(d, 's', ('t', [at(0)]))
    d.die(TYPEDEF, name('t'), type_of('u'), label='t')
    struct_of(d, 'u', ('s', [at(0)]))


def anonymous_struct_in_itself(d):
    d.die(STRUCT, size(8), children=True, label='s')
    d.die(MEMBER, type_of('s'), at(0))
    d.end()


def anonymous_structs_by_pointer(d):
    # Structural comparison must come to an end: s -> *t -> t -> *s -> s, and none has a name.
    for one, other in (('s', 't'), ('t', 's')):
        d.die(STRUCT, size(8), children=True, label=one)
        d.die(MEMBER, name('next'), type_of('*' + other), at(0))
        d.end()
        d.die(POINTER, size(8), type_of(one), label='*' + one)


def array_of_itself(d):
    d.die(ARRAY, type_of('a'), children=True, label='a')
    d.die(SUBRANGE, type_of('int'), (AT_UPPER_BOUND, UDATA, 3))
    d.end()


def array_of_structs_of_it(d):
    d.die(ARRAY, type_of('s'), children=True, label='a')
    d.die(SUBRANGE, type_of('int'), (AT_UPPER_BOUND, UDATA, 3))
    d.end()
    struct_of(d, 's', ('a', [at(0)]))


def prototype_that_returns_itself(d):
    d.die(SUBROUTINE_TYPE, (AT_PROTOTYPED, FLAG_PRESENT, None), type_of('f'), children=True, label='f')
    d.die(PARAMETER, type_of('f'))
    d.end()


def enum_of_itself(d):
    d.die(ENUM, name('e'), size(4), type_of('e'), children=True, label='e')
    d.die(ENUMERATOR, name('E'), (AT_CONST_VALUE, SDATA, -1))
    d.end()


def subrange_of_its_array(d):
    d.die(ARRAY, type_of('int'), children=True, label='a')
    d.die(SUBRANGE, type_of('a'), (AT_UPPER_BOUND, UDATA, 3))
    d.end()
    d.die(TYPEDEF, name('t'), type_of('a'))


def huge_arrays(d):
    for i, attribute in enumerate([(AT_UPPER_BOUND, UDATA, 2 ** 64 - 1),
                                   (AT_UPPER_BOUND, UDATA, 2 ** 63), (AT_COUNT, UDATA, 2 ** 32),
                                   (AT_UPPER_BOUND, SDATA, -1), (AT_UPPER_BOUND, SDATA, -2 ** 63),
                                   (AT_UPPER_BOUND, DATA8, 2 ** 64 - 1)]):
        d.die(ARRAY, type_of('int'), children=True, label='a%d' % i)
        d.die(SUBRANGE, type_of('int'), attribute)
        d.end()
        d.die(TYPEDEF, name('t%d' % i), type_of('a%d' % i))


def many_dimensions(d):
    d.die(ARRAY, type_of('int'), children=True, label='a')
    for _ in range(10000):
        d.die(SUBRANGE, type_of('int'), (AT_UPPER_BOUND, UDATA, 1))
    d.end()
    d.die(TYPEDEF, name('t'), type_of('a'))


def absurd_struct_sizes(d):
    for i, nbytes in enumerate([0, 1, 2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64 - 1]):
        struct_of(d, 's%d' % i, ('int', [at(0)]), nbytes=nbytes)


def absurd_member_offsets(d):
    for i, offset in enumerate([2 ** 21, 2 ** 28, 2 ** 29, 2 ** 32, 2 ** 61, 2 ** 64 - 1]):
        struct_of(d, 's%d' % i, ('int', [at(offset)]), nbytes=min(offset + 4, 2 ** 64 - 1))


def absurd_bitfields(d):
    for i, (bits, offset) in enumerate([(0, 0), (33, 0), (255, 0), (256, 0), (2 ** 32, 0), (1, 2 ** 24),
                                        (1, 2 ** 63), (2 ** 63, 2 ** 63), (1, 64), (31, 62)]):
        struct_of(d, 's%d' % i, ('int', [(AT_BIT_SIZE, UDATA, bits), (AT_DATA_BIT_OFFSET, UDATA, offset)]))


def member_without_type(d):
    d.die(STRUCT, name('s'), size(8), children=True)
    d.die(MEMBER, name('m'), at(0))
    d.end()


def more_members_than_btf_can_count(d):
    struct_of(d, 's', *[('int', [at(0)])] * 70000)


def more_parameters_than_btf_can_count(d):
    d.die(SUBROUTINE_TYPE, children=True, label='f')
    for _ in range(70000):
        d.die(PARAMETER, type_of('int'))
    d.end()
    d.die(TYPEDEF, name('t'), type_of('f'))


def more_enumerators_than_btf_can_count(d):
    d.die(ENUM, name('e'), size(4), children=True)
    for i in range(70000):
        d.die(ENUMERATOR, name('E%d' % i), (AT_CONST_VALUE, UDATA, i))
    d.end()


def odd_enum_sizes(d):
    for nbytes in (0, 3, 16, 255, 2 ** 32):
        d.die(ENUM, name('e%d' % nbytes), size(nbytes), children=True)
        d.die(ENUMERATOR, name('E%d' % nbytes), (AT_CONST_VALUE, DATA8, 2 ** 64 - 1))
        d.end()


def odd_base_types(d):
    for nbytes in (0, 3, 17, 255, 2 ** 29, 2 ** 61, 2 ** 64 - 1):
        for encoding in (0, 2, 3, 4, 5, 16, 255):
            d.die(BASE, name('b%d_%d' % (nbytes, encoding)), size(nbytes), (AT_ENCODING, DATA1, encoding))


def names_that_are_none(d):
    for text in ('', ' ', '1a', 'a b', 'a\x80', '\x01', 'a.b', 'a' * 200, 'n' * 100000):
        d.die(STRUCT, name(text), size(4), children=True)
        d.die(MEMBER, name(text), type_of('int'), at(0))
        d.end()
        d.die(TYPEDEF, name(text), type_of('int'))


def declarations_only(d):
    d.die(STRUCT, name('s'), (AT_DECLARATION, FLAG_PRESENT, None), label='s')
    d.die(STRUCT, (AT_DECLARATION, FLAG_PRESENT, None), label='anonymous')
    d.die(TYPEDEF, name('t'), type_of('s'))
    d.die(TYPEDEF, name('u'), type_of('anonymous'))
    struct_of(d, 'holder', ('s', [at(0)]))


def long_chain(tag):
    def chain(d):
        for i in range(DEEP):
            d.die(tag, type_of('c%d' % (i + 1)), label='c%d' % i)
        d.die(TYPEDEF, name('last'), type_of('int'), label='c%d' % DEEP)
        d.die(TYPEDEF, name('first'), type_of('c0'))
    chain.__name__ = 'chain of %d %s' % (DEEP, {CONST: 'const', POINTER: 'pointers'}[tag])
    return chain


def structs_in_structs_by_the_thousand(d):
    for i in range(20000):
        struct_of(d, 's%d' % i, ('s%d' % (i + 1), [at(0)]))
    struct_of(d, 's20000', ('int', [at(0)]))


def anonymous_structs_by_the_thousand(d):
    for i in range(20000):
        d.die(STRUCT, size(8), children=True, label='s%d' % i)
        d.die(MEMBER, type_of('s%d' % (i + 1)), at(0))
        d.end()
    struct_of(d, 's20000', ('int', [at(0)]))


def deep_nesting(tag):
    def nest(d):
        for _ in range(DEEP):
            d.die(tag, children=True)
        for _ in range(DEEP):
            d.end()
    nest.__name__ = 'nesting of %d DIEs of tag %#x' % (DEEP, tag)
    return nest


def functions_in_functions(d):
    for i in range(1000):
        d.die(SUBPROGRAM, name('modbtf_hello_say'), children=True)
    for i in range(1000):
        d.end()


def origins_in_a_ring(d):
    d.die(SUBPROGRAM, (AT_ABSTRACT_ORIGIN, REF4, 'b'), label='a')
    d.die(SUBPROGRAM, (AT_SPECIFICATION, REF4, 'a'), label='b')
    d.die(SUBPROGRAM, (AT_ABSTRACT_ORIGIN, REF4, 'c'), label='c')
    d.die(VARIABLE, (AT_ABSTRACT_ORIGIN, REF4, 'v'), label='v')


def references_to_nowhere(d):
    for i, target in enumerate((0, 1, 0x7fffffff, 0xffffffff, 12, 13)):
        d.die(TYPEDEF, name('t%d' % i), (AT_TYPE, REF4, target))
    d.die(TYPEDEF, name('u'), (AT_TYPE, REF4, 'unit'))
    d.die(TYPEDEF, name('v'), (AT_TYPE, REF_ADDR, 0xfffffff0))
    d.die(TYPEDEF, name('w'), (AT_TYPE, REF_SIG8, 0x0123456789abcdef))


def reference_to_a_member(d):
    d.die(STRUCT, name('s'), size(4), children=True)
    d.die(MEMBER, name('m'), type_of('int'), at(0), label='m')
    d.end()
    d.die(TYPEDEF, name('t'), type_of('m'))


def siblings_that_go_back(d):
    d.die(STRUCT, (AT_SIBLING, REF4, 's'), name('s'), size(4), children=True, label='s')
    d.die(MEMBER, name('m'), type_of('int'), at(0))
    d.end()
    d.die(SUBPROGRAM, (AT_SIBLING, REF4, 's'), name('f'), children=True, label='f')
    d.die(LEXICAL_BLOCK, (AT_SIBLING, REF4, 'f'), children=True)
    d.end()
    d.end()


def siblings_beyond_the_end(d):
    d.die(SUBPROGRAM, (AT_SIBLING, REF4, 0x7fffffff), name('f'), children=True)
    d.die(LEXICAL_BLOCK, (AT_SIBLING, REF4, 0), children=True)
    d.end()
    d.end()


def indexes_without_tables(d):
    d.die(TYPEDEF, (AT_NAME, STRX, 5), type_of('int'))
    d.die(TYPEDEF, (AT_NAME, STRX, 2 ** 64 - 1), type_of('int'))
    d.die(TYPEDEF, (AT_NAME, STRP, 0xfffffff0), type_of('int'))


def forms_by_indirection(d):
    d.die(TYPEDEF, (AT_NAME, INDIRECT, uleb(STRING) + b'i\0'), type_of('int'))
    d.die(TYPEDEF, (AT_NAME, INDIRECT, uleb(INDIRECT) * 1000 + uleb(STRING) + b'j\0'), type_of('int'))
    d.die(TYPEDEF, (AT_NAME, INDIRECT, uleb(INDIRECT)), type_of('int'))


def blocks_longer_than_all(d):
    d.die(VARIABLE, (AT_LOCATION, BLOCK, uleb(2 ** 64 - 1)), name('v'))


def numbers_without_end(d):
    d.die(TYPEDEF, name('t'), (AT_BYTE_SIZE, UDATA, b'\x80' * 2000 + b'\0'), type_of('int'))
    d.die(TYPEDEF, name('u'), (AT_BYTE_SIZE, UDATA, b'\xff' * 2000))


def unknown_form(d):
    d.die(TYPEDEF, name('t'), (0x3fff, 0x7f, b''), type_of('int'))


def unknown_tags_and_attributes(d):
    d.die(0xffff, (0x3fff, DATA8, 1), name('x'), children=True)
    d.die(0x4109, (0x2001, SDATA, -5))
    d.end()
    d.die(TYPEDEF, name('t'), type_of('int'))


def type_of_unknown_tag(d):
    d.die(0xffff, name('x'), size(4), label='x')
    struct_of(d, 's', ('x', [at(0)]))


def location_expressions(d):
    for i, block in enumerate([b'', b'\x23', b'\x23\x80', b'\x23' + b'\xff' * 20, b'\x03\x01', b'\x10\x08\x22',
                               b'\xff' * 8, b'\x96' * 200]):
        d.die(STRUCT, name('s%d' % i), size(8), children=True)
        d.die(MEMBER, name('m'), type_of('int'),
              (AT_DATA_MEMBER_LOCATION, BLOCK1, bytes([len(block)]) + block))
        d.end()


def without_end(d):
    d.die(STRUCT, name('s'), size(4), children=True)
    d.die(MEMBER, name('m'), type_of('int'), at(0))


CASES = [
    typedef_of_itself, typedefs_in_a_ring, qualifier_of_itself, pointer_to_itself, struct_in_itself,
    structs_in_each_other, anonymous_struct_in_itself, anonymous_structs_by_pointer, array_of_itself,
    array_of_structs_of_it, prototype_that_returns_itself, enum_of_itself, subrange_of_its_array,
    huge_arrays, many_dimensions, absurd_struct_sizes, absurd_member_offsets, absurd_bitfields,
    member_without_type, more_members_than_btf_can_count, more_parameters_than_btf_can_count,
    more_enumerators_than_btf_can_count, odd_enum_sizes, odd_base_types, names_that_are_none,
    declarations_only, long_chain(CONST), long_chain(POINTER), structs_in_structs_by_the_thousand,
    anonymous_structs_by_the_thousand, deep_nesting(STRUCT), deep_nesting(LEXICAL_BLOCK),
    deep_nesting(SUBPROGRAM), functions_in_functions, origins_in_a_ring, references_to_nowhere,
    reference_to_a_member, siblings_that_go_back, siblings_beyond_the_end, indexes_without_tables,
    forms_by_indirection, blocks_longer_than_all, numbers_without_end, unknown_form,
    unknown_tags_and_attributes, type_of_unknown_tag, location_expressions, without_end,
]


def cases():
    for case in CASES:
        dwarf = Dwarf()
        case(dwarf)
        info, abbrev = dwarf.finish(terminated=case is not without_end)
        yield case.__name__.replace('_', ' '), info, abbrev
    # What a unit as such can claim, made from one that is sound.
    dwarf = Dwarf()
    struct_of(dwarf, 's', ('int', [at(0)]))
    info, abbrev = dwarf.finish()
    for what, pos, value in [
            ('longer than its section', 0, b'\xff\xff\xff\x7f'), ('of reserved length', 0, b'\xf5\xff\xff\xff'),
            ('of 64-bit length', 0, b'\xff\xff\xff\xff'), ('of no length', 0, bytes(4)),
            ('shorter than its header', 0, b'\x05\0\0\0'), ('of DWARF 1', 4, b'\1\0'),
            ('of DWARF 6', 4, b'\6\0'), ('of unknown type', 6, b'\x77'), ('of 1-byte addresses', 7, b'\1'),
            ('of 255-byte addresses', 7, b'\xff'), ('with abbreviations beyond the end', 8, b'\xff\xff\xff\x7f'),
            ('with abbreviations in the middle', 8, b'\3\0\0\0'), ('of unknown abbreviation', 12, b'\x7f')]:
        yield 'unit ' + what, info[:pos] + value + info[pos + len(value):], abbrev
    for what, content in [('empty', b''), ('without end', abbrev[:-3]), ('of one byte', b'\x80'),
                          ('that are all bits', b'\xff' * 64),
                          ('with two of one code', abbrev[:-1] + abbrev),
                          ('with 300,000 entries', b''.join(
                              uleb(i) + b'\x34\0\0\0' for i in range(1, 300001)) + b'\0')]:
        yield 'abbreviations ' + what, info, content
    yield 'a million units', info[:12] and (b'\x08\0\0\0\5\0\1\x08\0\0\0\0') * 1000000, abbrev
