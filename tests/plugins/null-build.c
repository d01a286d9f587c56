/* Nothing to build with. */
#include "broken.h"

BROKEN_PLUGIN("null-build", .build = 0)
