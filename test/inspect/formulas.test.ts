import { compile, entry, GraphError, matmul, mul, named, sum, tensor, variable, vmap } from 'gradloom'
import { formula, formulas } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { checkTex } from '../codegen/tex'
import { expectFault } from '../fault'
import { compiled, MODELS, type ModelName } from './formula-models'

const NAMES = Object.keys(MODELS) as ModelName[]
const textOf = (name: ModelName): string => formulas(compiled(name)).map(({ text }) => text).join('\n') // prettier-ignore
const latexOf = (name: ModelName): string => formulas(compiled(name)).map(({ latex }) => latex).join('\n') // prettier-ignore

describe('formulas of', () => {
  test('mlp', () => {
    expect(textOf('mlp')).toMatchInlineSnapshot(`
      "z = x · W + b
      logits = relu(z) · V + c
      loss = mean(sparseSoftmaxCrossEntropy(logits, y), axis 0)
      d_logits = (softmax(logits) - oneHot(y, 3)) ⊙ (1 / 2)
      d_z = [relu(z) > 0] ⊙ (d_logits · Vᵀ)
      d_W = xᵀ · d_z
      new W = W - float32(learningRate) ⊙ d_W
      d_b = sum(d_z, axis 0)
      new b = b - float32(learningRate) ⊙ d_b
      d_V = relu(z)ᵀ · d_logits
      new V = V - float32(learningRate) ⊙ d_V
      d_c = sum(d_logits, axis 0)
      new c = c - float32(learningRate) ⊙ d_c"
    `)
  })

  test('nothing named', () => {
    expect(textOf('nothing named')).toMatchInlineSnapshot(`
      "tanh = tanh(x · W + b)
      loss = meanSquaredError(tanh · V + c, y)
      d_add = (((1 / 6) ⊙ ((tanh · V + c - y) ⊙ 2)) · Vᵀ) ⊙ ((1 - tanh) ⊙ (1 + tanh))
      d_W = xᵀ · d_add
      new W = W - float32(learningRate) ⊙ d_W
      d_b = sum(d_add, axis 0)
      new b = b - float32(learningRate) ⊙ d_b"
    `)
  })

  test('cnn', () => {
    expect(textOf('cnn')).toMatchInlineSnapshot(`
      "h = relu(conv(x, K))
      p = maxPool(h)
      loss = mean(sparseSoftmaxCrossEntropy(p · U, y), axis 0)
      d_matmul = (softmax(p · U) - oneHot(y, 3)) ⊙ (1 / 2)
      d_p = d_matmul · Uᵀ
      d_h = place(d_p, poolIndex(h))
      d_K = convKernel(x, [h > 0] ⊙ d_h)
      new K = K - float32(learningRate) ⊙ d_K
      d_U = pᵀ · d_matmul
      new U = U - float32(learningRate) ⊙ d_U"
    `)
  })

  test('attention', () => {
    expect(textOf('attention')).toMatchInlineSnapshot(`
      "q = x · W_q
      k = x · W_k
      a = softmax((q · kᵀ) ⊙ 0.5)
      v = x · W_v
      o = a · v
      loss = mean(o², axes 0, 1, 2)"
    `)
  })

  test('batch norm', () => {
    expect(textOf('batch norm')).toMatchInlineSnapshot(`
      "y = batchNorm(x, gamma, beta)
      loss = mean(y², axes 0, 1)
      new mean = mean ⊙ 0.99 + stopGradient(mean(x, axis 0)) ⊙ 0.01
      new variance = variance ⊙ 0.99 + stopGradient(variance(x, axis 0)) ⊙ 0.01
      d_y = (1 / 32) ⊙ (y ⊙ 2)
      d_gamma = sum(d_y ⊙ layerNorm(x), axis 0)
      new gamma = gamma - float32(learningRate) ⊙ d_gamma
      d_beta = sum(d_y, axis 0)
      new beta = beta - float32(learningRate) ⊙ d_beta"
    `)
  })

  test('loop', () => {
    expect(textOf('loop')).toMatchInlineSnapshot(`
      "h_next = tanh(x · W + h · U)
      h = last(h_next, h from 0, x in xs)
      loss = mean(h², axes 0, 1)
      d_h = (1 / 8) ⊙ (h ⊙ 2)
      new d_h = (d_h ⊙ ((1 - h_next) ⊙ (1 + h_next))) · Uᵀ
      new d_W = d_W + xᵀ · (d_h ⊙ ((1 - h_next) ⊙ (1 + h_next)))
      new d_U = d_U + hᵀ · (d_h ⊙ ((1 - h_next) ⊙ (1 + h_next)))
      d_W = last(new d_W, d_h from d_h, d_W from 0, x in xs, h in turns(h, h from 0, x in xs))
      new W = W - float32(learningRate) ⊙ d_W
      d_U = last(new d_U, d_h from d_h, d_U from 0, x in xs, h in turns(h, h from 0, x in xs))
      new U = U - float32(learningRate) ⊙ d_U"
    `)
  })

  test('lstm', () => {
    expect(textOf('lstm')).toMatchInlineSnapshot(`
      "z = x · kernel + h · recurrent + bias
      o = sigmoid(z[0:2, 6:8])
      f = sigmoid(z[0:2, 2:4])
      i = sigmoid(z[0:2, 0:2])
      g = tanh(z[0:2, 4:6])
      new c = f ⊙ c + i ⊙ g
      new h = o ⊙ tanh(new c)
      h_turns = turns(new h, h from 0, c from 0, x in transpose(x, [1, 0, 2]))
      loss = mean(transpose(h_turns, [1, 0, 2])², axes 0, 1, 2)"
    `)
  })

  test('choice', () => {
    expect(textOf('choice')).toMatchInlineSnapshot(`
      "mul = x ⊙ b
      sub = x - b
      y = where(flag > 0, mul, sub)
      loss = sum(y², axis 0)
      d_y = y ⊙ 2
      d_mul = d_y ⊙ x
      d_neg = -d_y
      d_b = where(flag > 0, d_mul, d_neg)
      new b = b - float32(learningRate) ⊙ d_b"
    `)
  })

  test('paths that join', () => {
    expect(textOf('paths that join')).toMatchInlineSnapshot(`
      "h = x ⊙ b
      loss = sum(tanh(h) ⊙ sigmoid(h) + h, axes 0, 1)
      d_h = 1 + tanh(h) ⊙ (sigmoid(h) ⊙ (1 - sigmoid(h))) + sigmoid(h) ⊙ ((1 - tanh(h)) ⊙ (1 + tanh(h)))
      d_b = sum(d_h ⊙ x, axis 0)
      new b = b - float32(learningRate) ⊙ d_b"
    `)
  })

  test('a weight used twice', () => {
    expect(textOf('a weight used twice')).toMatchInlineSnapshot(`
      "code = x · W
      loss = meanSquaredError(code · Wᵀ, x)
      d_matmul = (1 / 10) ⊙ ((code · Wᵀ - x) ⊙ 2)
      d_code = d_matmul · W
      d_W = (codeᵀ · d_matmul)ᵀ + xᵀ · d_code
      new W = W - float32(learningRate) ⊙ d_W"
    `)
  })

  test('residual', () => {
    expect(textOf('residual')).toMatchInlineSnapshot(`
      "h = x + s
      add = h + relu(h · A)
      loss = mean(add², axes 0, 1)
      d_add = (1 / 8) ⊙ (add ⊙ 2)
      d_h = d_add + ([relu(h · A) > 0] ⊙ d_add) · Aᵀ
      d_s = sum(d_h, axis 0)
      new s = s - float32(learningRate) ⊙ d_s"
    `)
  })

  test('scopes', () => {
    expect(textOf('scopes')).toMatchInlineSnapshot(`
      "encoder/h = tanh(x · W)
      loss = sum(encoder/h ⊙ 2, axes 0, 1)"
    `)
  })
})

describe('in LaTeX', () => {
  test('mlp', () => {
    expect(latexOf('mlp')).toMatchInlineSnapshot(`
      "z = x \\cdot W + b
      \\mathrm{logits} = \\operatorname{relu}(z) \\cdot V + c
      \\mathrm{loss} = \\operatorname{mean}_{0}(\\operatorname{sparseSoftmaxCrossEntropy}(\\mathrm{logits}, y))
      d_{\\mathrm{logits}} = (\\operatorname{softmax}(\\mathrm{logits}) - \\operatorname{oneHot}(y, 3)) \\odot \\frac{1}{2}
      d_{z} = [\\operatorname{relu}(z) > 0] \\odot (d_{\\mathrm{logits}} \\cdot V^{\\top})
      d_{W} = x^{\\top} \\cdot d_{z}
      W_{\\text{new}} = W - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{W}
      d_{b} = \\sum_{0} d_{z}
      b_{\\text{new}} = b - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{b}
      d_{V} = \\operatorname{relu}(z)^{\\top} \\cdot d_{\\mathrm{logits}}
      V_{\\text{new}} = V - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{V}
      d_{c} = \\sum_{0} d_{\\mathrm{logits}}
      c_{\\text{new}} = c - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{c}"
    `)
  })

  test('attention', () => {
    expect(latexOf('attention')).toMatchInlineSnapshot(`
      "q = x \\cdot W_{q}
      k = x \\cdot W_{k}
      a = \\operatorname{softmax}((q \\cdot k^{\\top}) \\odot 0.5)
      v = x \\cdot W_{v}
      o = a \\cdot v
      \\mathrm{loss} = \\operatorname{mean}_{0,1,2}(o^{2})"
    `)
  })

  test('paths that join', () => {
    expect(latexOf('paths that join')).toMatchInlineSnapshot(`
      "h = x \\odot b
      \\mathrm{loss} = \\sum_{0,1} (\\tanh(h) \\odot \\operatorname{sigmoid}(h) + h)
      d_{h} = 1 + \\tanh(h) \\odot (\\operatorname{sigmoid}(h) \\odot (1 - \\operatorname{sigmoid}(h))) + \\operatorname{sigmoid}(h) \\odot ((1 - \\tanh(h)) \\odot (1 + \\tanh(h)))
      d_{b} = \\sum_{0} (d_{h} \\odot x)
      b_{\\text{new}} = b - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{b}"
    `)
  })

  test('loop', () => {
    expect(latexOf('loop')).toMatchInlineSnapshot(`
      "h_{\\mathrm{next}} = \\tanh(x \\cdot W + h \\cdot U)
      h = \\operatorname{last}(h_{\\mathrm{next}}, h \\text{ from } 0, x \\in \\mathrm{xs})
      \\mathrm{loss} = \\operatorname{mean}_{0,1}(h^{2})
      d_{h} = \\frac{1}{8} \\odot (h \\odot 2)
      d_{h,\\text{new}} = (d_{h} \\odot ((1 - h_{\\mathrm{next}}) \\odot (1 + h_{\\mathrm{next}}))) \\cdot U^{\\top}
      d_{W,\\text{new}} = d_{W} + x^{\\top} \\cdot (d_{h} \\odot ((1 - h_{\\mathrm{next}}) \\odot (1 + h_{\\mathrm{next}})))
      d_{U,\\text{new}} = d_{U} + h^{\\top} \\cdot (d_{h} \\odot ((1 - h_{\\mathrm{next}}) \\odot (1 + h_{\\mathrm{next}})))
      d_{W} = \\operatorname{last}(d_{W,\\text{new}}, d_{h} \\text{ from } d_{h}, d_{W} \\text{ from } 0, x \\in \\mathrm{xs}, h \\in \\operatorname{turns}(h, h \\text{ from } 0, x \\in \\mathrm{xs}))
      W_{\\text{new}} = W - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{W}
      d_{U} = \\operatorname{last}(d_{U,\\text{new}}, d_{h} \\text{ from } d_{h}, d_{U} \\text{ from } 0, x \\in \\mathrm{xs}, h \\in \\operatorname{turns}(h, h \\text{ from } 0, x \\in \\mathrm{xs}))
      U_{\\text{new}} = U - \\operatorname{float32}(\\mathrm{learningRate}) \\odot d_{U}"
    `)
  })

  test.each(NAMES)('%s is well-formed', (name) => {
    for (const { latex } of formulas(compiled(name))) checkTex(latex)
  })
})

describe('formula', () => {
  test.each(NAMES)('each row of %s can be asked for by its name', (name) => {
    const run = compiled(name)
    const rows = formulas(run)
    expect(rows.length).toBeGreaterThan(0)
    for (const [name, first] of new Map(rows.toReversed().map((row) => [row.name, row]))) {
      expect(formula(run, { of: name })).toBe(first.text)
      expect(formula(run, { of: name, format: 'latex' })).toBe(first.latex)
    }
    expect(String(rows).split('\n')).toHaveLength(rows.length)
  })

  test('of a variable is that of its next value', () => {
    expect(formula(compiled('mlp'), { of: 'W' })).toBe('new W = W - float32(learningRate) ⊙ d_W')
  })

  test('names that are made stand for what has a formula in turn', () => {
    const rows = formulas(compiled('nothing named'))
    const known = new Set(rows.map((row) => row.name))
    const made = rows.flatMap(({ text }) => text.split(' = ')[1]!.match(/\b(?:d_)?(?:tanh|add|matmul|sub|mul)(?:_\d)?\b(?!\()/g) ?? []) // prettier-ignore
    expect(made.length).toBeGreaterThan(2)
    for (const name of made) expect(known, name).toContain(name)
    for (const { text } of rows) expect(text).not.toContain('…')
  })

  test('a deep graph has no long formula and none that is cut off', () => {
    const run = compile(
      entry({ x: tensor([3, 3]) }, ({ x }) => {
        let y = mul(x, x)
        for (let i = 0; i < 300; i++) y = i % 3 === 0 ? matmul(y, x) : mul(y, y)
        return { outputs: { y } }
      }),
    )
    for (const { text } of formulas(run)) {
      expect(text).not.toContain('…')
      expect(text.length).toBeLessThan(200)
    }
  })

  test('names of other entries are refused with a list of its own', () => {
    const run = compiled('mlp')
    expectFault(() => formula(run, { of: 'q' }), GraphError, 'formula: "q" is not a tensor', '"z"', '"d_W"', '"loss"')
    expectFault(() => formula(run, { of: 'x' }), GraphError, '"x" is given')
    expectFault(() => formula(run, { of: 'z', format: 'tex' as never }), GraphError, '"tex"', 'text, latex')
    expectFault(() => formula(run, { of: 'z', as: 'latex' } as never), GraphError, 'unknown option "as"')
    expectFault(() => formulas({}), GraphError, 'compiled entry such as net.train')
  })

  test('named dimensions take part in what is asked', () => {
    const run = compile(entry({ x: tensor(['B', 2]) }, ({ x }) => ({ outputs: { y: sum(x) } })))
    expect(formula(run, { of: 'y', bindings: { B: 3 } })).toBe('y = sum(x, axes 0, 1)')
    expect(String(formulas(run, { bindings: { B: 3 } }))).toBe('y = sum(x, axes 0, 1)   float32[]')
  })

  test('names are text, whatever they are', () => {
    const w = variable('\\input{x}', [2], 1)
    const run = compile(entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { 'a\n}': named('$&', mul(x, w)) } })))
    for (const { text, latex } of formulas(run)) {
      checkTex(latex)
      expect(text.length).toBeGreaterThan(3)
    }
    expect(String(formulas(run))).not.toContain('\n')
  })

  test('of rows of a batch', () => {
    const run = compile(
      entry({ x: tensor([4, 3]), w: tensor([3]) }, ({ x, w }) => ({
        outputs: { y: vmap((r) => sum(mul(r, w)), x) },
      })),
    )
    expect(formula(run, { of: 'y' })).toBe('y = sum(x ⊙ w, axis 1)')
  })
})
