// Adam (Kingma, Ba 2015) with decoupled weight decay (Loshchilov, Hutter 2019) over a flat array.

#include "isa.h"

static KERNEL void adam_body(int64_t n, float rate, float beta1, float beta2, float epsilon, float decay,
                             float correction1, float correction2, float gradient_scale,
                             const float *restrict gradient, float *restrict moment, float *restrict variance,
                             float *restrict weight) {
    float step = rate / correction1;
    float root = 1.0f / sqrtf(correction2);
    float keep = 1.0f - rate * decay;
    for (int64_t i = 0; i < n; i++) {
        float g = gradient[i] * gradient_scale;
        float m = beta1 * moment[i] + (1.0f - beta1) * g;
        float v = beta2 * variance[i] + (1.0f - beta2) * g * g;
        moment[i] = m;
        variance[i] = v;
        weight[i] = weight[i] * keep - step * m / (__builtin_elementwise_sqrt(v) * root + epsilon);
    }
}
/// `correction1` = 1 - beta1^t, `correction2` = 1 - beta2^t at step t from 1; `gradient_scale` is what clipping left.
DISPATCH(adam,
         (int64_t n, float rate, float beta1, float beta2, float epsilon, float decay, float correction1,
          float correction2, float gradient_scale, const float *gradient, float *moment, float *variance,
          float *weight),
         (n, rate, beta1, beta2, epsilon, decay, correction1, correction2, gradient_scale, gradient, moment, variance,
          weight))
