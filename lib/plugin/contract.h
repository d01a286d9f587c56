/*
 * contract.h - private to the plugin room: the points of the contract, one function each.
 * check.c runs them in a child process.
 */
#ifndef MYO_CONTRACT_H
#define MYO_CONTRACT_H

#include "plugin/plugin.h"

enum { MYO_DETAIL = 512 };

struct contract {
	const struct myo_arch *arch;
	struct myo_shape shape;  /* set by the first point: a small input that builds */
	char detail[MYO_DETAIL]; /* a point may say what it found */
};

/* A point holds (MYO_OK), or *err says how it doesn't. */
struct contract_point {
	const char *name;
	int (*holds)(struct contract *contract, struct myo_err *err);
};

/* In order; the first finds the shape for the others, which can't go on without. */
extern const struct contract_point myo_contract[];
extern const size_t myo_contract_points;

/* A network of the contract's shape with initial values drawn, and a plan for it. */
enum { CONTRACT_CLASSES = 3 };

struct subject {
	struct myo_net *net;
	struct myo_plan *plan;
	size_t rows;
};

/* A new network of the plugin with its plan; weights initialised by the seed. Release with myo_subject_clear(). */
MYO_MUST_USE int myo_subject_new(const struct contract *contract, bool train, size_t rows, uint64_t seed,
    struct myo_pool *pool, struct subject *out, struct myo_err *err);
void myo_subject_clear(struct subject *subject);

/* Standard normal numbers in the plan's input, and labels that take turns. */
void myo_subject_fill(const struct subject *subject, const struct contract *contract, uint64_t seed);
double myo_subject_loss(const struct subject *subject); /* forward and loss, in training mode */

/* The point of gradients has a file of its own. */
MYO_MUST_USE int myo_contract_gradients(struct contract *contract, struct myo_err *err);

#endif
