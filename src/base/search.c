// SPDX-License-Identifier: GPL-2.0-only
#include "base/search.h"

#include "base/kernels.h"
#include "base/store.h"

void base_search_free(struct base_search *search)
{
	strlist_free(&search->kernels);
	vec_free(&search->done);
	vec_free(&search->seen);
	*search = (struct base_search){ 0 };
}

/* One that is being looked for. */
struct wanted {
	const struct digest *digest;
	const struct btf_opener *opener;
	struct base_search *search;
	uint32_t kernel; /* whose files are being opened */
};

/* Opens the BTF if it is the one, and else remembers what it is. */
static int open_if_wanted(void *ctx, struct btf *btf, struct bytes raw, struct error *err)
{
	const struct wanted *w = ctx;
	struct base_seen seen = { digest_bytes(raw), w->kernel };

	if (!digest_equal(&seen.digest, w->digest))
		return vec_push(&w->search->seen, seen) ? error_set(err, -EINVAL, "another base") :
							  error_nomem(err);
	return w->opener ? w->opener->open(w->opener->ctx, btf, raw, err) :
			   btf_open(btf, raw, NULL, err);
}

/* Is it known that kernel @i has not got the base? */
static bool ruled_out(const struct wanted *w, uint32_t i)
{
	const struct base_search *search = w->search;

	for (uint32_t k = 0; k < search->seen.nr; k++)
		if (search->seen.at[k].kernel == i &&
		    digest_equal(&search->seen.at[k].digest, w->digest))
			return false;
	return search->done.at[i];
}

static size_t common_prefix(const char *a, const char *b)
{
	size_t len = 0;

	while (a[len] && a[len] == b[len])
		len++;
	return len;
}

/* The kernel most like @like that has not been @tried, UINT32_MAX if all have. */
static uint32_t next_kernel(const struct base_search *search, const char *like, const bool *tried)
{
	uint32_t best = UINT32_MAX;
	size_t most = 0;

	for (uint32_t i = 0; i < search->done.nr; i++) {
		size_t len = common_prefix(search->kernels.items[i], like);

		len += !strcmp(search->kernels.items[i], like);
		if (!tried[i] && (best == UINT32_MAX || len > most)) {
			best = i;
			most = len;
		}
	}
	return best;
}

/* What cannot be listed has no base for us. */
static int list_kernels(struct base_search *search, const char *root, struct error *err)
{
	if (!search->listed && kernels_list(root, &search->kernels, NULL) == -ENOMEM)
		return error_nomem(err);
	search->listed = true;
	while (search->done.nr < search->kernels.nr)
		if (!vec_push(&search->done, false))
			return error_nomem(err);
	return 0;
}

/* Returns 0, -ENOENT, -ENOMEM. */
static int search_kernels(struct base *base, struct wanted *w, const char *like, const char *root,
			  const char *running, struct error *err)
{
	const struct btf_opener opener = { open_if_wanted, w };
	struct base_search *search = w->search;
	int ret = -ENOENT;
	bool *tried;

	if (list_kernels(search, root, err))
		return -ENOMEM;
	tried = calloc(search->done.nr + 1, sizeof(*tried));
	if (!tried)
		return error_nomem(err);
	while (ret == -ENOENT) {
		uint32_t i = next_kernel(search, like, tried);

		if (i == UINT32_MAX)
			break;
		tried[i] = true;
		if (ruled_out(w, i))
			continue;
		w->kernel = i;
		ret = base_find_installed(base, search->kernels.items[i], root, running, &opener,
					  NULL, err);
		if (ret == -ENODATA)
			ret = -ENOENT; /* it is the same to us */
		search->done.at[i] = ret == -ENOENT;
	}
	free(tried);
	return !ret || ret == -ENOMEM ? ret : -ENOENT;
}

static int report_nothing(const struct wanted *w, const char *root, const char *in_store,
			  struct error *err)
{
	char text[2 * DIGEST_SIZE + 1];

	digest_hex(w->digest, text);
	return error_set(
		err, -ENOENT,
		"the base with digest %s is neither in the base store nor that of a kernel "
		"installed under %s%s%s%s",
		text, root, in_store ? " (" : "", in_store ? in_store : "", in_store ? ")" : "");
}

int base_find_digest(struct base *base, const struct digest *digest, const char *like,
		     const char *root, const char *running, struct base_search *search,
		     const struct btf_opener *opener, struct strlist *notes, struct error *err)
{
	struct wanted w = { .digest = digest, .opener = opener, .search = search };
	struct strlist damaged = { 0 };
	int ret;

	ret = store_find(base, root, digest, opener, &damaged, err);
	if (ret && ret != -ENOMEM)
		ret = search_kernels(base, &w, like, root, running, err);
	for (size_t i = 0; i < damaged.nr && (!ret || ret == -ENOENT); i++) {
		if (!strlist_add(notes, "%s", damaged.items[i]))
			continue;
		if (!ret)
			base_close(base);
		ret = error_nomem(err);
	}
	if (ret == -ENOENT)
		report_nothing(&w, root, damaged.nr ? damaged.items[0] : NULL, err);
	strlist_free(&damaged);
	return ret;
}
