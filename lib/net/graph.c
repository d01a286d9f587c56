/* The graph: nodes, their parameters and their shapes. */
#include "net/graph.h"

#include "net/operation.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
myo_net_new(struct myo_shape input, int classes, struct myo_net **out, struct myo_err *err)
{
	*out = NULL;
	if (input.height < 1 || input.width < 1 || input.channels < 1 || classes < 1)
		return myo_fail(err, "a network needs an input and a class: %dx%dx%d, %d classes",
		    input.height, input.width, input.channels, classes);

	struct myo_net *net = myo_calloc(1, sizeof *net, err);
	if (net == NULL)
		return MYO_FAIL;
	net->input = input;
	net->classes = classes;
	net->output = -1;
	net->version = 1;
	*out = net;
	return MYO_OK;
}

void
myo_net_limit(struct myo_net *net, size_t most)
{
	net->most = most;
}

static void
node_clear(struct node *node)
{
	if (node->op == &net_op_custom)
		free((void *)(uintptr_t)node->set.custom.config); /* our own copy */
}

void
myo_net_free(struct myo_net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->parameter_count; i++) {
		free(net->parameters[i]->weight.value);
		free(net->parameters[i]->weight.gradient);
		free(net->parameters[i]);
	}
	for (size_t i = 0; i < net->node_count; i++)
		node_clear(&net->nodes[i]);
	for (size_t i = 0; i < net->name_count; i++)
		free(net->names[i]);
	free(net->parameters);
	free(net->nodes);
	free(net->names);
	free(net);
}

struct myo_shape
myo_net_input(const struct myo_net *net)
{
	return net->input;
}

int
myo_net_classes(const struct myo_net *net)
{
	return net->classes;
}

static void *
grow(struct myo_net *net, void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	const size_t wanted = *room > 0 ? 2 * *room : 16;
	void *larger = myo_realloc(array, wanted, size, &net->err);
	if (larger == NULL)
		net->failed = true;
	else
		*room = wanted;
	return larger;
}

const char *
myo_name(struct myo_net *net, const char *format, ...)
{
	va_list args;
	char text[256];

	va_start(args, format);
	const int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof text) {
		(void)net_refuse(net, NULL, "a name of %d characters is too long", length);
		return "";
	}
	char **names = grow(net, net->names, net->name_count, &net->name_room, sizeof *names);
	if (names == NULL)
		return "";
	net->names = names;
	char *name = myo_strdup(text, &net->err);
	if (name == NULL) {
		net->failed = true;
		return "";
	}
	net->names[net->name_count++] = name;
	return name;
}

myo_node
net_refuse(struct myo_net *net, const char *name, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!net->failed) {
		va_start(args, format);
		(void)vsnprintf(text, sizeof text, format, args);
		va_end(args);
		net->failed = true;
		if (name != NULL)
			(void)myo_fail(&net->err, "%s: %s", name, text);
		else
			(void)myo_fail(&net->err, "%s", text);
	}
	return -1;
}

int
net_same_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	(void)node;
	(void)err;
	*out = in[0];
	return MYO_OK;
}

int
net_shape(const struct myo_net *net, const struct node *node, const struct myo_shape *in, int height,
    int width, struct myo_shape *out, struct myo_err *err)
{
	struct myo_err why = MYO_ERR_INIT;

	if (node->op == &net_op_input) {
		*out = (struct myo_shape){ height, width, net->input.channels };
		return MYO_OK;
	}
	if (node->op->shape(node, in, out, &why) != MYO_OK) {
		if (height != net->input.height || width != net->input.width)
			return myo_fail(err,
			    "%s: %s: an input of %dx%d does not fit, this network was made for %dx%d",
			    node->name, why.text, height, width, net->input.height, net->input.width);
		return myo_fail(err, "%s: %s", node->name, why.text);
	}
	const double elements = (double)out->height * out->width * out->channels;
	if (out->height < 1 || out->width < 1 || out->channels < 1 || elements > INT_MAX)
		return myo_fail(err, "%s: a result of %dx%dx%d is not possible", node->name, out->height,
		    out->width, out->channels);
	return MYO_OK;
}

int
net_shapes(const struct myo_net *net, int height, int width, struct myo_shape *shapes, struct myo_err *err)
{
	for (size_t i = 0; i < net->node_count; i++) {
		const struct node *node = &net->nodes[i];
		struct myo_shape in[NET_INPUTS] = { { 0 } };

		for (int k = 0; k < node->inputs; k++)
			in[k] = shapes[node->input[k]];
		if (net_shape(net, node, in, height, width, &shapes[i], err) != MYO_OK)
			return MYO_FAIL;
	}
	return MYO_OK;
}

/* "relu4" for the fifth node, a ReLU. */
static const char *
made_up_name(struct myo_net *net, const struct operation *op)
{
	return myo_name(net, "%s%zu", op->name, net->node_count);
}

myo_node
net_add_node(struct myo_net *net, const struct operation *op, const char *name, const union settings *set,
    int inputs, const myo_node *input)
{
	struct myo_shape in[NET_INPUTS] = { { 0 } };

	for (int k = 0; k < inputs; k++) {
		if (input[k] < 0 || (size_t)input[k] >= net->node_count)
			return net_refuse(net, name, "reads a node that isn't there");
		in[k] = net->nodes[input[k]].shape;
	}
	if (net->failed)
		return -1;
	if (net->node_count >= INT_MAX / 8)
		return net_refuse(net, name, "too many operations");
	struct node *nodes = grow(net, net->nodes, net->node_count, &net->node_room, sizeof *nodes);
	if (nodes == NULL)
		return -1;
	net->nodes = nodes;

	if (name != NULL && !myo_is_line(name)) /* the name goes into model files */
		return net_refuse(net, NULL, "the name of an operation must be a line of UTF-8 without control characters");
	struct node node = { .op = op, .inputs = inputs };
	/* A copy, since the caller's name may be on its stack. */
	node.name = name != NULL ? myo_name(net, "%s", name) : made_up_name(net, op);
	if (set != NULL)
		node.set = *set;
	for (int k = 0; k < inputs; k++)
		node.input[k] = input[k];
	if (net->failed)
		return -1;
	if (net_shape(net, &node, in, net->input.height, net->input.width, &node.shape, &net->err) !=
	    MYO_OK) {
		net->failed = true;
		return -1;
	}
	net->nodes[net->node_count] = node;
	return (myo_node)net->node_count++;
}

static struct parameter *
new_parameter(struct myo_net *net, enum myo_role role, int dims, const size_t *shape)
{
	size_t elements = 1;

	for (int d = 0; d < dims; d++)
		if (!myo_mul(elements, shape[d], &elements))
			elements = SIZE_MAX / 2;
	if (elements > INT_MAX) {
		(void)net_refuse(net, NULL, "a parameter of %zu numbers is too large", elements);
		return NULL;
	}
	net->elements += elements;
	if (net->most > 0 && net->elements > net->most) {
		(void)net_refuse(net, NULL, "more than %zu numbers in its parameters", net->most);
		return NULL;
	}
	struct parameter *p = myo_calloc(1, sizeof *p, &net->err);
	if (p == NULL)
		goto fail;
	p->weight.role = role;
	p->weight.dims = dims;
	p->weight.elements = elements;
	memcpy(p->weight.shape, shape, (size_t)dims * sizeof *shape);
	p->weight.value = myo_calloc_aligned(elements, sizeof(float), &net->err);
	if (p->weight.value == NULL)
		goto fail;
	if (role != MYO_BUFFER) {
		p->weight.gradient = myo_calloc_aligned(elements, sizeof(float), &net->err);
		if (p->weight.gradient == NULL)
			goto fail;
	}
	return p;
fail:
	net->failed = true;
	if (p != NULL)
		free(p->weight.value);
	free(p);
	return NULL;
}

bool
net_add_weight(struct myo_net *net, int slot, const char *ending, enum myo_role role, int dims,
    const size_t *shape, enum net_start start, double spread)
{
	if (net->failed)
		return false;
	struct node *node = &net->nodes[net->node_count - 1];
	const char *name = myo_name(net, "%s.%s", node->name, ending);
	struct parameter **parameters = grow(
	    net, net->parameters, net->parameter_count, &net->parameter_room, sizeof(struct parameter *));
	if (parameters == NULL)
		return false;
	net->parameters = parameters;
	if (net->failed)
		return false;
	if (myo_net_find_weight(net, name) != NULL) {
		(void)net_refuse(net, node->name, "another operation has this name");
		return false;
	}
	struct parameter *p = new_parameter(net, role, dims, shape);
	if (p == NULL)
		return false;
	p->weight.name = name;
	p->start = start;
	p->spread = spread;
	net->parameters[net->parameter_count++] = p;
	node->weight[slot] = &p->weight;
	return true;
}

myo_node
myo_input(struct myo_net *net)
{
	if (net->node_count > 0)
		return net_refuse(net, NULL, "the input must come first, and once");
	return net_add_node(net, &net_op_input, "input", NULL, 0, NULL);
}

const struct operation net_op_input = { .name = "input" };

struct myo_shape
myo_shape_of(const struct myo_net *net, myo_node x)
{
	if (net->failed || x < 0 || (size_t)x >= net->node_count)
		return (struct myo_shape){ 0, 0, 0 };
	return net->nodes[x].shape;
}

int
myo_output(struct myo_net *net, myo_node x, struct myo_err *err)
{
	if (!net->failed && (x < 0 || (size_t)x >= net->node_count))
		(void)net_refuse(net, NULL, "the output is a node that isn't there");
	if (!net->failed && net->output >= 0)
		(void)net_refuse(net, NULL, "a network has one output");
	if (!net->failed) {
		const struct node *node = &net->nodes[x];
		const struct myo_shape s = node->shape;
		if (x == 0)
			(void)net_refuse(net, NULL, "the output can't be the input itself");
		else if (s.height != 1 || s.width != 1 || s.channels != net->classes)
			(void)net_refuse(net, node->name,
			    "as output it must be a vector of %d, one for each class, not %dx%dx%d",
			    net->classes, s.height, s.width, s.channels);
	}
	if (net->failed)
		return myo_fail(err, "%s", net->err.text);
	net->output = x;
	return 0;
}

void
net_mark_used(const struct myo_net *net, bool *used)
{
	for (size_t i = 0; i < net->node_count; i++)
		used[i] = (int)i == net->output;
	for (size_t i = net->node_count; i-- > 0;)
		for (int k = 0; used[i] && k < net->nodes[i].inputs; k++)
			used[net->nodes[i].input[k]] = true;
}

int
myo_net_finished(const struct myo_net *net, struct myo_err *err)
{
	if (net->failed)
		return myo_fail(err, "%s", net->err.text);
	if (net->output < 0)
		return myo_fail(err, "the network has no output");
	return MYO_OK;
}
