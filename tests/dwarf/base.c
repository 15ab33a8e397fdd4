// SPDX-License-Identifier: GPL-2.0-only
/* The base: compiled for BPF, whose compiler writes BTF by itself. */
struct of_base {
	int first;
	struct of_base *next;
};

struct only_declared;

int base_function(struct of_base *a, unsigned int b, signed char c, unsigned char d, short e,
		  unsigned short f, struct only_declared *g, unsigned long long h);

int base_function(struct of_base *a, unsigned int b, signed char c, unsigned char d, short e,
		  unsigned short f, struct only_declared *g, unsigned long long h)
{
	return a->first + (int)b + c + d + e + f + !g + (int)h;
}
