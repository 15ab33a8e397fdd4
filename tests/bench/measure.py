#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""measure.py [--written GLOB] FILE ROW -- WHO RUNS PREPARE COMMAND... [-- WHO RUNS PREPARE COMMAND...]...

Runs commands in turn, so that whatever else the machine does falls on all of them alike, and notes what each took.
PREPARE is for the shell, before each run, and not measured. COMMAND may begin with VARIABLE=VALUE. Before the runs that count there is one more, by which
memory is measured and caches are filled; if it takes longer than a tenth of a second it counts too.

FILE is a table with tabs: row, who, runs, then medians of wall-clock and of CPU time in seconds, the shortest and longest
wall-clock time, and the peak of resident memory in bytes, of the largest process. Lines of the same row and who are replaced.

--written: what each command has to leave .BTF in. A program that gives up at once would look fast.
"""

import glob
import mmap
import os
import statistics
import subprocess
import sys
import tempfile
import time

HEADER = 'row who runs wall cpu shortest longest memory'.split()
COUNTS_FROM = 0.1


def run(command, more=None):
    """Seconds of wall-clock and of CPU time; more: of the environment."""
    start = time.monotonic()
    pid = os.posix_spawnp(command[0], command, dict(os.environ, **(more or {})), file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    if status:
        sys.exit('bench: %s: wait status %d' % (' '.join(command)[:500], status))
    return wall, usage.ru_utime + usage.ru_stime


def run_for_memory(command, more=None):
    """The same and bytes, by time(1): what we were told of a child of ours would be no less than our own size."""
    with tempfile.NamedTemporaryFile() as file:
        spent = run(['/usr/bin/time', '-f', '%M', '-o', file.name] + command, more)
        return spent, int(file.read()) * 1024


def check_written(pattern):
    paths = glob.glob(pattern)
    for path in paths:
        with open(path, 'rb') as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data.rfind(b'\0.BTF\0') < 0:
                sys.exit('bench: no BTF was written to %s' % path)
    if not paths:
        sys.exit('bench: there is no %s' % pattern)


class Who:
    def __init__(self, words, written):
        self.name, runs, self.prepare, *self.command = words
        self.runs = int(runs)
        self.more = {}
        while '=' in self.command[0]:
            name, value = self.command.pop(0).split('=', 1)
            self.more[name] = value
        self.written = written
        self.spent = []
        self.memory = 0

    def get_ready(self):
        if self.prepare:
            subprocess.run(self.prepare, shell=True, check=True, stdout=subprocess.DEVNULL)

    def first(self):
        self.get_ready()
        spent, self.memory = run_for_memory(self.command, self.more)
        # A scan writes nothing.
        if self.written and self.name != 'bare':
            check_written(self.written)
        if spent[0] > COUNTS_FROM:
            self.spent.append(spent)

    def once(self):
        if len(self.spent) < self.runs:
            self.get_ready()
            self.spent.append(run(self.command, self.more))

    def line(self, row):
        walls = [wall for wall, _ in self.spent]
        return [row, self.name, str(len(walls)), '%.6f' % statistics.median(walls),
                '%.6f' % statistics.median(cpu for _, cpu in self.spent),
                '%.6f' % min(walls), '%.6f' % max(walls), str(self.memory)]


def put(path, lines):
    replaced = {tuple(line[:2]) for line in lines}
    try:
        with open(path) as file:
            old = [line.rstrip('\n').split('\t') for line in file][1:]
    except FileNotFoundError:
        old = []
    with open(path + '.new', 'w') as file:
        for line in [HEADER] + [line for line in old if tuple(line[:2]) not in replaced] + lines:
            file.write('\t'.join(line) + '\n')
    os.rename(path + '.new', path)


def main(words):
    written = None
    if words[0] == '--written':
        written = words[1]
        words = words[2:]
    path, row = words[:2]
    blocks = []
    for word in words[2:]:
        if word == '--':
            blocks.append([])
        else:
            blocks[-1].append(word)
    everybody = [Who(block, written) for block in blocks]
    for who in everybody:
        who.first()
    for _ in range(max(who.runs for who in everybody)):
        for who in everybody:
            who.once()
    put(path, [who.line(row) for who in everybody])


if __name__ == '__main__':
    main(sys.argv[1:])
