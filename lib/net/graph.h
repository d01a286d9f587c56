/*
 * graph.h - private to the room: what a network is made of.
 *
 * A node is one call of the builder: an operation, its settings, the nodes it reads and the
 * parameters it owns. Nodes are kept in the order of their creation, which is a topological
 * order because a node can only read what exists.
 */
#ifndef MYO_NET_GRAPH_H
#define MYO_NET_GRAPH_H

#include "net/net.h"

/* Functions that only the files of this room share begin with net_; the library doesn't export them. */

enum { NET_INPUTS = 2, NET_NODE_WEIGHTS = 4 };

/* How an initial value is drawn. */
enum net_start { START_ZERO, START_ONE, START_NORMAL, START_UNIFORM, START_IDENTITY };

struct parameter {
	struct myo_weight weight;
	enum net_start start;
	double spread; /* deviation of START_NORMAL and START_IDENTITY, bound of START_UNIFORM */
	size_t groups; /* of START_IDENTITY */
};

/* Settings of a node; its operation determines which member is used. */
union settings {
	struct myo_conv conv;   /* defaults filled in */
	struct myo_norm norm;   /* defaults filled in */
	struct myo_pool2d pool; /* defaults filled in */
	struct {
		int height, width;
	} grid;
	struct {
		size_t in, out;
	} linear;
	double factor;
	struct myo_custom custom; /* config is the node's own copy */
};

struct node {
	const struct operation *op;
	const char *name; /* the caller's, or made up ("relu4"); owned by the network */
	int inputs;
	int input[NET_INPUTS];
	struct myo_shape shape; /* of its result, for the input size that the network was built for */
	union settings set;
	struct myo_weight *weight[NET_NODE_WEIGHTS]; /* in the operation's order; NULL where absent */
};

struct myo_net {
	struct myo_shape input;
	int classes;
	int output; /* node of the logits; -1 until myo_output() */

	struct node *nodes;
	size_t node_count, node_room;
	struct parameter **parameters;
	size_t parameter_count, parameter_room;
	size_t elements, most; /* elements of all parameters; how many are allowed, 0: any number */
	char **names; /* made by myo_name() */
	size_t name_count, name_room;

	uint64_t version; /* incremented whenever weights change */
	bool failed;
	struct myo_err err; /* of the first operation that failed */
};

/*
 * For builder functions. net_add_node() returns a new node that reads `inputs` nodes, `input`; or -1,
 * and then the network has failed for good. name NULL: one is made up. net_add_weight() gives the last
 * node its parameter number `slot`, named "NODE.ENDING"; false when that failed.
 */
myo_node net_add_node(struct myo_net *net, const struct operation *op, const char *name,
    const union settings *set, int inputs, const myo_node *input);
bool net_add_weight(struct myo_net *net, int slot, const char *ending, enum myo_role role, int dims,
    const size_t *shape, enum net_start start, double spread);

/* Fail the network, with the reason; name: of the node, or NULL. Returns -1. */
myo_node net_refuse(struct myo_net *net, const char *name, const char *format, ...) MYO_PRINTF(3, 4);

/*
 * The shape of a node's result, from those of its inputs, for images of height x width. On failure the text
 * begins with the node's name.
 */
MYO_MUST_USE int net_shape(const struct myo_net *net, const struct node *node, const struct myo_shape *in,
    int height, int width, struct myo_shape *out, struct myo_err *err);

/* Shapes of all nodes for an input size, shapes [node_count]. */
MYO_MUST_USE int net_shapes(
    const struct myo_net *net, int height, int width, struct myo_shape *shapes, struct myo_err *err);

/* used[node_count]: whether the logits depend on the node. */
void net_mark_used(const struct myo_net *net, bool *used);

static inline size_t
net_elements(struct myo_shape s)
{
	return (size_t)s.height * (size_t)s.width * (size_t)s.channels;
}

static inline size_t
net_pixels(struct myo_shape s)
{
	return (size_t)s.height * (size_t)s.width;
}

#endif
