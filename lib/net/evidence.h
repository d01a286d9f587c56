/*
 * evidence.h - private to the room: what each position of the last feature map contributes to the logits.
 *
 * The head of a network is what follows its last feature map [h, w, C], if all of that is affine in
 * prediction: first poolings, which treat all channels alike and result in a grid of cells, then the operations from
 * the grid to the logits. Without pooling each position is a cell of its own. So with f the map,
 *
 *   logits[k] = constant[k] + sum over cells g, positions p: share[g, p] sum over c: f[p, c] weights[g, c, k]
 *
 * and the evidence of position p is h * w times its terms of the sum, plus the constant: the mean over
 * the positions is the logits. Weights and constant are found by sending a unit gradient for each
 * class back through the head, shares by sending one for each cell back through the poolings.
 */
#ifndef MYO_NET_EVIDENCE_H
#define MYO_NET_EVIDENCE_H

#include "net/plan.h"

struct head {
	int map;  /* node of the feature map */
	int grid; /* node of the last pooling, whose result is the grid; the map where there is none */
};

/* MYO_FAIL, with what evidence needs, if the network has no such head. */
MYO_MUST_USE int net_find_head(const struct myo_net *net, struct head *out, struct myo_err *err);

/* MYO_FAIL if the map has only one position. height, width: of the input, for the message. */
MYO_MUST_USE int net_check_map(struct myo_shape map, int height, int width, struct myo_err *err);

/*
 * The way back through the head from node `from` to node `to`, whose own operation isn't part of it: as steps, in that
 * order, of a plan of which only rows, pool and kernels are set. flat: as if there were one channel.
 */
struct descent {
	struct myo_plan plan;
	struct step *steps;
	size_t count;
	float *gradients[2]; /* each [rows, the most elements of a node]; the caller sets gradients[0] */
	float *lines;        /* the memory that a step's forward pass would need */
	size_t bytes;        /* of all these */
};

MYO_MUST_USE int net_descent_init(struct descent *descent, const struct myo_plan *plan, size_t rows, int from, int to,
    bool flat, struct myo_err *err);
void net_descent_clear(struct descent *descent);

/*
 * Send gradients[0] back, and return the gradient with respect to node `to`. constant [rows], unless NULL: what the
 * operations' own constants (biases) contribute is added to it.
 */
const float *net_descend(struct descent *descent, double *constant);

/* The share of a position of the map in a cell. */
struct share {
	uint32_t cell, position;
	float weight; /* h * w times the share */
};

struct evidence {
	struct head head;
	struct myo_shape map, grid;
	struct descent descent; /* from the logits to the grid, a row for each class */

	uint64_t version; /* of the network's weights from which weights and constant were computed; 0: not yet */
	float *weights;   /* [cells, channels, classes] */
	float *constant;  /* [classes] */
	double *sums;     /* [classes], for computing the constant */

	/* Sorted by block of positions, cell, position; those of block b are [first[b], first[b + 1]). */
	struct share *shares;
	size_t share_count, share_room;
	size_t *first; /* [blocks + 1] */
	size_t blocks;
	float *out; /* during a call: [rows, h, w, classes] */
};

/* For a plan that has its shapes and steps; may raise its scratch_bytes. *out is set on failure too. */
MYO_MUST_USE int net_evidence_new(struct myo_plan *plan, struct evidence **out, struct myo_err *err);
void net_evidence_free(struct evidence *evidence);
size_t net_evidence_bytes(const struct evidence *evidence);

#endif
