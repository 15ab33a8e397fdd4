#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py DIR: DIR/report.md with its plots, of the tables in DIR (see measure.py) as far as they are there."""

import os
import statistics
import subprocess
import sys

import tables
from tables import seconds, mib

COLOURS = {'modbtf': '#0b6e4f', 'first': '#6bbf59', 'bare': '#777777', 'old': '#d1495b', 'new': '#edae49', 'index': '#30638e'}

PLOT = '''set terminal svg size 760,460 font "sans-serif,13" background "#ffffff"
set output "%s"
set key top left Left reverse
set grid lt 1 lc rgb "#e0e0e0"
set border 3
set tics nomirror
%s
plot %s
'''


def plot(directory, name, settings, series):
    """series: (title, colour, style, points) each."""
    series = [one for one in series if one[3]]
    parts = []
    data = ''
    for number, (title, colour, style, points) in enumerate(series):
        data += '$s%d << EOD\n%sEOD\n' % (number, ''.join('%.9g %.9g\n' % point for point in points))
        parts.append('$s%d with %s lc rgb "%s" title "%s"' % (number, style, colour, title))
    path = os.path.join(directory, name + '.svg')
    subprocess.run(['gnuplot'], input=data + PLOT % (path, settings, ', '.join(parts)), text=True, check=True)
    with open(path) as file:
        lines = [line.rstrip() for line in file]
    with open(path, 'w') as file:
        file.write('\n'.join(lines) + '\n')
    return '![%s](%s.svg)\n' % (name, name)


def title_of(data, who):
    return {'modbtf': 'modbtf', 'first': 'modbtf, no index kept', 'bare': 'bare scan',
            'new': 'pahole ' + data.notes.get('new_pahole', ''), 'old': 'pahole ' + data.notes.get('old_pahole', '')}[who]


def series_of(data, table, xs, field, order, style, factor=1.0):
    result = []
    for who in order:
        points = [(x, getattr(table[row, who], field) * factor) for row, x in xs if (row, who) in table]
        result.append((title_of(data, who), COLOURS[who], style, sorted(points)))
    return result


BUCKETS = [(0, 3e5), (3e5, 1e6), (1e6, 3e6), (3e6, 1e7), (1e7, 3e7), (3e7, 1e12)]


def sizes_section(data, directory):
    if not data.sizes:
        return ''
    order = ['old', 'new', 'modbtf', 'bare']
    peers = [who for who in ('old', 'new') if any(who == other for _, other in data.sizes)]
    # A run that was ended early leaves the last ones out.
    xs = sorted(((row, size) for row, size in data.sizes_of.items()
                 if all((row, who) in data.sizes for who in peers + ['modbtf', 'bare'])), key=lambda item: item[1])
    style = 'points pt 7 ps 0.45'
    text = '## Time and memory against size\n\n'
    text += ('%d modules with debug info of Debian %s, half of them even over the logarithm of size, half over the rank; each by '
             'itself, in one thread, in place on a copy. Size is that of the sections of debug info, without relocations. Wall-clock '
             'time has the syncing to disk in it, which pahole does not do; CPU time is user and system.\n\n' %
             (len(xs), data.notes['kernel-used']))
    axes = 'set logscale xy\nset xlabel "bytes of debug info"\nset format x "10^{%%T}"\nset ylabel "%s"'
    text += plot(directory, 'time', axes % 'seconds, wall clock', series_of(data, data.sizes, xs, 'wall', order, style))
    text += plot(directory, 'cpu', axes % 'seconds of CPU time', series_of(data, data.sizes, xs, 'cpu', order, style))
    text += plot(directory, 'memory', axes % 'MiB, peak of resident memory',
                 series_of(data, data.sizes, xs, 'memory', order, style, 1 / 2 ** 20))
    text += ('\nMedians over the modules of each class, CPU time; *faster* is the median of the ratios to the faster pahole.\n\n'
             '| debug info | modules | modbtf | bare scan | of bare scan | %s\n|---|---|---|---|---|%s\n' % (
                 ''.join(title_of(data, who) + ' | ' for who in peers) + ('faster | memory, of the least pahole |' if peers else ''),
                 '---|' * (len(peers) + 2 if peers else 0)))
    for low, high in BUCKETS:
        rows = [row for row, size in xs if low <= size < high]
        if rows:
            text += sizes_line(data, rows, peers, '%s to %s' % (tables.size(low), tables.size(high)) if 0 < low < 3e7 else
                               'under %s' % tables.size(high) if low == 0 else 'from %s' % tables.size(low))
    rows = [row for row, _ in xs]
    sums = {who: sum(data.sizes[row, who].cpu for row in rows) for who in order if who in peers + ['modbtf', 'bare']}
    text += '\nAll together: ' + ', '.join('%s %s' % (title_of(data, who), seconds(value)) for who, value in sums.items())
    return text + ' of CPU time.\n\n'


def sizes_line(data, rows, peers, label):
    def middle(who, field='cpu'):
        return statistics.median(getattr(data.sizes[row, who], field) for row in rows)

    ratios = [min(data.sizes[row, who].cpu for who in peers) / data.sizes[row, 'modbtf'].cpu for row in rows] if peers else []
    memory = [data.sizes[row, 'modbtf'].memory / min(data.sizes[row, who].memory for who in peers) for row in rows] \
        if peers else []
    cells = [label, str(len(rows)), seconds(middle('modbtf')), seconds(middle('bare')),
             '%.1f' % statistics.median(data.sizes[row, 'modbtf'].cpu / data.sizes[row, 'bare'].cpu for row in rows),
             *(seconds(middle(who)) for who in peers)]
    if peers:
        cells += ['%.1f' % statistics.median(ratios), '%.2f' % statistics.median(memory)]
    return '| ' + ' | '.join(cells) + ' |\n'


def cores_section(data, directory):
    if not data.cores:
        return ''
    figures = sorted((int(who), figure) for (_, who), figure in data.cores.items())
    one = figures[0][1]
    text = '## Cores\n\n`generate -j N -o DIR` over the same modules (%s), in one process.\n\n' % data.notes['cores-sample']
    text += '| N | wall clock | times as fast | CPU time | peak memory |\n|---|---|---|---|---|\n'
    for jobs, figure in figures:
        text += '| %d | %s | %.2f | %s | %s |\n' % (jobs, seconds(figure.wall), one.wall / figure.wall, seconds(figure.cpu),
                                                  mib(figure.memory))
    settings = 'set xlabel "threads (-j)"\nset ylabel "times as fast as one"\nset xrange [0.5:%d.5]\nset yrange [0:*]\nset xtics 1' % \
        figures[-1][0]
    return text + '\n' + plot(directory, 'cores', settings, [
        ('ideal', '#bbbbbb', 'lines', [(jobs, jobs) for jobs, _ in figures]),
        ('modbtf', COLOURS['modbtf'], 'linespoints pt 7', [(jobs, one.wall / f.wall) for jobs, f in figures])]) + '\n'


def modules_section(data, directory):
    if not data.modules:
        return ''
    counts = sorted({int(row) for row, _ in data.modules})
    order = ['old', 'new', 'first', 'modbtf']
    shown = [who for who in order if (str(counts[0]), who) in data.modules]
    text = ('## Number of modules\n\nModules of up to 1.5 MB, all in one call of modbtf, one thread; for pahole a process each. '
            'Wall-clock time, and in brackets CPU time for each module.\n\n')
    text += '| modules | %s |\n|---|%s\n' % (' | '.join(title_of(data, who) for who in shown), '---|' * len(shown))
    for count in counts:
        cells = ['%s (%s)' % (seconds(data.modules[str(count), who].wall), seconds(data.modules[str(count), who].cpu / count))
                 if (str(count), who) in data.modules else '' for who in shown]
        text += '| %d | %s |\n' % (count, ' | '.join(cells))
    xs = [(str(count), count) for count in counts]
    axes = 'set logscale xy\nset xlabel "modules"\nset ylabel "seconds, wall clock"\nset xrange [0.8:200]'
    return text + '\n' + plot(directory, 'modules', axes,
                              series_of(data, data.modules, xs, 'wall', order, 'linespoints pt 7 ps 0.5')) + '\n'


def bases_section(data, directory):
    if not data.index:
        return ''
    shown = [who for who in ('old', 'new') if any(who == other for _, other in data.bases)]
    text = ('## Types in the base\n\nv4l2loopback on raw bases, one thread, wall-clock time of the whole process; and of the index '
            'alone: to open the base, to index it in one thread and in two, and to map what was kept. Bases of kernels, and one cut '
            'down to its first types (tests/bench/cut-base.py): no kernel is like that, and what it lacks has to be written to the module.\n\n')
    text += '| base | types | modbtf | no index kept | %sopen | index | in two threads | map |\n|---|---|---|---|%s---|---|---|---|\n' % (
        ''.join(title_of(data, who) + ' | ' for who in shown), '---|' * len(shown))
    lines = sorted(data.index.items(), key=lambda item: item[1].types)
    for name, index in lines:
        cells = [seconds(data.bases[name, who].wall) if (name, who) in data.bases else ''
                 for who in ['modbtf', 'first'] + shown]
        cells += [seconds(value) for value in (index.open, index.build, index.two, index.map)]
        text += '| %s | %d | %s |\n' % (name, index.types, ' | '.join(cells))
    xs = [(name, index.types / 1000) for name, index in lines]
    series = series_of(data, data.bases, xs, 'wall', shown + ['first', 'modbtf'], 'linespoints pt 7 ps 0.5', 1000)
    series.append(('opened and indexed, one thread', COLOURS['index'], 'linespoints pt 6 ps 0.5',
                   [(index.types / 1000, (index.open + index.build) * 1000) for _, index in lines]))
    series.append(('mapped', COLOURS['index'], 'linespoints pt 7 ps 0.5 dt 3', [(i.types / 1000, i.map * 1000) for _, i in lines]))
    axes = 'set xlabel "thousands of types in the base"\nset ylabel "milliseconds, wall clock"\nset logscale y\nset key below'
    return text + '\n' + plot(directory, 'bases', axes, series) + '\n'


def kernel_section(data):
    if not data.kernel:
        return ''
    names = {'bare': 'bare scan, one thread', 'dry': '`modbtf generate -n`, one process', 'modbtf': '`modbtf generate -o DIR`, one process',
             'old': title_of(data, 'old') + ', a process for each', 'new': title_of(data, 'new') + ', a process for each'}
    text = '## All modules of a kernel\n\n%s. `make bench-kernel`.\n\n| work | CPU time | wall clock | peak memory |\n|---|---|---|---|\n' % \
        data.notes['kernel']
    for who in ('bare', 'dry', 'modbtf', 'old', 'new'):
        if ('all', who) in data.kernel:
            figure = data.kernel['all', who]
            text += '| %s | %s | %s | %s |\n' % (names[who], seconds(figure.cpu), seconds(figure.wall), mib(figure.memory))
    return text + '\n'


def main(argv):
    directory = argv[1]
    data = tables.Data(directory)
    text = tables.head(data) + tables.goals_section(data, directory) + tables.rows_section(data)
    text += sizes_section(data, directory) + kernel_section(data) + cores_section(data, directory)
    text += modules_section(data, directory) + bases_section(data, directory) + tables.how(data)
    path = os.path.join(directory, 'report.md')
    with open(path + '.new', 'w') as file:
        file.write(text.rstrip('\n') + '\n')
    os.rename(path + '.new', path)


if __name__ == '__main__':
    main(sys.argv)
