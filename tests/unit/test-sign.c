// SPDX-License-Identifier: GPL-2.0-only
/* What is read of signatures and certificates, of DKMS's configuration and of ours. */
#include "test.h"

#include <stdio.h>

#include "cmd/config.h"
#include "module/pkcs7.h"
#include "module/signature.h"
#include "regen/dkms-conf.h"
#include "scratch.h"

/* ---- PKCS#7 and certificates, made by openssl ---- */

static int make_keys(void **state)
{
	int ret = scratch_make(state);

	if (ret || !scratch_has("openssl"))
		return ret;
	for (const char *const *name = (const char *const[]){ "a", "b", NULL }; *name; name++)
		scratch_run("openssl req -new -x509 -nodes -days 2 -newkey ec -pkeyopt "
			    "ec_paramgen_curve:prime256v1 -subj /CN=%s -keyout %s.key -out %s.pem "
			    "2>/dev/null && openssl x509 -in %s.pem -outform DER -out %s.der",
			    *name, *name, *name, *name, *name);
	scratch_run("echo text >text");
	for (const char *const *hash =
		     (const char *const[]){ "sha1", "sha224", "sha256", "sha384", "sha512", NULL };
	     *hash; hash++)
		scratch_run("openssl cms -sign -binary -noattr -nocerts -md %s -signer a.pem "
			    "-inkey a.key -in text -outform DER -out %s.p7s",
			    *hash, *hash);
	scratch_run("openssl cms -sign -binary -keyid -md sha256 -signer a.pem -inkey a.key "
		    "-in text -outform DER -out keyid.p7s");
	return 0;
}

static void need_openssl(void)
{
	if (!scratch_has("openssl"))
		skip();
}

static struct certificate certificate_of(const char *name, struct buffer *file)
{
	struct error err = ERROR_INIT;
	struct certificate certificate;

	*file = scratch_read(name);
	if (certificate_read(buffer_bytes(file), &certificate, &err))
		fail_msg("%s: %s", name, err.text);
	return certificate;
}

static void hash_and_signer_are_read(void **state)
{
	static const char *const hashes[] = { "sha1", "sha224", "sha256", "sha384", "sha512" };
	struct buffer der, pem, other;
	struct certificate a, a_pem, b;

	(void)state;
	need_openssl();
	a = certificate_of("a.der", &der);
	a_pem = certificate_of("a.pem", &pem);
	b = certificate_of("b.der", &other);
	for (size_t i = 0; i <= sizeof(hashes) / sizeof(hashes[0]); i++) {
		bool keyid = i == sizeof(hashes) / sizeof(hashes[0]);
		struct error err = ERROR_INIT;
		struct pkcs7_signer signer;
		struct buffer p7s;
		char name[32];

		snprintf(name, sizeof(name), "%s.p7s", keyid ? "keyid" : hashes[i]);
		p7s = scratch_read(name);
		assert_int_equal(pkcs7_read(buffer_bytes(&p7s), &signer, &err), 0);
		assert_string_equal(signer.hash, keyid ? "sha256" : hashes[i]);
		assert_true(pkcs7_hash_known(signer.hash));
		assert_int_equal(signer.key_id.size, keyid ? 20 : 0);
		assert_true(pkcs7_signed_with(&signer, &a));
		assert_true(pkcs7_signed_with(&signer, &a_pem));
		assert_false(pkcs7_signed_with(&signer, &b));
		buffer_free(&p7s);
	}
	certificate_free(&a);
	certificate_free(&a_pem);
	certificate_free(&b);
	buffer_free(&der);
	buffer_free(&pem);
	buffer_free(&other);
}

/* Whatever is left of it, and whichever byte is another: an answer, and nothing read outside. */
static void damaged_ones_are_survived(void **state)
{
	static const char *const names[] = { "sha256.p7s", "keyid.p7s", "a.der", "a.pem" };

	(void)state;
	need_openssl();
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		struct buffer whole = scratch_read(names[n]);
		struct certificate certificate;
		struct pkcs7_signer signer;
		struct error err;

		for (size_t size = 0; size < whole.size; size++) {
			struct buffer cut = scratch_copy((struct bytes){ whole.data, size });

			if (n < 2)
				assert_int_equal(pkcs7_read(buffer_bytes(&cut), &signer, &err),
						 -EINVAL);
			else if (!certificate_read(buffer_bytes(&cut), &certificate, &err))
				certificate_free(&certificate);
			buffer_free(&cut);
		}
		for (size_t i = 0; i < whole.size * 8; i++) {
			whole.data[i / 8] ^= (uint8_t)(1 << i % 8);
			pkcs7_read(buffer_bytes(&whole), &signer, &err);
			if (!certificate_read(buffer_bytes(&whole), &certificate, &err)) {
				pkcs7_signed_with(&signer, &certificate);
				certificate_free(&certificate);
			}
			whole.data[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		buffer_free(&whole);
	}
}

static void hashes_are_those_of_the_kernel(void **state)
{
	(void)state;
	assert_true(pkcs7_hash_known("sha512"));
	assert_true(pkcs7_hash_known("sha3-384"));
	assert_false(pkcs7_hash_known("md5"));
	assert_false(pkcs7_hash_known(""));
	assert_false(pkcs7_hash_known("-d"));
}

static void the_message_of_the_last_trailer(void **state)
{
	static const char one[] = "12345\0\0\2\0\0\0\0\0\0\0\0\5~Module signature appended~\n";
	static const char two[] = "12345\0\0\2\0\0\0\0\0\0\0\0\5~Module signature appended~\n"
				  "678\0\0\2\0\0\0\0\0\0\0\0\3~Module signature appended~\n";
	struct bytes first = { (const uint8_t *)one, sizeof(one) - 1 }, message;

	(void)state;
	message = signature_message(first);
	assert_int_equal(message.size, 5);
	assert_memory_equal(message.data, "12345", 5);
	message = signature_message((struct bytes){ (const uint8_t *)two, sizeof(two) - 1 });
	assert_int_equal(message.size, 3);
	assert_memory_equal(message.data, "678", 3);
	for (size_t cut = 1; cut <= first.size; cut++) {
		struct buffer rest =
			scratch_copy((struct bytes){ first.data + cut, first.size - cut });

		assert_int_equal(signature_message(buffer_bytes(&rest)).size, 0);
		buffer_free(&rest);
	}
}

/* ---- framework.conf ---- */

/* What the text makes of mok_signing_key: its value, "?" if it takes a shell, "" if it is not set. */
static const char *key_of(const char *text)
{
	static char value[256];
	struct buffer copy = scratch_copy((struct bytes){ (const uint8_t *)text, strlen(text) });
	struct dkms_conf conf;
	const struct dkms_value *key = &conf.values[DKMS_KEY];

	assert_int_equal(dkms_conf_init(&conf, "6.1.0-1-amd64"), 0);
	assert_int_equal(dkms_conf_parse(&conf, buffer_bytes(&copy), "conf"), 0);
	snprintf(value, sizeof(value), "%s", key->place ? "?" : key->text ? key->text : "");
	assert_true(!key->place || !key->text);
	dkms_conf_free(&conf);
	buffer_free(&copy);
	return value;
}

#define K "mok_signing_key="

static void plain_values_are_understood(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "", "" },
		{ "# " K "/a\n", "" },
		{ K "/a", "/a" },
		{ K "/a\n", "/a" },
		{ K "/a\r\n", "/a" },
		{ "\t" K "/a # note\n", "/a" },
		{ K "/a#b\n", "/a#b" },
		{ K "\"/a b\"\n", "/a b" },
		{ K "'/a $x b'\n", "/a $x b" },
		{ K "/a\\ b\"c\"'d'\n", "/a bcd" },
		{ K "\"a\\\"b\\$c\"\n", "a\"b$c" },
		{ K "/a\\\n/b\n", "/a/b" },
		{ K "/m/$kernelver/k\n", "/m/6.1.0-1-amd64/k" },
		{ K "\"/m/${kernelver}k\"\n", "/m/6.1.0-1-amd64k" },
		{ K "$dkms_tree/k\n", "/var/lib/dkms/k" },
		{ "dkms_tree=/d; " K "$dkms_tree/k\n", "/d/k" },
		{ K "/a\n" K "/b\n", "/b" },
		{ K "$(x)\n" K "/b\n", "/b" },
		{ K "/a; x=1\n", "/a" },
		{ "export " K "/a\n", "/a" },
		{ "x=1 " K "/a\n", "/a" },
		{ "my_" K "/a\n", "" },
		{ K "pkcs11:token=a\\;object=b\n", "pkcs11:token=a;object=b" },
		{ K "\"pkcs11:token=a;object=b\"\n", "pkcs11:token=a;object=b" },
		{ "post_transaction=\"echo $kernelver\"\n" K "/a\n", "/a" },
		{ "if true; then echo; fi\n" K "/a\n", "/a" },
		{ "f() { echo; }\n" K "/a\n", "/a" },
		{ "a=(1 2 3)\n" K "/a\n", "/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(key_of(cases[i].text), cases[i].value) != 0)
			fail_msg("%s is '%s', not '%s'", cases[i].text, key_of(cases[i].text),
				 cases[i].value);
}

static void what_takes_a_shell_is_known_as_that(void **state)
{
	static const char *const cases[] = {
		K "$(cat /x)\n",
		K "`cat /x`\n",
		K "\"$(cat \"/x\")\"\n",
		K "\"a`b`c\"\n",
		K "$HOME/k\n",
		K "${kernelver%.*}\n",
		K "${kernelver\n",
		K "$1\n",
		K "~/k\n",
		K "<(x)\n",
		K "/a >x\n",
		K "/a cmd\n",
		K "/a & x\n",
		K "/a | x\n",
		"mok_signing_key+=/a\n",
		K "/a\nmok_signing_key+=/b\n",
		"if x; then\n" K "/a\nfi\n",
		"x && " K "/a\n",
		"x ||\n" K "/a\n",
		"(" K "/a)\n",
		"case x in\na) " K "/a ;;\nesac\n",
		"case x in\n(a) " K "/a ;;\nesac\n",
		"while x; do " K "/a; done\n",
		"f() { " K "/a; }\n",
		"f()\n{\n" K "/a\n}\n",
		K "/a\nunset mok_signing_key\n",
		K "/a\nread mok_signing_key </x\n",
		K "/a\ndeclare mok_signing_key=/b\n",
		K "/a\n. /x\n",
		K "/a\nsource /x\n",
		K "/a\neval \"$x\"\n",
		"exit 0\n" K "/a\n",
		"cat <<E\n" K "/a\nE\n",
		K "\"/a\n",
		K "'/a\n",
		"x='\n" K "/a\n",
		"x=$(\n" K "/a\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(key_of(cases[i]), "?") != 0)
			fail_msg("%s is '%s'", cases[i], key_of(cases[i]));
}

static void any_text_is_survived(void **state)
{
	static const char *const words[] = { K,	   "/a", "\n",	      " ",  ";",   "&",	   "|",
					     "\"", "'",	 "\\",	      "$",  "$(",  "${",   "}",
					     ")",  "(",	 "`",	      "#",  "if ", "fi\n", "{ ",
					     "<<", "=",	 "kernelver", "x ", "\xff" };
	uint64_t seed = 42;

	(void)state;
	for (int n = 0; n < 3000; n++) {
		char text[256] = "";

		for (int i = 0; i < 24; i++)
			strcat(text,
			       words[scratch_random(&seed) % (sizeof(words) / sizeof(words[0]))]);
		key_of(text);
	}
}

static void a_nul_is_no_end(void **state)
{
	static const char text[] = "x=1\0\n" K "/a\n";
	struct dkms_conf conf;

	(void)state;
	assert_int_equal(dkms_conf_init(&conf, "6.1"), 0);
	assert_int_equal(dkms_conf_parse(&conf,
					 (struct bytes){ (const uint8_t *)text, sizeof(text) - 1 },
					 "conf"),
			 0);
	assert_non_null(conf.values[DKMS_KEY].place);
	dkms_conf_free(&conf);
}

/* That of modbtf-dkms(8) names a program that calls the one which is looked for. */
static void who_signs_is_not_modbtf_itself(void **state)
{
	struct dkms_conf conf;
	const struct dkms_value *program = &conf.values[DKMS_SIGN_FILE];

	(void)state;
	scratch_run("mkdir -p root/etc/dkms/framework.conf.d && cd root/etc/dkms && "
		    "echo sign_file=/a >framework.conf && "
		    "echo sign_file=/b >framework.conf.d/b.conf && "
		    "echo 'if x; then sign_file=/c; fi' >framework.conf.d/zz-modbtf.conf");
	assert_int_equal(dkms_conf_read(&conf, scratch_path("root"), "6.1", NULL), 0);
	assert_string_equal(program->text, "/b");
	dkms_conf_free(&conf);
	scratch_run("mv root/etc/dkms/framework.conf.d/zz-modbtf.conf "
		    "root/etc/dkms/framework.conf.d/zz.conf");
	assert_int_equal(dkms_conf_read(&conf, scratch_path("root"), "6.1", NULL), 0);
	assert_null(program->text);
	assert_non_null(program->place);
	dkms_conf_free(&conf);
}

/* ---- modbtf.conf ---- */

static int parse(struct config *config, const char *text, size_t size)
{
	struct buffer copy = scratch_copy((struct bytes){ (const uint8_t *)text, size });
	struct error err = ERROR_INIT;
	int ret = config_parse(config, buffer_bytes(&copy), "modbtf.conf", &err);

	buffer_free(&copy);
	assert_true(!ret || !strcmp(err.file, "modbtf.conf"));
	return ret;
}

static void lines_are_keys_and_values(void **state)
{
	static const char text[] = "# a comment\n\n sign_key = /a b\t\nsign-cert=\"/c\" # more\r\n"
				   "x=a=b#c\n\t#y=1\njobs=2";
	static const char *const want[][2] = {
		{ "sign-key", "/a b" }, { "sign-cert", "/c" }, { "x", "a=b#c" }, { "jobs", "2" }
	};
	struct config config;

	(void)state;
	assert_int_equal(parse(&config, text, sizeof(text) - 1), 0);
	assert_int_equal(config.nr, 4);
	for (size_t i = 0; i < config.nr; i++) {
		assert_string_equal(config.entries[i].key, want[i][0]);
		assert_string_equal(config.entries[i].value, want[i][1]);
	}
	assert_int_equal(config.entries[0].line, 3);
	assert_int_equal(config.entries[3].line, 7);
	config_free(&config);
}

static void other_lines_are_errors(void **state)
{
	static const char *const cases[] = { "sign",	    "= x",	"sign =",
					     "sign = \"\"", "SIGN = x", "a b = x" };
	struct config config;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(&config, cases[i], strlen(cases[i])), -EINVAL);
		config_free(&config);
	}
	assert_int_equal(parse(&config, "a = b\0c\n", 8), -EINVAL);
	config_free(&config);
	assert_int_equal(parse(&config, "", 0), 0);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_and_signer_are_read),
		cmocka_unit_test(damaged_ones_are_survived),
		cmocka_unit_test(hashes_are_those_of_the_kernel),
		cmocka_unit_test(the_message_of_the_last_trailer),
		cmocka_unit_test(plain_values_are_understood),
		cmocka_unit_test(what_takes_a_shell_is_known_as_that),
		cmocka_unit_test(any_text_is_survived),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(who_signs_is_not_modbtf_itself),
		cmocka_unit_test(lines_are_keys_and_values),
		cmocka_unit_test(other_lines_are_errors),
	};

	return cmocka_run_group_tests(tests, make_keys, scratch_remove);
}
