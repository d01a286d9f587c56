/* pooling.h - private to the room: what max and average pooling share. */
#ifndef MYO_NET_POOLING_H
#define MYO_NET_POOLING_H

#include "net/operation.h"

/* Fill in the defaults, check the settings, add the node. */
myo_node net_add_pool(struct myo_net *net, const struct operation *op, myo_node x, struct myo_pool2d pool);

int net_pool_shape(const struct node *node, const struct myo_shape *in, struct myo_shape *out, struct myo_err *err);
void net_pool_window(const struct node *node, int *side, int *stride);
void net_pool_detail(const struct node *node, char *text, size_t size);

/* The pixels of the input in the window of output (oy, ox), without padding: rows [y0, y1), columns [x0, x1). */
struct frame {
	size_t y0, y1, x0, x1;
};
struct frame net_pool_frame(const struct step *step, size_t oy, size_t ox);

#endif
