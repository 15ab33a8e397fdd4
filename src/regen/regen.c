// SPDX-License-Identifier: GPL-2.0-only
#include "regen/regen.h"

#include <elf.h>
#include <sys/stat.h>
#include <time.h>

#include "io/metadata.h"
#include "io/replace.h"
#include "module/note.h"
#include "regen/age.h"
#include "regen/ids.h"
#include "regen/known-base.h"
#include "regen/resign.h"

/* What modbtf writes, and what is therefore not part of a module's own content. */
const char *const regen_sections[] = { ".BTF", ".BTF.base", ".BTF_ids", NOTE_SECTION, NULL };

/* So often a module is begun again that another program changes meanwhile. */
#define MOST_TRIES 3

static bool ends_with(const char *str, const char *suffix)
{
	size_t len = strlen(str), n = strlen(suffix);

	return len >= n && !strcmp(str + len - n, suffix);
}

/*
 * The suffix of the file to write tells its compression; where it says nothing, that of the input
 * stays.
 */
static enum codec output_codec(const struct module *mod, const struct regen_options *options)
{
	if (!options->out)
		return mod->codec;
	if (ends_with(options->out, ".ko.zst"))
		return CODEC_ZSTD;
	if (ends_with(options->out, ".ko.xz"))
		return CODEC_XZ;
	if (ends_with(options->out, ".ko.gz"))
		return CODEC_GZIP;
	return ends_with(options->out, ".ko") ? CODEC_NONE : mod->codec;
}

/*
 * Bytes at the start of the file that will stay as they are, but for the ELF header. 0 where
 * nothing may change at all: a module that has our note has gone this way before.
 */
static uint64_t unmoved(const struct module *mod)
{
	uint32_t btf = module_find_section(mod, ".BTF");

	if (module_find_section(mod, NOTE_SECTION))
		return 0;
	return btf ? mod->sections[btf].offset : mod->elf.size;
}

/*
 * A signed module that is current is left alone, whatever tools like strip have done to its layout:
 * report->current.
 */
static int find_current(const struct module *mod, const struct target *target,
			const struct regen_options *options, struct regen_report *report,
			struct error *err)
{
	int ret;

	if (!mod->signature.size || options->allow_unsigned || options->out)
		return 0;
	ret = target_wait(target, err);
	if (ret)
		return ret;
	report->current = age_of(mod, &target->digest,
				 wants_base_section(options->base_section, mod, target)) ==
			  AGE_CURRENT;
	return 0;
}

static int check_release(const struct target *target, const char *release,
			 const struct regen_options *options, struct error *err)
{
	const char *stated = target->base.image.release;

	if (options->force || !*stated || !*release || !strcmp(stated, release))
		return 0;
	return error_set(err, -EINVAL,
			 "the module is for kernel %s, but the base %s is of %s: give the right "
			 "base, or --force",
			 release, target->base.path, stated);
}

static int find_target(const struct module *mod, struct bases *bases,
		       const struct regen_options *options, const struct target **target,
		       struct regen_report *report, struct error *err)
{
	const char *release = options->release ? options->release : mod->release;
	int ret;

	if (!*release && !bases->path)
		return error_set(err, -EINVAL,
				 "the module does not say which kernel it is for (no vermagic): "
				 "name it with -k, or the base with -b");
	ret = bases_begin(bases, release, target, err);
	if (ret)
		return ret;
	report->release = strdup(release);
	report->base = strdup((*target)->base.path);
	report->base_form = strdup((*target)->base.image.form);
	for (size_t i = 0; i < (*target)->notes.nr; i++)
		if (strlist_add(&report->warnings, "base passed over: %s",
				(*target)->notes.items[i]))
			return error_nomem(err);
	if ((*target)->base.stored &&
	    strlist_add(&report->warnings,
			"kernel %s is not installed: its base is what the base store kept of it",
			release))
		return error_nomem(err);
	if (!report->release || !report->base || !report->base_form)
		return error_nomem(err);
	return check_release(*target, release, options, err);
}

/* The BTF that the module gets, and the base in it, which is empty where there is none. */
static struct bytes final_btf(const struct regen_report *report)
{
	return buffer_bytes(report->distilled.nr_base ? &report->distilled.split :
							&report->generated.btf);
}

static bool has_section(const struct module *mod, const char *name, struct bytes content)
{
	uint32_t index = module_find_section(mod, name);
	struct bytes have = index ? mod->sections[index].data : (struct bytes){ NULL, 0 };

	return have.size == content.size &&
	       (!have.size || !memcmp(have.data, content.data, have.size));
}

/*
 * The source that the note is to name. BTF that comes out as it is has not got another source by
 * that.
 */
static uint32_t note_source(const struct module *mod, const struct target *target,
			    const struct regen_report *report, uint32_t mode)
{
	struct note note;

	if (has_section(mod, ".BTF", final_btf(report)) &&
	    has_section(mod, ".BTF.base", buffer_bytes(&report->distilled.base)) &&
	    !note_read(mod, &note, NULL) && note.mode == mode &&
	    digest_equal(&note.base, &target->digest))
		return note.source;
	return report->generated.source;
}

/* From plain split BTF to one over a distilled base, where the module shall have one. */
static int distill(const struct module *mod, const struct target *target,
		   const struct regen_options *options, struct regen_report *report,
		   struct error *err)
{
	if (!wants_base_section(options->base_section, mod, target))
		return 0;
	if (!target->caps.relocates &&
	    strlist_add(&report->warnings, "the kernel cannot relocate BTF (it has no function "
					   "btf_relocate) and will not take BTF with a .BTF.base"))
		return error_nomem(err);
	return base_section_make(target, buffer_bytes(&report->generated.btf), &report->distilled,
				 err);
}

static struct bytes present_ids(const struct module *mod)
{
	uint32_t index = module_find_section(mod, IDS_SECTION);

	return index ? mod->sections[index].data : (struct bytes){ NULL, 0 };
}

/* @ids: the new content of .BTF_ids, empty if it stays as it is. */
static int make_image(const struct module *mod, const struct target *target,
		      const struct regen_report *report, struct bytes ids,
		      struct module_image *image, struct error *err)
{
	const struct distilled *distilled = &report->distilled;
	const bool plain = !distilled->nr_base;
	const uint32_t mode = plain ? NOTE_MODE_PLAIN : NOTE_MODE_DISTILLED;
	struct note note = { .source = note_source(mod, target, report, mode),
			     .mode = mode,
			     .base = target->digest,
			     .content = note_content_digest(mod, regen_sections),
			     .btf = note_btf_digest(final_btf(report),
						    buffer_bytes(&distilled->base)),
			     .ids = digest_bytes(ids.size ? ids : present_ids(mod)) };
	uint8_t note_bytes[NOTE_SIZE];
	struct module_change changes[] = {
		{ .name = ".BTF", .type = SHT_PROGBITS, .align = 4, .data = final_btf(report) },
		{ .name = NOTE_SECTION,
		  .type = SHT_NOTE,
		  .align = NOTE_ALIGN,
		  .data = { note_bytes, NOTE_SIZE } },
		/* Last, for it is not always there: so no other section is moved by its coming and going. */
		{ .name = ".BTF.base",
		  .type = SHT_PROGBITS,
		  .align = 4,
		  .remove = plain,
		  .data = buffer_bytes(&distilled->base) },
		{ .name = IDS_SECTION, .type = SHT_NULL, .data = ids },
	};
	size_t nr = sizeof(changes) / sizeof(*changes) - !ids.size;

	note_write(&note, mod->big_endian, note_bytes);
	return module_rewrite(mod, changes, nr, image, err);
}

/* By as many threads as can help and are free. */
static int compress(enum codec codec, struct bytes flat, struct jobs *jobs, struct buffer *packed,
		    struct error *err)
{
	unsigned int threads = 1, most = codec_most_threads(codec, flat.size);
	int ret;

	while (jobs && threads < most && jobs_take(jobs))
		threads++;
	ret = codec_compress(codec, flat, threads, packed, err);
	while (--threads)
		jobs_give(jobs);
	return ret;
}

static int write_pieces(struct replacement *r, const struct piece *pieces, size_t nr,
			struct jobs *jobs, struct regen_report *report, struct error *err)
{
	const enum codec codec = report->codec;
	struct buffer flat = { 0 }, packed = { 0 };
	struct piece piece = { 0 };
	int ret;

	if (codec == CODEC_NONE)
		return replace_commit(r, pieces, nr, &report->changed, err);
	ret = pieces_flatten(pieces, nr, &flat, err);
	if (!ret)
		ret = compress(codec, buffer_bytes(&flat), jobs, &packed, err);
	buffer_free(&flat);
	piece.data = buffer_bytes(&packed);
	if (!ret)
		ret = replace_commit(r, &piece, 1, &report->changed, err);
	buffer_free(&packed);
	return ret;
}

/* What was found out on the way to the base that the module's BTF was made on. */
static int note_old_base(const struct target *target, struct regen_report *report,
			 struct error *err)
{
	const struct target *on = report->generated.on;

	if (!on)
		return 0;
	report->old_base = strdup(on->base.path);
	if (!report->old_base)
		return error_nomem(err);
	for (size_t i = 0; on != target && i < on->notes.nr; i++)
		if (strlist_add(&report->warnings, "base passed over: %s", on->notes.items[i]))
			return error_nomem(err);
	return 0;
}

/*
 * Plain split BTF can be moved to another base only as long as its own is there: that is seen to
 * before it is written. Where it fails the module is as good as ever.
 */
static int keep_base(const struct target *target, const struct regen_options *options,
		     struct regen_report *report, struct error *err)
{
	const char *stated = target->base.image.release;
	struct error why = ERROR_INIT;
	int ret;

	if (!options->store || options->out || options->dry_run || report->base_size)
		return 0;
	ret = store_put(options->store, &target->digest, *stated ? stated : report->release,
			target->base.btf.raw, &why);
	if (ret &&
	    strlist_add(&report->warnings, "its base cannot be kept for later updates (%s%s%s)",
			why.file, why.file[0] ? ": " : "", why.text))
		return error_nomem(err);
	return 0;
}

/* The image, and the signature of it, if it has one. */
static int write_image(struct replacement *r, const struct module_image *image,
		       struct bytes signature, struct jobs *jobs, struct regen_report *report,
		       struct error *err)
{
	struct piece *pieces = calloc(image->nr + 1, sizeof(*pieces));
	int ret;

	if (!pieces)
		return error_nomem(err);
	memcpy(pieces, image->pieces, image->nr * sizeof(*pieces));
	pieces[image->nr].data = signature;
	ret = write_pieces(r, pieces, image->nr + (signature.size > 0), jobs, report, err);
	free(pieces);
	return ret;
}

/* The ids that .BTF_ids gets, by the BTF that the module gets. */
static int resolve_ids(const struct regen_ids *r, const struct target *target,
		       const struct regen_options *options, struct regen_report *report,
		       struct buffer *ids, struct error *err)
{
	struct btf base = { 0 };
	int ret = 0;

	if (report->distilled.nr_base)
		ret = btf_open(&base, buffer_bytes(&report->distilled.base), NULL, err);
	if (!ret)
		ret = regen_ids_resolve(r, final_btf(report),
					report->distilled.nr_base ? &base : &target->base.btf,
					options, &report->warnings, ids, err);
	btf_close(&base);
	return ret;
}

/* Its BTF and its ids, in @report and @ids. @root: where debug info is installed. */
static int generate(const struct module *mod, const struct target *target, const char *root,
		    const struct regen_options *options, struct regen_report *report,
		    struct buffer *ids, struct error *err)
{
	struct debug_search debug;
	struct regen_ids r;
	int ret;

	debug_search_init(&debug, mod, options->debug, root, &report->warnings);
	ret = regen_ids_read(&r, mod, target, options, &report->warnings, err);
	if (!ret)
		ret = generate_btf(mod, target, options->old_bases, &debug, &r.kfuncs,
				   options->jobs, &report->generated, err);
	debug_search_free(&debug);
	if (!ret)
		ret = note_old_base(target, report, err);
	if (!ret)
		ret = distill(mod, target, options, report, err);
	if (!ret)
		ret = resolve_ids(&r, target, options, report, ids, err);
	regen_ids_free(&r);
	return ret;
}

/*
 * The package of the running kernel may have put another image of the same name into its place, which
 * update() goes by. Costs a dozen looks at the disk, and no unpacking.
 */
static int check_image(const struct target *target, const char *root, struct regen_report *report,
		       struct error *err)
{
	const struct bases *bases = target->bases;
	char *path;
	int ret;

	if (bases->path || bases->flags & BASE_PREFER_DISK || !bases->running ||
	    strcmp(bases->running, report->release) ||
	    !known_base_differs(report->release, root, &target->digest, &path))
		return 0;
	ret = strlist_add(
		&report->warnings,
		"made for the kernel that runs, but %s, which is to boot, has other types: "
		"run 'modbtf update' before that",
		path);
	free(path);
	return ret ? error_nomem(err) : 0;
}

/* Has nobody written to what was read? */
static int check_inputs(const struct module *mod, struct bases *bases,
			const struct regen_options *options, struct error *err)
{
	int ret = file_map_check(&mod->file, err);

	if (ret)
		return error_in_file(err, mod->path);
	ret = bases_check(bases, err);
	return ret || !options->old_bases ? ret : bases_check(options->old_bases, err);
}

static int regenerate(const struct module *mod, struct bases *bases, struct replacement *r,
		      const struct regen_options *options, struct regen_report *report,
		      struct error *err)
{
	const struct target *target;
	struct module_image image = { 0 };
	struct new_signature signature = { 0 };
	struct buffer ids = { 0 };
	int ret;

	ret = find_target(mod, bases, options, &target, report, err);
	if (!ret)
		ret = find_current(mod, target, options, report, err);
	if (report->current)
		return ret;
	if (!ret && !options->dry_run && mod->codec == CODEC_NONE &&
	    output_codec(mod, options) == CODEC_NONE)
		replace_ahead(r, &mod->file, unmoved(mod));
	if (!ret)
		ret = generate(mod, target, bases->root, options, report, &ids, err);
	if (ret)
		return ret;
	report->base_size = report->distilled.base.size;
	report->btf_size = report->base_size ? report->distilled.split.size :
					       report->generated.btf.size;
	report->codec = output_codec(mod, options);
	ret = make_image(mod, target, report, buffer_bytes(&ids), &image, err);
	buffer_free(&report->generated.btf);
	buffer_free(&ids);
	buffer_free(&report->distilled.base);
	buffer_free(&report->distilled.split);
	if (!ret)
		ret = signature_make(mod, &image, options, r, report, &signature, err);
	if (!ret)
		ret = check_image(target, bases->root, report, err);
	if (!ret)
		ret = check_inputs(mod, bases, options, err);
	if (!ret)
		ret = keep_base(target, options, report, err);
	/* A signed module that is current is left alone. */
	if (!ret && !options->dry_run && (!signature.kept || options->out))
		ret = write_image(r, &image, signature.trailer, options->jobs, report, err);
	buffer_free(&signature.store);
	module_image_free(&image);
	return ret;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/*
 * The path is followed once to find what to replace, and once to read it: has it led to one file
 * both times? Else the content of one module would come into the file of another.
 */
static int check_same_file(const struct module *mod, const struct replacement *r,
			   const struct regen_options *options, struct error *err)
{
	struct stat st;

	if (options->dry_run || options->out || r->stream)
		return 0;
	if (mod->file.mapped ? fstat(mod->file.fd, &st) : stat(mod->path, &st))
		return error_errno(err, -errno, "cannot examine");
	if (r->old >= 0 && st.st_dev == r->st.st_dev && st.st_ino == r->st.st_ino)
		return 0;
	return error_set(err, -EBUSY, "was changed by another program meanwhile: run again");
}

/* *@again: the module was changed by another program meanwhile. */
static int regenerate_file(const char *path, struct bases *bases,
			   const struct regen_options *options, struct regen_report *report,
			   bool *again, struct error *err)
{
	struct error reason = ERROR_INIT;
	struct replacement r;
	struct module mod;
	int ret;

	*again = false;
	if (!options->dry_run) {
		ret = replace_begin(&r, options->out ? options->out : path, err);
		if (ret)
			return ret;
		report->hard_links = r.old >= 0 && r.st.st_nlink > 1;
		report->appraised = r.old >= 0 && metadata_about_content(r.old);
	}
	ret = module_open(&mod, path, err);
	if (ret) {
		error_in_file(err, path);
	} else {
		ret = check_same_file(&mod, &r, options, err);
		if (!ret)
			ret = regenerate(&mod, bases, &r, options, report, err);
		if (ret)
			error_in_file(err, path);
		/* What fails because others write to the file is not the file's fault. */
		if (ret && ret != -EBUSY && check_inputs(&mod, bases, options, &reason)) {
			ret = reason.code;
			if (err)
				*err = reason;
		}
		*again = ret == -EBUSY;
	}
	/* The module last: its bytes may still be on their way into the new file. */
	if (!options->dry_run)
		replace_end(&r);
	module_close(&mod);
	return ret;
}

int regen_module(const char *path, struct bases *bases, const struct regen_options *options,
		 struct regen_report *report, struct error *err)
{
	double start = now_ms();
	bool again = true;
	int ret = 0;

	*report = (struct regen_report){ 0 };
	for (int tries = 0; again && tries < MOST_TRIES; tries++) {
		regen_report_free(report);
		ret = regenerate_file(path, bases, options, report, &again, err);
	}
	/* Should there be no memory for a warning, the module is done even so. */
	if (report->changed && report->hard_links)
		strlist_add(&report->warnings,
			    "other names of the file (hard links) keep the old content");
	if (report->changed && report->appraised)
		strlist_add(
			&report->warnings,
			"its IMA or EVM attribute (security.ima, security.evm) was of the old "
			"content and is gone: where the kernel appraises modules, sign the file "
			"anew with evmctl");
	report->ms = now_ms() - start;
	return ret;
}

void regen_report_free(struct regen_report *report)
{
	free(report->release);
	free(report->base);
	free(report->base_form);
	free(report->old_base);
	free(report->signed_by);
	generated_free(&report->generated);
	distilled_free(&report->distilled);
	strlist_free(&report->warnings);
	*report = (struct regen_report){ 0 };
}
