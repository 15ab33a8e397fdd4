// SPDX-License-Identifier: GPL-2.0-only
#include "regen/bases.h"

#include "util/signals.h"

void bases_init(struct bases *bases, const char *path, const char *root, const char *running)
{
	*bases = (struct bases){ .path = path, .root = root, .running = running, .keep = true };
	pthread_mutex_init(&bases->lock, NULL);
}

/* The half of indexing that goes on in the background. */
struct indexing {
	struct target *target;
	pthread_mutex_t lock;
	pthread_t thread;
	bool running;  /* the thread has not been joined, and its job not been given back */
	bool digested; /* the target's digest has been made */
	bool asked;    /* what the kernel understands is known */
	bool failed;   /* the other half was not done, so the index is of no use */
	int ret;
	struct error err;
};

static bool take_job(const struct bases *bases)
{
	return !bases->jobs || jobs_take(bases->jobs);
}

static void give_job(const struct bases *bases)
{
	if (bases->jobs)
		jobs_give(bases->jobs);
}

static void *index_in_background(void *arg)
{
	struct indexing *indexing = arg;

	indexing->ret = btf_index_types(&indexing->target->index, &indexing->err);
	return NULL;
}

/* Ends what is in the background. Whoever waits has the time to make the digest. */
static void join(struct indexing *indexing, bool digest)
{
	pthread_mutex_lock(&indexing->lock);
	if (digest && !indexing->digested)
		indexing->target->digest = digest_bytes(indexing->target->base.btf.raw);
	indexing->digested = indexing->digested || digest;
	if (indexing->running) {
		pthread_join(indexing->thread, NULL);
		give_job(indexing->target->bases);
	}
	indexing->running = false;
	if (!indexing->asked && !indexing->ret && !indexing->failed)
		btf_caps_read(&indexing->target->caps, &indexing->target->index);
	indexing->asked = true;
	pthread_mutex_unlock(&indexing->lock);
}

int target_wait(const struct target *target, struct error *err)
{
	if (!target->indexing)
		return 0; /* it came ready */
	join(target->indexing, true);
	if (!target->indexing->ret)
		return 0;
	*err = target->indexing->err;
	return error_in_file(err, target->base.path);
}

void target_drop_pages(const struct target *target)
{
	file_map_drop(&target->base.file);
	file_map_drop(&target->kept.file);
}

static int target_check(const struct target *target, struct error *err)
{
	int ret = file_map_check(&target->base.file, err);

	if (ret)
		return error_in_file(err, target->base.path);
	ret = file_map_check(&target->kept.file, err);
	if (!ret)
		return 0;
	error_prefix(err, "its index");
	return error_in_file(err, target->base.path);
}

int bases_check(struct bases *bases, struct error *err)
{
	int ret = 0;

	pthread_mutex_lock(&bases->lock);
	for (const struct target *t = bases->targets; t && !ret; t = t->next)
		if (!t->ret)
			ret = target_check(t, err);
	pthread_mutex_unlock(&bases->lock);
	return ret;
}

/* The work on the index is over: what came of it is kept for other runs. */
static void end_indexing(struct target *target)
{
	struct indexing *indexing = target->indexing;

	join(indexing, false);
	if (indexing->digested && !indexing->ret && !indexing->failed && target->keep &&
	    !file_map_check(&target->base.file, NULL))
		index_cache_keep(&target->index, &target->caps, &target->digest);
	pthread_mutex_destroy(&indexing->lock);
	free(indexing);
}

static void target_free(struct target *target)
{
	if (target->indexing)
		end_indexing(target);
	btf_index_free(&target->index);
	base_close(&target->base);
	index_cache_release(&target->kept);
	strlist_free(&target->notes);
	free(target->release);
	free(target->wanted);
	free(target);
}

void bases_free(struct bases *bases)
{
	while (bases->targets) {
		struct target *next = bases->targets->next;

		target_free(bases->targets);
		bases->targets = next;
	}
	base_search_free(&bases->search);
	pthread_mutex_destroy(&bases->lock);
}

/* Types in the background, strings here: a module's names are looked up first. */
static int start_indexing(struct target *target, struct error *err)
{
	struct indexing *indexing = calloc(1, sizeof(*indexing));
	int ret;

	if (!indexing)
		return error_nomem(err);
	indexing->target = target;
	indexing->digested = index_cache_usable(); /* then it has been made, see open_btf() */
	pthread_mutex_init(&indexing->lock, NULL);
	target->indexing = indexing;
	if (take_job(target->bases)) {
		indexing->running =
			!signals_thread_create(&indexing->thread, index_in_background, indexing);
		if (!indexing->running)
			give_job(target->bases);
	}
	ret = btf_index_strings(&target->index, err);
	indexing->failed = ret != 0;
	if (!indexing->running)
		index_in_background(indexing);
	return ret ? error_in_file(err, target->base.path) : 0;
}

/* Opens the BTF of a base, with its index if that has been kept. */
static int open_btf(void *ctx, struct btf *btf, struct bytes raw, struct error *err)
{
	struct target *target = ctx;

	/* A candidate before this one may have been opened, and passed over. */
	btf_index_free(&target->index);
	index_cache_release(&target->kept);
	if (index_cache_usable()) {
		target->digest = digest_bytes(raw);
		if (index_cache_open(&target->kept, &target->digest, raw, btf, &target->index,
				     &target->caps))
			return 0;
	}
	return btf_open(btf, raw, NULL, err);
}

static int target_open(struct bases *bases, struct target *target, struct error *err)
{
	const struct btf_opener opener = { open_btf, target };
	int ret;

	if (target->wanted)
		ret = base_find_digest(&target->base, target->wanted, target->release, bases->root,
				       bases->running, &bases->search, &opener, &target->notes,
				       err);
	else if (bases->path)
		ret = base_open(&target->base, bases->path, &opener, err);
	else
		ret = base_find_as(&target->base, target->release, bases->root, bases->running,
				   bases->flags, &opener, &target->notes, err);
	if (ret || target->index.borrowed)
		return ret;
	btf_index_init(&target->index, &target->base.btf);
	return start_indexing(target, err);
}

/* @wanted: NULL where the release is asked for. */
static int add_target(struct bases *bases, const char *release, const struct digest *wanted,
		      struct target **found, struct error *err)
{
	struct target *target = calloc(1, sizeof(*target));
	int ret;

	if (!target)
		return error_nomem(err);
	target->bases = bases;
	target->keep = bases->keep;
	target->release = strdup(release);
	if (wanted) {
		target->wanted = malloc(sizeof(*wanted));
		if (target->wanted)
			*target->wanted = *wanted;
	}
	ret = target->release && !wanted == !target->wanted ? target_open(bases, target, err) :
							      error_nomem(err);
	if (ret == -ENOMEM) {
		target_free(target);
		return ret;
	}
	/* What is no good is not opened again for the next module. */
	target->ret = ret;
	if (ret && err)
		target->err = *err;
	target->next = bases->targets;
	bases->targets = target;
	*found = target;
	return ret;
}

/* What came of opening it. */
static int opened_before(const struct target *target, struct error *err)
{
	if (target->ret && err)
		*err = target->err;
	return target->ret;
}

int bases_begin(struct bases *bases, const char *release, const struct target **target,
		struct error *err)
{
	struct target *t;
	int ret;

	if (bases->path)
		release = "";
	pthread_mutex_lock(&bases->lock);
	for (t = bases->targets; t; t = t->next)
		if (!t->wanted && !strcmp(t->release, release))
			break;
	ret = t ? opened_before(t, err) : add_target(bases, release, NULL, &t, err);
	pthread_mutex_unlock(&bases->lock);
	*target = t;
	return ret;
}

int bases_get(struct bases *bases, const char *release, const struct target **target,
	      struct error *err)
{
	int ret = bases_begin(bases, release, target, err);

	return ret ? ret : target_wait(*target, err);
}

/* Is it the base with @digest, or the failure to find that? */
static bool answers(const struct target *target, const struct digest *digest)
{
	struct error err;

	if (target->wanted)
		return digest_equal(target->wanted, digest);
	return !target->ret && !target_wait(target, &err) && digest_equal(&target->digest, digest);
}

int bases_get_digest(struct bases *bases, const struct digest *digest, const char *like,
		     const struct target **target, struct error *err)
{
	struct target *t;
	int ret;

	pthread_mutex_lock(&bases->lock);
	for (t = bases->targets; t; t = t->next)
		if (answers(t, digest))
			break;
	ret = t ? opened_before(t, err) : add_target(bases, like, digest, &t, err);
	pthread_mutex_unlock(&bases->lock);
	*target = t;
	return ret ? ret : target_wait(t, err);
}
