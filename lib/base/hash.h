/*
 * hash.h - libxxhash, for the processor at hand.
 *
 * Its plain functions are those for any processor of the kind; where it also has them for AVX2 and AVX-512, which it
 * tells at run time, the second header puts these in their place: four times as fast, the same sums.
 */
#ifndef MYO_BASE_HASH_H
#define MYO_BASE_HASH_H

#include <xxhash.h>

#ifdef HASH_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#endif
