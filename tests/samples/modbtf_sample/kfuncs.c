// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kfuncs with different flags, so that a flag that moved to another function is seen. Their names
 * are in another order than the set, and sorting by id gives a third.
 */

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <linux/string.h>

#include "modbtf_sample.h"

/* Until 6.3 kfuncs are plain global functions; until 6.9 their sets are plain flagged sets. */
#ifndef __bpf_kfunc
#define __bpf_kfunc __used noinline
#endif
/* From 7.0 on kfuncs may have arguments that the verifier supplies: KF_IMPLICIT_ARGS. */
#ifdef BTF_KFUNCS_START
#define SAMPLE_KFUNCS_START(name) BTF_KFUNCS_START(name)
#define SAMPLE_KFUNCS_END(name) BTF_KFUNCS_END(name)
#else
#define SAMPLE_KFUNCS_START(name) BTF_SET8_START(name)
#define SAMPLE_KFUNCS_END(name) BTF_SET8_END(name)
#endif

static struct modbtf_sample_session session;

__diag_push();
__diag_ignore_all("-Wmissing-prototypes", "kfuncs are called by BPF programs only");

__bpf_kfunc struct modbtf_sample_session *bpf_modbtf_sample_acquire(int user)
{
	if (user < 0)
		return NULL;
	session.users++;
	return &session;
}

__bpf_kfunc void bpf_modbtf_sample_release(struct modbtf_sample_session *s)
{
	s->users--;
}

__bpf_kfunc u64 bpf_modbtf_sample_mix(u32 a, u64 b__k)
{
	return a ^ b__k;
}

__bpf_kfunc int bpf_modbtf_sample_sleep(struct task_struct *task)
{
	might_sleep();
	return task ? 1 : 0;
}

/*
 * Programs call it with the first argument alone, the verifier adds the second: what it knows of the
 * calling program, by which it is told from anything else that might stand there.
 */
#ifdef KF_IMPLICIT_ARGS
__bpf_kfunc u32 bpf_modbtf_sample_caller(u32 a, struct bpf_prog_aux *aux)
{
	if (!aux->attach_func_name || strcmp(aux->attach_func_name, "modbtf_sample_observe"))
		return 0;
	return a;
}
#endif

__diag_pop();

SAMPLE_KFUNCS_START(modbtf_sample_kfunc_ids)
BTF_ID_FLAGS(func, bpf_modbtf_sample_sleep, KF_SLEEPABLE)
BTF_ID_FLAGS(func, bpf_modbtf_sample_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_modbtf_sample_mix)
BTF_ID_FLAGS(func, bpf_modbtf_sample_acquire, KF_ACQUIRE | KF_RET_NULL)
#ifdef KF_IMPLICIT_ARGS
BTF_ID_FLAGS(func, bpf_modbtf_sample_caller, KF_IMPLICIT_ARGS)
#endif
SAMPLE_KFUNCS_END(modbtf_sample_kfunc_ids)

/* Classifiers may use the one that neither sleeps nor hands out references. */
SAMPLE_KFUNCS_START(modbtf_sample_cls_ids)
BTF_ID_FLAGS(func, bpf_modbtf_sample_mix)
SAMPLE_KFUNCS_END(modbtf_sample_cls_ids)

/* Lists are not sorted; one type is the module's, one is the kernel's. */
BTF_ID_LIST(modbtf_sample_type_ids)
BTF_ID(struct, task_struct)
BTF_ID(struct, modbtf_sample_session)

static const struct btf_kfunc_id_set tracing_set = {
	.owner = THIS_MODULE,
	.set = &modbtf_sample_kfunc_ids,
};

static const struct btf_kfunc_id_set cls_set = {
	.owner = THIS_MODULE,
	.set = &modbtf_sample_cls_ids,
};

int modbtf_sample_register_kfuncs(void)
{
	int error;

	mutex_init(&session.lock);
	pr_debug("modbtf_sample: types %u %u\n", modbtf_sample_type_ids[0],
		 modbtf_sample_type_ids[1]);
	error = register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &tracing_set);
	return error ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &cls_set);
}
