// SPDX-License-Identifier: GPL-2.0-only
/*
 * 'modbtf base --list' and 'modbtf base --prune'.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/store.h"
#include "cmd/cmd.h"
#include "cmd/say.h"
#include "regen/needs.h"
#include "util/json.h"

/* What is there, and who needs it. */
struct stock {
	struct store_entries entries;
	struct needs needs;
};

static void stock_free(struct stock *stock)
{
	store_entries_free(&stock->entries);
	needs_free(&stock->needs);
}

/* Nobody is asked about an empty store. Returns 0, or a negative errno with @err. */
static int take_stock(struct stock *stock, const char *root, struct error *err)
{
	int ret;

	stock->needs = (struct needs){ 0 };
	ret = store_list(root, &stock->entries, err);
	if (!ret && stock->entries.nr)
		ret = needs_read(&stock->needs, root, err);
	for (size_t i = 0; !ret && i < stock->needs.unknown.nr; i++)
		say(stderr, "modbtf: warning: not known which base it needs: %s\n",
		    stock->needs.unknown.items[i]);
	return ret;
}

/* ---- --list ---- */

static void print_entry(const struct options *options, const struct store_entry *entry, uint32_t nr)
{
	char hex[2 * DIGEST_SIZE + 1], date[64] = "";
	struct error why = ERROR_INIT;
	bool good = store_entry_check(entry, &why);
	struct json json;
	struct tm tm;

	digest_hex(&entry->digest, hex);
	if (!options->json) {
		if (localtime_r(&entry->when.tv_sec, &tm))
			strftime(date, sizeof(date), "%Y-%m-%d", &tm);
		say(stdout, "%s  %6.1f MiB  %s  %u module%s  %s%s\n", hex,
		    (double)entry->size / (1 << 20), date, nr, nr == 1 ? " " : "s",
		    *entry->release ? entry->release : "release not known",
		    good ? "" : "  no good");
		if (options->verbose)
			say(stdout, "    %s\n", good ? entry->path : why.text);
		return;
	}
	if (gmtime_r(&entry->when.tv_sec, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_begin(&json, stdout);
	json_string(&json, "digest", hex);
	json_string(&json, "release", entry->release);
	json_string(&json, "path", entry->path);
	json_uint(&json, "size", entry->size);
	json_string(&json, "date", date);
	json_uint(&json, "modules", nr);
	json_bool(&json, "good", good);
	json_end(&json);
}

int list_store(const struct options *options)
{
	struct error err = ERROR_INIT;
	struct stock stock;
	int ret;

	ret = take_stock(&stock, options->root, &err);
	for (uint32_t i = 0; !ret && i < stock.entries.nr; i++) {
		const struct store_entry *entry = &stock.entries.at[i];

		print_entry(options, entry, needs_count(&stock.needs, &entry->digest));
	}
	stock_free(&stock);
	if (ret)
		complain(&err);
	return ret ? EXIT_FAULT : EXIT_WELL;
}

/* ---- --prune ---- */

/* Removes the file, or says that it would be. */
static int remove_file(const struct options *options, const char *path, const char *why)
{
	struct json json;

	if (!options->dry_run && unlink(path) && errno != ENOENT) {
		say(stderr, "modbtf: %s: cannot remove it: %s\n", path, strerror(errno));
		return EXIT_FAULT;
	}
	if (options->json) {
		json_begin(&json, stdout);
		json_string(&json, "path", path);
		json_string(&json, "why", why);
		json_bool(&json, "removed", !options->dry_run);
		json_end(&json);
	} else if (!options->quiet) {
		say(stdout, "  PRUNE %s: %s\n", path, why);
	}
	return EXIT_WELL;
}

/* Why an entry can go, NULL if it has to stay. What is no good is good for nobody. */
static const char *why_prune(const struct stock *stock, const struct store_entry *entry)
{
	struct error why = ERROR_INIT;

	if (!store_entry_check(entry, &why))
		return why.code == -EINVAL ? "its content is not what its name says" : NULL;
	if (stock->needs.unknown.nr || needs_count(&stock->needs, &entry->digest))
		return NULL;
	return "no installed module needs it";
}

static int prune_entries(const struct options *options, struct error *err)
{
	int faults = EXIT_WELL, ret;
	struct stock stock;

	ret = take_stock(&stock, options->root, err);
	for (uint32_t i = 0; !ret && i < stock.entries.nr; i++) {
		const char *why = why_prune(&stock, &stock.entries.at[i]);

		if (why)
			faults |= remove_file(options, stock.entries.at[i].path, why);
	}
	stock_free(&stock);
	return ret ? ret : faults;
}

static int prune_stale(const struct options *options, struct error *err)
{
	struct strlist paths = { 0 };
	int faults = EXIT_WELL, ret;

	ret = store_list_stale(options->root, &paths, err);
	for (size_t i = 0; !ret && i < paths.nr; i++)
		faults |= remove_file(options, paths.items[i], "left by a writer that was killed");
	strlist_free(&paths);
	return ret ? ret : faults;
}

int prune_store(const struct options *options)
{
	struct error err = ERROR_INIT;
	int ret = 0, stale = 0;
	struct store store;

	store_init(&store, options->root);
	if (!options->dry_run)
		ret = store_lock_out(&store, &err);
	if (!ret)
		ret = prune_entries(options, &err);
	if (ret >= 0)
		stale = prune_stale(options, &err);
	store_close(&store);
	if (ret == -ENOENT)
		return EXIT_WELL; /* there is no store */
	if (ret < 0 || stale < 0)
		complain(&err);
	return ret || stale ? EXIT_FAULT : EXIT_WELL;
}
