// One time step of an LSTM over the rows of a batch, forward and backward (Hochreiter, Schmidhuber 1997, with the
// forget gate of Gers et al. 2000; gates in the order of cuDNN and PyTorch):
//
//     i = s(a_i + u_i)   f = s(a_f + u_f)   g = tanh(a_g + u_g)   o = s(a_o + u_o)
//     c' = f c + i g     h' = o tanh(c')
//
// with a = W x + b (in `gates`) and u = U h + d (`recurrent` holds U h, `bias` is d). Row k of step t is inactive
// when t >= lengths[k]: its states stay and its output is 0.

#include "approximations.h"

static KERNEL void lstm_step_body(int64_t rows, int64_t units, int64_t t, const int32_t *restrict lengths,
                                  float *restrict gates, int64_t gates_stride, const float *restrict recurrent,
                                  const float *restrict bias, float *restrict state, float *restrict cell,
                                  float *restrict cells, int64_t cells_stride, float *restrict output,
                                  int64_t output_stride) {
    for (int64_t k = 0; k < rows; k++) {
        float *restrict a = gates + k * gates_stride;
        float *restrict h = state + k * units;
        float *restrict c = cell + k * units;
        float *restrict saved = cells + k * cells_stride;
        float *restrict y = output + k * output_stride;
        const float *restrict u = recurrent + k * 4 * units;
        if (t >= lengths[k]) {
            memset(y, 0, (size_t)units * sizeof(float));
            continue;
        }
        INDEPENDENT
        for (int64_t j = 0; j < units; j++) {
            float i = fast_sigmoid(a[j] + u[j] + bias[j]);
            float f = fast_sigmoid(a[units + j] + u[units + j] + bias[units + j]);
            float g = fast_tanh(a[2 * units + j] + u[2 * units + j] + bias[2 * units + j]);
            float o = fast_sigmoid(a[3 * units + j] + u[3 * units + j] + bias[3 * units + j]);
            float next = f * c[j] + i * g;
            float out = o * fast_tanh(next);
            a[j] = i;
            a[units + j] = f;
            a[2 * units + j] = g;
            a[3 * units + j] = o;
            c[j] = next;
            saved[j] = next;
            h[j] = out;
            y[j] = out;
        }
    }
}
/// Overwrites `gates` [rows, 4 units] (i, f, g, o) by the activated gates, `state` and `output` by h', `cell` and
/// `cells` [rows, units] by c'.
DISPATCH(lstm_step,
         (int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t gates_stride,
          const float *recurrent, const float *bias, float *state, float *cell, float *cells, int64_t cells_stride,
          float *output, int64_t output_stride),
         (rows, units, t, lengths, gates, gates_stride, recurrent, bias, state, cell, cells, cells_stride, output,
          output_stride))

static KERNEL void lstm_step_backward_body(int64_t rows, int64_t units, int64_t t, const int32_t *restrict lengths,
                                           float *restrict gates, int64_t gates_stride, const float *restrict cells,
                                           int64_t cells_stride, const float *restrict previous_cells,
                                           int64_t previous_stride, const float *restrict d_output,
                                           int64_t d_output_stride, float *restrict d_state,
                                           float *restrict d_cell) {
    for (int64_t k = 0; k < rows; k++) {
        float *restrict a = gates + k * gates_stride;
        float *restrict dh = d_state + k * units;
        float *restrict dc = d_cell + k * units;
        const float *restrict next = cells + k * cells_stride;
        const float *restrict c = previous_cells + k * previous_stride;
        const float *restrict dy = d_output + k * d_output_stride;
        if (t >= lengths[k]) {
            memset(a, 0, (size_t)(4 * units) * sizeof(float));
            continue;
        }
        INDEPENDENT
        for (int64_t j = 0; j < units; j++) {
            float i = a[j], f = a[units + j], g = a[2 * units + j], o = a[3 * units + j];
            float y = fast_tanh(next[j]);
            float d = dh[j] + dy[j];
            float e = dc[j] + d * o * (1.0f - y * y);
            a[j] = e * g * i * (1.0f - i);
            a[units + j] = e * c[j] * f * (1.0f - f);
            a[2 * units + j] = e * i * (1.0f - g * g);
            a[3 * units + j] = d * y * o * (1.0f - o);
            dc[j] = e * f;
            dh[j] = 0.0f;
        }
    }
}
/// Overwrites `gates` by the gradient of a + u, `d_cell` by that of c, and `d_state` by 0: h counts through U alone.
/// `cells` holds c', `previous_cells` c.
DISPATCH(lstm_step_backward,
         (int64_t rows, int64_t units, int64_t t, const int32_t *lengths, float *gates, int64_t gates_stride,
          const float *cells, int64_t cells_stride, const float *previous_cells, int64_t previous_stride,
          const float *d_output, int64_t d_output_stride, float *d_state, float *d_cell),
         (rows, units, t, lengths, gates, gates_stride, cells, cells_stride, previous_cells, previous_stride,
          d_output, d_output_stride, d_state, d_cell))
