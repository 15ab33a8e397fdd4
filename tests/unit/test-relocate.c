// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's rules of relocation: which type of the base stands for one of the distilled base, and
 * what is refused. Each case has a base, a distilled base and a split part over it.
 */
#include "test.h"

#include <stdio.h>

#include "btf-fixture.h"
#include "btf/relocate.h"

/* A split part that refers to nothing. */
#define NOTHING WORDS(PTR(0))

struct set {
	struct buffer bytes[3];
	struct btf base, distilled, split;
	struct btf_index index;
	struct relocate_base names;
	struct relocation r;
};

static void set_open(struct set *s, const uint32_t *base, size_t nr_base, const uint32_t *distilled,
		     size_t nr_distilled, const uint32_t *split, size_t nr_split)
{
	struct error err = ERROR_INIT;

	s->bytes[0] = fixture_base(base, nr_base, false);
	s->bytes[1] = fixture_base(distilled, nr_distilled, false);
	s->bytes[2] = fixture_split(split, nr_split, false);
	if (btf_open(&s->base, buffer_bytes(&s->bytes[0]), NULL, &err) ||
	    btf_open(&s->distilled, buffer_bytes(&s->bytes[1]), NULL, &err) ||
	    btf_open(&s->split, buffer_bytes(&s->bytes[2]), &s->distilled, &err) ||
	    btf_index_build(&s->index, &s->base, &err))
		fail_msg("%s", err.text);
	relocate_base_init(&s->names, &s->index);
	if (btf_relocate_match(&s->split, &s->names, &s->r, &err))
		fail_msg("%s", err.text);
}

static void set_close(struct set *s)
{
	relocation_free(&s->r);
	relocate_base_free(&s->names);
	btf_index_free(&s->index);
	btf_close(&s->split);
	btf_close(&s->distilled);
	btf_close(&s->base);
	for (int i = 0; i < 3; i++)
		buffer_free(&s->bytes[i]);
}

/* The distilled types 1, 2, ... are the base's types @want ("7 4 "), and there is no finding. */
static void matches(const uint32_t *base, size_t nr_base, const uint32_t *distilled,
		    size_t nr_distilled, const uint32_t *split, size_t nr_split, const char *want)
{
	char got[200] = "";
	struct set s;

	set_open(&s, base, nr_base, distilled, nr_distilled, split, nr_split);
	for (uint32_t id = 1; id < s.r.nr; id++)
		sprintf(got + strlen(got), "%u ", s.r.ids[id]);
	for (uint32_t i = 0; i < s.r.findings.nr; i++) {
		struct error err = ERROR_INIT;

		relocate_error(&s.split, &s.base, &s.r, &s.r.findings.at[i], &err);
		print_message("%s\n", err.text);
	}
	assert_int_equal(s.r.findings.nr, 0);
	assert_string_equal(got, want);
	set_close(&s);
}

/* There is one finding, which says @text, and nothing is relocated. */
static void refuses(const uint32_t *base, size_t nr_base, const uint32_t *distilled,
		    size_t nr_distilled, const uint32_t *split, size_t nr_split,
		    enum relocate_fault fault, const char *text)
{
	struct error err = ERROR_INIT;
	struct buffer out;
	struct set s;

	set_open(&s, base, nr_base, distilled, nr_distilled, split, nr_split);
	assert_int_equal(s.r.findings.nr, 1);
	assert_int_equal(s.r.findings.at[0].fault, fault);
	assert_int_equal(btf_relocate(&s.split, &s.base, &s.r, &out, &err), -EINVAL);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
	set_close(&s);
}

static void ints_match_by_name_size_and_encoding(void **state)
{
	(void)state;
	matches(WORDS(LONG, INT), WORDS(INT, LONG), NOTHING, "2 1 ");
	/* Not by bits: an INT of 3 bits is one of 32 to the kernel. */
	matches(WORDS(INT_(S(int_), 4, BTF_INT_SIGNED, 0, 3)), WORDS(INT), NOTHING, "1 ");
	matches(WORDS(INT_(S(int_), 4, 0, 0, 32), INT), WORDS(INT), NOTHING, "2 ");
	matches(WORDS(INT_(S(int_), 8, BTF_INT_SIGNED, 0, 64), INT), WORDS(INT), NOTHING, "2 ");
	refuses(WORDS(INT_(S(int_), 4, 0, 0, 32)), WORDS(INT), NOTHING, RELOCATE_MISSING,
		"type 1 INT 'int' of 4 bytes, signed: the kernel has 1 INT 'int' of 4 bytes, unsigned");
	refuses(WORDS(INT_(S(int_), 8, BTF_INT_SIGNED, 0, 64)), WORDS(INT), NOTHING, RELOCATE_SIZE,
		"type 1 INT 'int' of 4 bytes, signed: the kernel has 1 INT 'int' of 8 bytes, signed");
	refuses(WORDS(LONG), WORDS(INT), NOTHING, RELOCATE_MISSING,
		"'int' of 4 bytes, signed: the kernel has none");
	refuses(WORDS(INT, INT_(S(int_), 4, BTF_INT_SIGNED, 0, 3)), WORDS(INT), NOTHING,
		RELOCATE_AMBIGUOUS, "several that fit (1 INT 'int' of 4 bytes, signed, 2)");
}

static void floats_match_by_name_and_size(void **state)
{
	(void)state;
	matches(WORDS(INT_(S(double_), 8, 0, 0, 64), FLOAT(S(double_), 4), FLOAT(S(double_), 8)),
		WORDS(FLOAT(S(double_), 8)), NOTHING, "3 ");
	refuses(WORDS(FLOAT(S(double_), 4)), WORDS(FLOAT(S(double_), 8)), NOTHING, RELOCATE_SIZE,
		"FLOAT 'double' of 8 bytes: the kernel has 1 FLOAT 'double' of 4 bytes");
}

static void enums_match_either_kind_by_size(void **state)
{
	(void)state;
	matches(WORDS(ENUM(S(foo), 1, 4), VALUE(S(a), 1)), WORDS(ENUM(S(foo), 0, 4)), NOTHING,
		"1 ");
	matches(WORDS(ENUM64(S(foo), 1, 8), VALUE64(S(a), 1, 1)), WORDS(ENUM(S(foo), 0, 8)),
		NOTHING, "1 ");
	matches(WORDS(ENUM(S(foo), 0, 4), ENUM(S(foo), 0, 1)), WORDS(ENUM(S(foo), 0, 1)), NOTHING,
		"2 ");
	refuses(WORDS(ENUM(S(foo), 0, 4)), WORDS(ENUM(S(foo), 0, 1)), NOTHING, RELOCATE_SIZE,
		"ENUM 'foo' of 1 bytes: the kernel has 1 ENUM 'foo' of 4 bytes");
	refuses(WORDS(STRUCT(S(foo), 0, 4)), WORDS(ENUM(S(foo), 0, 4)), NOTHING, RELOCATE_MISSING,
		"the kernel has 1 STRUCT");
	refuses(WORDS(ENUM(S(foo), 0, 4), ENUM64(S(foo), 0, 4)), WORDS(ENUM(S(foo), 0, 4)), NOTHING,
		RELOCATE_AMBIGUOUS, "several");
}

static void a_struct_may_have_grown(void **state)
{
	(void)state;
	matches(WORDS(INT, STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 8)), WORDS(PTR(1)),
		"2 ");
	matches(WORDS(UNION(S(bar), 0, 16)), WORDS(UNION(S(bar), 0, 8)), WORDS(PTR(1)), "1 ");
}

static void an_embedded_struct_may_not(void **state)
{
	(void)state;
	matches(WORDS(STRUCT(S(foo), 0, 8)), WORDS(STRUCT(S(foo), 0, 8)),
		WORDS(STRUCT(OWN(mine), 1, 8), MEMBER(S(foo), 1, 0)), "1 ");
	refuses(WORDS(STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 8)),
		WORDS(STRUCT(OWN(mine), 1, 8), MEMBER(S(foo), 1, 0)), RELOCATE_SIZE,
		"STRUCT 'foo' of 8 bytes, which the module embeds: the kernel has 1 STRUCT 'foo' of "
		"16 bytes");
	/* Through an anonymous struct, modifiers, arrays. */
	refuses(WORDS(INT, STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 8), INT),
		WORDS(UNION(0, 1, 32), MEMBER(0, 4, 0), ARRAY(5, 2, 4), TYPEDEF(OWN(own), 6),
		      REF(CONST, 1)),
		RELOCATE_SIZE, "which the module embeds");
	/* Not through a pointer, not in a prototype or variable. */
	matches(WORDS(STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 8)),
		WORDS(STRUCT(OWN(mine), 1, 8), MEMBER(OWN(own), 3, 0), PTR(1), PROTO(1, 1),
		      PARAM(OWN(own), 1), VAR(OWN(own), 1, 0)),
		"1 ");
}

static void of_several_structs_the_size_decides(void **state)
{
	(void)state;
	matches(WORDS(STRUCT(S(foo), 0, 8), STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 16)),
		NOTHING, "2 ");
	/* A union of the name counts as well. */
	matches(WORDS(STRUCT(S(foo), 0, 8), UNION(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 8)),
		NOTHING, "1 ");
	refuses(WORDS(STRUCT(S(foo), 0, 8), STRUCT(S(foo), 0, 16)), WORDS(STRUCT(S(foo), 0, 24)),
		NOTHING, RELOCATE_SIZE, "the kernel has 1 STRUCT 'foo' of 8 bytes");
	refuses(WORDS(STRUCT(S(foo), 0, 8), STRUCT(S(foo), 0, 8)), WORDS(STRUCT(S(foo), 0, 8)),
		NOTHING, RELOCATE_AMBIGUOUS,
		"several that fit (1 STRUCT 'foo' of 8 bytes, 2) and takes none");
	refuses(WORDS(STRUCT(S(foo), 0, 8), UNION(S(foo), 0, 8)), WORDS(STRUCT(S(foo), 0, 8)),
		NOTHING, RELOCATE_AMBIGUOUS, "several");
}

/* The kernel asks a STRUCT for nothing but its name, and where that is not enough, its size. */
static void a_struct_matches_other_kinds(void **state)
{
	(void)state;
	matches(WORDS(UNION(S(foo), 0, 8)), WORDS(STRUCT(S(foo), 0, 4)), NOTHING, "1 ");
	matches(WORDS(FWD(S(foo), 0)), WORDS(STRUCT(S(foo), 0, 4)), NOTHING, "1 ");
	matches(WORDS(ENUM(S(foo), 0, 4)), WORDS(STRUCT(S(foo), 0, 4)), NOTHING, "1 ");
	matches(WORDS(ENUM(S(foo), 0, 4), STRUCT(S(foo), 0, 8)), WORDS(STRUCT(S(foo), 0, 8)),
		NOTHING, "2 ");
	refuses(WORDS(ENUM(S(foo), 0, 4), STRUCT(S(foo), 0, 4)), WORDS(STRUCT(S(foo), 0, 4)),
		NOTHING, RELOCATE_AMBIGUOUS, "several");
	refuses(WORDS(FWD(S(foo), 0), STRUCT(S(foo), 0, 4)), WORDS(STRUCT(S(foo), 0, 4)), NOTHING,
		RELOCATE_AMBIGUOUS, "(1 FWD 'foo', 2)");
	/* By value, a declaration does not do. */
	matches(WORDS(FWD(S(foo), 0), STRUCT(S(foo), 0, 4)), WORDS(STRUCT(S(foo), 0, 4)),
		WORDS(STRUCT(OWN(mine), 1, 4), MEMBER(S(foo), 1, 0)), "2 ");
	/* But only as long as the kernel has not come by the definition. */
	refuses(WORDS(STRUCT(S(foo), 0, 4), FWD(S(foo), 0)), WORDS(STRUCT(S(foo), 0, 4)),
		WORDS(STRUCT(OWN(mine), 1, 4), MEMBER(S(foo), 1, 0)), RELOCATE_AMBIGUOUS,
		"(1 STRUCT 'foo' of 4 bytes, 2)");
	refuses(WORDS(FWD(S(foo), 0)), WORDS(STRUCT(S(foo), 0, 4)),
		WORDS(STRUCT(OWN(mine), 1, 4), MEMBER(S(foo), 1, 0)), RELOCATE_MISSING,
		"which the module embeds: the kernel has 1 FWD 'foo'");
}

static void forward_declarations_match_as_the_kernel_has_it(void **state)
{
	(void)state;
	matches(WORDS(FWD(S(foo), 1), FWD(S(foo), 0)), WORDS(FWD(S(foo), 0)), NOTHING, "2 ");
	matches(WORDS(STRUCT(S(foo), 0, 4)), WORDS(FWD(S(foo), 0)), NOTHING, "1 ");
	refuses(WORDS(FWD(S(foo), 0), STRUCT(S(foo), 0, 4)), WORDS(FWD(S(foo), 0)), NOTHING,
		RELOCATE_AMBIGUOUS, "FWD 'foo': the kernel has several");
	/* Of several, each would have to be of the declaration's size, 0. */
	matches(WORDS(FWD(S(foo), 0), STRUCT(S(foo), 0, 4), STRUCT(S(foo), 0, 8)),
		WORDS(FWD(S(foo), 0)), NOTHING, "1 ");
	refuses(WORDS(STRUCT(S(foo), 0, 4), STRUCT(S(foo), 0, 8)), WORDS(FWD(S(foo), 0)), NOTHING,
		RELOCATE_SIZE, "FWD 'foo'");
	/* It is the definition's kind_flag that the kernel looks at, which means bitfields there. */
	refuses(WORDS(INT, BITS_STRUCT(S(foo), 1, 4), BITS_MEMBER(S(a), 1, 0, 3)),
		WORDS(FWD(S(foo), 0)), NOTHING, RELOCATE_MISSING, "the kernel has 2 STRUCT 'foo'");
	refuses(WORDS(UNION(S(foo), 0, 4)), WORDS(FWD(S(foo), 1)), NOTHING, RELOCATE_MISSING,
		"the kernel has 1 UNION");
	matches(WORDS(STRUCT(S(foo), 0, 4)), WORDS(FWD(S(foo), 1)), NOTHING, "1 ");
	matches(WORDS(INT, TYPE(S(foo), UNION, 1, 1, 4), BITS_MEMBER(S(a), 1, 0, 3)),
		WORDS(FWD(S(foo), 0)), NOTHING, "2 ");
	refuses(WORDS(INT_(S(foo), 4, 0, 0, 32)), WORDS(FWD(S(foo), 0)), NOTHING, RELOCATE_MISSING,
		"the kernel has 1 INT");
}

static void typedefs_of_the_name_do_not_count(void **state)
{
	(void)state;
	matches(WORDS(INT, TYPEDEF(S(foo), 1), STRUCT(S(foo), 0, 4)), WORDS(STRUCT(S(foo), 0, 4)),
		NOTHING, "3 ");
	refuses(WORDS(INT, TYPEDEF(S(foo), 1)), WORDS(STRUCT(S(foo), 0, 4)), NOTHING,
		RELOCATE_MISSING, "the kernel has none");
}

static void a_distilled_base_holds_named_types_only(void **state)
{
	(void)state;
	refuses(WORDS(INT), WORDS(INT, PTR(1)), NOTHING, RELOCATE_KIND, "type 2 is PTR");
	refuses(WORDS(INT), WORDS(INT, TYPEDEF(S(foo), 1)), NOTHING, RELOCATE_KIND, "TYPEDEF");
	refuses(WORDS(INT, ENUM64(S(foo), 0, 8)), WORDS(ENUM64(S(foo), 0, 8)), NOTHING,
		RELOCATE_KIND, "ENUM64");
	refuses(WORDS(INT), WORDS(STRUCT(0, 0, 4)), NOTHING, RELOCATE_ANONYMOUS, "has no name");
}

static void strings_of_the_distilled_base_are_names_of_its_types(void **state)
{
	(void)state;
	matches(WORDS(INT), WORDS(INT), WORDS(STRUCT(S(int_), 1, 4), MEMBER(S(int_), 1, 0)), "1 ");
	refuses(WORDS(INT), WORDS(INT), WORDS(STRUCT(S(foo), 1, 4), MEMBER(S(int_), 1, 0)),
		RELOCATE_NAME, "type 2 has a name");
	refuses(WORDS(INT), WORDS(INT), WORDS(STRUCT(S(int_), 1, 4), MEMBER(S(a), 1, 0)),
		RELOCATE_NAME, "type 2 has a name");
	/* The end of a name is not the name. */
	refuses(WORDS(INT), WORDS(INT), WORDS(ENUM(OWN(own), 1, 4), VALUE(S(int_) + 1, 1)),
		RELOCATE_NAME, "type 2 has a name");
}

static void loops_are_found(void **state)
{
	(void)state;
	refuses(WORDS(INT), WORDS(INT),
		WORDS(STRUCT(OWN(own), 1, 4), MEMBER(OWN(mine), 3, 0), ARRAY(4, 1, 1),
		      REF(CONST, 3)),
		RELOCATE_LOOP, "type 2 has a member that contains itself");
}

static void every_fault_is_listed(void **state)
{
	struct set s;

	(void)state;
	set_open(&s, WORDS(INT, STRUCT(S(bar), 0, 4), STRUCT(S(bar), 0, 4)),
		 WORDS(LONG, INT, STRUCT(S(bar), 0, 4), ENUM(S(foo), 0, 4)), NOTHING);
	assert_int_equal(s.r.findings.nr, 3);
	assert_int_equal(s.r.findings.at[0].id, 1);
	assert_int_equal(s.r.findings.at[1].id, 3);
	assert_int_equal(s.r.findings.at[1].fault, RELOCATE_AMBIGUOUS);
	assert_int_equal(s.r.findings.at[2].id, 4);
	assert_int_equal(s.r.ids[2], 1);
	set_close(&s);
}

static void own_ids_move_up_and_strings_stay(void **state)
{
	const uint32_t want[] = {
		STRUCT(OWN(mine), 2, 12),
		MEMBER(OWN(own), 2, 0),
		MEMBER(S(int_), 5, 64),
		PTR(4),
		REF(CONST, 2),
	};
	struct error err = ERROR_INIT;
	struct buffer out;
	struct set s;

	(void)state;
	set_open(&s, WORDS(LONG, INT, CHAR), WORDS(INT),
		 WORDS(STRUCT(OWN(mine), 2, 12), MEMBER(OWN(own), 1, 0), MEMBER(S(int_), 3, 64),
		       PTR(2), REF(CONST, 1)));
	if (btf_relocate(&s.split, &s.base, &s.r, &out, &err))
		fail_msg("%s", err.text);
	assert_int_equal(out.size, s.bytes[2].size);
	assert_memory_equal(out.data, s.bytes[2].data, BTF_HEADER_LEN);
	assert_memory_equal(out.data + BTF_HEADER_LEN, want, sizeof(want));
	assert_memory_equal(out.data + BTF_HEADER_LEN + sizeof(want),
			    s.bytes[2].data + BTF_HEADER_LEN + sizeof(want),
			    out.size - BTF_HEADER_LEN - sizeof(want));
	buffer_free(&out);
	set_close(&s);
}

static void ids_beyond_the_end_are_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct buffer out;
	struct set s;

	(void)state;
	set_open(&s, WORDS(INT), WORDS(INT),
		 WORDS(STRUCT(OWN(own), 1, 4), MEMBER(OWN(mine), 9, 0)));
	assert_int_equal(s.r.findings.nr, 0);
	assert_int_equal(btf_relocate(&s.split, &s.base, &s.r, &out, &err), -EINVAL);
	assert_non_null(strstr(err.text, "type 2 refers to type 9, which does not exist"));
	set_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ints_match_by_name_size_and_encoding),
		cmocka_unit_test(floats_match_by_name_and_size),
		cmocka_unit_test(enums_match_either_kind_by_size),
		cmocka_unit_test(a_struct_may_have_grown),
		cmocka_unit_test(an_embedded_struct_may_not),
		cmocka_unit_test(of_several_structs_the_size_decides),
		cmocka_unit_test(a_struct_matches_other_kinds),
		cmocka_unit_test(forward_declarations_match_as_the_kernel_has_it),
		cmocka_unit_test(typedefs_of_the_name_do_not_count),
		cmocka_unit_test(a_distilled_base_holds_named_types_only),
		cmocka_unit_test(strings_of_the_distilled_base_are_names_of_its_types),
		cmocka_unit_test(loops_are_found),
		cmocka_unit_test(every_fault_is_listed),
		cmocka_unit_test(own_ids_move_up_and_strings_stay),
		cmocka_unit_test(ids_beyond_the_end_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
