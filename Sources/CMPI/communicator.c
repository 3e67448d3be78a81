#include "CMPI.h"

#if STENO_MPI
#include <limits.h>
#include <mpi.h>
#include <stdio.h>

int steno_mpi_join(void) {
    int level;
    // Worker threads compute meanwhile; only the one that joins communicates.
    int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    if (code != MPI_SUCCESS) return code;
    if (level < MPI_THREAD_FUNNELED) return MPI_ERR_UNSUPPORTED_OPERATION;
    return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int steno_mpi_place(int32_t *rank, int32_t *count) {
    int code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
    return code != MPI_SUCCESS ? code : MPI_Comm_size(MPI_COMM_WORLD, count);
}

int steno_mpi_gather(int64_t bytes, const void *own, void *all) {
    if (bytes > INT_MAX) return MPI_ERR_COUNT;
    return MPI_Allgather(own, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, MPI_COMM_WORLD);
}

int steno_mpi_exchange(int32_t partner, int64_t sent_count, const float *sent, int64_t received_count,
                       float *received) {
    if (sent_count > INT_MAX || received_count > INT_MAX) return MPI_ERR_COUNT;
    return MPI_Sendrecv(sent, (int)sent_count, MPI_FLOAT, partner, 0, received, (int)received_count, MPI_FLOAT,
                        partner, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int steno_mpi_leave(void) { return MPI_Finalize(); }

void steno_mpi_describe(int code, char *text, int64_t size) {
    char whole[MPI_MAX_ERROR_STRING + 1] = "";
    int length = 0;
    if (MPI_Error_string(code, whole, &length) != MPI_SUCCESS) length = 0;
    snprintf(text, (size_t)size, "%.*s", length, whole);
}

#endif
