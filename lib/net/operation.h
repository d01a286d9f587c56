/*
 * operation.h - private to the room: what an operation is.
 *
 * An operation is one file (op_*.c) that fills one struct of functions, and one line below.
 * It sees its work as a step: a node, planned for one input size, with its buffers in place.
 */
#ifndef MYO_NET_OPERATION_H
#define MYO_NET_OPERATION_H

#include "net/graph.h"
#include "net/plan.h"

struct operation {
	const char *name; /* as profiles and errors say it */

	/* The result's shape, or MYO_FAIL and a text (the caller adds the node's name). */
	int (*shape)(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err);

	/* Window and stride by which one output looks at the input; NULL: one pixel. */
	void (*window)(const struct node *node, int *side, int *stride);

	/* The step ends what a receptive field means: the result no longer lies in the image's plane. */
	bool ends_plane;

	/* Multiply-accumulates for a row; NULL: none worth counting. */
	double (*macs)(const struct node *node, struct myo_shape in, struct myo_shape out);

	/* "3x3/2" and the like, for people; NULL: nothing to say. */
	void (*detail)(const struct node *node, char *text, size_t size);

	/* Ask for memory (step->need) and say what the backward pass will read; NULL: nothing. */
	int (*plan)(struct step *step, struct myo_err *err);

	/* y from x. */
	void (*forward)(struct step *step);

	/*
	 * dx[i] from dy: set, or added to where step->add[i]. Operations whose weight gradients fall
	 * out of the same pass fill these here too. dx[i] is NULL where nobody wants it, which can only
	 * be so beside a second input, or here where weights are what it is all for.
	 */
	void (*backward)(struct step *step);

	/* Whether step->tail can have pooling; of operations that have a tail. */
	bool (*pools)(const struct step *step);

	/* Training: whether step->view can stand for its first input; NULL: no. */
	bool (*views)(const struct step *step);

	/*
	 * Prediction, of what is affine in its one input: dx[0] from dy, whatever the input is, with neither x nor y
	 * to read; NULL: it isn't affine. And what it adds to a channel of each pixel; NULL: nothing.
	 */
	void (*transpose)(struct step *step);
	double (*constant)(const struct node *node, size_t channel);

	/* Gradients of the weights, where they take a pass of their own; NULL: none. Runs before backward. */
	void (*backward_weights)(struct step *step);
};

/* The shape of operations that keep it. */
int net_same_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err);

extern const struct operation net_op_input, net_op_conv, net_op_batchnorm, net_op_relu, net_op_gelu, net_op_add,
    net_op_maxpool, net_op_avgpool, net_op_adaptive, net_op_flatten, net_op_linear, net_op_scale,
    net_op_custom;

#endif
