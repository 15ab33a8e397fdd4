// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any two files as a module and its debug info: a u32, the length of the module, then both. Looks for
 * what links them, compares them both ways, and hides what linking throws away, which leaves nothing
 * to hide.
 */
#include <stdlib.h>

#include "module/debug-link.h"

/* So that a bomb costs milliseconds. */
#define LIMIT ((size_t)4 << 20)

static void look(const struct module *mod)
{
	struct bytes id = module_build_id(mod);
	const char *link = module_debug_link(mod);

	if (id.size > BUILD_ID_LIMIT || id.size == 1 || (link && (!*link || strchr(link, '/'))))
		abort();
	module_has_debug(mod);
}

static void compare(const struct module *mod, struct module *debug)
{
	struct buffer store = { 0 }, again = { 0 };
	struct error err = ERROR_INIT;

	look(mod);
	look(debug);
	module_check_debug(mod, debug, &err);
	module_check_debug_part(mod, debug, &err);
	if (module_hide_discarded(mod, debug, &store, &err) ||
	    module_hide_discarded(mod, debug, &again, &err) || again.data)
		abort();
	module_check_debug(debug, mod, &err);
	module_check_debug_part(debug, mod, &err);
	buffer_free(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct module mod, debug;
	size_t first;

	if (size < 4)
		return 0;
	first = load_u32(data, false) % (size - 3);
	if (module_open_memory(&mod, (struct bytes){ data + 4, first }, "foo.ko", LIMIT, &err))
		return 0;
	if (!module_open_memory(&debug, (struct bytes){ data + 4 + first, size - 4 - first },
				"foo.o", LIMIT, &err)) {
		compare(&mod, &debug);
		module_close(&debug);
	}
	module_close(&mod);
	return 0;
}
