// SPDX-License-Identifier: GPL-2.0-only
/* An object that drivers link in from a vendor: references, templates, classes, what BTF has no words for. */
#include "module.h"

template <typename T> struct holder {
	T &reference;
	T get() const { return reference; }
};

class cxx_class
{
      public:
	virtual int method(int &a) { return a; }
	int cxx_member;
};

enum class cxx_enum : unsigned char { ONE };

extern "C" keep int cxx_function(int a, cxx_enum b)
{
	holder<int> h = { a };
	cxx_class c;

	return h.get() + c.method(a) + (int)b;
}
