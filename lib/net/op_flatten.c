/* To a vector in PyTorch's order, [channel, y, x]; ours is [y, x, channel]. */
#include "net/operation.h"

myo_node
myo_flatten(struct myo_net *net, myo_node x)
{
	return net_add_node(net, &net_op_flatten, NULL, NULL, 1, &x);
}

static int
shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err)
{
	const double elements = (double)in[0].height * in[0].width * in[0].channels;

	(void)node;
	if (elements > INT32_MAX)
		return myo_fail(err, "%dx%dx%d is too large for a vector", in[0].height, in[0].width, in[0].channels);
	*out = (struct myo_shape){ 1, 1, (int)elements };
	return MYO_OK;
}

static void
forward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const size_t pixels = net_pixels(step->in), channels = (size_t)step->in.channels,
		     row = pixels * channels;

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const float *x = step->x[0] + n * row; /* [pixels, channels] */
		float *y = step->y + n * row;          /* [channels, pixels] */
		for (size_t c = 0; c < channels; c++)
			for (size_t p = 0; p < pixels; p++)
				y[c * pixels + p] = x[p * channels + c];
	}
}

static void
forward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), forward_rows);
}

static void
backward_rows(struct step *step, size_t from, size_t to, int thread)
{
	const size_t pixels = net_pixels(step->in), channels = (size_t)step->in.channels,
		     row = pixels * channels;

	(void)thread;
	for (size_t n = from; n < to; n++) {
		const float *dy = step->dy + n * row;
		float *dx = step->dx[0] + n * row;
		for (size_t p = 0; p < pixels; p++)
			for (size_t c = 0; c < channels; c++) {
				const float g = dy[c * pixels + p];
				dx[p * channels + c] = step->add[0] ? dx[p * channels + c] + g : g;
			}
	}
}

static void
backward(struct step *step)
{
	net_chunks(step, step->plan->rows, net_chunk_of(net_elements(step->in)), backward_rows);
}

const struct operation net_op_flatten = {
	.name = "flatten",
	.ends_plane = true,
	.shape = shape,
	.forward = forward,
	.backward = backward,
	.transpose = backward,
};
