// SPDX-License-Identifier: GPL-2.0-only
#include "regen/check-work.h"

#include "btf/relocate.h"

static void report_refused(struct check *c, const struct btf *btf, const struct relocation *r)
{
	for (uint32_t i = 0; i < r->findings.nr && !c->ret; i++) {
		struct error err = ERROR_INIT;

		relocate_error(btf, &c->target->base.btf, r, &r->findings.at[i], &err);
		check_found(c, CHECK_RELOCATION, btf, r->findings.at[i].id, "%s", err.text);
	}
}

/*
 * Has the type a place in the split part because a .BTF.base cannot hold it? That holds only some
 * kinds, of these only what has a name, and no type that relocation would find twice.
 */
static bool must_be_own(struct relocate_base *base, const struct btf_type *t)
{
	struct distilled_type d = { .kind = btf_kind(t),
				    .name = btf_name(base->index->base, t),
				    .size = t->size,
				    .kflag = btf_kflag(t) };
	uint32_t ids[2];

	if (!t->name_off)
		return true;
	switch (d.kind) {
	case BTF_KIND_INT:
		d.encoding = BTF_INT_ENCODING(*(const uint32_t *)btf_extra(t));
		break;
	case BTF_KIND_ENUM64:
		d.kind = BTF_KIND_ENUM;
		break;
	case BTF_KIND_FWD:
		d.size = 0;
		break;
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		break;
	default:
		return true;
	}
	/* In the split part a type may be embedded: then its size counts, as it does here. */
	d.embedded = true;
	return relocate_candidates(base, &d, ids) != 1;
}

/* What the module's types are to the kernel's once they have been relocated. */
static void compare(struct check *c, const struct btf *btf, struct relocate_base *base)
{
	btf_related_t related = { 0 };
	int ret;

	ret = btf_find_related(btf, &c->target->index, &related, c->err);
	for (uint32_t i = 0; i < related.nr && !ret && !c->ret; i++) {
		const struct btf_related *r = &related.at[i];

		if (r->relation != BTF_COPY || !must_be_own(base, btf_type(btf, r->other)))
			check_related(c, btf, r);
	}
	vec_free(&related);
	if (ret && !c->ret)
		c->ret = ret;
}

/*
 * Opens the BTF as the kernel will have it. That it comes out whole is no question of its own any
 * more, but for references, which the kernel moves unseen.
 */
static void relocate(struct check *c, const struct btf *btf, struct relocate_base *base,
		     const struct relocation *r)
{
	struct error err = ERROR_INIT;
	struct buffer raw = { 0 };
	struct btf relocated;
	int ret;

	ret = btf_relocate(btf, base->index->base, r, &raw, &err);
	if (!ret)
		ret = btf_open(&relocated, buffer_bytes(&raw), base->index->base, &err);
	if (!ret) {
		compare(c, &relocated, base);
		btf_close(&relocated);
	} else if (ret == -ENOMEM) {
		c->ret = error_nomem(c->err);
	} else {
		check_found(c, CHECK_RELOCATION, btf, 0, "%s", err.text);
	}
	buffer_free(&raw);
}

void check_relocation(struct check *c, const struct btf *btf)
{
	struct relocate_base base;
	struct relocation r;
	int ret;

	relocate_base_init(&base, &c->target->index);
	ret = btf_relocate_match(btf, &base, &r, c->err);
	if (!ret) {
		report_refused(c, btf, &r);
		if (!r.findings.nr && !c->ret)
			relocate(c, btf, &base, &r);
		relocation_free(&r);
	}
	relocate_base_free(&base);
	if (ret && !c->ret)
		c->ret = ret;
}
