// SPDX-License-Identifier: GPL-2.0-only
#include "regen/resign.h"

#include <stdio.h>

/* Is the image what the module has already? Most pieces are its own bytes, where they stood. */
static bool is_unchanged(const struct module_image *image, struct bytes elf)
{
	const uint8_t *at = elf.data;

	if (image->size != elf.size)
		return false;
	for (size_t i = 0; i < image->nr; i++) {
		struct bytes data = image->pieces[i].data;

		if (data.size && data.data != at && memcmp(data.data, at, data.size) != 0)
			return false;
		at += data.size;
	}
	return true;
}

/*
 * Beside the file that is written: there it has room, or would not be written. To be freed; NULL when
 * out of memory.
 */
static char *place_to_sign(const struct replacement *r)
{
	const char *tmp = getenv("TMPDIR");

	if (r->target) {
		size_t len = (size_t)(strrchr(r->target, '/') - r->target);

		return strndup(r->target, len ? len : 1);
	}
	return strdup(tmp && *tmp == '/' ? tmp : "/tmp");
}

static int sign(const struct sign_plan *plan, const struct module_image *image,
		const struct replacement *r, struct new_signature *signature, struct error *err)
{
	char *dir = place_to_sign(r);
	int ret;

	if (!dir)
		return error_nomem(err);
	ret = sign_image(plan, image->pieces, image->nr, dir, r->name ? r->name : "stream",
			 &signature->store, err);
	signature->trailer = buffer_bytes(&signature->store);
	free(dir);
	return ret;
}

int signature_make(const struct module *mod, const struct module_image *image,
		   const struct regen_options *options, const struct replacement *r,
		   struct regen_report *report, struct new_signature *signature, struct error *err)
{
	bool is_signed = mod->signature.size > 0;
	struct sign_plan plan;
	int ret;

	*signature = (struct new_signature){ 0 };
	if (is_signed ? options->allow_unsigned : !options->sign.always) {
		report->dropped_signature = is_signed;
		return 0;
	}
	if (is_signed && is_unchanged(image, mod->elf)) {
		signature->trailer = mod->signature;
		signature->kept = true;
		return 0;
	}
	ret = sign_plan_find(&plan, mod, report->release, &options->sign, err);
	if (ret)
		return ret;
	if (asprintf(&report->signed_by, "%s by %s, certificate %s", plan.hash, plan.program,
		     plan.cert) < 0) {
		report->signed_by = NULL;
		ret = error_nomem(err);
	}
	if (!ret && !options->dry_run)
		ret = sign(&plan, image, r, signature, err);
	sign_plan_free(&plan);
	return ret;
}
