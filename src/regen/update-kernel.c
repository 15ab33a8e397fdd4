// SPDX-License-Identifier: GPL-2.0-only
#include "regen/update-kernel.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/modules.h"

void kernel_set_init(struct kernel_set *kernels, struct bases *bases)
{
	*kernels = (struct kernel_set){ .bases = bases };
	pthread_mutex_init(&kernels->lock, NULL);
}

void kernel_set_free(struct kernel_set *kernels)
{
	while (kernels->first) {
		struct kernel *kernel = kernels->first;

		kernels->first = kernel->next;
		pthread_mutex_destroy(&kernel->lock);
		free(kernel->release);
		free(kernel->directory);
		free(kernel);
	}
	pthread_mutex_destroy(&kernels->lock);
}

static int make(struct kernel_set *kernels, const char *release, struct kernel **made,
		struct error *err)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int ret;

	if (!kernel)
		return error_nomem(err);
	ret = modules_directory(kernels->bases->root, release, &kernel->directory, err);
	if (ret == -ENOENT || ret == -EINVAL) {
		kernel->directory = NULL;
		ret = 0;
	}
	kernel->release = ret ? NULL : strdup(release);
	if (!ret && !kernel->release) {
		free(kernel->directory);
		ret = error_nomem(err);
	}
	if (ret) {
		free(kernel);
		return ret;
	}
	pthread_mutex_init(&kernel->lock, NULL);
	kernel->next = kernels->first;
	kernels->first = kernel;
	*made = kernel;
	return 0;
}

int kernel_set_get(struct kernel_set *kernels, const char *release, struct kernel **kernel,
		   struct error *err)
{
	struct kernel *k;
	int ret = 0;

	pthread_mutex_lock(&kernels->lock);
	for (k = kernels->first; k; k = k->next)
		if (!strcmp(k->release, release))
			break;
	if (!k)
		ret = make(kernels, release, &k, err);
	pthread_mutex_unlock(&kernels->lock);
	*kernel = k;
	return ret;
}

/* The file that is looked into first, to be freed; NULL if there is none. */
static char *first_file(const struct kernel_set *kernels, const struct kernel *kernel)
{
	const struct bases *bases = kernels->bases;
	char *path;

	if (bases->path)
		return strdup(bases->path);
	if (base_first(&path, kernel->release, bases->root, bases->running, bases->flags, NULL))
		return NULL;
	return path;
}

/* Called with the lock of @kernel held. */
static void look_for_base(const struct kernel_set *kernels, struct kernel *kernel)
{
	char *path;

	if (kernel->placed)
		return;
	path = first_file(kernels, kernel);
	kernel->has_base = path != NULL;
	kernel->placed = true;
	free(path);
}

bool kernel_set_has_base(struct kernel_set *kernels, struct kernel *kernel)
{
	pthread_mutex_lock(&kernel->lock);
	look_for_base(kernels, kernel);
	pthread_mutex_unlock(&kernel->lock);
	return kernel->has_base;
}

/* Did the kernel's own modules go, so that its directory is a leftover? */
static bool is_leftover(const struct kernel *kernel)
{
	struct stat st;
	char *path;
	bool gone;

	if (!kernel->directory || asprintf(&path, "%s/kernel", kernel->directory) < 0)
		return false;
	gone = stat(path, &st) && errno == ENOENT;
	free(path);
	return gone;
}

static void open_base(struct kernel_set *kernels, struct kernel *kernel)
{
	const struct target *target;
	char *path = first_file(kernels, kernel);
	struct file_stamp stamp;
	bool stamped = path && file_stamp_take(&stamp, path);

	if (stamped && known_base_recall(&kernel->base, kernel->release, path, &stamp)) {
		free(path);
		return;
	}
	/* The store may have the base of a kernel that is gone, which is no reason to work for that. */
	if (!path && is_leftover(kernel)) {
		kernel->state = KERNEL_GONE;
		kernel->ret = error_set(&kernel->err, -ENOENT,
					"no kernel %s is installed, its directory is a leftover: "
					"install it, or name another with -k",
					kernel->release);
		return;
	}
	kernel->ret = bases_get(kernels->bases, kernel->release, &target, &kernel->err);
	if (kernel->ret == -ENODATA) {
		kernel->state = KERNEL_WITHOUT_BTF;
	} else if (kernel->ret) {
		kernel->state = KERNEL_FAILED;
	} else {
		kernel->base.digest = target->digest;
		kernel->base.relocates = target->caps.relocates;
		/* What was passed over is looked into again: it may have been mended. */
		if (stamped && kernels->bases->keep && !strcmp(path, target->base.path))
			known_base_keep(&kernel->base, kernel->release, path, &stamp);
	}
	free(path);
}

int kernel_set_ask(struct kernel_set *kernels, struct kernel *kernel, struct error *err)
{
	int ret = 0;

	pthread_mutex_lock(&kernel->lock);
	if (!kernel->asked)
		open_base(kernels, kernel);
	kernel->asked = kernel->ret != -ENOMEM;
	if (!kernel->asked)
		ret = error_nomem(err);
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}

static int keep_base(struct kernel_set *kernels, const struct kernel *kernel, struct store *store,
		     struct error *err)
{
	const struct target *target;
	const char *stated;
	int ret;

	if (store_has(store->root, &kernel->base.digest))
		return 0;
	ret = bases_get(kernels->bases, kernel->release, &target, err);
	if (ret)
		return ret;
	stated = target->base.image.release;
	return store_put(store, &target->digest, *stated ? stated : kernel->release,
			 target->base.btf.raw, err);
}

int kernel_set_keep_base(struct kernel_set *kernels, struct kernel *kernel, struct store *store,
			 struct error *err)
{
	int ret = 0;

	pthread_mutex_lock(&kernel->lock);
	if (!kernel->kept)
		ret = keep_base(kernels, kernel, store, err);
	kernel->kept = true;
	pthread_mutex_unlock(&kernel->lock);
	return ret;
}
