// SPDX-License-Identifier: GPL-2.0-only
/* The base: compiled for BPF, whose compiler writes BTF by itself. */
struct of_base {
	int first;
	unsigned int second;
	signed char third;
	unsigned char fourth;
	short fifth;
	unsigned short sixth;
	unsigned long long seventh;
	long tells_the_size_of_pointers;
#ifdef NESTED
	int grid[2][3];
#endif
	struct of_base *next;
	struct only_declared *declared;
};

int base_function(struct of_base *base);

int base_function(struct of_base *base)
{
	return base->first;
}

#ifndef OLD
/* By these the kernel shows which kinds it knows (src/btf/caps.h). */
int btf_float_check_meta(int meta);
int btf_decl_tag_check_meta(int meta);
int btf_enum64_check_meta(int meta);
int btf_check_type_tags(int meta);

int btf_float_check_meta(int meta)
{
	return meta;
}

int btf_decl_tag_check_meta(int meta)
{
	return meta;
}

int btf_enum64_check_meta(int meta)
{
	return meta;
}

int btf_check_type_tags(int meta)
{
	return meta;
}
#endif
