// SPDX-License-Identifier: GPL-2.0-only
#include "module/sign.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/run.h"
#include "io/workdir.h"
#include "module/pkcs7.h"
#include "module/signature.h"

/* A program that takes longer waits for something that will not come. */
#define SECONDS_MOST 300

/* Signatures are some hundred bytes, with certificates in them a few thousand. */
#define TRAILER_MOST 65536

#define PASSPHRASE "KBUILD_SIGN_PIN"

void sign_plan_free(struct sign_plan *plan)
{
	free(plan->program);
	free(plan->key);
	free(plan->cert);
	free(plan->hash);
	*plan = (struct sign_plan){ 0 };
}

/* ---- running it ---- */

static int write_file(const struct workdir *dir, const struct piece *pieces, size_t nr,
		      struct error *err)
{
	int fd = TEMP_FAILURE_RETRY(openat(
		dir->fd, WORKDIR_FILE, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
	int code = fd < 0 ? -errno : pieces_write(fd, pieces, nr);

	if (fd >= 0 && close(fd) < 0 && errno != EINTR && !code)
		code = -errno;
	return code < 0 ? error_errno(err, code,
				      "cannot write the file to be signed, %s/" WORKDIR_FILE,
				      dir->path) :
			  0;
}

/*
 * A path that means the same in another directory, and that no getopt() takes for an option; to be
 * freed. Returns 0 or a negative errno.
 */
static int absolute(const char *path, char **result)
{
	char *cwd = NULL;
	int len;

	if (*path == '/') {
		*result = strdup(path);
		return *result ? 0 : -ENOMEM;
	}
	cwd = getcwd(NULL, 0);
	if (!cwd)
		return -errno;
	len = asprintf(result, "%s/%s", cwd, path);
	free(cwd);
	if (len >= 0)
		return 0;
	*result = NULL;
	return -ENOMEM;
}

/* What the program is called with, by paths that hold in the directory where it runs. */
struct call {
	char *program, *key, *cert;
};

static void call_free(struct call *call)
{
	free(call->program);
	free(call->key);
	free(call->cert);
}

static int call_make(struct call *call, const struct sign_plan *plan, struct error *err)
{
	int code;

	*call = (struct call){ 0 };
	code = absolute(plan->program, &call->program);
	if (!code && !strncmp(plan->key, "pkcs11:", 7)) {
		call->key = strdup(plan->key);
		code = call->key ? 0 : -ENOMEM;
	} else if (!code) {
		code = absolute(plan->key, &call->key);
	}
	if (!code)
		code = absolute(plan->cert, &call->cert);
	if (!code)
		return 0;
	call_free(call);
	return error_errno(err, code, "not signed: cannot tell the present directory");
}

/*
 * In the open directory, whatever its path leads to by now: else who owns the directory around it
 * could lead the program, which may be root's, to write elsewhere.
 */
static int run(const struct sign_plan *plan, const struct workdir *dir, struct error *err)
{
	const char *pin = getenv(PASSPHRASE);
	struct call call;
	int ret;

	ret = call_make(&call, plan, err);
	if (ret)
		return ret;
	ret = run_program((const char *const[]){ call.program, plan->hash, call.key, call.cert,
						 "./" WORKDIR_FILE, NULL },
			  dir->fd, plan->seconds ? plan->seconds : SECONDS_MOST, pin, err);
	if (ret && ret != -EINTR) {
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof(err->text) - len,
			 ": see to key and certificate%s (the module is unchanged)",
			 pin ? "" : ", a passphrase goes into " PASSPHRASE);
	}
	if (ret)
		error_prefix(err, "not signed");
	call_free(&call);
	return ret;
}

/* ---- looking at the result ---- */

/* Reads exactly @size bytes at @at. */
static bool read_at(int fd, uint8_t *to, size_t size, uint64_t at)
{
	while (size) {
		ssize_t n = pread(fd, to, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		at += (size_t)n;
		size -= (size_t)n;
	}
	return true;
}

/* Does the file begin with the pieces? */
static bool begins_with(int fd, const struct piece *pieces, size_t nr)
{
	uint8_t buf[65536];
	uint64_t at = 0;

	for (size_t i = 0; i < nr; i++) {
		struct bytes rest = pieces[i].data;

		while (rest.size) {
			size_t n = rest.size < sizeof(buf) ? rest.size : sizeof(buf);

			if (!read_at(fd, buf, n, at) || memcmp(buf, rest.data, n) != 0)
				return false;
			rest = bytes_slice(rest, n, rest.size - n);
			at += n;
		}
		if (pieces[i].file)
			file_map_drop(pieces[i].file);
	}
	return true;
}

static int wrong(const struct sign_plan *plan, const char *what, struct error *err)
{
	return error_set(err, -EBADMSG,
			 "not signed: %s %s: name the right program with --sign-file (the module "
			 "is unchanged)",
			 plan->program, what);
}

/* What stands behind the image, in @trailer. */
static int read_trailer(const struct sign_plan *plan, int fd, const struct piece *pieces, size_t nr,
			struct buffer *trailer, struct error *err)
{
	uint64_t size = pieces_size(pieces, nr);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(err, -errno, "cannot examine what %s has left", plan->program);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < size || !begins_with(fd, pieces, nr))
		return wrong(plan, "changed the module itself", err);
	if ((uint64_t)st.st_size == size)
		return wrong(plan, "ended well but added no signature", err);
	if ((uint64_t)st.st_size - size > TRAILER_MOST)
		return wrong(plan, "added more than any signature takes", err);
	*trailer = (struct buffer){ malloc((size_t)((uint64_t)st.st_size - size)),
				    (size_t)((uint64_t)st.st_size - size) };
	if (!trailer->data) {
		trailer->size = 0;
		return error_nomem(err);
	}
	if (!read_at(fd, trailer->data, trailer->size, size))
		return error_set(err, -EIO, "cannot read what %s has left", plan->program);
	return 0;
}

/* Is it one trailer, as the kernel wants it? A byte before it stands for the module. */
static bool well_formed(struct bytes trailer)
{
	struct bytes elf, signature, image;
	struct buffer copy = { malloc(trailer.size + 1), trailer.size + 1 };
	bool good;

	if (!copy.data)
		return false;
	copy.data[0] = 0;
	memcpy(copy.data + 1, trailer.data, trailer.size);
	image = buffer_bytes(&copy);
	good = !signature_peel(image, &elf, &signature, NULL) && elf.size == 1 &&
	       signature_message(signature).size + SIGNATURE_OVERHEAD == trailer.size;
	buffer_free(&copy);
	return good;
}

static int check_signer(const struct sign_plan *plan, const struct pkcs7_signer *signer,
			struct error *err)
{
	struct certificate cert;
	struct file_map file;
	bool match;
	int ret;

	/* What cannot be read now, the program could. */
	if (file_map_open(&file, plan->cert, NULL))
		return 0;
	ret = certificate_read(file.bytes, &cert, err);
	if (ret) {
		error_in_file(err, plan->cert);
	} else {
		match = pkcs7_signed_with(signer, &cert);
		certificate_free(&cert);
		if (!match)
			ret = wrong(plan, "signed with another certificate than the one given",
				    err);
	}
	file_map_close(&file);
	return ret;
}

static int check(const struct sign_plan *plan, struct bytes trailer, struct error *err)
{
	struct pkcs7_signer signer;

	if (!well_formed(trailer))
		return wrong(plan, "added something that the kernel takes for no signature", err);
	if (pkcs7_read(signature_message(trailer), &signer, NULL))
		return wrong(plan, "added a signature that is not PKCS#7", err);
	if (!signer.hash || strcmp(signer.hash, plan->hash) != 0) {
		char text[96];

		snprintf(text, sizeof(text), "signed by hash %s, not %s",
			 signer.hash ? signer.hash : "of an unknown sort", plan->hash);
		return wrong(plan, text, err);
	}
	return check_signer(plan, &signer, err);
}

static int read_result(const struct sign_plan *plan, const struct workdir *dir,
		       const struct piece *pieces, size_t nr, struct buffer *trailer,
		       struct error *err)
{
	/* It may be another file by now: sign-file renames a new one into place. */
	int fd = TEMP_FAILURE_RETRY(
		openat(dir->fd, WORKDIR_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	int ret;

	if (fd < 0)
		return wrong(plan, "took the module away", err);
	ret = read_trailer(plan, fd, pieces, nr, trailer, err);
	close(fd);
	if (!ret)
		ret = check(plan, buffer_bytes(trailer), err);
	if (ret)
		buffer_free(trailer);
	return ret;
}

int sign_image(const struct sign_plan *plan, const struct piece *pieces, size_t nr,
	       const char *parent, const char *target, struct buffer *trailer, struct error *err)
{
	struct workdir dir;
	int ret;

	*trailer = (struct buffer){ 0 };
	ret = workdir_make(&dir, parent, target, err);
	if (ret)
		return ret;
	ret = write_file(&dir, pieces, nr, err);
	if (!ret)
		ret = run(plan, &dir, err);
	if (!ret)
		ret = read_result(plan, &dir, pieces, nr, trailer, err);
	workdir_remove(&dir);
	return ret;
}
