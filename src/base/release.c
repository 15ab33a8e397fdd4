// SPDX-License-Identifier: GPL-2.0-only
#include "base/release.h"

static const char banner[] = "Linux version ";

bool release_valid(const char *release)
{
	size_t len = strlen(release);

	if (!len || len >= RELEASE_SIZE || strstr(release, "..") || strcmp(release, ".") == 0)
		return false;
	for (; *release; release++)
		if (*release <= ' ' || *release > '~' || *release == '/' || *release == '*')
			return false;
	return true;
}

bool release_take(char release[RELEASE_SIZE], struct bytes text)
{
	size_t len;

	for (len = 0; len < text.size && len < RELEASE_SIZE; len++)
		if (text.data[len] == ' ' || text.data[len] == '\n' || !text.data[len])
			break;
	release[0] = '\0';
	if (len == text.size || len == RELEASE_SIZE || !len)
		return false;
	if (text.data[0] < '0' || text.data[0] > '9')
		return false;
	memcpy(release, text.data, len);
	release[len] = '\0';
	if (release_valid(release))
		return true;
	release[0] = '\0';
	return false;
}

bool release_search(char release[RELEASE_SIZE], struct bytes image)
{
	const size_t len = sizeof(banner) - 1;

	release[0] = '\0';
	while (image.size > len) {
		const uint8_t *hit = memmem(image.data, image.size, banner, len);
		size_t skip;

		if (!hit)
			return false;
		/* The same words stand in messages too, but then no number follows. */
		skip = (size_t)(hit - image.data) + len;
		image.data += skip;
		image.size -= skip;
		if (release_take(release, image))
			return true;
	}
	return false;
}
