#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""compare.py BASE OURS PEERS: the same functions with the same prototypes, of all other own types none that the
peer has not, none that the base has, none twice, and none missing that the functions need."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

import btf  # noqa: E402 pylint: disable=wrong-import-position


def texts(types, functions):
    return [types.define(i) for i in types.ids()
            if (types.kind(i) == btf.FUNC) == functions and types.kind(i) != btf.DECL_TAG]


def show(what, found):
    for text in sorted(found)[:5]:
        print('%s: %s' % (what, text[:200]))
    return len(found)


def main(base_path, our_path, peer_path):
    sys.setrecursionlimit(10000)
    base = btf.load(base_path)
    ours, peer = btf.load(our_path, base), btf.load(peer_path, base)
    functions = set(texts(ours, True))
    faults = show('only the peer has the function', set(texts(peer, True)) - functions)
    faults += show('only we have the function', functions - set(texts(peer, True)))
    own = texts(ours, False)
    faults += show('the peer has no such type', set(own) - set(texts(peer, False)))
    faults += show('the base has it', set(own) & {base.define(i) for i in base.ids()})
    faults += show('twice', {text for text in own if own.count(text) > 1})
    print('%d functions, %d other types, of the peer %d' % (
        len(functions), len(own), len(texts(peer, False))))
    return 1 if faults or not functions else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
