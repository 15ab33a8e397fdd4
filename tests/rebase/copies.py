#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Finds modules that hold copies of the kernel's types.

copies.py BASE CACHE NR < LIST

BASE is raw BTF, CACHE a directory for what is computed from it, LIST one module a line. Prints the
first NR of them whose own BTF defines one of the kernel's largest structs and that have no .BTF_ids.
Exit status 1 if there are fewer.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf as B  # noqa: E402

KERNEL_S = {('struct', name) for name in ('task_struct', 'mm_struct', 'net_device', 'super_block')}


def has_copies(path, base):
    with open(path, 'rb') as file:
        data = B.decompress(file.read())
    btf = B.elf_section(data, '.BTF')
    if not btf or B.elf_section(data, '.BTF_ids'):
        return False
    return bool(KERNEL_S & B.Btf(btf, base).named().keys())


def main(argv):
    base, wanted = B.load_base(argv[1], argv[2]), int(argv[3])
    for line in sys.stdin:
        if wanted and has_copies(line.rstrip('\n'), base):
            print(line, end='')
            wanted -= 1
    return 1 if wanted else 0


if __name__ == '__main__':
    sys.setrecursionlimit(10000)
    sys.exit(main(sys.argv))
