// SPDX-License-Identifier: GPL-2.0-only
#include "module/signature.h"

static const char marker[] = "~Module signature appended~\n";
#define MARKER_SIZE (sizeof(marker) - 1)

/* struct module_signature, in bytes of the file */
enum {
	SIG_ALGO = 0,
	SIG_HASH = 1,
	SIG_ID_TYPE = 2,
	SIG_SIGNER_LEN = 3,
	SIG_KEY_ID_LEN = 4,
	SIG_PAD = 5,
	SIG_LEN = 8, /* big endian */
	SIG_INFO_SIZE = 12,
};

#define ID_TYPE_PKCS7 2

_Static_assert(SIG_INFO_SIZE + MARKER_SIZE == SIGNATURE_OVERHEAD, "as the header says");

/* Size in bytes of the trailer at the end of @image, 0 if there is none; negative on error. */
static int64_t trailer_size(struct bytes image, struct error *err)
{
	const uint8_t *info;
	uint32_t len;

	if (image.size < MARKER_SIZE ||
	    memcmp(image.data + image.size - MARKER_SIZE, marker, MARKER_SIZE))
		return 0;
	if (image.size < MARKER_SIZE + SIG_INFO_SIZE)
		return error_set(err, -EINVAL,
				 "module signature is cut short: get a clean copy of the file");
	info = image.data + image.size - MARKER_SIZE - SIG_INFO_SIZE;
	len = load_u32(info + SIG_LEN, true);
	if (!len || len >= image.size - MARKER_SIZE - SIG_INFO_SIZE)
		return error_set(err, -EINVAL,
				 "module signature claims %u bytes in a file of %zu: get a clean "
				 "copy of the file",
				 len, image.size);
	if (info[SIG_ID_TYPE] != ID_TYPE_PKCS7)
		return error_set(err, -EOPNOTSUPP,
				 "module signature is of type %u, and the kernel knows only "
				 "PKCS#7 (2): sign the module anew",
				 info[SIG_ID_TYPE]);
	if (info[SIG_ALGO] || info[SIG_HASH] || info[SIG_SIGNER_LEN] || info[SIG_KEY_ID_LEN] ||
	    info[SIG_PAD] || info[SIG_PAD + 1] || info[SIG_PAD + 2])
		return error_set(err, -EINVAL,
				 "module signature has fields set that PKCS#7 leaves at 0: sign "
				 "the module anew");
	return (int64_t)len + SIG_INFO_SIZE + (int64_t)MARKER_SIZE;
}

int signature_peel(struct bytes image, struct bytes *elf, struct bytes *signature,
		   struct error *err)
{
	struct bytes rest = image;
	int64_t size;

	while ((size = trailer_size(rest, err)) > 0)
		rest.size -= (size_t)size;
	if (size < 0)
		return (int)size;
	*elf = rest;
	*signature = (struct bytes){ image.data + rest.size, image.size - rest.size };
	return 0;
}

struct bytes signature_message(struct bytes signature)
{
	const size_t tail = SIG_INFO_SIZE + MARKER_SIZE;
	size_t room = signature.size - tail;
	uint32_t len;

	if (signature.size < tail)
		return (struct bytes){ NULL, 0 };
	len = load_u32(signature.data + room + SIG_LEN, true);
	return len <= room ? bytes_slice(signature, room - len, len) : (struct bytes){ NULL, 0 };
}
