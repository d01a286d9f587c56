/*
 * evidence.h - private to the room: what each position of the last feature map has to do with the logits.
 *
 * The head of a network is what follows its last feature map [h, w, C], if all of that is affine in
 * prediction: first poolings, which treat all channels alike and end in a grid of cells, then what
 * makes logits of the grid. Without pooling each position is a cell of its own. So with f the map,
 *
 *   logits[k] = constant[k] + sum over cells g, positions p: share[g, p] sum over c: f[p, c] weights[g, c, k]
 *
 * and the evidence of a position is h w times what the sum has of it, plus the constant: its mean over
 * the positions is the logits. Weights and constant come from sending a unit gradient for each
 * class back through the head, shares from sending one for each cell back through the poolings.
 */
#ifndef MYO_NET_EVIDENCE_H
#define MYO_NET_EVIDENCE_H

#include "net/plan.h"

struct head {
	int map;  /* node of the feature map */
	int grid; /* node behind the last pooling; the map where there is none */
};

/* MYO_FAIL, with what evidence wants, where the network has no such head. */
MYO_MUST_USE int net_find_head(const struct myo_net *net, struct head *out, struct myo_err *err);

/* MYO_FAIL when a map of an input of this size has one position alone. */
MYO_MUST_USE int net_check_map(struct myo_shape map, int height, int width, struct myo_err *err);

/*
 * The nodes from one of the head down to another, which it is not to pass, as steps of a plan that has nothing
 * but rows, pool and kernels; the last node first. flat: as if there were one channel.
 */
struct descent {
	struct myo_plan plan;
	struct step *steps;
	size_t count;
	float *gradients[2]; /* each [rows, the most elements of a node]; the caller sets gradients[0] */
	float *lines;        /* what a step's forward pass would need */
	size_t bytes;        /* of these */
};

MYO_MUST_USE int net_descent_init(struct descent *descent, const struct myo_plan *plan, size_t rows, int from, int to,
    bool flat, struct myo_err *err);
void net_descent_clear(struct descent *descent);

/*
 * The gradient by the node that the descent ends at; to constant [rows] is added what the operations add. NULL: don't.
 */
const float *net_descend(struct descent *descent, double *constant);

/* A position of the map in a cell. */
struct share {
	uint32_t cell, position;
	float weight; /* h w times the position's share in the cell */
};

struct evidence {
	struct head head;
	struct myo_shape map, grid;
	struct descent descent; /* from the logits to the grid, a row for each class */

	uint64_t version; /* of the network's weights that the two below are made of; 0: none yet */
	float *weights;   /* [cells, channels, classes] */
	float *constant;  /* [classes] */
	double *sums;     /* [classes], of which it is made */

	/* In the order of blocks of the map's positions, cells, positions; block b has those from first[b] on. */
	struct share *shares;
	size_t share_count, share_room;
	size_t *first; /* [blocks + 1] */
	size_t blocks;
	float *out; /* during a call: [rows, h, w, classes] */
};

/* For a plan whose shapes and steps are there; raises its scratch_bytes. */
MYO_MUST_USE int net_evidence_new(struct myo_plan *plan, struct evidence **out, struct myo_err *err);
void net_evidence_free(struct evidence *evidence);
size_t net_evidence_bytes(const struct evidence *evidence);

#endif
