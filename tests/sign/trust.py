#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""trust.py IMAGE CERTIFICATE OUT: the kernel of a bzImage, trusting one certificate.

OUT is the vmlinux in IMAGE with its list of built-in certificates (certs/system_certificates.S)
replaced by CERTIFICATE (DER), which must not be longer. The stripped vmlinux has no symbols, but
the list cannot be mistaken: certificates back to back on an 8-byte boundary, and behind them two
64-bit sizes, of the whole list and of the certificates for modules in it. A kernel with CONFIG_PVH
boots as such an ELF file under qemu.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
import btf  # noqa: E402  pylint: disable=wrong-import-position


def vmlinux(image):
    setup = ((image[0x1f1] or 4) + 1) * 512
    offset, length = struct.unpack_from('<II', image, 0x248)
    return bytearray(btf.decompress(image[setup + offset:setup + offset + length]))


def find_list(data):
    """Offset and size of the list, and where the sizes stand."""
    found = []
    at = data.find(b'\x30\x82')
    while at >= 0:
        end = at
        while at % 8 == 0 and data[end:end + 2] == b'\x30\x82':
            end += 4 + struct.unpack_from('>H', data, end + 2)[0]
        sizes = (end + 7) // 8 * 8
        if end > at and sizes + 16 <= len(data) and \
                struct.unpack_from('<Q', data, sizes)[0] == end - at:
            found.append((at, end - at, sizes))
        at = data.find(b'\x30\x82', at + 1)
    if len(found) != 1:
        sys.exit('trust.py: %d lists of certificates in the kernel' % len(found))
    return found[0]


def main(image, certificate, out):
    with open(image, 'rb') as file:
        data = vmlinux(file.read())
    with open(certificate, 'rb') as file:
        new = file.read()
    at, size, sizes = find_list(data)
    if len(new) > size:
        sys.exit('trust.py: the certificate takes %d bytes, there are %d' % (len(new), size))
    data[at:at + size] = new + bytes(size - len(new))
    data[sizes:sizes + 16] = struct.pack('<QQ', len(new), len(new))
    with open(out, 'wb') as file:
        file.write(data)


if __name__ == '__main__':
    main(*sys.argv[1:])
