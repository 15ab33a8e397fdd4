// SPDX-License-Identifier: GPL-2.0-only
/* Annotations, as the kernel's __user, __rcu and __kptr are. */
#define MODULE
#include "module.h"

#define user __attribute__((btf_type_tag("user")))
#define rcu __attribute__((btf_type_tag("rcu")))
#define declared(text) __attribute__((btf_decl_tag(text)))

struct tagged {
	int user *one;
	int user *rcu *two;
	int rcu user *both;
	int counted declared("counted_member");
} declared("tagged_struct");

typedef int tagged_t declared("tagged_typedef");

struct tagged tagged;
tagged_t tagged_variable;

keep declared("tagged_function") int tagged_function(int user *a,
						     int b declared("tagged_parameter"))
{
	return *a + b;
}
