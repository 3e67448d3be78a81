// One time step of a GRU over the rows of a batch, forward and backward (Cho et al. 2014, in the variant of cuDNN
// and PyTorch, where the reset gate is applied after the recurrent product):
//
//     r = s(a_r + u_r)   z = s(a_z + u_z)   n = tanh(a_n + r u_n)   h' = (1 - z) n + z h
//
// with a = W x + b (in `gates`) and u = U h + c (`recurrent` holds U h, `bias` is c). Row i of step t is inactive
// when t >= lengths[i]: its state stays and its output is 0.

#include "approximations.h"

static KERNEL void gru_step_body(int64_t rows, int64_t units, int64_t t, const int32_t *restrict lengths,
                                 float *restrict gates, int64_t gates_stride, const float *restrict recurrent,
                                 const float *restrict bias, float *restrict state, float *restrict candidates,
                                 int64_t candidates_stride, float *restrict output, int64_t output_stride) {
    for (int64_t i = 0; i < rows; i++) {
        float *restrict g = gates + i * gates_stride;
        float *restrict h = state + i * units;
        float *restrict y = output + i * output_stride;
        float *restrict saved = candidates + i * candidates_stride;
        const float *restrict u = recurrent + i * 3 * units;
        if (t >= lengths[i]) {
            memset(y, 0, (size_t)units * sizeof(float));
            continue;
        }
        INDEPENDENT
        for (int64_t j = 0; j < units; j++) {
            float r = fast_sigmoid(g[j] + u[j] + bias[j]);
            float z = fast_sigmoid(g[units + j] + u[units + j] + bias[units + j]);
            float c = u[2 * units + j] + bias[2 * units + j];
            float n = fast_tanh(g[2 * units + j] + r * c);
            float next = n + z * (h[j] - n);
            g[j] = r;
            g[units + j] = z;
            g[2 * units + j] = n;
            saved[j] = c;
            h[j] = next;
            y[j] = next;
        }
    }
}
/// Overwrites `gates` [rows, 3 units] (r, z, n) by the activated gates, `candidates` [rows, units] by u_n, `state`
/// and `output` by h'.
DISPATCH(gru_step,
         (int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t gates_stride,
          const float *recurrent, const float *bias, float *state, float *candidates, int64_t candidates_stride,
          float *output, int64_t output_stride),
         (rows, units, t, lengths, gates, gates_stride, recurrent, bias, state, candidates, candidates_stride, output,
          output_stride))

static KERNEL void gru_step_backward_body(int64_t rows, int64_t units, int64_t t, const int32_t *restrict lengths,
                                          float *restrict gates, int64_t gates_stride, float *restrict candidates,
                                          int64_t candidates_stride, const float *restrict previous,
                                          int64_t previous_stride, const float *restrict d_output,
                                          int64_t d_output_stride, float *restrict d_state,
                                          float *restrict d_recurrent) {
    for (int64_t i = 0; i < rows; i++) {
        float *restrict g = gates + i * gates_stride;
        float *restrict c = candidates + i * candidates_stride;
        float *restrict dh = d_state + i * units;
        float *restrict du = d_recurrent + i * 3 * units;
        const float *restrict h = previous + i * previous_stride;
        const float *restrict dy = d_output + i * d_output_stride;
        if (t >= lengths[i]) {
            memset(g, 0, (size_t)(3 * units) * sizeof(float));
            memset(c, 0, (size_t)units * sizeof(float));
            memset(du, 0, (size_t)(3 * units) * sizeof(float));
            continue;
        }
        INDEPENDENT
        for (int64_t j = 0; j < units; j++) {
            float r = g[j], z = g[units + j], n = g[2 * units + j];
            float d = dh[j] + dy[j];
            float dn = d * (1.0f - z) * (1.0f - n * n);
            float dz = d * (h[j] - n) * z * (1.0f - z);
            float dr = dn * c[j] * r * (1.0f - r);
            float dc = dn * r;
            g[j] = dr;
            g[units + j] = dz;
            g[2 * units + j] = dn;
            c[j] = dc;
            du[j] = dr;
            du[units + j] = dz;
            du[2 * units + j] = dc;
            dh[j] = d * z;
        }
    }
}
/// Overwrites `gates` by the gradient of a, `candidates` by that of u_n, fills `d_recurrent` [rows, 3 units] with
/// that of u, and leaves in `d_state` the part of the gradient of h that does not pass through U.
DISPATCH(gru_step_backward,
         (int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t gates_stride,
          float *candidates, int64_t candidates_stride, const float *previous, int64_t previous_stride,
          const float *d_output, int64_t d_output_stride, float *d_state, float *d_recurrent),
         (rows, units, t, lengths, gates, gates_stride, candidates, candidates_stride, previous, previous_stride,
          d_output, d_output_stride, d_state, d_recurrent))
