#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Damaged copies of a file.

flip.py FILE SECTION DIR COUNT

Writes DIR/0, DIR/1, ...: FILE with a few words of SECTION of that ELF file (- for all of a raw file)
turned into others, always the same ones.
"""

import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
from elf import Elf  # noqa: E402


def main():
    path, section, directory, count = sys.argv[1:5]
    with open(path, 'rb') as stream:
        data = stream.read()
    start, size = 0, len(data)
    if section != '-':
        content = Elf(bytearray(data)).find(section).content
        start, size = data.index(content), len(content)
    rng = random.Random(1)
    values = [0, 1, 2, 0xff, 0x7fffffff, 0xffffffff, 0x0d000000, 0x04000001, 0x84000002]
    for i in range(int(count)):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 5))):
            at = start + rng.randrange(size // 4) * 4
            value = rng.choice(values + [rng.randrange(120000), rng.getrandbits(32)])
            struct.pack_into('<I', damaged, at, value)
        with open(os.path.join(directory, str(i)), 'wb') as stream:
            stream.write(damaged)


main()
