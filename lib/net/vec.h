/*
 * vec.h - private to the room: the vectors that the tiles' code is written in.
 *
 * They use the compiler's vector extensions. Files that include this are compiled once each with
 * TILES_NAME=portable, avx2, avx512 and TILES_LANES=4, 8, 16, and with TILES_NAME=bf16 and TILES_BF16.
 */
#ifndef MYO_NET_VEC_H
#define MYO_NET_VEC_H

#include "net/tiles.h"

#include <string.h>
#if defined(TILES_BF16)
#include <immintrin.h>
#endif

/* When a checker compiles it without these. */
#if !defined(TILES_LANES)
#define TILES_LANES 4
#define TILES_NAME portable
#endif

#define PASTE3(a, b, c) a##b##_##c
#define PASTE2(name, variant) PASTE3(net_, name, variant)
#define VARIANT(name) PASTE2(name, TILES_NAME)

enum { LANES = TILES_LANES, PANEL = 2 * LANES };

/* Sides of a 4x4 tile and of what it sees; of 2x2 and 3x3 pictures, which have 3 and 5 frequencies along an axis. */
enum { TILE = 4, PATCH = 6, PAIR = 2, THREE = 3, FIVE = 5 };

/* One float per lane. Memory may be aligned to a float only. */
typedef float vec __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

typedef int bits __attribute__((vector_size(LANES * sizeof(int))));
typedef double doubles __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Before loops over arrays of vectors, which can be kept in registers only if the loop is unrolled. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 24")
#else
#define UNROLL
#endif

INLINE vec
load(const float *p)
{
	return *(const vec *)p;
}

INLINE void
store(float *p, vec v)
{
	*(vec *)p = v;
}

/* The first n floats, 0 in the other lanes. */
INLINE vec
load_some(const float *p, size_t n)
{
	vec v = { 0 };

	if (n >= LANES)
		return load(p);
	memcpy(&v, p, n * sizeof *p);
	return v;
}

INLINE void
store_some(float *p, vec v, size_t n)
{
	if (n >= LANES)
		store(p, v);
	else
		memcpy(p, &v, n * sizeof *p);
}

/* The type of a transformed number, and how a vector of them is stored. */
#if defined(TILES_BF16)
typedef uint16_t value;

INLINE void
put(value *p, vec v)
{
	_mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh((__m512)v));
}

/* Interleave the two halves of a vector of 32 numbers. */
INLINE __m512i
side_by_side(__m512i halves)
{
	static const uint16_t order[2 * LANES] = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9,
		25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31 };

	return _mm512_permutexvar_epi16(_mm512_loadu_si512(order), halves);
}

/* Store the lanes of two vectors as pairs. */
INLINE void
put_pairs(value *p, vec first, vec second)
{
	_mm512_storeu_si512(p, side_by_side((__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first)));
}
#else
typedef float value;

INLINE void
put(value *p, vec v)
{
	store(p, v);
}
#endif

/* What the other files of a variant define for its table (tiles.c). */
extern const struct tile_maps VARIANT(maps)[FORMS];
extern const struct tile_weights VARIANT(weights)[FORMS];

#endif
