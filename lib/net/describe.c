/* What is known of a network without running it: cost, receptive field, a table for people. */
#include "net/graph.h"
#include "net/operation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
myo_net_macs(const struct myo_net *net, int height, int width, double *macs, struct myo_err *err)
{
	struct myo_shape *shapes = myo_calloc(net->node_count, sizeof *shapes, err);
	bool *used = myo_calloc(net->node_count, sizeof *used, err);
	int rc = MYO_FAIL;

	*macs = 0;
	if (shapes == NULL || used == NULL || net_shapes(net, height, width, shapes, err) != MYO_OK)
		goto done;
	net_mark_used(net, used);
	for (size_t i = 0; i < net->node_count; i++) {
		const struct node *node = &net->nodes[i];
		if (used[i] && node->op->macs != NULL)
			*macs += node->op->macs(node, shapes[node->input[0]], shapes[i]);
	}
	rc = MYO_OK;
done:
	free(used);
	free(shapes);
	return rc;
}

/* The side of a unit's receptive field, and how far apart those of neighbours are, in pixels of the input. */
struct sight {
	int side, stride;
	bool windows;  /* there is an operation with a window up to here */
	bool in_plane; /* still a feature map, not averaged or flattened */
};

static struct sight
sight_of(const struct node *node, const struct sight *before)
{
	struct sight s = { 1, 1, false, true };
	int side = 1, stride = 1;

	for (int k = 0; k < node->inputs; k++) {
		const struct sight *b = &before[node->input[k]];
		s.side = b->side > s.side ? b->side : s.side;
		s.stride = b->stride > s.stride ? b->stride : s.stride;
		s.windows |= b->windows;
		s.in_plane &= b->in_plane;
	}
	if (node->op->window != NULL) {
		node->op->window(node, &side, &stride);
		const double wide = s.side + (double)(side - 1) * s.stride;
		const double far = (double)s.stride * stride;
		s.side = wide < INT_MAX ? (int)wide : INT_MAX;
		s.stride = far < INT_MAX ? (int)far : INT_MAX;
		s.windows = true;
	}
	return s;
}

int
myo_net_receptive_field(const struct myo_net *net, int *out, struct myo_err *err)
{
	struct sight *sights = myo_calloc(net->node_count, sizeof *sights, err);
	bool *used = myo_calloc(net->node_count, sizeof *used, err);
	int side = 0, rc = MYO_FAIL;

	if (sights == NULL || used == NULL)
		goto done;
	net_mark_used(net, used);
	for (size_t i = 0; i < net->node_count; i++) {
		const struct node *node = &net->nodes[i];
		sights[i] = sight_of(node, sights);
		if (used[i] && sights[i].windows && sights[i].in_plane &&
		    (node->op->ends_plane || (int)i == net->output))
			side = sights[i].side > side ? sights[i].side : side;
		if (node->op->ends_plane)
			sights[i].in_plane = false;
	}
	rc = MYO_OK;
done:
	free(used);
	free(sights);
	*out = side;
	return rc;
}

static size_t
node_parameters(const struct node *node)
{
	size_t total = 0;

	for (int k = 0; k < NET_NODE_WEIGHTS; k++)
		if (node->weight[k] != NULL && node->weight[k]->role != MYO_BUFFER)
			total += node->weight[k]->elements;
	return total;
}

int
myo_net_describe(const struct myo_net *net, char **out, struct myo_err *err)
{
	/* Names have at most 255 bytes, and the rest of a line less than 128. */
	enum { LINE = 384 };
	int names = 0;
	size_t used = 0;
	char *text = myo_calloc(net->node_count + 1, LINE, err);

	*out = NULL;
	if (text == NULL)
		return MYO_FAIL;
	for (size_t i = 0; i < net->node_count; i++) {
		const int length = (int)strlen(net->nodes[i].name);
		names = length > names ? length : names;
	}
	for (size_t i = 0; i < net->node_count; i++) {
		const struct node *node = &net->nodes[i];
		char what[64], detail[40] = "", shape[48];

		if (node->op->detail != NULL)
			node->op->detail(node, detail, sizeof detail);
		(void)snprintf(what, sizeof what, "%s%s%s", node->op->name, detail[0] != 0 ? " " : "", detail);
		(void)snprintf(shape, sizeof shape, "%dx%dx%d", node->shape.height, node->shape.width,
		    node->shape.channels);
		used += (size_t)snprintf(text + used, LINE, "%-*s  %-24s  %-14s  %zu\n", names, node->name,
		    what, shape, node_parameters(node));
	}
	*out = text;
	return MYO_OK;
}
