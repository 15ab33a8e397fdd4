// SPDX-License-Identifier: GPL-2.0-only
#include "module/identity.h"

#include <ctype.h>
#include <dlfcn.h>
#include <libkmod.h>
#include <link.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Signatures take a few kilobytes at most; libkmod is not shown anything that is no signature. */
#define SIGNATURE_LIMIT 65536

/*
 * The value of the first "tag=value" in @info, NUL-separated strings, as a new string.
 * Returns 0, with *value NULL if there is none; -ENOMEM.
 */
static int modinfo_get(struct bytes info, const char *tag, char **value, struct error *err)
{
	size_t len = strlen(tag);
	const char *p = (const char *)info.data;
	size_t left = info.size;

	*value = NULL;
	while (left) {
		size_t n = strnlen(p, left);

		if (n > len && p[len] == '=' && !memcmp(p, tag, len)) {
			*value = strndup(p + len + 1, n - len - 1);
			return *value ? 0 : error_nomem(err);
		}
		n += n < left;
		p += n;
		left -= n;
	}
	return 0;
}

/* Modules from before .modinfo had a name are called as their file is. */
static char *name_from_path(const char *path)
{
	const char *base = strrchr(path, '/');
	const char *end;

	base = base ? base + 1 : path;
	end = strstr(base, ".ko");
	return end ? strndup(base, (size_t)(end - base)) : strdup(base);
}

static int read_name(struct module *mod, struct bytes info, struct error *err)
{
	int ret = modinfo_get(info, "name", &mod->name, err);

	if (ret < 0)
		return ret;
	if (!mod->name) {
		mod->name = name_from_path(mod->path);
		if (!mod->name)
			return error_nomem(err);
		info = (struct bytes){ NULL, 0 };
	}
	for (char *p = mod->name; *p; p++) {
		if (*p == '-')
			*p = '_';
		/* A file may be called anything; the name that .modinfo gives comes from kbuild. */
		if (info.size && !isalnum((unsigned char)*p) && *p != '_')
			return error_set(err, -EINVAL,
					 ".modinfo gives a name with byte 0x%02x in it: get a "
					 "clean copy of the file",
					 (unsigned char)*p);
	}
	return 0;
}

static int read_vermagic(struct module *mod, struct bytes info, struct error *err)
{
	int ret = modinfo_get(info, "vermagic", &mod->vermagic, err);

	if (ret < 0)
		return ret;
	if (!mod->vermagic)
		mod->vermagic = strdup("");
	if (!mod->vermagic)
		return error_nomem(err);
	for (const char *p = mod->vermagic; *p; p++)
		if (!isprint((unsigned char)*p))
			return error_set(err, -EINVAL,
					 ".modinfo gives a vermagic with byte 0x%02x in it: get a "
					 "clean copy of the file",
					 (unsigned char)*p);
	mod->release = strndup(mod->vermagic, strcspn(mod->vermagic, " "));
	/* It becomes part of paths (lib/modules/RELEASE). */
	if (mod->release && strchr(mod->release, '/'))
		return error_set(err, -EINVAL,
				 ".modinfo gives a vermagic with a slash in the release: get a "
				 "clean copy of the file");
	return mod->release ? 0 : error_nomem(err);
}

/* kernel: check_modinfo() in kernel/module/main.c asks no more than whether it is there. */
static int read_in_tree(struct module *mod, struct bytes info, struct error *err)
{
	char *value;
	int ret = modinfo_get(info, "intree", &value, err);

	mod->in_tree = !ret && value;
	free(value);
	return ret;
}

/*
 * libkmod's functions, found at run time. Linking to it would bring libcrypto into every process,
 * which takes 4 ms to load and relocate; that is more than the rest of the work on a small module,
 * and only signed modules need it.
 */
struct kmod_api {
	__typeof__(&kmod_new) new;
	__typeof__(&kmod_unref) unref;
	__typeof__(&kmod_set_log_fn) set_log_fn;
	__typeof__(&kmod_module_new_from_path) module_new_from_path;
	__typeof__(&kmod_module_unref) module_unref;
	__typeof__(&kmod_module_get_info) module_get_info;
	__typeof__(&kmod_module_info_get_key) info_get_key;
	__typeof__(&kmod_module_info_get_value) info_get_value;
	__typeof__(&kmod_module_info_free_list) info_free_list;
	__typeof__(&kmod_list_next) list_next;
};

/* The library stays loaded: libcrypto does not allow itself to be unloaded. */
static bool kmod_load(struct kmod_api *api)
{
	void *lib = dlopen("libkmod.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!lib)
		return false;
	api->new = (__typeof__(api->new))dlsym(lib, "kmod_new");
	api->unref = (__typeof__(api->unref))dlsym(lib, "kmod_unref");
	api->set_log_fn = (__typeof__(api->set_log_fn))dlsym(lib, "kmod_set_log_fn");
	api->module_new_from_path =
		(__typeof__(api->module_new_from_path))dlsym(lib, "kmod_module_new_from_path");
	api->module_unref = (__typeof__(api->module_unref))dlsym(lib, "kmod_module_unref");
	api->module_get_info = (__typeof__(api->module_get_info))dlsym(lib, "kmod_module_get_info");
	api->info_get_key = (__typeof__(api->info_get_key))dlsym(lib, "kmod_module_info_get_key");
	api->info_get_value =
		(__typeof__(api->info_get_value))dlsym(lib, "kmod_module_info_get_value");
	api->info_free_list =
		(__typeof__(api->info_free_list))dlsym(lib, "kmod_module_info_free_list");
	api->list_next = (__typeof__(api->list_next))dlsym(lib, "kmod_list_next");
	return api->new && api->unref && api->set_log_fn && api->module_new_from_path &&
	       api->module_unref && api->module_get_info && api->info_get_key &&
	       api->info_get_value && api->info_free_list && api->list_next;
}

/* libkmod prints to stderr unless told otherwise. */
__attribute__((format(printf, 6, 0))) static void kmod_silent(void *data, int priority,
							      const char *file, int line,
							      const char *fn, const char *format,
							      va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn, (void)format, (void)args;
}

/*
 * The smallest module that libkmod accepts, in the machine's own class and byte order, to carry a
 * signature: so it parses nothing of a file that may be hostile, huge, compressed or of another
 * machine, but the signature itself.
 */
struct carrier {
	ElfW(Ehdr) ehdr;
	ElfW(Shdr) shdr[3];
	char names[24];
	char modinfo[8];
};

static void carrier_init(struct carrier *c)
{
	*c = (struct carrier){
		.ehdr = {
			.e_ident = { 0x7f, 'E', 'L', 'F',
				     sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32,
				     host_big_endian() ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_REL,
			.e_version = EV_CURRENT,
			.e_shoff = offsetof(struct carrier, shdr),
			.e_ehsize = sizeof(c->ehdr),
			.e_shentsize = sizeof(c->shdr[0]),
			.e_shnum = 3,
			.e_shstrndx = 2,
		},
		.shdr = {
			[1] = { .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_addralign = 1,
				.sh_offset = offsetof(struct carrier, modinfo),
				.sh_size = sizeof(c->modinfo) },
			[2] = { .sh_name = 10, .sh_type = SHT_STRTAB, .sh_addralign = 1,
				.sh_offset = offsetof(struct carrier, names),
				.sh_size = sizeof(c->names) },
		},
		.names = "\0.modinfo\0.shstrtab",
		.modinfo = "name=x",
	};
}

static bool write_whole(int fd, const void *data, size_t size)
{
	return write(fd, data, size) == (ssize_t)size;
}

/* The text is whatever stands in a certificate: control characters shall not reach a terminal. */
static int take_string(char **to, const char *value)
{
	free(*to);
	*to = strdup(value);
	if (!*to)
		return -ENOMEM;
	for (char *p = *to; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	return 0;
}

/* Copies what libkmod says of the signature of the module at @path; its failure is no error. */
static int ask_kmod(const struct kmod_api *api, struct module *mod, const char *path)
{
	static const char *const no_config[] = { NULL };
	struct kmod_ctx *ctx = api->new ("/", no_config);
	struct kmod_module *kmod = NULL;
	struct kmod_list *infos = NULL;
	int ret = 0;

	if (!ctx)
		return 0;
	api->set_log_fn(ctx, kmod_silent, NULL);
	if (!api->module_new_from_path(ctx, path, &kmod) &&
	    api->module_get_info(kmod, &infos) >= 0) {
		for (struct kmod_list *i = infos; i && !ret; i = api->list_next(infos, i)) {
			const char *key = api->info_get_key(i);
			const char *value = api->info_get_value(i);

			if (!key || !value)
				continue;
			if (!strcmp(key, "signer"))
				ret = take_string(&mod->signer, value);
			else if (!strcmp(key, "sig_hashalgo"))
				ret = take_string(&mod->sig_hash, value);
		}
	}
	api->info_free_list(infos);
	if (kmod)
		api->module_unref(kmod);
	api->unref(ctx);
	return ret;
}

static int read_signer(struct module *mod, struct error *err)
{
	struct kmod_api api;
	struct carrier carrier;
	char path[64];
	int fd, ret = 0;

	mod->signer = strdup("");
	mod->sig_hash = strdup("");
	if (!mod->signer || !mod->sig_hash)
		return error_nomem(err);
	if (!mod->signature.size || mod->signature.size > SIGNATURE_LIMIT || !kmod_load(&api))
		return 0;
	fd = memfd_create("modbtf", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	carrier_init(&carrier);
	if (write_whole(fd, &carrier, sizeof(carrier)) &&
	    write_whole(fd, mod->signature.data, mod->signature.size)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ret = ask_kmod(&api, mod, path);
	}
	close(fd);
	return ret < 0 ? error_nomem(err) : 0;
}

int identity_read(struct module *mod, struct error *err)
{
	uint32_t index = module_find_section(mod, ".modinfo");
	struct buffer store = { 0 };
	struct bytes info = { NULL, 0 };
	int ret = 0;

	if (index)
		ret = module_section_data(mod, index, &info, &store, err);
	if (!ret)
		ret = read_name(mod, info, err);
	if (!ret)
		ret = read_vermagic(mod, info, err);
	if (!ret)
		ret = read_in_tree(mod, info, err);
	buffer_free(&store);
	return ret < 0 ? ret : read_signer(mod, err);
}
