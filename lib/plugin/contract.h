/*
 * contract.h - private to the plugin room: the points of the contract, each checked by a function. check.c runs them
 * in a child process.
 */
#ifndef MYO_CONTRACT_H
#define MYO_CONTRACT_H

#include "plugin/plugin.h"

enum { MYO_DETAIL = 512 };

struct contract {
	const struct myo_arch *arch;
	struct myo_shape shape;  /* set by the first point: a small input for which the plugin builds */
	char detail[MYO_DETAIL]; /* a point that holds may say what it found */
};

/* A point holds (MYO_OK), or *err says how it doesn't. */
struct contract_point {
	const char *name;
	int (*holds)(struct contract *contract, struct myo_err *err);
};

/* In order; the first finds the shape, without which the others can't run. */
extern const struct contract_point myo_contract[];
extern const size_t myo_contract_points;

/* A network for inputs of the contract's shape, and a plan for it. */
enum { CONTRACT_CLASSES = 3 };

struct subject {
	struct myo_net *net;
	struct myo_plan *plan;
	size_t rows;
};

/* Builds a network, draws its weights by the seed, and makes its plan. Release with myo_subject_clear(). */
MYO_MUST_USE int myo_subject_new(const struct contract *contract, bool train, size_t rows, uint64_t seed,
    struct myo_pool *pool, struct subject *out, struct myo_err *err);
void myo_subject_clear(struct subject *subject);

/* Fills the plan's input with standard normal numbers. */
void myo_subject_fill(const struct subject *subject, const struct contract *contract, uint64_t seed);
double myo_subject_loss(const struct subject *subject); /* forward in training mode and loss; labels take turns */

/* The point "gradients" (gradients.c). */
MYO_MUST_USE int myo_contract_gradients(struct contract *contract, struct myo_err *err);

#endif
