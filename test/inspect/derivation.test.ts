import { compile, entry, grad, GraphError, matmul, mul, named, relu, sum, tanh, tensor, variable, vjp } from 'gradloom'
import { derivation, type DerivationTerm } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { checkTex } from '../codegen/tex'
import { expectFault } from '../fault'
import { compiled, MODELS, type ModelName } from './formula-models'

const told = (name: ModelName, of: string): string => String(derivation(compiled(name), { of }))

describe('the way from the loss to', () => {
  test('a weight of the first layer', () =>
    expect(told('mlp', 'd_W')).toMatchInlineSnapshot(`
    "d_W, the gradient of loss with respect to W
    1. d_loss = 1
    2. d_sparseSoftmaxCrossEntropy = 1 / 2
       by mean: loss = mean(sparseSoftmaxCrossEntropy(logits, y), axis 0)
    3. d_logits = (softmax(logits) - oneHot(y, 3)) ⊙ d_sparseSoftmaxCrossEntropy
       by sparseSoftmaxCrossEntropy: sparseSoftmaxCrossEntropy(logits, y)
    4. d_relu = d_logits · Vᵀ
       by matmul: relu(z) · V
    5. d_z = [relu(z) > 0] ⊙ d_relu
       by relu: relu(z)
    6. d_W = xᵀ · d_z
       by matmul: x · W"
  `))
  test('a kernel', () =>
    expect(told('cnn', 'd_K')).toMatchInlineSnapshot(`
    "d_K, the gradient of loss with respect to K
    1. d_loss = 1
    2. d_sparseSoftmaxCrossEntropy = 1 / 2
       by mean: loss = mean(sparseSoftmaxCrossEntropy(p · U, y), axis 0)
    3. d_matmul = (softmax(p · U) - oneHot(y, 3)) ⊙ d_sparseSoftmaxCrossEntropy
       by sparseSoftmaxCrossEntropy: sparseSoftmaxCrossEntropy(p · U, y)
    4. d_reshape = d_matmul · Uᵀ
       by matmul: p · U
    5. d_p = d_reshape
       by reshape: p
    6. d_h = place(d_p, poolIndex(h))
       by maxPool: p = maxPool(h)
    7. d_conv = [h > 0] ⊙ d_h
       by relu: h = relu(conv(x, K))
    8. d_K = convKernel(x, d_conv)
       by conv: conv(x, K)"
  `))
  test('a weight where nothing is named', () =>
    expect(told('nothing named', 'd_b')).toMatchInlineSnapshot(`
    "d_b, the gradient of loss with respect to b
    1. d_loss = 1
    2. d_add_2 = (1 / 6) ⊙ ((tanh · V + c - y) ⊙ 2)
       by meanSquaredError: loss = meanSquaredError(tanh · V + c, y)
    3. d_matmul = d_add_2
       by add: tanh · V + c
    4. d_tanh = d_matmul · Vᵀ
       by matmul: tanh · V
    5. d_add = d_tanh ⊙ ((1 - tanh) ⊙ (1 + tanh))
       by tanh: tanh = tanh(x · W + b)
    6. d_b = sum(d_add, axis 0)
       by add: x · W + b"
  `))
  test('a weight of a loop', () =>
    expect(told('loop', 'd_U')).toMatchInlineSnapshot(`
    "d_U, the gradient of loss with respect to U
    1. d_loss = 1
    2. d_square = 1 / 8
       by mean: loss = mean(h², axes 0, 1)
    3. d_h = d_square ⊙ (h ⊙ 2)
       by square: h²
    4. d_U = last(new d_U, d_h from d_h, d_U from 0, x in xs, h in turns(h, h from 0, x in xs))
       by scan: h = last(h_next, h from 0, x in xs)"
  `))
  test('a parameter of batch norm', () =>
    expect(told('batch norm', 'd_gamma')).toMatchInlineSnapshot(`
    "d_gamma, the gradient of loss with respect to gamma
    1. d_loss = 1
    2. d_square = 1 / 32
       by mean: loss = mean(y², axes 0, 1)
    3. d_y = d_square ⊙ (y ⊙ 2)
       by square: y²
    4. d_gamma = sum(d_y ⊙ layerNorm(x), axis 0)
       by batchNorm: y = batchNorm(x, gamma, beta)"
  `))
  test('where paths join', () =>
    expect(told('paths that join', 'd_b')).toMatchInlineSnapshot(`
    "d_b, the gradient of loss with respect to b
    1. d_loss = 1
    2. d_add = 1
       by sum: loss = sum(tanh(h) ⊙ sigmoid(h) + h, axes 0, 1)
    3. d_mul = d_add
       by add: tanh(h) ⊙ sigmoid(h) + h
    4. d_sigmoid = d_mul ⊙ tanh(h)
       by mul: tanh(h) ⊙ sigmoid(h)
    5. d_tanh = d_mul ⊙ sigmoid(h)
       by mul: tanh(h) ⊙ sigmoid(h)
    6. d_h = d_add + d_sigmoid ⊙ (sigmoid(h) ⊙ (1 - sigmoid(h))) + d_tanh ⊙ ((1 - tanh(h)) ⊙ (1 + tanh(h)))
       d_add   by add: tanh(h) ⊙ sigmoid(h) + h
       d_sigmoid ⊙ (sigmoid(h) ⊙ (1 - sigmoid(h)))   by sigmoid: sigmoid(h)
       d_tanh ⊙ ((1 - tanh(h)) ⊙ (1 + tanh(h)))   by tanh: tanh(h)
    7. d_b = sum(d_h ⊙ x, axis 0)
       by mul: h = x ⊙ b"
  `))
  test('a weight that is used twice', () =>
    expect(told('a weight used twice', 'd_W')).toMatchInlineSnapshot(`
    "d_W, the gradient of loss with respect to W
    1. d_loss = 1
    2. d_matmul = (1 / 10) ⊙ ((code · Wᵀ - x) ⊙ 2)
       by meanSquaredError: loss = meanSquaredError(code · Wᵀ, x)
    3. d_transpose = codeᵀ · d_matmul
       by matmul: code · Wᵀ
    4. d_code = d_matmul · W
       by matmul: code · Wᵀ
    5. d_W = d_transposeᵀ + xᵀ · d_code
       d_transposeᵀ   by transpose: Wᵀ
       xᵀ · d_code   by matmul: code = x · W"
  `))
  test('what a residual connection goes round', () =>
    expect(told('residual', 'd_s')).toMatchInlineSnapshot(`
    "d_s, the gradient of loss with respect to s
    1. d_loss = 1
    2. d_square = 1 / 8
       by mean: loss = mean(add², axes 0, 1)
    3. d_add = d_square ⊙ (add ⊙ 2)
       by square: add²
    4. d_relu = d_add
       by add: add = h + relu(h · A)
    5. d_matmul = [relu(h · A) > 0] ⊙ d_relu
       by relu: relu(h · A)
    6. d_h = d_add + d_matmul · Aᵀ
       d_add   by add: add = h + relu(h · A)
       d_matmul · Aᵀ   by matmul: h · A
    7. d_s = sum(d_h, axis 0)
       by add: h = x + s"
  `))
  test('an operand of both arms of a choice', () =>
    expect(told('choice', 'd_b')).toMatchInlineSnapshot(`
    "d_b, the gradient of loss with respect to b
    1. d_loss = 1
    2. d_square = 1
       by sum: loss = sum(y², axis 0)
    3. d_y = d_square ⊙ (y ⊙ 2)
       by square: y²
    4. d_b = where(flag > 0, d_mul, d_neg)
       by cond: y = where(flag > 0, mul, sub)"
  `))
})

test('each step is made of earlier ones and of the op that it names', () => {
  for (const [name, of] of [
    ['mlp', 'd_W'],
    ['cnn', 'd_K'],
    ['residual', 'd_s'],
    ['a weight used twice', 'd_W'],
    ['choice', 'd_b'],
  ] as const) {
    // prettier-ignore
    const { steps, of: target, loss, name: gradient } = derivation(compiled(name), { of })
    expect([gradient, target, loss]).toEqual([of, of.slice(2), 'loss'])
    expect(steps[0]).toMatchObject({ name: 'd_loss', of: 'loss', text: 'd_loss = 1', terms: [] })
    expect(steps.at(-1)!.name).toBe(of)
    const before = new Set<string>()
    for (const step of steps) {
      checkTex(step.latex)
      expect(step.text.startsWith(`${step.name} = `)).toBe(true)
      if (before.size > 0) expect(step.terms.length).toBeGreaterThan(0)
      for (const { from, latex, forward } of step.terms) {
        checkTex(latex)
        checkTex(forward.latex)
        expect(from.length).toBeGreaterThan(0)
        for (const g of from) expect(before, `${g} before ${step.name}`).toContain(g)
      }
      // Where one path arrives, its term is the gradient.
      if (step.terms.length === 1) expect(step.text).toBe(`${step.name} = ${step.terms[0]!.text}`)
      before.add(step.name)
    }
    // No step leads nowhere.
    const used = new Set(steps.flatMap((step) => step.terms.flatMap((term) => term.from)))
    for (const step of steps.slice(0, -1)) expect(used, step.name).toContain(step.name)
  }
})

test('terms of a sum are told apart, of one op too', () => {
  const w = variable('w', [3], 1)
  const run = compile(
    entry({ x: tensor([3]) }, ({ x }) => {
      const loss = sum(mul(mul(w, w), x))
      return { outputs: { loss, g: grad(loss, [w])[0] } }
    }),
  )
  const { steps } = derivation(run, { of: 'd_w' })
  const terms = steps.at(-1)!.terms
  expect(terms.map((t: DerivationTerm) => [t.text, t.op, t.forward.text])).toEqual([
    ['d_mul_2 ⊙ w', 'mul', 'w ⊙ w'],
    ['d_mul_2 ⊙ w', 'mul', 'w ⊙ w'],
  ])
})

test('a masked gradient that later rules look through is still a step', () => {
  const w = variable('w', [3], 1)
  const run = compile(
    entry({ x: tensor([3]) }, ({ x }) => {
      const loss = sum(relu(named('z', tanh(named('p', mul(w, x))))))
      return { outputs: { loss, g: grad(loss, [w])[0] } }
    }),
  )
  expect(derivation(run, { of: 'g' }).steps.map((step) => step.of)).toEqual(['loss', 'relu', 'z', 'p', 'w'])
})

test('a gradient of a gradient leads through the first', () => {
  const w = variable('w', [2], 1)
  const run = compile(
    entry({ x: tensor([2]) }, ({ x }) => {
      const loss = named('loss', sum(mul(mul(w, w), mul(w, x))))
      const [first] = grad(loss, [w])
      const second = named('second', sum(mul(first, first)))
      return { outputs: { second, twice: grad(second, [w])[0] } }
    }),
  )
  const { steps, loss } = derivation(run, { of: 'twice' })
  expect(loss).toBe('second')
  expect(steps.map((step) => step.of)).toContain('d_loss_w')
})

test('a cotangent that is given is where the rule begins', () => {
  const w = variable('w', [3, 2], 1)
  const run = compile(
    entry({ x: tensor([4, 3]), v: tensor([4, 2]) }, ({ x, v }) => {
      const y = named('y', matmul(x, w))
      return { outputs: { y, g: vjp([y], [v], [w])[0] } }
    }),
  )
  expect(
    String(derivation(run, { of: 'g' }))
      .split('\n')
      .slice(1),
  ).toEqual(['1. d_y = v', '2. g = xᵀ · v', '   by matmul: y = x · w'])
})

test('what is no gradient is refused with a list of those there are', () => {
  expectFault(() => derivation(compiled('mlp'), { of: 'z' }), GraphError, 'derivation: "z" is not a gradient', '"d_z", "d_W"') // prettier-ignore
  expectFault(() => derivation(compiled('lstm'), { of: 'd_z' }), GraphError, 'it has none')
  expectFault(() => derivation(compiled('mlp'), {} as never), GraphError, 'not a gradient')
  expect(Object.keys(MODELS)).toContain('lstm')
})
