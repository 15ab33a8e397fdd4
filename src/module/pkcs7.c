// SPDX-License-Identifier: GPL-2.0-only
#include "module/pkcs7.h"

enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_KEY_ID = 0x80, /* [0], in place of issuer and serial */
	DER_TAGGED_0 = 0xa0,
	DER_TAGGED_1 = 0xa1,
};

/* OIDs without tag and length. */
#define OID(text)                                         \
	{                                                 \
		(const uint8_t *)(text), sizeof(text) - 1 \
	}

static const struct bytes oid_signed_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");

#define OID_NIST_HASH "\x60\x86\x48\x01\x65\x03\x04\x02"

static const struct {
	const char *name;
	struct bytes oid;
} hashes[] = {
	{ "sha1", OID("\x2b\x0e\x03\x02\x1a") },
	{ "sha224", OID(OID_NIST_HASH "\x04") },
	{ "sha256", OID(OID_NIST_HASH "\x01") },
	{ "sha384", OID(OID_NIST_HASH "\x02") },
	{ "sha512", OID(OID_NIST_HASH "\x03") },
	{ "sha3-256", OID(OID_NIST_HASH "\x08") },
	{ "sha3-384", OID(OID_NIST_HASH "\x09") },
	{ "sha3-512", OID(OID_NIST_HASH "\x0a") },
	{ "sm3", OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11") },
};

#define NR_HASHES (sizeof(hashes) / sizeof(hashes[0]))

static bool same(struct bytes a, struct bytes b)
{
	return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

bool pkcs7_hash_known(const char *name)
{
	for (size_t i = 0; i < NR_HASHES; i++)
		if (!strcmp(hashes[i].name, name))
			return true;
	return false;
}

/* The length behind a tag: definite, of up to four bytes. False if it is none. */
static bool take_length(struct bytes *in, size_t *length)
{
	uint8_t first, nr;

	if (!in->size)
		return false;
	first = in->data[0];
	*in = bytes_slice(*in, 1, in->size - 1);
	*length = first;
	if (first < 0x80)
		return true;
	nr = first & 0x7f;
	if (!nr || nr > 4 || nr > in->size)
		return false;
	*length = 0;
	for (uint8_t i = 0; i < nr; i++)
		*length = *length << 8 | in->data[i];
	*in = bytes_slice(*in, nr, in->size - nr);
	return true;
}

/* Takes an element of this tag off the start of @in. False, and nothing is taken, if there is none. */
static bool take(struct bytes *in, uint8_t tag, struct bytes *value)
{
	struct bytes rest = *in;
	size_t length;

	if (!rest.size || rest.data[0] != tag)
		return false;
	rest = bytes_slice(rest, 1, rest.size - 1);
	if (!take_length(&rest, &length) || length > rest.size)
		return false;
	*value = bytes_slice(rest, 0, length);
	*in = bytes_slice(rest, length, rest.size - length);
	return true;
}

static const char *hash_of(struct bytes algorithm)
{
	struct bytes oid;

	if (!take(&algorithm, DER_OID, &oid))
		return NULL;
	for (size_t i = 0; i < NR_HASHES; i++)
		if (same(oid, hashes[i].oid))
			return hashes[i].name;
	return NULL;
}

/* SignerInfo */
static bool read_signer(struct bytes in, struct pkcs7_signer *signer)
{
	struct bytes id, value;

	*signer = (struct pkcs7_signer){ 0 };
	if (!take(&in, DER_INTEGER, &value))
		return false;
	if (take(&in, DER_SEQUENCE, &id)) {
		if (!take(&id, DER_SEQUENCE, &signer->issuer) ||
		    !take(&id, DER_INTEGER, &signer->serial))
			return false;
	} else if (!take(&in, DER_KEY_ID, &signer->key_id) || !signer->key_id.size) {
		return false;
	}
	if (!take(&in, DER_SEQUENCE, &value))
		return false;
	signer->hash = hash_of(value);
	take(&in, DER_TAGGED_0, &value); /* signed attributes, which may be there */
	return take(&in, DER_SEQUENCE, &value) && take(&in, DER_OCTETS, &signer->value) &&
	       signer->value.size;
}

/* ContentInfo, and the SignedData in it */
static bool read_signed_data(struct bytes in, struct pkcs7_signer *signer)
{
	struct bytes info, type, data, value;

	if (!take(&in, DER_SEQUENCE, &info) || in.size || !take(&info, DER_OID, &type) ||
	    !same(type, oid_signed_data) || !take(&info, DER_TAGGED_0, &data) ||
	    !take(&data, DER_SEQUENCE, &info))
		return false;
	if (!take(&info, DER_INTEGER, &value) || !take(&info, DER_SET, &value) ||
	    !take(&info, DER_SEQUENCE, &value))
		return false;
	take(&info, DER_TAGGED_0, &value); /* certificates */
	take(&info, DER_TAGGED_1, &value); /* revocation lists */
	return take(&info, DER_SET, &data) && take(&data, DER_SEQUENCE, &value) &&
	       read_signer(value, signer);
}

int pkcs7_read(struct bytes der, struct pkcs7_signer *signer, struct error *err)
{
	if (read_signed_data(der, signer))
		return 0;
	*signer = (struct pkcs7_signer){ 0 };
	return error_set(err, -EINVAL,
			 "the signature is no PKCS#7 signature in DER form: sign the module anew");
}

/* ---- certificates ---- */

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes that @text, base64 over several lines, stands for. False when out of memory. */
static bool base64_decode(struct bytes text, struct buffer *out)
{
	uint32_t bits = 0;
	int nr = 0;

	*out = (struct buffer){ malloc(text.size / 4 * 3 + 3), 0 };
	if (!out->data)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		int value = base64_value(text.data[i]);

		if (value < 0) /* line ends and padding */
			continue;
		bits = bits << 6 | (uint32_t)value;
		nr += 6;
		if (nr >= 8) {
			nr -= 8;
			out->data[out->size++] = (uint8_t)(bits >> nr);
		}
	}
	return true;
}

/* The text between the first BEGIN CERTIFICATE and its END; empty if there is none. */
static struct bytes find_pem(struct bytes file)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE";
	const uint8_t *from, *to;
	size_t left;

	from = file.size ? memmem(file.data, file.size, begin, sizeof(begin) - 1) : NULL;
	if (!from)
		return (struct bytes){ NULL, 0 };
	from += sizeof(begin) - 1;
	left = file.size - (size_t)(from - file.data);
	to = memmem(from, left, end, sizeof(end) - 1);
	return (struct bytes){ from, to ? (size_t)(to - from) : 0 };
}

/* Certificate, and the TBSCertificate in it */
static bool read_certificate(struct bytes in, struct certificate *c)
{
	struct bytes certificate, tbs, value;

	c->der = in;
	return take(&in, DER_SEQUENCE, &certificate) && take(&certificate, DER_SEQUENCE, &tbs) &&
	       (take(&tbs, DER_TAGGED_0, &value) || true) && /* version */
	       take(&tbs, DER_INTEGER, &c->serial) && take(&tbs, DER_SEQUENCE, &value) &&
	       take(&tbs, DER_SEQUENCE, &c->issuer);
}

int certificate_read(struct bytes file, struct certificate *certificate, struct error *err)
{
	struct bytes text = find_pem(file);

	*certificate = (struct certificate){ 0 };
	if (text.size) {
		if (!base64_decode(text, &certificate->store))
			return error_nomem(err);
		file = buffer_bytes(&certificate->store);
	}
	if (read_certificate(file, certificate))
		return 0;
	certificate_free(certificate);
	return error_set(err, -EINVAL,
			 "is no X.509 certificate, neither in DER nor in PEM: name the one that "
			 "belongs to the key");
}

void certificate_free(struct certificate *certificate)
{
	buffer_free(&certificate->store);
	*certificate = (struct certificate){ 0 };
}

bool pkcs7_signed_with(const struct pkcs7_signer *signer, const struct certificate *certificate)
{
	if (signer->key_id.size)
		return memmem(certificate->der.data, certificate->der.size, signer->key_id.data,
			      signer->key_id.size) != NULL;
	return same(signer->issuer, certificate->issuer) &&
	       same(signer->serial, certificate->serial);
}
