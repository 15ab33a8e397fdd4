# SPDX-License-Identifier: GPL-2.0-only
"""Feeds broken files to modbtf. See tests/hostile/run, which makes the sound ones that they are made from.

Whatever it is given, modbtf must end in time, without a word from a sanitizer, with exit code 0 or 1, must leave no
other file behind, and either
- refuse a file: exit code 1, a message that names the file and says what is wrong, the file as it was; or
- take it: then what it wrote can be read by `modbtf show`.
Some files have to be refused, of others (a mutation may hit padding) either is right.
"""

import argparse
import gzip
import json
import lzma
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'lib'))

from elf import Elf  # noqa: E402 pylint: disable=wrong-import-position
import dwarf_cases  # noqa: E402 pylint: disable=wrong-import-position

TIME_LIMIT = 10  # seconds for one file
BATCH = 40       # files in one process
SHF_COMPRESSED = 0x800
INTERESTING = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
               0x100000000, 0x7fffffffffffffff, 0xffffffffffffffff]


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def case(self, name, faults):
        if not faults:
            self.passed += 1
            print('ok - %s' % name, flush=True)
            return
        self.failed += 1
        print('not ok - %s: %s' % (name, faults[0]), flush=True)
        for fault in faults[1:5]:
            print('  also: %s' % fault)
        if len(faults) > 5:
            print('  and %d more' % (len(faults) - 5))

    def end(self):
        print('%d passed, %d failed, 0 skipped' % (self.passed, self.failed))
        return 1 if self.failed else 0


class Ended:
    """How a process ended."""

    def __init__(self, command, limit, memory_mib):
        with open('stdout', 'wb') as out, open('stderr', 'wb') as err:
            child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        signal.alarm(limit)
        self.hung = False
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except TimeoutError:
            self.hung = True
            child.kill()
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            signal.alarm(0)
        child.returncode = self.code = os.waitstatus_to_exitcode(status)
        self.stderr = read('stderr').decode(errors='replace')
        self.stdout = read('stdout').decode(errors='replace')
        self.fault = None
        if self.hung:
            self.fault = 'did not end within %d s' % limit
        elif self.code not in (0, 1) or 'Sanitizer' in self.stderr or 'runtime error:' in self.stderr:
            self.fault = 'exit code %d: %s' % (self.code, tail(self.stderr))
        elif usage.ru_maxrss > memory_mib * 1024:
            self.fault = 'took %d MiB' % (usage.ru_maxrss // 1024)


def on_alarm(_signal, _frame):
    raise TimeoutError


def tail(text):
    """the line of a sanitizer's report that matters, else the last"""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if 'ERROR: ' in line or 'runtime error:' in line:
            return line[:300]
    return lines[-1][:300] if lines else '(silent)'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


class Hostile:
    def __init__(self, args, report):
        self.args = args
        self.report = report
        self.sample = read(args.sample)
        self.hello = read(args.hello)
        self.random = random.Random(args.seed)

    def run(self, *command, limit=TIME_LIMIT, memory=2048):
        return Ended([self.args.modbtf, *command], limit, memory)

    # ---- modules

    def generate(self, files, command, must_fail, limit, memory):
        """One process over files = {path: content}; yields (path, fault), or None if the process itself is at fault."""
        for path, content in files.items():
            write(os.path.join('in', path), content)
        names = [os.path.join('in', path) for path in files]
        end = self.run(*command, *names, limit=limit, memory=memory)
        if end.fault:
            return end, None
        faults = []
        taken = []
        refused = False
        complaints = {}
        for line in end.stderr.splitlines():
            # modbtf: FILE: what
            parts = line.split(': ', 2)
            if len(parts) == 3 and parts[0] == 'modbtf' and not parts[2].startswith('warning: '):
                complaints.setdefault(parts[1], parts[2])
        for path, name in zip(files, names):
            if name in complaints:
                refused = True
                if not complaints[name].strip():
                    faults.append((path, 'the message does not say what is wrong'))
                if read(name) != files[path]:
                    faults.append((path, 'refused (%s), and yet changed' % complaints[name]))
            elif must_fail:
                faults.append((path, 'was not refused by name: %s' % tail(end.stderr)))
            else:
                taken.append(name)
        if refused != (end.code == 1):
            faults.append(('', 'exit code %d, files refused: %s' % (end.code, refused)))
        left = set(os.listdir('in')) - set(files)
        if left:
            faults.append(('', 'left behind: %s' % sorted(left)))
        if taken and command[0] == 'generate':
            shown = self.run('show', '--dump=raw', '-b', self.args.base, *taken, limit=limit)
            if shown.fault or shown.code:
                faults.append((taken[0], 'took it, but show says: %s' % (shown.fault or tail(shown.stderr))))
        return end, faults

    def modules(self, name, files, must_fail=False, command=None, limit=TIME_LIMIT, memory=2048):
        """files: [(what, content)], run in batches, and one by one where a batch goes wrong."""
        command = command or ['generate', '-q', '-b', self.args.base]
        found = []
        for start in range(0, len(files), BATCH):
            batch = {'%d.ko' % (start + i): content for i, (_, content) in enumerate(files[start:start + BATCH])}
            shutil.rmtree('in', ignore_errors=True)
            os.mkdir('in')
            # Not the time of each: that a whole batch takes this long is already a sign.
            end, faults = self.generate(batch, command, must_fail, max(60, limit), memory)
            if faults is not None and not faults:
                continue
            culprits = []
            for path, content in batch.items():
                shutil.rmtree('in')
                os.mkdir('in')
                end_one, faults_one = self.generate({path: content}, command, must_fail, limit, memory)
                for fault in [end_one.fault] if faults_one is None else [fault for _, fault in faults_one]:
                    culprits.append('%s: %s' % (files[int(path[:-3])][0], fault))
                    self.keep(name, path, content)
            # Only together do they go wrong.
            found += culprits or ['files %d to %d together: %s' % (
                start, start + len(batch) - 1, end.fault or faults[0])]
        self.report.case('%s (%d)' % (name, len(files)) if len(files) > 1 else name, found)

    def keep(self, name, path, content):
        if self.args.keep:
            os.makedirs(self.args.keep, exist_ok=True)
            write(os.path.join(self.args.keep, name.replace(' ', '-').replace('/', '-') + '-' + path), content)

    def one(self, name, arguments, said, limit=TIME_LIMIT, code=1, memory=2048):
        """A single run that has to fail and to say all these words."""
        end = self.run(*arguments, limit=limit, memory=memory)
        faults = []
        if end.fault:
            faults.append(end.fault)
        elif end.code != code:
            faults.append('exit code %d: %s' % (end.code, tail(end.stderr)))
        else:
            faults += ['does not say "%s": %s' % (word, tail(end.stderr)) for word in said
                       if word not in end.stderr]
        self.report.case(name, faults)

    # ---- groups of cases

    def files_that_are_none(self):
        os.mkdir('dir.ko')
        os.mkfifo('fifo.ko')
        generate = ['generate', '-q', '-b', self.args.base]
        for what in ('dir.ko', 'fifo.ko', 'absent.ko', '/dev/zero'):
            self.one('generate refuses %s' % what, generate + [what], ['modbtf: %s: ' % what])
            self.one('show refuses %s' % what, ['show', what], ['modbtf: %s: ' % what])
        self.modules('files that are no modules', [
            ('empty', b''), ('one byte', b'\x7f'), ('magic only', b'\x7fELF'), ('text', b'hello\n' * 100),
            ('zeros', bytes(100000)), ('half an ELF header', self.hello[:32]), ('ELF header', self.hello[:64]),
            ('a raw BTF', read(self.args.base)[:100000]), ('signature marker', b'~Module signature appended~\n'),
        ], must_fail=True)

    def truncation(self):
        elf = Elf(self.sample)
        ends = {elf.shoff, elf.shoff + 1, elf.shoff + 64 * (elf.shnum - 1), len(self.sample) - 1}
        for section in elf.sections:
            if section.type != 8:
                ends |= {section.offset, section.offset + section.size}
        self.modules('longer than all sections', [
            ('by a byte', self.sample + b'x'), ('by itself', self.sample + self.sample),
            ('by zeros and a byte', self.sample + bytes(5000) + b'\1')], must_fail=True)
        self.modules('cut at each section boundary', [
            ('first %d bytes' % end, self.sample[:end]) for end in sorted(ends) if end < len(self.sample)
        ], must_fail=True)

    def containers(self):
        for suffix, packed in self.packed().items():
            size = len(packed)
            ends = sorted({1, 3, 4, 5, 6, 10, 11, 12, 18, 24, size // 3, size // 2, size - 12, size - 5, size - 1})
            self.modules('.%s cut short' % suffix, [('first %d bytes' % end, packed[:end]) for end in ends],
                         must_fail=True)
            self.modules('.%s with bytes changed' % suffix, [
                ('change %d' % i, self.mutated(packed, 0, min(size, 64 if i % 2 else size))) for i in range(60)])
            self.modules('.%s of something else' % suffix, [
                ('text', self.packed(b'hello')[suffix]), ('twice', self.packed(packed)[suffix])], must_fail=True)
            self.modules('.%s with something behind' % suffix, [
                ('text', packed + b'hello'), ('zeros and text', packed + bytes(64) + b'hello'),
                ('a signature marker', packed + b'~Module signature appended~\n'), ('another', packed + packed),
                ('text, packed', packed + self.packed(b'hello')[suffix]),
                ('text, packed with it', self.packed(self.hello + b'hello')[suffix]),
                ('a skippable frame', packed + struct.pack('<II', 0x184d2a50, 5) + b'hello')], must_fail=True)

    def packed(self, content=None):
        content = self.hello if content is None else content
        zstd = subprocess.run(['zstd', '-q', '-c'], input=content, stdout=subprocess.PIPE, check=True).stdout
        return {'gz': gzip.compress(content, 6, mtime=0), 'zst': zstd,
                'xz': lzma.compress(content, check=lzma.CHECK_CRC32, preset=1)}

    def bombs(self):
        """5 GiB each; no such module exists, and a limit has to say so."""
        blocks = 5 << 13
        # zstd: 128 KiB of one byte in 4 bytes.
        block = struct.pack('<I', 128 << 10 << 3 | 1 << 1)[:3] + b'\0'
        write('bomb.ko.zst', b'\x28\xb5\x2f\xfd\0\x58' + block * (blocks - 1) +
              struct.pack('<I', 128 << 10 << 3 | 1 << 1 | 1)[:3] + b'\0')
        # gzip: a flushed piece of deflate can be repeated.
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        piece = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
        piece = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
        write('bomb.ko.gz', b'\x1f\x8b\x08\0\0\0\0\0\0\x03' + piece * (5 << 10))
        # xz: so can a block.
        stream = lzma.compress(bytes(16 << 20), check=lzma.CHECK_NONE, preset=0)
        index = 4 * (1 + struct.unpack_from('<I', stream, len(stream) - 8)[0])
        write('bomb.ko.xz', stream[:12] + stream[12:len(stream) - 12 - index] * (5 << 6))
        for suffix in ('zst', 'gz', 'xz'):
            path = 'bomb.ko.' + suffix
            self.one('%s of 5 GiB in %d KiB meets a limit' % (suffix, os.path.getsize(path) >> 10),
                     ['generate', '-q', '-b', self.args.base, path], ['modbtf: %s: ' % path, 'unpacks to more than'],
                     limit=120, memory=5 << 10)
        # A claim is no content: nothing of that size may be taken on trust.
        zst = self.packed()['zst']
        claims = [('zstd frame of %#x' % size,
                   b'\x28\xb5\x2f\xfd\xc0\x58' + struct.pack('<Q', size) + zst[-100:])
                  for size in (1 << 32, (1 << 32) - 1, 1 << 62, (1 << 64) - 1)]
        packed = self.packed()['gz']
        claims += [('gzip of %#x' % size, packed[:-4] + struct.pack('<I', size))
                   for size in (0, 0x7fffffff, 0xffffffff)]
        self.modules('containers that claim 4 GiB and more', claims, must_fail=True)

    def headers(self):
        def patched(**fields):
            elf = Elf(self.hello)
            for field, value in fields.items():
                elf.patch_header(field, value)
            return bytes(elf.data)

        def byte(pos, value):
            data = bytearray(self.hello)
            data[pos] = value
            return bytes(data)

        self.modules('wrong class or byte order', [
            ('32 bits', byte(4, 1)), ('no class', byte(4, 0)), ('class 3', byte(4, 3)), ('big endian', byte(5, 2)),
            ('no byte order', byte(5, 0)), ('byte order 9', byte(5, 9)), ('ELF version 0', byte(6, 0))], must_fail=True)
        self.modules('no relocatable object', [
            ('type %d' % kind, patched(type=kind)) for kind in (0, 2, 3, 4, 0xffff)], must_fail=True)
        self.modules('wrong machine', [
            ('machine %d' % machine, patched(machine=machine)) for machine in (0, 3, 4, 22, 183, 243, 247, 0xffff)
        ], must_fail=True)
        for machine in (4, 22):
            write('machine.ko', patched(machine=machine))
            self.one('machine %d is named' % machine, ['generate', '-q', '-b', self.args.base, 'machine.ko'],
                     ['modbtf: machine.ko: ', 'machine'])
        size = len(self.hello)
        self.modules('section header table out of place', [
            ('%s %#x' % (field, value), patched(**{field: value})) for field, value in
            [('shoff', value) for value in (0, 1, size - 64, size - 1, size, 1 << 32, (1 << 63) - 64, (1 << 64) - 64)] +
            [('shentsize', value) for value in (0, 1, 40, 63, 65, 0xffff)] +
            [('shnum', value) for value in (0, 1, 0xfeff, 0xff00, 0xffff)] +
            [('shstrndx', value) for value in (0xfeff, 0xff00, 0xfffe, 0xffff)]
        ], must_fail=True)

    def section_headers(self):
        size = len(self.hello)
        files = []
        for name in ('.debug_info', '.debug_abbrev', '.debug_str', '.debug_line_str', '.rela.debug_info', '.symtab',
                     '.strtab', '.shstrtab', '.modinfo', '.text'):
            for field, limit in [('name', 32), ('type', 32), ('flags', 64), ('offset', 64), ('size', 64), ('link', 32),
                                 ('info', 32), ('addralign', 64), ('entsize', 64)]:
                values = [0, 1, 0x7fffffff, 0xffffffff]
                if limit == 64:
                    values += [size, size - 1, 1 << 32, 1 << 63, (1 << 64) - 1, SHF_COMPRESSED]
                for value in values:
                    elf = Elf(self.hello)
                    elf.patch(elf.find(name), field, value)
                    files.append(('%s: %s %#x' % (name, field, value), bytes(elf.data)))
        self.modules('absurd section headers', files)
        files = []
        for name in ('.debug_info', '.symtab', '.strtab', '.shstrtab', '.modinfo'):
            for field, value in [('offset', size), ('offset', (1 << 64) - 1), ('size', 1 << 32), ('size', size),
                                 ('size', (1 << 64) - 1)]:
                elf = Elf(self.hello)
                elf.patch(elf.find(name), field, value)
                files.append(('%s: %s %#x' % (name, field, value), bytes(elf.data)))
        self.modules('sections that leave the file', files, must_fail=True)

    def compressed_sections(self):
        files = []
        content = zlib.compress(Elf(self.hello).find('.debug_info').content)
        size = Elf(self.hello).find('.debug_info').size
        for what, kind, claim, data in [
                ('of unknown form', 99, size, content), ('of form 0', 0, size, content), ('without header', 1, size, None),
                ('empty', 1, size, b''), ('cut short', 1, size, content[:-9]), ('with a byte too many', 1, size - 1, content),
                ('with a byte too few', 1, size + 1, content), ('of 4 GiB', 1, 1 << 32, content),
                ('of 4 GiB - 1', 1, (1 << 32) - 1, content), ('of 2^40', 1, 1 << 40, content),
                ('of 2^63', 1, 1 << 63, content), ('of 2^64 - 1', 1, (1 << 64) - 1, content),
                ('zstd that is zlib', 2, size, content), ('damaged', 1, size, content[:50] + b'\xff' * 50 + content[100:])]:
            elf = Elf(self.hello)
            elf.put('.debug_info', b'' if data is None else struct.pack('<IIQQ', kind, 0, claim, 1) + data)
            elf.patch(elf.find('.debug_info'), 'flags', SHF_COMPRESSED)
            files.append(('compressed .debug_info ' + what, bytes(elf.data)))
        self.modules('compressed sections', files, must_fail=True)

    def signatures(self):
        marker = b'~Module signature appended~\n'

        def trailer(length, signature=b'x' * 100):
            return signature + struct.pack('>BBBBB3xI', 0, 0, 2, 0, 0, length) + marker

        self.modules('signature trailers that lie', [
            ('length %#x' % length, self.hello + trailer(length))
            for length in (0, 99, 101, len(self.hello) + 101, 1 << 24, 0x7fffffff, 0xffffffff)
        ] + [
            ('cut off by %d' % cut, (self.hello + trailer(100))[:-cut]) for cut in (1, 27, 28, 39, 40, 139)
        ] + [('zeros behind it', self.hello + trailer(100) + bytes(4)),
             ('another before it', self.hello + trailer(100)[:-1] + trailer(100)),
             ('nothing but a trailer', trailer(100)), ('nothing but a marker', marker)],
            must_fail=True, command=['generate', '-q', '--unsigned', '-b', self.args.base])

    def debug_information(self):
        for name, info, abbrev in dwarf_cases.cases():
            elf = Elf(self.hello)
            elf.put('.debug_info', info)
            elf.put('.debug_abbrev', abbrev)
            elf.put('.rela.debug_info', b'')
            self.modules('DWARF: ' + name, [(name, bytes(elf.data))])

    def mutations(self):
        """The bulk, with its weight where parsers are. The seed makes it the same each time."""
        plan = [('.debug_info', 500), ('.debug_abbrev', 400), ('.rela.debug_info', 200), ('.debug_str', 100),
                ('.symtab', 150), ('.strtab', 50), ('.BTF_ids', 150), ('.modinfo', 100), ('', 150), ('ELF header', 100),
                ('section headers', 250)]
        for name, count in plan:
            files = []
            for i in range(count):
                data = self.sample if i % 4 == 0 or name == '.BTF_ids' else self.hello
                elf = Elf(data)
                if name == 'ELF header':
                    start, end = 0, 64
                elif name == 'section headers':
                    start, end = elf.shoff, elf.shoff + 64 * elf.shnum
                elif name:
                    section = elf.find(name)
                    start, end = section.offset, section.offset + section.size
                else:
                    start, end = 0, len(data)
                files.append(('seed %d, change %d' % (self.args.seed, i), self.mutated(data, start, end)))
            self.modules('random changes in %s' % (name or 'the whole file'), files)

    def mutated(self, data, start, end):
        data = bytearray(data)
        for _ in range(self.random.choice((1, 1, 2, 4, 16))):
            pos = self.random.randrange(start, end)
            how = self.random.randrange(5)
            if how == 0:
                data[pos] ^= 1 << self.random.randrange(8)
            elif how == 1:
                data[pos] = self.random.randrange(256)
            elif how == 2:
                width = self.random.choice((1, 2, 4, 8))
                value = self.random.choice(INTERESTING) & ((1 << 8 * width) - 1)
                data[pos:pos + width] = value.to_bytes(width, 'little')[:max(0, end - pos)]
            elif how == 3:
                length = self.random.randrange(1, 64)
                source = self.random.randrange(start, end)
                piece = data[source:min(end, source + length)]
                data[pos:pos + len(piece)] = piece[:end - pos]
            else:
                length = min(self.random.randrange(1, 32), end - pos)
                data[pos:pos + length] = bytes([self.random.choice((0, 0xff))]) * length
        return bytes(data)

    # ---- bases

    def base_refused(self, name, content, said=(), must_fail=True):
        """As a base this must be refused, and the module must stay as it is."""
        write('hello.ko', self.hello)
        write('broken.base', content)
        end = self.run('generate', '-q', '-b', 'broken.base', 'hello.ko')
        if end.fault:
            return ['%s: %s' % (name, end.fault)]
        if end.code == 0 and not must_fail:
            return []
        if end.code != 1 or 'broken.base: ' not in end.stderr:
            return ['%s: exit code %d: %s' % (name, end.code, tail(end.stderr))]
        if read('hello.ko') != self.hello:
            return ['%s: refused, and yet the module changed' % name]
        return ['%s: does not say "%s": %s' % (name, word, tail(end.stderr)) for word in said if word not in end.stderr]

    def bases(self):
        base = read(self.args.base)
        _, _, _, header, type_off, type_len, str_off, str_len = struct.unpack_from('<HBBIIIII', base)
        ends = [0, 1, 23, 24, 25, header + type_len // 2, header + type_len, header + str_off + str_len // 2,
                header + str_off + str_len - 1]
        faults = []
        for end in ends:
            faults += self.base_refused('first %d bytes' % end, base[:end])
        self.report.case('base cut short (%d)' % len(ends), faults)

        def header_with(pos, fmt, value):
            data = bytearray(base)
            struct.pack_into(fmt, data, pos, value)
            return bytes(data)

        lies = [('magic', 0, '<H', 0x1234), ('version', 2, 'B', 2), ('header length', 4, '<I', 8),
                ('header length', 4, '<I', 0xffffffff), ('type offset', 8, '<I', 2), ('type offset', 8, '<I', 0xfffffffc),
                ('type length', 12, '<I', 0xffffffff), ('type length', 12, '<I', type_len - 4),
                ('type length', 12, '<I', type_len + 4), ('string offset', 16, '<I', 0),
                ('string offset', 16, '<I', 0xffffffff), ('string length', 20, '<I', 0xffffffff),
                ('string length', 20, '<I', 0), ('string length', 20, '<I', str_len - 1)]
        faults = []
        for what, pos, fmt, value in lies:
            faults += self.base_refused('%s %#x' % (what, value), header_with(pos, fmt, value))
        self.report.case('base with a header that lies (%d)' % len(lies), faults)

        for name, bases, must_fail in (('base that is malformed', malformed_bases(), True),
                                       ('base with types that make no sense', senseless_bases(), False)):
            faults = []
            for what, content in bases:
                faults += self.base_refused(what, content, must_fail=must_fail)
            self.report.case('%s (%d)' % (name, len(bases)), faults)

        faults = self.base_refused('text', b'no base\n' * 1000)
        faults += self.base_refused('an ELF file without BTF', self.hello)
        image = read(self.args.image)
        for end in (512, 0x248, 0x1000, len(image) // 8, len(image) // 2):
            faults += self.base_refused('first %d bytes of a kernel' % end, image[:end])
        middle = len(image) // 2
        faults += self.base_refused('damaged kernel', image[:middle] + b'\xff' * 4096 + image[middle + 4096:])
        self.report.case('kernel images that are none', faults)

        write('hello.ko', self.hello)
        self.one('base of another kernel', ['generate', '-q', '-b', self.args.other_image, 'hello.ko'],
                 ['modbtf: hello.ko: ', self.args.release, self.args.other_release])
        self.report.case('base of another kernel: module stays', [] if read('hello.ko') == self.hello else ['changed'])

    # ---- reading what is there

    def show(self):
        os.makedirs('show', exist_ok=True)
        write('show/good.ko', self.sample)
        end = self.run('generate', '-q', '-b', self.args.base, 'show/good.ko')
        if end.fault or end.code:
            self.report.case('show: a module to begin with', [end.fault or tail(end.stderr)])
            return
        good = read('show/good.ko')
        elf = Elf(good)
        files = []
        for name, count in (('.BTF', 250), ('.note.modbtf', 50)):
            section = elf.find(name)
            if section is None:
                self.report.case('show: the module has %s' % name, ['no such section'])
                continue
            for i in range(count):
                end = section.offset + (min(section.size, 24) if i % 10 == 0 else section.size)
                files.append(('%s, change %d' % (name, i), self.mutated(good, section.offset, end)))
        for arguments in ([], ['--dump=raw'], ['--dump=c'], ['--json']):
            self.modules(' '.join(['show', *arguments, 'of damaged BTF']), files,
                         command=['show', '-b', self.args.base, *arguments])
        self.check(files + [('%s, change %d' % (name, i), self.mutated(
            good, elf.find(name).offset, elf.find(name).offset + elf.find(name).size))
                            for name in ('.BTF_ids', '.symtab', '.strtab') for i in range(60)])
        odd = good.replace(b'description=A sample', b'description=\xff\xfe"\\\n   ', 1)
        self.report.case('show --json: names are escaped', self.json_faults(odd))

    def check(self, files):
        """Whatever a file holds, one line is said of it, and the exit code tells whether one is at fault."""
        found = []
        for start in range(0, len(files), BATCH):
            names = []
            for i, (_, content) in enumerate(files[start:start + BATCH]):
                names.append('show/%d.ko' % i)
                write(names[-1], content)
            for details in ([], ['-v'], ['--json']):
                end = self.run('check', *details, '-b', self.args.base, *names, limit=60)
                if end.fault or end.stderr:
                    found.append('files from %d on: %s' % (start, end.fault or tail(end.stderr)))
            if end.fault:
                continue  # what it said is not whole
            verdicts = [json.loads(line)['verdict'] for line in end.stdout.split('\n') if line]
            if len(verdicts) != len(names) or ('fault' in verdicts) != (end.code == 1):
                found.append('files from %d on: exit code %d, %s' % (start, end.code, verdicts))
        self.report.case('check of damaged BTF (%d)' % len(files), found)

    def json_faults(self, content):
        path = 'show/odd\udcff"\n.ko'
        write(path, content)
        end = self.run('show', '--json', path)
        if end.fault:
            return [end.fault]
        try:
            lines = end.stdout.splitlines()
            objects = [json.loads(line) for line in lines]
        except ValueError as error:
            return ['%s: %s' % (error, end.stdout[:200])]
        return [] if len(objects) == 1 and isinstance(objects[0], dict) else ['%d lines' % len(lines)]


def small_base(types, strings=b'\0a\0b\0'):
    return struct.pack('<HBBIIIII', 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


def btf_type(name, kind, last, *more, vlen=0):
    return struct.pack('<III', name, kind << 24 | vlen, last) + b''.join(struct.pack('<I', word) for word in more)


INT, PTR, ARRAY_KIND, STRUCT, ENUM, FWD, TYPEDEF, CONST, FUNC = 1, 2, 3, 4, 6, 7, 8, 10, 12


def malformed_bases():
    """What nobody can read without leaving the bytes: has to be refused."""
    integer = btf_type(1, INT, 4, 32)
    return [
        ('name beyond the strings', small_base(btf_type(99, FWD, 0))),
        ('unknown kind', small_base(btf_type(1, 25, 0))),
        ('kind 0', small_base(btf_type(1, 0, 0))),
        ('more members than bytes', small_base(btf_type(1, STRUCT, 4, vlen=0xffff))),
        ('member name beyond the strings', small_base(integer + btf_type(1, STRUCT, 4, 99, 1, 0, vlen=1))),
        ('half a type', small_base(integer + bytes(4))),
        ('strings without end', small_base(integer, b'\0a\0b')),
        ('no strings', small_base(integer, b'')),
    ]


def senseless_bases():
    """A kernel would not take these either, but they can be read: to refuse them or to live with them are both right."""
    integer = btf_type(1, INT, 4, 32)
    return [
        ('typedef of itself', small_base(btf_type(1, TYPEDEF, 1))),
        ('typedefs in a ring', small_base(btf_type(1, TYPEDEF, 2) + btf_type(3, TYPEDEF, 1))),
        ('const of itself', small_base(btf_type(0, CONST, 1))),
        ('pointer to itself', small_base(btf_type(0, PTR, 1))),
        ('array of itself', small_base(integer + btf_type(0, ARRAY_KIND, 0, 2, 1, 4))),
        ('struct in itself', small_base(btf_type(1, STRUCT, 4, 3, 1, 0, vlen=1))),
        ('anonymous struct in itself', small_base(btf_type(0, STRUCT, 4, 3, 1, 0, vlen=1))),
        ('type id beyond the end', small_base(btf_type(0, PTR, 99))),
        ('int of 200 bits', small_base(btf_type(1, INT, 4, 200))),
        ('strings that do not begin with NUL', small_base(integer, b'aa\0b\0')),
        ('function without prototype', small_base(integer + btf_type(1, FUNC, 1))),
        ('enum of 3 bytes', small_base(btf_type(1, ENUM, 3, 3, 0, vlen=1))),
        ('200,000 typedefs in a ring', small_base(b''.join(
            btf_type(1, TYPEDEF, (i + 1) % 200000 + 1) for i in range(200000)))),
        ('200,000 pointers in a chain', small_base(b''.join(
            btf_type(0, PTR, (i + 2) % 200001) for i in range(200000)))),
    ]


def main():
    parser = argparse.ArgumentParser()
    for name in ('--modbtf', '--sample', '--hello', '--base', '--image', '--other-image', '--release',
                 '--other-release', '--work'):
        parser.add_argument(name, required=True)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep', help='where files that went wrong are kept')
    parser.add_argument('groups', nargs='*')
    args = parser.parse_args()

    os.chdir(args.work)
    signal.signal(signal.SIGALRM, on_alarm)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    report = Report()
    hostile = Hostile(args, report)
    for group in args.groups or ['files_that_are_none', 'truncation', 'headers', 'section_headers',
                                 'compressed_sections', 'signatures', 'containers', 'bombs', 'debug_information',
                                 'bases', 'show', 'mutations']:
        getattr(hostile, group)()
    return report.end()


if __name__ == '__main__':
    sys.exit(main())
