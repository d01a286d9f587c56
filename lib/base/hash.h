/*
 * hash.h - libxxhash, with its fastest functions for the processor at hand.
 *
 * xxhash.h alone has functions for the baseline of the architecture. Where the library was built with dispatch at run
 * time, the second header puts its AVX2 and AVX-512 functions in their place: four times as fast, with the same sums.
 */
#ifndef MYO_BASE_HASH_H
#define MYO_BASE_HASH_H

#include <xxhash.h>

#ifdef HASH_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#endif
