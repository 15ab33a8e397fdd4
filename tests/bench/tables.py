# SPDX-License-Identifier: GPL-2.0-only
"""What report.py reads, and the parts of the report that are tables alone."""

import collections
import os

Figure = collections.namedtuple('Figure', 'runs wall cpu shortest longest memory')
Index = collections.namedtuple('Index', 'types open build two map')


def lines_of(directory, name):
    try:
        with open(os.path.join(directory, name + '.tsv')) as file:
            return [line.rstrip('\n').split('\t') for line in file]
    except FileNotFoundError:
        return []


def figures_of(directory, name):
    """By (row, who)."""
    return {(line[0], line[1]): Figure(int(line[2]), *map(float, line[3:7]), int(line[7]))
            for line in lines_of(directory, name)[1:]}


class Data:
    def __init__(self, directory):
        self.notes = dict(lines_of(directory, 'notes'))
        self.rows = figures_of(directory, 'rows')
        self.sizes = figures_of(directory, 'sizes')
        self.sizes_of = {line[0]: int(line[1]) for line in lines_of(directory, 'sizes-of')}
        self.cores = figures_of(directory, 'cores')
        self.modules = figures_of(directory, 'modules')
        self.bases = figures_of(directory, 'bases')
        self.kernel = figures_of(directory, 'kernel')
        self.index = {line[0]: Index(int(line[1]), *(float(value) / 1000 for value in line[2:]))
                      for line in lines_of(directory, 'index')}


def seconds(value):
    if value is None:
        return ''
    if value < 0.1:
        return '%.*f ms' % (1 if value >= 0.001 else 2, value * 1000)
    return '%.0f ms' % (value * 1000) if value < 1 else '%.2f s' % value if value < 100 else '%.0f s' % value


def mib(value):
    return '%.0f MiB' % (value / 2 ** 20)


def size(value):
    return '%.0f kB' % (value / 1e3) if value < 1e6 else '%.0f MB' % (value / 1e6)


def head(data):
    notes = data.notes
    text = '# The benchmark\n\nmodbtf against pahole, and against a *bare scan*: a program that walks through all debug info once, decodes '
    text += 'each attribute and hashes each name, and keeps nothing ([bare-scan.c](../../tests/bench/bare-scan.c)). '
    text += 'Any reader has to do that.\n\n| | |\n|---|---|\n'
    rows = [('machine', '%(cpu)s, %(cores)s cores, %(memory)s; Linux %(linux)s; files on %(files)s' % notes),
            ('date, program', '%(made-of)s; %(compiler)s' % notes)]
    if 'new_pahole' in notes:
        # The epoch of the package stands before the last "_".
        rows.append(('pahole', ', '.join('%s with libbpf %s' % (notes[who + '_pahole'], notes[who + '_libbpf'].rpartition('_')[2])
                                         for who in ('old', 'new'))))
    rows.append(('modules and base', 'Debian %(kernel-used)s' % notes))
    rows.append(('load when it began', notes['load']))
    earlier = collections.defaultdict(list)
    for key, made_of in sorted(notes.items()):
        if key.startswith('of-') and made_of != notes['made-of']:
            earlier[made_of].append(key[len('of-'):])
    for made_of, names in sorted(earlier.items(), reverse=True):
        rows.append(('of %s' % made_of, ', '.join(names)))
    if notes.get('about'):
        rows.append(('note', notes['about']))
    return text + ''.join('| %s | %s |\n' % row for row in rows) + '\n'


GOAL_ROWS = {'kernel', 'huge', 'nfs', 'update', 'current', 'packed', 'index', 'typical'}


class Goals:
    """Lines of the table; a goal whose figures are missing stands there as not measured."""

    def __init__(self):
        self.text = ''
        self.missed = set()  # names of profiles
        self.known = set()

    def add(self, name, what, goal, measured, ratio, met):
        self.known.add(name)
        if not met:
            self.missed.add(name)
        self.text += '| %s | %s | %s | %s | %s |\n' % (what, goal, measured, ratio, 'met' if met else '**not met**')

    def beside(self, what, ratio):
        """Another ratio for the line before, that does not decide."""
        cells = self.text.rsplit(' | ', 2)
        self.text = ' | '.join([cells[0], '%s (%s: %.1f)' % (cells[1], what, ratio), cells[2]])

    def missing(self, what, goal, command):
        self.text += '| %s | %s | not measured | | `%s` |\n' % (what, goal, command)

    def at_least(self, name, what, ours, theirs, factor, goal):
        self.add(name, what, goal, '%s of %s' % (seconds(ours), seconds(theirs)), '%.1f' % (theirs / ours), theirs / ours >= factor)

    def at_most(self, name, what, value, limit, goal=None):
        self.add(name, what, goal or 'at most ' + seconds(limit), seconds(value), '%.2f' % (value / limit), value <= limit)


def best(table, row, field='wall'):
    """The better pahole's, None if none was measured."""
    values = [getattr(table[row, who], field) for who in ('old', 'new') if (row, who) in table]
    return min(values) if values else None


def goals_section(data, directory):
    rows, kernel = data.rows, data.kernel
    goals = Goals()
    goals.text = ('## Goals\n\nRatios: where the goal is a factor, how many times less than the other one; where it is a time or a share, '
                  'of that.\n\n| work | goal | measured | ratio | |\n|---|---|---|---|---|\n')
    what = 'all modules of a kernel, CPU time'
    if ('all', 'modbtf') in kernel:
        ours = kernel['all', 'modbtf'].cpu
        theirs = best(kernel, 'all', 'cpu')
        bare = kernel['all', 'bare'].cpu
        if theirs:
            goals.at_least('kernel', what, ours, theirs, 12, '12 times under pahole')
        ours = kernel['all', 'dry'].cpu
        goals.add('kernel', what + ', without writing (`-n`)', 'at most twice a bare scan', '%s of %s' % (seconds(ours), seconds(bare)),
                  '%.2f' % (ours / bare), ours <= 2 * bare)
    else:
        goals.missing(what, '12 times under pahole, at most twice a bare scan', 'make bench-kernel')
    for row, name, factor in (('huge', 'the largest module (amdgpu), one thread', 10.7), ('nfs', 'nfs, whole process', 15)):
        ours = rows.get((row, 'modbtf'))
        if not best(rows, row):
            goals.missing(name, '%g times under pahole' % factor, 'make bench')
        for who in ('old', 'new'):
            theirs = rows.get((row, who))
            if theirs:
                goals.at_least(row, name, ours.wall, theirs.wall, factor, '%g times under pahole %s' % (factor, data.notes[who + '_pahole']))
                goals.beside('of CPU time', theirs.cpu / ours.cpu)
    if best(rows, 'huge'):
        ours, theirs = rows['huge', 'modbtf'].memory, best(rows, 'huge', 'memory')
        goals.add('huge', 'the largest module, peak memory', 'at most a fifth of pahole', '%s of %s' % (mib(ours), mib(theirs)),
                  '%.2f' % (ours / theirs), ours <= theirs / 5)
    for row, limit in (('current', 1), ('update', 5)):
        name = data.notes.get('row-update', '`update` of all modules') if row == 'update' else \
            '`update` of as many with nothing to do'
        if (row, 'modbtf') in rows:
            goals.at_most(row, name, rows[row, 'modbtf'].wall, limit)
        else:
            goals.missing(name, 'at most ' + seconds(limit), 'make bench')
    if ('packed', 'modbtf') in rows:
        ours = rows['packed', 'modbtf'].wall
        codec = rows['packed', 'unpack'].wall + rows['packed', 'pack'].wall
        goals.add('packed', 'v4l2loopback.ko.zst, in place', 'at most twice `zstd -d` and `zstd -3`', '%s of %s' % (seconds(ours), seconds(codec)),
                  '%.2f' % (ours / codec), ours <= 2 * codec)
    index = data.index.get(data.notes['kernel-used'])
    if index:
        goals.at_most('index', 'index of a base of %d types, built in one thread' % index.types, index.build, 0.012)
        goals.at_most('index', 'the same in two threads, as modbtf does', index.two, 0.012)
        goals.at_most('index', 'the same, mapped', index.map, 0.002)
    if ('typical', 'modbtf') in rows:
        goals.at_most('typical', 'one module (v4l2loopback), index kept', rows['typical', 'modbtf'].wall, 0.010)
    return goals.text + '\n' + profiles(directory, goals) + '\n'


def profiles(directory, goals):
    """Removes those of what is met, and those of rows without a goal; links to the others."""
    links = []
    for file in sorted(os.listdir(directory)):
        if file.startswith('profile-') and file.endswith('.txt'):
            name = file[len('profile-'):-len('.txt')]
            if name in goals.missed:
                links.append('[%s](%s)' % (name, file))
            elif name in goals.known or name not in GOAL_ROWS:
                os.unlink(os.path.join(directory, file))
    return 'Where the CPU time goes in what is not met: %s.\n' % ', '.join(links) if links else ''


def rows_section(data):
    if not data.rows:
        return ''
    notes, rows = data.notes, data.rows
    text = ('## Single figures\n\nMedians of wall-clock time; in brackets the shortest. modbtf syncs what it writes to disk, pahole does '
            'not. CPU time and memory are compared with the pahole that has the least.\n\n| work | modbtf | CPU time | pahole %s | pahole %s | bare scan | faster than the faster one | peak memory |\n'
            '|---|---|---|---|---|---|---|---|\n' % (notes.get('old_pahole', ''), notes.get('new_pahole', '')))
    for row in ('typical', 'first', 'large', 'huge', 'nfs', 'hundred'):
        if (row, 'modbtf') not in rows:
            continue
        ours = rows[row, 'modbtf']
        other = 'typical' if row == 'first' else row
        peers = {who: rows[other, who] for who in ('old', 'new') if (other, who) in rows}
        theirs = min(figure.wall for figure in peers.values()) if peers else None
        memory = min(figure.memory for figure in peers.values()) if peers else None
        bare = rows.get((row, 'bare'))
        text += '| %s | %s (%s) | %s | %s | %s | %s | %s | %s |\n' % (
            notes['row-' + row], seconds(ours.wall), seconds(ours.shortest), cpu_of(ours, peers),
            seconds(peers['old'].wall) if 'old' in peers else '', seconds(peers['new'].wall) if 'new' in peers else '',
            seconds(bare.wall) if bare else '', '**%.1f**' % (theirs / ours.wall) if theirs else '',
            '%s of %s (%.2f)' % (mib(ours.memory), mib(memory), ours.memory / memory) if memory else mib(ours.memory))
    text += '\n| work | modbtf | CPU time | against | peak memory |\n|---|---|---|---|---|\n'
    for row in ('packed', 'base-6.12', 'base-6.1', 'check', 'update', 'current', 'rebase', 'rebase-xz'):
        if (row, 'modbtf') not in rows:
            continue
        ours = rows[row, 'modbtf']
        text += '| %s | %s (%s) | %s | %s | %s |\n' % (notes['row-' + row], seconds(ours.wall), seconds(ours.shortest),
                                                      seconds(ours.cpu), against(rows, row), mib(ours.memory))
    return text + '\n'


def cpu_of(ours, peers):
    if not peers:
        return seconds(ours.cpu)
    theirs = min(figure.cpu for figure in peers.values())
    return '%s of %s (%.1f)' % (seconds(ours.cpu), seconds(theirs), theirs / ours.cpu)


def against(rows, row):
    ours = rows[row, 'modbtf']
    if (row, 'plain') in rows:
        plain = rows[row, 'plain'].wall
        return 'unpacking alone takes %s: %.2f times its time' % (seconds(plain), ours.wall / plain)
    if (row, 'pack') in rows:
        return '`zstd -d` takes %s, `zstd -3` %s' % (seconds(rows[row, 'unpack'].wall), seconds(rows[row, 'pack'].wall))
    if row == 'rebase-xz' and ('rebase', 'modbtf') in rows:
        return 'the codec has %.0f %% of the CPU time' % (100 - 100 * rows['rebase', 'modbtf'].cpu / ours.cpu)
    return 'no other program can' if row != 'current' else ''


def how(data):
    return ('## Again\n\n    make bench              all but the modules of a whole kernel; ROWS="typical sizes" for parts\n'
            '    make bench-kernel       these; 16 GB of disk, most of the time is pahole\'s\n'
            '    make bench-report       keeps out/bench/report.md and its plots here\n\n'
            'What is measured, and how: [tests/bench/run](../../tests/bench/run).\n')
