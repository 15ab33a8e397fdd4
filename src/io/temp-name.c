// SPDX-License-Identifier: GPL-2.0-only
#include "io/temp-name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

#include "util/digest.h"

/* Once more after what was left there has been removed. */
#define OWN_TRIES 2

void temp_name(const char *prefix, const char *target, char name[TEMP_NAME_SIZE])
{
	struct digest digest =
		digest_bytes((struct bytes){ (const uint8_t *)target, strlen(target) });
	char hex[2 * DIGEST_SIZE + 1];
	size_t len = strcspn(target, ".");

	digest_hex(&digest, hex);
	snprintf(name, TEMP_NAME_SIZE, "%s%.*s-%.16s", prefix, (int)(len < 64 ? len : 64), target,
		 hex);
}

int temp_name_try(const char *prefix, const char *target, unsigned int n, char name[TEMP_NAME_SIZE])
{
	size_t len;
	uint32_t random;

	temp_name(prefix, target, name);
	if (n < OWN_TRIES)
		return 0;
	if (TEMP_FAILURE_RETRY(getrandom(&random, sizeof(random), 0)) != (ssize_t)sizeof(random))
		return -EAGAIN;
	len = strlen(name);
	snprintf(name + len, TEMP_NAME_SIZE - len, "-%08x", random);
	return 0;
}
