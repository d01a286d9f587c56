/*
 * operation.h - private to the room: what an operation is.
 *
 * An operation is one file (op_*.c) that defines one struct of functions, and one line below.
 * Its functions work on a step: a node, planned for one input size, with its buffers in place.
 */
#ifndef MYO_NET_OPERATION_H
#define MYO_NET_OPERATION_H

#include "net/graph.h"
#include "net/plan.h"

struct operation {
	const char *name; /* as profiles and errors say it */

	/* The result's shape; or MYO_FAIL, and the caller puts the node's name in front of the text. */
	int (*shape)(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err);

	/* The side and the stride of the window of the input that one output sees; NULL: it sees one pixel. */
	void (*window)(const struct node *node, int *side, int *stride);

	/* The result no longer is a map in the image's plane, so that receptive fields end here. */
	bool ends_plane;

	/* Multiply-accumulates for a row; NULL: none worth counting. */
	double (*macs)(const struct node *node, struct myo_shape in, struct myo_shape out);

	/* "3x3/2" and the like, for people; NULL: nothing to say. */
	void (*detail)(const struct node *node, char *text, size_t size);

	/* Ask for memory, and say what the backward pass will read, in step->need; NULL: nothing. */
	int (*plan)(struct step *step, struct myo_err *err);

	/* y from x. */
	void (*forward)(struct step *step);

	/*
	 * dx[i] from dy: set, or added to if step->add[i]. Operations without backward_weights() also compute
	 * the gradients of their weights here. dx[i] is NULL where it isn't wanted; all of them are only if these
	 * gradients are what is wanted.
	 */
	void (*backward)(struct step *step);

	/* Whether step->tail may have pooling; for operations that can have a tail. */
	bool (*pools)(const struct step *step);

	/* In training: whether it can read its first input through a normalisation, step->view; NULL: no. */
	bool (*views)(const struct step *step);

	/*
	 * In prediction, for operations that are affine in their only input: dx[0] from dy, without x or y, on which it
	 * doesn't depend; NULL: not affine. And the constant that it adds to a channel of each pixel; NULL: none.
	 */
	void (*transpose)(struct step *step);
	double (*constant)(const struct node *node, size_t channel);

	/* Gradients of the weights, if they take a pass of their own; NULL: they don't. Runs before backward(). */
	void (*backward_weights)(struct step *step);
};

/* shape() for operations whose result has the shape of their input. */
int net_same_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err);

extern const struct operation net_op_input, net_op_conv, net_op_batchnorm, net_op_relu, net_op_gelu, net_op_add,
    net_op_maxpool, net_op_avgpool, net_op_adaptive, net_op_flatten, net_op_linear, net_op_scale,
    net_op_custom;

#endif
