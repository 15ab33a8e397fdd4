// SPDX-License-Identifier: GPL-2.0-only
#include "regen/sign-plan.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/release.h"
#include "base/rootpath.h"
#include "module/pkcs7.h"
#include "module/signature.h"
#include "regen/dkms-conf.h"

struct finding {
	struct sign_plan *plan;
	const struct sign_options *options;
	const char *root;
	const char *release;
	struct dkms_conf dkms;
	struct pkcs7_signer signer; /* of the present signature */
	bool is_signed, has_signer;
	bool ubuntu;
	char *passed_over; /* a program that was found, but that others could have put there */
};

/* A path with '@' for the release, or for it up to its last @cut. */
struct place {
	const char *path;
	char cut;
};

static const struct place program_places[] = {
	{ "usr/lib/linux-kbuild-@/scripts/sign-file", '.' }, /* Debian: 6.1 of 6.1.0-56-amd64, */
	{ "usr/lib/linux-kbuild-@/scripts/sign-file", '-' }, /* and since 6.12 all but -amd64 */
	{ "lib/modules/@/build/scripts/sign-file", 0 },
	{ "usr/lib/modules/@/build/scripts/sign-file", 0 },
	{ "usr/src/linux-headers-@/scripts/sign-file", 0 }, /* Ubuntu */
	{ "usr/src/kernels/@/scripts/sign-file", 0 },	    /* Fedora */
	{ "usr/src/linux-@/scripts/sign-file", 0 },	    /* Gentoo */
};

#define NR_PROGRAM_PLACES (sizeof(program_places) / sizeof(program_places[0]))

static const struct place config_places[] = {
	{ "lib/modules/@/config", 0 },
	{ "usr/lib/modules/@/config", 0 },
	{ "boot/config-@", 0 },
	{ "lib/modules/@/build/.config", 0 },
	{ "usr/lib/modules/@/build/.config", 0 },
};

#define NR_CONFIG_PLACES (sizeof(config_places) / sizeof(config_places[0]))

/* Keys that are made on the machine, with the certificates that belong to them. */
static const struct pair {
	const char *key, *cert;
} pairs[] = {
	{ "var/lib/dkms/mok.key", "var/lib/dkms/mok.pub" },
	{ "var/lib/shim-signed/mok/MOK.priv", "var/lib/shim-signed/mok/MOK.der" }, /* Ubuntu */
	{ "etc/pki/akmods/private/private_key.priv",
	  "etc/pki/akmods/certs/public_key.der" }, /* Fedora */
};

#define NR_PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static bool is_uri(const char *key)
{
	return !strncmp(key, "pkcs11:", 7);
}

static void expand(char path[PATH_MAX], const struct place *place, const char *release)
{
	const char *mark = strchr(place->path, '@');
	const char *end = place->cut ? strrchr(release, place->cut) : NULL;

	snprintf(path, PATH_MAX, "%.*s%.*s%s", (int)(mark - place->path), place->path,
		 (int)(end ? end - release : (ptrdiff_t)strlen(release)), release, mark + 1);
}

/* The real path of a file below the root that may be used in this way, to be freed; else NULL. */
static char *usable(const char *root, const char *path, int way)
{
	struct stat st;
	char *real;

	if (rootpath_resolve(&real, root, path))
		return NULL;
	if (!stat(real, &st) && S_ISREG(st.st_mode) && !faccessat(AT_FDCWD, real, way, AT_EACCESS))
		return real;
	free(real);
	return NULL;
}

/* ---- program ---- */

static bool is_safe(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && (!st.st_uid || st.st_uid == geteuid()) && !(st.st_mode & 022);
}

/*
 * Can nobody but root and the caller have written the file at @real, or put it there? So it has to be
 * for all directories above it. A sticky one will not do: what is in it anybody may have made.
 */
static bool trusted(const char *real)
{
	char path[PATH_MAX];
	char *slash;
	bool safe;

	if (!realpath(real, path))
		return false;
	while ((safe = is_safe(path)) && path[1]) {
		slash = strrchr(path, '/');
		slash[slash == path] = '\0';
	}
	return safe;
}

/* @program if it may be run without having been named, else NULL, and it is remembered. */
static char *if_trusted(struct finding *f, char *program)
{
	if (!program || trusted(program))
		return program;
	if (f->passed_over)
		free(program);
	else
		f->passed_over = program;
	return NULL;
}

static int not_trusted(const char *program, struct error *err)
{
	return error_set(
		err, -EACCES,
		"%s is not run to sign: others than root and this user may write to it or to "
		"a directory above it: name it with --sign-file if it is to be trusted",
		program);
}

/* Looks for @name in PATH; below another root than / in the directories that PATH mostly has. */
static char *find_in_path(const char *name, const char *root)
{
	const char *dirs = strcmp(root, "/") ? NULL : getenv("PATH");
	char path[PATH_MAX];
	size_t len;

	for (dirs = dirs ? dirs : "/usr/bin:/usr/sbin"; *dirs; dirs += len + (dirs[len] == ':')) {
		char *found;

		len = strcspn(dirs, ":");
		/* Not in the present directory, which an empty one means. */
		if (*dirs != '/')
			continue;
		snprintf(path, sizeof(path), "%.*s/%s", (int)len, dirs, name);
		found = usable(root, path, X_OK);
		if (found)
			return found;
	}
	return NULL;
}

/* One that was named, by an option or in a configuration. */
static int named_program(struct finding *f, const char *name, struct error *err)
{
	struct stat st;

	f->plan->program = strchr(name, '/') ? strdup(name) : find_in_path(name, "/");
	if (!f->plan->program)
		return error_set(err, -ENOENT,
				 "the program to sign with, %s, is not in PATH: name its path with "
				 "--sign-file",
				 name);
	if (stat(f->plan->program, &st) < 0 || !S_ISREG(st.st_mode) ||
	    faccessat(AT_FDCWD, f->plan->program, X_OK, AT_EACCESS) < 0)
		return error_set(err, -EACCES,
				 "the program to sign with, %s, is not there or cannot be run: "
				 "name one with --sign-file",
				 f->plan->program);
	return 0;
}

/* A value of framework.conf; NULL where it has none. */
static int dkms_value(const struct finding *f, enum dkms_variable variable, const char *what,
		      const char *option, const char **text, struct error *err)
{
	const struct dkms_value *value = &f->dkms.values[variable];

	*text = value->text && *value->text ? value->text : NULL;
	if (!value->place)
		return 0;
	return error_set(err, -EINVAL,
			 "%s sets %s in a way that only a shell can follow: name it with %s, or in "
			 "modbtf.conf",
			 value->place, what, option);
}

/* A path of framework.conf, under the root, to be freed. NULL when out of memory. */
static char *under_root(const struct finding *f, const char *path)
{
	char *real;

	if (is_uri(path) || !strcmp(f->root, "/"))
		return strdup(path);
	if (!rootpath_resolve(&real, f->root, path))
		return real;
	return asprintf(&real, "%s/%s", f->root, path) < 0 ? NULL : real;
}

/* What is in PATH is what the caller runs anyhow; what is in another root, anybody may have put there. */
static char *kmodsign(struct finding *f)
{
	char *program = find_in_path("kmodsign", f->root);

	return strcmp(f->root, "/") ? if_trusted(f, program) : program;
}

static int find_program(struct finding *f, struct error *err)
{
	char path[PATH_MAX];
	const char *text;
	char *real;
	int ret;

	if (f->options->program)
		return named_program(f, f->options->program, err);
	ret = dkms_value(f, DKMS_SIGN_FILE, "sign_file", "--sign-file", &text, err);
	if (ret)
		return ret;
	if (text) {
		real = under_root(f, text);
		if (!real)
			return error_nomem(err);
		/* Who owns the root may have written its configuration as well. */
		if (strcmp(f->root, "/") && !access(real, F_OK) && !trusted(real))
			ret = not_trusted(real, err);
		else
			ret = named_program(f, real, err);
		free(real);
		return ret;
	}
	if (f->ubuntu)
		f->plan->program = kmodsign(f);
	for (size_t i = 0; i < NR_PROGRAM_PLACES; i++) {
		if (f->plan->program || !release_valid(f->release))
			break;
		expand(path, &program_places[i], f->release);
		f->plan->program = if_trusted(f, usable(f->root, path, X_OK));
	}
	if (!f->plan->program)
		f->plan->program = kmodsign(f);
	if (f->plan->program)
		return 0;
	if (f->passed_over)
		return not_trusted(f->passed_over, err);
	return error_set(err, -ENOKEY,
			 "there is no sign-file of kernel %s and no kmodsign to sign the module "
			 "with: install the kernel's headers, or name the program with --sign-file",
			 f->release);
}

/* ---- key and certificate ---- */

static bool has_certificate(const char *path)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	struct file_map file;
	bool has;

	if (file_map_open(&file, path, NULL))
		return false;
	has = file.bytes.size && memmem(file.bytes.data, file.bytes.size, begin, sizeof(begin) - 1);
	file_map_close(&file);
	return has;
}

static int check_readable(const char *path, const char *what, const char *option, struct error *err)
{
	struct stat st;
	int code = 0;

	if (stat(path, &st) < 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0)
		code = -errno;
	else if (S_ISDIR(st.st_mode))
		code = -EISDIR;
	if (!code)
		return 0;
	return error_set(err, code, "the %s %s cannot be read (%s): name one that can with %s",
			 what, path, strerror(-code), option);
}

/* Takes a key and a certificate that were named. */
static int named_pair(struct finding *f, const char *key, const char *cert, struct error *err)
{
	int ret = 0;

	if (!key)
		return error_set(err, -EINVAL,
				 "a certificate to sign with is given, but no key: name it with "
				 "--sign-key");
	if (is_uri(key) && strstr(key, "pin-value="))
		return error_set(err, -EINVAL,
				 "the URI of the key has a PIN in it, which all users could see: "
				 "give it in the environment, KBUILD_SIGN_PIN");
	if (!is_uri(key))
		ret = check_readable(key, "key", "--sign-key", err);
	if (ret)
		return ret;
	if (!cert && !is_uri(key) && has_certificate(key))
		cert = key;
	if (!cert)
		return error_set(err, -ENOKEY,
				 "a key to sign with is given, but no certificate: name it with "
				 "--sign-cert");
	ret = check_readable(cert, "certificate", "--sign-cert", err);
	if (ret)
		return ret;
	f->plan->key = strdup(key);
	f->plan->cert = strdup(cert);
	return f->plan->key && f->plan->cert ? 0 : error_nomem(err);
}

static int dkms_pair(struct finding *f, const char *key, const char *cert, struct error *err)
{
	char *key_path = key ? under_root(f, key) : NULL;
	char *cert_path = cert ? under_root(f, cert) : NULL;
	int ret;

	if ((key && !key_path) || (cert && !cert_path))
		ret = error_nomem(err);
	else
		ret = named_pair(f, key_path, cert_path, err);
	free(key_path);
	free(cert_path);
	return ret;
}

/* Is the present signature of the certificate at @path? */
static bool is_signer(const struct finding *f, const char *path)
{
	struct certificate cert;
	struct file_map file;
	bool is = false;

	if (!f->has_signer || file_map_open(&file, path, NULL))
		return false;
	if (!certificate_read(file.bytes, &cert, NULL)) {
		is = pkcs7_signed_with(&f->signer, &cert);
		certificate_free(&cert);
	}
	file_map_close(&file);
	return is;
}

/*
 * The key that signed it before, else the one that a new module would be signed with here: on
 * Ubuntu, that is shim's.
 */
static int default_pair(struct finding *f, struct error *err)
{
	size_t first = f->ubuntu ? 1 : 0;
	bool found = false;

	for (size_t i = 0; i < NR_PAIRS && !found; i++) {
		size_t n = i == 0 ? first : i == first ? 0 : i;
		char *key = usable(f->root, pairs[n].key, R_OK);
		char *cert = usable(f->root, pairs[n].cert, R_OK);

		if (key && cert && (!f->plan->key || (found = is_signer(f, cert)))) {
			free(f->plan->key);
			free(f->plan->cert);
			f->plan->key = key;
			f->plan->cert = cert;
			found = found || is_signer(f, cert);
			continue;
		}
		free(key);
		free(cert);
	}
	if (f->plan->key)
		return 0;
	if (!f->is_signed)
		return error_set(
			err, -ENOKEY,
			"there is no key to sign the module with: name one with --sign-key "
			"and --sign-cert, or in modbtf.conf");
	return error_set(err, -ENOKEY,
			 "the module is signed, and with new BTF has to be signed anew, for which "
			 "there is no key: name one with --sign-key and --sign-cert or in "
			 "modbtf.conf, or write it without a signature with --unsigned");
}

static int find_pair(struct finding *f, struct error *err)
{
	const char *key = f->options->key, *cert = f->options->cert;
	int ret;

	if (key || cert)
		return named_pair(f, key, cert, err);
	ret = dkms_value(f, DKMS_KEY, "mok_signing_key", "--sign-key", &key, err);
	if (!ret)
		ret = dkms_value(f, DKMS_CERTIFICATE, "mok_certificate", "--sign-cert", &cert, err);
	if (ret)
		return ret;
	return key || cert ? dkms_pair(f, key, cert, err) : default_pair(f, err);
}

/* ---- hash ---- */

/* The value of CONFIG_MODULE_SIG_HASH in a kernel's configuration, to be freed; NULL: none. */
static char *hash_of_config(struct bytes text)
{
	static const char want[] = "\nCONFIG_MODULE_SIG_HASH=\"";
	const uint8_t *at, *end;
	size_t left;

	at = text.size ? memmem(text.data, text.size, want, sizeof(want) - 1) : NULL;
	if (!at)
		return NULL;
	at += sizeof(want) - 1;
	left = text.size - (size_t)(at - text.data);
	end = memchr(at, '"', left);
	return end ? strndup((const char *)at, (size_t)(end - at)) : NULL;
}

static char *hash_of_kernel(const struct finding *f)
{
	char path[PATH_MAX], *hash = NULL;

	for (size_t i = 0; i < NR_CONFIG_PLACES && !hash; i++) {
		struct file_map file;
		char *real;

		if (!release_valid(f->release))
			break;
		expand(path, &config_places[i], f->release);
		real = usable(f->root, path, R_OK);
		if (real && !file_map_open(&file, real, NULL)) {
			hash = hash_of_config(file.bytes);
			file_map_close(&file);
		}
		free(real);
	}
	return hash;
}

static int find_hash(struct finding *f, const struct module *mod, struct error *err)
{
	const char *hash = f->options->hash;

	if (!hash && f->has_signer)
		hash = f->signer.hash;
	if (!hash && mod->sig_hash && pkcs7_hash_known(mod->sig_hash))
		hash = mod->sig_hash;
	f->plan->hash = hash ? strdup(hash) : hash_of_kernel(f);
	if (f->plan->hash && pkcs7_hash_known(f->plan->hash))
		return 0;
	return error_set(err, -ENOKEY,
			 "by which hash the module shall be signed is not known: name it with "
			 "--sign-hash, as CONFIG_MODULE_SIG_HASH of the kernel does");
}

/* ---- all of it ---- */

static bool is_ubuntu(const char *root)
{
	char *real = usable(root, "etc/os-release", R_OK);
	struct file_map file;
	bool is = false;

	if (real && !file_map_open(&file, real, NULL)) {
		struct bytes text = file.bytes;

		is = text.size && (memmem(text.data, text.size, "\nID=ubuntu", 10) ||
				   (text.size > 9 && !memcmp(text.data, "ID=ubuntu", 9)));
		file_map_close(&file);
	}
	free(real);
	return is;
}

int sign_plan_find(struct sign_plan *plan, const struct module *mod, const char *release,
		   const struct sign_options *options, struct error *err)
{
	struct finding f = { .plan = plan,
			     .options = options,
			     .root = options->root ? options->root : "/",
			     .release = release };
	int ret;

	*plan = (struct sign_plan){ .seconds = options->seconds };
	f.is_signed = mod->signature.size > 0;
	f.has_signer = f.is_signed &&
		       !pkcs7_read(signature_message(mod->signature), &f.signer, NULL);
	f.ubuntu = is_ubuntu(f.root);
	ret = dkms_conf_read(&f.dkms, f.root, release, err);
	/* The key first: who has none need not hear of programs. */
	if (!ret)
		ret = find_pair(&f, err);
	if (!ret)
		ret = find_program(&f, err);
	if (!ret)
		ret = find_hash(&f, mod, err);
	dkms_conf_free(&f.dkms);
	free(f.passed_over);
	if (ret)
		sign_plan_free(plan);
	return ret;
}
