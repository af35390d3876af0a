import {
  adam,
  add,
  compile,
  entry,
  flip,
  matmul,
  max,
  mean,
  meanSquaredError,
  mul,
  named,
  recordSites,
  relu,
  sgd,
  sparseSoftmaxCrossEntropy,
  sub,
  sum,
  tensor,
  transpose,
  variable,
} from 'gradloom'
import { source } from 'gradloom/inspect'
import { expect, test } from 'vitest'

// Lines of this file would otherwise stand in the comments.
recordSites(false)

const W1 = variable('W1', [784, 256], 0)
const b1 = variable('b1', [256], 0)
const W2 = variable('W2', [256, 10], 0)
const b2 = variable('b2', [10], 0)
const net = compile(
  entry({ x: tensor([32, 784]), labels: tensor([32], 'int32') }, ({ x, labels }) => {
    const h = named('h', relu(add(matmul(x, W1), b1)))
    const logits = named('logits', add(matmul(h, W2), b2))
    const loss = mean(sparseSoftmaxCrossEntropy(logits, labels))
    return { outputs: { loss }, updates: sgd(loss, [W1, b1, W2, b2], { learningRate: 0.1 }) }
  }),
)

test('a dense layer: matmul, bias, relu', () => {
  expect(source(net, { of: 'h' })).toMatchInlineSnapshot(`
    "// h float32[32, 256] = relu(x · W1 + b1)
    //   matmul, relu; 12.9 Mflop, 937 kB
    function compute_h(x, W1, b1, h) {
      for (let i = 0; i < 32; i++) {
        for (let j = 0; j < 256; j++) {
          let total = 0
          for (let k = 0; k < 784; k++) {
            total += x[i * 784 + k] * W1[k * 256 + j]
          }
          h[i * 256 + j] = Math.max(total + b1[j], 0)
        }
      }
    }
    "
  `)
})

test('a weight gradient with its update', () => {
  expect(source(net, { of: 'd_W1' })).toMatchInlineSnapshot(`
    "// d_W1 float32[784, 256] = xᵀ · d_matmul
    // W1 float32[784, 256] = W1 - float32(learningRate) ⊙ d_W1, in place
    //   gradient of matmul; 13.4 Mflop, 1.74 MB
    function update_W1(x, d_matmul, W1, learningRate) {
      const learningRate_f32 = Math.fround(learningRate[0])
      for (let i = 0; i < 784; i++) {
        for (let j = 0; j < 256; j++) {
          let d_W1 = 0
          for (let k = 0; k < 32; k++) {
            d_W1 += x[k * 784 + i] * d_matmul[k * 256 + j]
          }
          W1[i * 256 + j] -= learningRate_f32 * d_W1
        }
      }
    }
    "
  `)
})

test('the gradient of softmax cross-entropy', () => {
  expect(source(net, { of: 'd_logits' })).toMatchInlineSnapshot(`
    "// d_logits float32[32, 10] = (exp / sum - oneHot(labels, 10)) ⊙ 0.03125
    //   gradient of sparseSoftmaxCrossEntropy; 2.56 kflop, 2.82 kB
    function compute_d_logits(exp, sum, labels, d_logits) {
      for (let i = 0; i < 32; i++) {
        const sum_i = sum[i]
        const labels_i = labels[i]
        for (let j = 0; j < 10; j++) {
          const t = exp[i * 10 + j] / sum_i - (labels_i === j ? 1 : 0)
          d_logits[i * 10 + j] = t * 0.03125
        }
      }
    }
    "
  `)
})

test('the largest of each row', () => {
  const run = compile(entry({ x: tensor([32, 10]) }, ({ x }) => ({ outputs: { top: max(x, { axis: 1 }) } })))
  expect(source(run)).toMatchInlineSnapshot(`
    "// top float32[32] = max(x, axis 1)
    //   max; 320 flop, 1.41 kB
    function compute_top(x, top) {
      for (let i = 0; i < 32; i++) {
        let best = -Infinity
        for (let k = 0; k < 10; k++) {
          const x_ik = x[i * 10 + k]
          if (x_ik > best || x_ik !== x_ik) best = x_ik
        }
        top[i] = best
      }
    }

    function step() {
      // forward
      compute_top(x, top)
    }
    "
  `)
})

test('an update by Adam', () => {
  const w = variable('w', [100], 0)
  const run = compile(
    entry({ target: tensor([100]) }, ({ target }) => {
      const error = named('error', sub(w, target))
      return { outputs: {}, updates: adam(sum(mul(error, error)), [w]) }
    }),
  )
  expect(source(run, { of: 'w' })).toMatchInlineSnapshot(`
    "// error float32[100] = w - target
    // d_w float32[100] = error + error
    // w/m float32[100] = float32(beta1) ⊙ w/m + float32(1 - beta1) ⊙ d_w, in place
    // w/v float32[100] = float32(beta2) ⊙ w/v + float32(1 - beta2) ⊙ d_w², in place
    // w float32[100] = w - (stepSize ⊙ (new w/m)) / (sqrt(new w/v) + float32(epsilon)), in place
    //   add, add, sub; 2.90 kflop, 2.83 kB
    function update_w(beta1, w_m, w, target, beta2, w_v, stepSize, epsilon) {
      const beta1Now = beta1[0]
      const beta1_f32 = Math.fround(beta1Now)
      const t = Math.fround(1 - beta1Now)
      const beta2Now = beta2[0]
      const beta2_f32 = Math.fround(beta2Now)
      const t_2 = Math.fround(1 - beta2Now)
      const stepSizeNow = stepSize[0]
      const epsilon_f32 = Math.fround(epsilon[0])
      for (let i = 0; i < 100; i++) {
        const m_i = w_m[i]
        const w_i = w[i]
        const t_3 = w_i - target[i]
        const t_4 = Math.fround(t_3 + t_3)
        const new_m = beta1_f32 * m_i + t * t_4
        const v_i = w_v[i]
        const new_v = beta2_f32 * v_i + t_2 * (t_4 * t_4)
        const t_5 = (stepSizeNow * new_m) / (Math.sqrt(new_v) + epsilon_f32)
        w_m[i] = new_m
        w_v[i] = new_v
        w[i] = w_i - t_5
      }
    }
    "
  `)
})

test('a sum over views', () => {
  const run = compile(
    entry({ a: tensor([8, 6]), b: tensor([6, 8]) }, ({ a, b }) => ({
      outputs: { y: sum(mul(flip(a, 0), transpose(b)), { axis: 0 }) },
    })),
  )
  expect(source(run)).toMatchInlineSnapshot(`
    "// y float32[6] = sum(flip(a, [0]) ⊙ bᵀ, axis 0)
    //   sum; 96 flop, 408 B
    function compute_y(a, b, y) {
      for (let i = 0; i < 6; i++) {
        let total = 0
        for (let k = 0; k < 8; k++) {
          total += a[42 - k * 6 + i] * b[i * 8 + k]
        }
        y[i] = total
      }
    }

    function step() {
      // forward
      compute_y(a, b, y)
    }
    "
  `)
})

test('a whole step: linear regression with momentum', () => {
  const w = variable('w', [3, 1], 0)
  const b = variable('b', [1], 0)
  const run = compile(
    entry({ x: tensor([20, 3]), y: tensor([20, 1]) }, ({ x, y }) => {
      const loss = meanSquaredError(named('guess', add(matmul(x, w), b)), y)
      return { outputs: { loss }, updates: sgd(loss, [w, b], { learningRate: 0.1, momentum: 0.9 }) }
    }),
  )
  expect(source(run)).toMatchInlineSnapshot(`
    "// guess float32[20, 1] = x · w + b
    // sub float32[20, 1] = guess - y
    // d_guess float32[20, 1] = sub ⊙ 0.1
    //   matmul, sub, mul; 180 flop, 496 B
    function compute_d_guess(x, w, b, y, sub, d_guess) {
      const b_0 = b[0]
      for (let i = 0; i < 20; i++) {
        let total = 0
        for (let k = 0; k < 3; k++) {
          total += x[i * 3 + k] * w[k]
        }
        const sub_i = total + b_0 - y[i]
        sub[i] = sub_i
        d_guess[i] = sub_i * 0.10000000149011612
      }
    }

    // loss float32[] = sum(sub², axes 0, 1) / 20
    //   sum, div; 44 flop, 84 B
    function compute_loss(sub, loss) {
      let total = 0
      for (let k = 0; k < 20; k++) {
        const sub_k = sub[k]
        total += sub_k * sub_k
      }
      loss[0] = total / 20
    }

    // d_w float32[3, 1] = xᵀ · d_guess
    // w/momentum float32[3, 1] = float32(momentum) ⊙ w/momentum - float32(learningRate) ⊙ d_w, in place
    // w float32[3, 1] = w + (new w/momentum), in place
    //   gradient of matmul; 138 flop, 384 B
    function update_w(x, d_guess, momentum, w_momentum, learningRate, w) {
      const momentum_f32 = Math.fround(momentum[0])
      const learningRate_f32 = Math.fround(learningRate[0])
      for (let i = 0; i < 3; i++) {
        let d_w = 0
        for (let k = 0; k < 20; k++) {
          d_w += x[k * 3 + i] * d_guess[k]
        }
        const momentum_i = w_momentum[i]
        const new_momentum = momentum_f32 * momentum_i - learningRate_f32 * d_w
        w_momentum[i] = new_momentum
        w[i] += new_momentum
      }
    }

    // d_b float32[1] = sum(d_guess, axis 0)
    // b/momentum float32[1] = float32(momentum) ⊙ b/momentum - float32(learningRate) ⊙ d_b, in place
    // b float32[1] = b + (new b/momentum), in place
    //   gradient of add; 26 flop, 112 B
    function update_b(d_guess, momentum, b_momentum, learningRate, b) {
      let d_b = 0
      for (let k = 0; k < 20; k++) {
        d_b += d_guess[k]
      }
      const momentum_0 = b_momentum[0]
      const t = Math.fround(momentum[0]) * momentum_0
      const new_momentum = t - Math.fround(learningRate[0]) * d_b
      b_momentum[0] = new_momentum
      b[0] += new_momentum
    }

    function step() {
      // forward
      compute_d_guess(x, w, b, y, sub, d_guess)
      compute_loss(sub, loss)

      // backward
      update_w(x, d_guess, momentum, w_momentum, learningRate, w)
      update_b(d_guess, momentum, b_momentum, learningRate, b)
    }
    "
  `)
})
