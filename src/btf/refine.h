/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Partition refinement: which nodes of a graph, circles included, are the same if being the same
 * means to look alike and to refer to the same?
 */
#ifndef MODBTF_BTF_REFINE_H
#define MODBTF_BTF_REFINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Node i of @nr refers to the nodes to[from[i]] up to to[from[i + 1]]; @from has nr + 1 elements.
 */
struct refine_graph {
	uint32_t nr;
	const uint32_t *from;
	const uint32_t *to;
};

/*
 * @class: on entry what each node looks like, by any numbers; on return its class. Classes count
 * from 0 to *@nr_classes. They are as few as can be: nodes are in different ones only if they look
 * different, or if what they refer to, in this order, is in different classes. Returns false when
 * out of memory.
 */
bool refine(const struct refine_graph *graph, uint32_t *class, uint32_t *nr_classes);

#endif
