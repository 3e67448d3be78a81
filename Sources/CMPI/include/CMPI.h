// The few calls of MPI that training needs (MPI: A Message-Passing Interface Standard, version 3.1). MPI's constants are
// macros that Swift cannot see, hence functions. Without the package's trait MPI nothing stands behind
// these declarations.
//
// Every function returns 0, or MPI's error code, which `steno_mpi_describe` puts into words. All are called by the
// thread that joined.
#pragma once
#include <stdint.h>

/// Joins the processes that were started together; once in a process's life.
int steno_mpi_join(void);

/// The number of this process, from 0, and how many there are.
int steno_mpi_place(int32_t *rank, int32_t *count);

/// `bytes` of each process, in order of rank, to all of them: `all` has room for count * bytes.
int steno_mpi_gather(int64_t bytes, const void *own, void *all);

/// Sends to a process and receives from it at once; either count may be 0.
int steno_mpi_exchange(int32_t partner, int64_t sent_count, const float *sent, int64_t received_count,
                       float *received);

/// Leaves; returns when all have left.
int steno_mpi_leave(void);

/// Writes at most `size` bytes, the 0 at the end included.
void steno_mpi_describe(int code, char *text, int64_t size);
