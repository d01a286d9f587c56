/* eigen.h - private to the room: eigenvectors of small symmetric matrices. */
#ifndef MYO_NET_EIGEN_H
#define MYO_NET_EIGEN_H

#include <stddef.h>

/*
 * Decompose a [n, n], symmetric and finite, into V' diag(values) V. Row i of V, vectors [n, n], is the eigenvector of
 * values[i]. Values are in descending order, rows have length 1, and the first large element of a row is positive. a is
 * overwritten. The same input gives the same bits everywhere. Cyclic Jacobi rotations (Golub and Van Loan,
 * Matrix Computations, section 8.5): about ten sweeps, each of order n^3.
 */
void net_eigen(double *a, size_t n, double *values, double *vectors);

#endif
