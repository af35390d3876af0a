import {
  add,
  compile,
  conv2d,
  entry,
  matmul,
  maxPool2d,
  mean,
  named,
  recordSites,
  relu,
  reshape,
  sgd,
  sparseSoftmaxCrossEntropy,
  tensor,
  variable,
} from 'gradloom'
import { source } from 'gradloom/inspect'
import { expect, test } from 'vitest'

// Lines of this file would otherwise stand in the comments.
recordSites(false)

const K1 = variable('K1', [3, 3, 1, 8], 0)
const b1 = variable('b1', [8], 0)
const K2 = variable('K2', [3, 3, 8, 16], 0)
const b2 = variable('b2', [16], 0)
const W = variable('W', [400, 10], 0)
const net = compile(
  entry({ x: tensor([32, 28, 28, 1]), labels: tensor([32], 'int32') }, ({ x, labels }) => {
    const h = named('h', relu(add(conv2d(x, K1), b1)))
    const p = named('p', maxPool2d(h))
    const q = named('q', maxPool2d(relu(add(conv2d(p, K2), b2))))
    const loss = mean(sparseSoftmaxCrossEntropy(matmul(reshape(q, [32, 400]), W), labels))
    return { outputs: { loss }, updates: sgd(loss, [K1, b1, K2, b2, W], { learningRate: 0.1 }) }
  }),
)

test('a convolution with bias and relu', () => {
  expect(source(net, { of: 'h' })).toMatchInlineSnapshot(`
    "// h float32[32, 26, 26, 8] = relu(conv(x, K1) + b1)
    //   conv, relu; 3.46 Mflop, 793 kB
    function compute_h(x, K1, b1, h) {
      for (let i = 0; i < 32; i++) {
        for (let j = 0; j < 26; j++) {
          for (let l = 0; l < 26; l++) {
            for (let m = 0; m < 8; m++) {
              let total = 0
              for (let k = 0; k < 3; k++) {
                for (let k_2 = 0; k_2 < 3; k_2++) {
                  total += x[i * 784 + j * 28 + k * 28 + l + k_2] * K1[k * 24 + k_2 * 8 + m]
                }
              }
              h[i * 5408 + j * 208 + l * 8 + m] = Math.max(total + b1[m], 0)
            }
          }
        }
      }
    }
    "
  `)
})

test('max pooling, and which element each window kept', () => {
  expect(source(net, { of: 'p' })).toMatchInlineSnapshot(`
    "// p float32[32, 13, 13, 8] = maxPool(h)
    // poolIndex int32[32, 13, 13, 8] = poolIndex(h)
    //   maxPool, poolIndex; 649 kflop, 1.04 MB
    function compute_p(h, p, poolIndex) {
      for (let i = 0; i < 32; i++) {
        for (let j = 0; j < 13; j++) {
          for (let l = 0; l < 13; l++) {
            for (let m = 0; m < 8; m++) {
              const h_ijlm = h[i * 5408 + j * 416 + l * 16 + m]
              const h_ijlm_2 = h[i * 5408 + j * 416 + l * 16 + m + 8]
              const h_ijlm_3 = h[i * 5408 + j * 416 + l * 16 + m + 208]
              const t = Math.max(Math.max(h_ijlm, h_ijlm_2), h_ijlm_3)
              const p_ijlm = Math.max(t, h[i * 5408 + j * 416 + l * 16 + m + 216])
              const t_2 = h_ijlm_3 === p_ijlm || h_ijlm_3 !== h_ijlm_3 ? 28 : 29
              const t_3 = h_ijlm_2 === p_ijlm || h_ijlm_2 !== h_ijlm_2 ? 1 : t_2
              const poolIndex_ijlm = h_ijlm === p_ijlm || h_ijlm !== h_ijlm ? 0 : t_3
              p[i * 1352 + j * 104 + l * 8 + m] = p_ijlm
              poolIndex[i * 1352 + j * 104 + l * 8 + m] = poolIndex_ijlm
            }
          }
        }
      }
    }
    "
  `)
})

test('the gradient of a kernel: a term for each pooled element, gathered where its window kept it', () => {
  expect(source(net, { of: 'd_convKernel' })).toMatchInlineSnapshot(`
    "// d_convKernel float32[8, 3, 3, 1] = convKernel(x, d_where_2 at poolIndex)
    //   gradient of conv; 779 kflop, 447 kB
    function compute_d_convKernel(poolIndex, x, d_where_2, d_convKernel) {
      for (let i = 0; i < 8; i++) {
        for (let j = 0; j < 3; j++) {
          for (let l = 0; l < 3; l++) {
            let total = 0
            for (let k = 0; k < 32; k++) {
              for (let k_2 = 0; k_2 < 13; k_2++) {
                for (let k_3 = 0; k_3 < 13; k_3++) {
                  const d_where_2_kkki = d_where_2[k * 1352 + k_2 * 104 + k_3 * 8 + i]
                  total += x[poolIndex[k * 1352 + k_2 * 104 + k_3 * 8 + i] + k * 784 + k_2 * 56 + j * 28 + k_3 * 2 + l] * d_where_2_kkki
                }
              }
            }
            d_convKernel[i * 9 + j * 3 + l] = total
          }
        }
      }
    }
    "
  `)
})

test('the gradient of what a convolution read: terms that fall where windows kept their element', () => {
  expect(source(net, { of: 'd_p' })).toMatchInlineSnapshot(`
    "// d_p float32[32, 13, 13, 8] = convTranspose(d_where, d_transpose at poolIndex_2)
    //   gradient of conv; 922 kflop, 229 kB
    function compute_d_p(d_where, d_transpose, poolIndex_2, d_p) {
      for (let i = 0; i < 32; i++) {
        for (let z = 0; z < 1352; z++) {
          d_p[i * 1352 + z] = 0
        }
        const t = i * 1352
        for (let j = 0; j < 5; j++) {
          const t_2 = (t + j * 208) | 0
          for (let l = 0; l < 5; l++) {
            const t_3 = (t_2 + l * 16) | 0
            for (let m = 0; m < 16; m++) {
              const t_4 = (t_3 + poolIndex_2[i * 400 + j * 80 + l * 16 + m]) | 0
              const d_where_ijlm = d_where[i * 400 + j * 80 + l * 16 + m]
              if (d_where_ijlm !== 0) {
                for (let n = 0; n < 3; n++) {
                  for (let o = 0; o < 3; o++) {
                    for (let p = 0; p < 8; p++) {
                      d_p[t_4 + n * 104 + o * 8 + p] += d_where_ijlm * d_transpose[m * 72 + n * 24 + o * 8 + p]
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    "
  `)
})
