#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""each.py FILE ROW WHO COPY COMMAND... <LIST

Runs COMMAND COPY on a copy of each file in LIST, one after the other, once. Notes the sums in FILE as measure.py does, and the
largest peak of memory.
"""

import os
import shutil
import sys

import measure


def main(words):
    path, row, who, copy = words[:4]
    wall = cpu = memory = 0
    files = sys.stdin.read().split('\n')[:-1]
    for number, file in enumerate(files, 1):
        shutil.copyfile(file, copy)
        spent, peak = measure.run_for_memory(words[4:] + [copy])
        measure.check_written(copy)
        wall += spent[0]
        cpu += spent[1]
        memory = max(memory, peak)
        if number % 500 == 0:
            print('%d of %d, %.0f s' % (number, len(files), wall), file=sys.stderr)
    os.unlink(copy)
    sums = ['%.6f' % value for value in (wall, cpu, wall, wall)]
    measure.put(path, [[row, who, '1'] + sums + [str(memory)]])


if __name__ == '__main__':
    main(sys.argv[1:])
