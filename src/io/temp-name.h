/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of what stands beside a file while that is replaced. They are made of the file's name, so
 * whoever replaces it next finds what a killed process has left.
 */
#ifndef MODBTF_IO_TEMP_NAME_H
#define MODBTF_IO_TEMP_NAME_H

#define TEMP_NAME_SIZE 128

/*
 * The name to look for, and to begin with: @prefix (at most 16 bytes), the name of the file @target up
 * to its first dot, for people, and a digest of the whole of it. It has no ".ko" in it: depmod and
 * others that walk the directory must not take it for a module.
 */
void temp_name(const char *prefix, const char *target, char name[TEMP_NAME_SIZE]);

/*
 * The name for the try @n, from 0 on: the same for the first, and then random ones, which nobody will
 * find again. Returns 0 or a negative errno.
 */
int temp_name_try(const char *prefix, const char *target, unsigned int n,
		  char name[TEMP_NAME_SIZE]);

#endif
