#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Is one difference the mirror image of another?

mirror.py FORTH BACK

Both are what `modbtf diff --json` printed, of OLD NEW and of NEW OLD: with lost and gained, old and
new swapped, and but for the order of lines and members, they must be the same. Each line must be JSON.
Exit status 1 and a line of each if not.
"""

import json
import sys

SWAP = {'lost': 'gained', 'gained': 'lost'}


def swapped(key):
    for one, other in (('old', 'new'), ('new', 'old')):
        if key == one or key.startswith(one + '_'):
            return other + key[3:]
    return SWAP.get(key, key)


def mirrored(value):
    if isinstance(value, dict):
        return {swapped(key): SWAP.get(entry, entry) if key == 'change' else mirrored(entry)
                for key, entry in value.items()}
    if isinstance(value, list):
        return [mirrored(entry) for entry in value]
    return value


def canonical(value):
    if isinstance(value, dict):
        return {key: canonical(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return sorted((canonical(entry) for entry in value), key=lambda e: json.dumps(e, sort_keys=True))
    return value


def lines(path, change):
    with open(path, encoding='utf-8') as stream:
        return sorted(json.dumps(canonical(change(json.loads(line))), sort_keys=True) for line in stream)


def main():
    forth, back = lines(sys.argv[1], lambda line: line), lines(sys.argv[2], mirrored)
    if forth == back:
        print('%d lines' % len(forth))
        return 0
    for name, rest in (('only forth', set(forth) - set(back)), ('only back', set(back) - set(forth))):
        for line in sorted(rest)[:3]:
            print('%s: %s' % (name, line))
    return 1


sys.exit(main())
