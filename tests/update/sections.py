#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Digests of .BTF and .BTF.base of all modules in a directory, in any compression, one module a line."""

import gzip
import hashlib
import lzma
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
from elf import Elf  # noqa: E402


def content(path):
    if path.endswith('.zst'):
        return subprocess.run(['zstd', '-qdc', path], check=True, stdout=subprocess.PIPE).stdout
    with {'.gz': gzip.open, '.xz': lzma.open}.get(path[-3:], open)(path, 'rb') as file:
        return file.read()


def digest(elf, name):
    section = elf.find(name)
    return hashlib.sha256(section.content).hexdigest() if section else '-'


for name in sorted(os.listdir(sys.argv[1])):
    module = Elf(content(os.path.join(sys.argv[1], name)))
    print(name, digest(module, '.BTF'), digest(module, '.BTF.base'))
