// SPDX-License-Identifier: GPL-2.0-only
#include "regen/bases.h"

void bases_init(struct bases *bases, const char *path, const char *root, const char *running)
{
	*bases = (struct bases){ .path = path, .root = root, .running = running };
	pthread_mutex_init(&bases->lock, NULL);
}

static void target_free(struct target *target)
{
	btf_index_free(&target->index);
	base_close(&target->base);
	strlist_free(&target->notes);
	free(target->release);
	free(target);
}

void bases_free(struct bases *bases)
{
	while (bases->targets) {
		struct target *next = bases->targets->next;

		target_free(bases->targets);
		bases->targets = next;
	}
	pthread_mutex_destroy(&bases->lock);
}

static int target_open(struct bases *bases, struct target *target, struct error *err)
{
	int ret;

	if (bases->path)
		ret = base_open(&target->base, bases->path, err);
	else
		ret = base_find(&target->base, target->release, bases->root, bases->running,
				&target->notes, err);
	if (ret)
		return ret;
	ret = btf_index_build(&target->index, &target->base.btf, err);
	if (ret)
		return error_in_file(err, target->base.path);
	btf_rules_of(&target->rules, &target->index);
	target->digest = digest_bytes(target->base.btf.raw);
	return 0;
}

static int add_target(struct bases *bases, const char *release, struct target **found,
		      struct error *err)
{
	struct target *target = calloc(1, sizeof(*target));
	int ret;

	if (!target)
		return error_nomem(err);
	target->release = strdup(release);
	ret = target->release ? target_open(bases, target, err) : error_nomem(err);
	if (ret) {
		target_free(target);
		return ret;
	}
	target->next = bases->targets;
	bases->targets = target;
	*found = target;
	return 0;
}

int bases_get(struct bases *bases, const char *release, const struct target **target,
	      struct error *err)
{
	struct target *t;
	int ret = 0;

	if (bases->path)
		release = "";
	pthread_mutex_lock(&bases->lock);
	for (t = bases->targets; t; t = t->next)
		if (!strcmp(t->release, release))
			break;
	if (!t)
		ret = add_target(bases, release, &t, err);
	pthread_mutex_unlock(&bases->lock);
	*target = t;
	return ret;
}
