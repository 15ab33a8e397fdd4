// SPDX-License-Identifier: GPL-2.0-only
#include "regen/check-work.h"

/* Layouts that are kept of one module: who has more drift than that has another problem. */
#define MAX_LAYOUTS 100

/* A definition of the class of @base_id, which may begin with a declaration. */
static uint32_t base_definition(const struct btf_index *index, uint32_t base_id)
{
	for (uint32_t id = base_id; id; id = index->same[id])
		if (btf_is_definition(index->base, id))
			return id;
	return base_id;
}

static int read_drift(struct check_drift *drift, const struct btf *btf, uint32_t own,
		      uint32_t base_id, struct error *err)
{
	struct meaning meaning = { 0 };
	struct meaning_view view;
	int ret;

	ret = meaning_view_open(&view, &meaning, btf, err);
	if (!ret)
		ret = layout_read(&drift->base, &view, base_id, err);
	if (!ret)
		ret = layout_read(&drift->module, &view, own, err);
	if (!ret)
		ret = layout_compare(&drift->base, &drift->module, &drift->rows, err);
	meaning_view_close(&view);
	meaning_free(&meaning);
	return ret;
}

void check_drift(struct check *c, const struct btf *btf, uint32_t own, uint32_t base_id)
{
	struct check_report *r = c->report;
	struct check_finding *last = r->findings.nr ? &r->findings.at[r->findings.nr - 1] : NULL;
	int ret;

	/* It may have been counted only. */
	if (c->ret || !last || last->class != CHECK_DRIFT || last->id != own || last->drift ||
	    c->nr_layouts == MAX_LAYOUTS)
		return;
	c->nr_layouts++;
	last->drift = calloc(1, sizeof(*last->drift));
	ret = last->drift ? read_drift(last->drift, btf, own,
				       base_definition(&c->target->index, base_id), c->err) :
			    error_nomem(c->err);
	if (ret)
		c->ret = ret;
}

void check_drift_free(struct check_drift *drift)
{
	if (!drift)
		return;
	layout_free(&drift->base);
	layout_free(&drift->module);
	vec_free(&drift->rows);
	free(drift);
}
