import {
  add,
  adam,
  clip,
  compile,
  compileAsync,
  type CompileOptions,
  constant,
  customGradient,
  div,
  emit,
  entry,
  type Entry,
  exp,
  greater,
  isFinite,
  log,
  logSoftmax,
  matmul,
  maximum,
  mean,
  mul,
  named,
  NonFiniteError,
  scope,
  sgd,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
  tanh,
  transpose,
  update,
  variable,
  where,
} from 'gradloom'
import { passes, source } from 'gradloom/inspect'
import { afterAll, describe, expect, it } from 'vitest'

const MODES: Readonly<Record<string, CompileOptions>> = {
  js: { target: 'js' },
  plain: { target: 'js', schedule: 'plain' },
  ...('WebAssembly' in globalThis ? { wasm: { target: 'wasm', threads: 1 } as const } : {}),
}
const opened: { dispose(): void }[] = []
afterAll(() => {
  for (const program of opened) program.dispose()
})

type Run = (feeds: Readonly<Record<string, unknown>>) => Record<string, unknown>
interface Program {
  readonly main: Run
  readonly state: {
    get(name: string): unknown
    set(name: string, value: unknown): void
    readonly names: readonly string[]
  }
}

function guarded(main: Entry, options: CompileOptions): Program {
  const made = compile<Record<string, Entry>>({ main }, { ...options, guard: true })
  opened.push(made)
  return made as unknown as Program
}

function caught(run: () => unknown): NonFiniteError {
  try {
    run()
  } catch (error) {
    if (error instanceof NonFiniteError) return error
    throw error
  }
  throw new Error('the guard let it pass')
}

/** A net that is healthy at `FEEDS`, and breaks where one of its inputs or variables is set to break it. */
function net(rule: (loss: Tensor<[]>, all: ReturnType<typeof variables>) => ReturnType<typeof sgd>): Entry {
  const all = variables()
  const [W1, b1, W2] = all
  return entry(
    { x: tensor(['B', 3]), scale: tensor([]), shift: tensor([4]), over: tensor([]), root: tensor([]) },
    ({ x, scale, shift, over, root }) => {
      const h = scope('hidden', () => named('h', tanh(add(matmul(x, W1), b1))))
      const logs = named('logs', log(shift))
      const ratio = named('ratio', div(over, over))
      const grown = named('grown', exp(scale))
      const rooted = named('rooted', sqrt(root))
      const p = named('p', softmax(matmul(add(mul(h, ratio), logs), W2)))
      const loss = mean(square(sub(mul(p, grown), rooted)))
      return { outputs: { loss }, updates: rule(loss, all) }
    },
  )
}
const variables = () =>
  [
    variable('W1', [3, 4], [[0.1, 0.2, 0.3, 0.4], [-0.4, 0.3, 0.2, 0.1], [0.5, 0.6, -0.7, 0.8]]), // prettier-ignore
    variable('b1', [4], [0.1, 0.2, 0.3, 0.4]),
    variable('W2', [4, 2], [[0.5, -0.5], [0.25, 0.3], [-0.1, 0.2], [0.7, 0.1]]), // prettier-ignore
  ] as const

const FEEDS = { x: [[1, 2, 3], [0.5, -1, 2]], scale: 0.3, shift: [1, 2, 3, 0.5], over: 2, root: 4 } // prettier-ignore

interface Fault {
  readonly feeds?: Readonly<Record<string, unknown>>
  readonly state?: readonly [name: string, value: unknown]
  readonly tensor: string
  readonly part: NonFiniteError['part']
  readonly index: readonly number[]
  readonly value: number
  /** Lines of the message after the first. */
  readonly lines?: readonly (string | RegExp)[]
}

const PLACES: Readonly<Record<string, Fault>> = {
  'a logarithm of 0': {
    feeds: { shift: [1, 2, 0, 0.5] },
    ...{ tensor: 'logs', part: 'forward', index: [2], value: -Infinity },
    lines: [/logs = log\(shift\) {3}\(guard\.test\.ts:\d+\)/, 'shift[2] = 0'],
  },
  'a logarithm of what is negative': {
    feeds: { shift: [1, 2, 3, -5] },
    ...{ tensor: 'logs', part: 'forward', index: [3], value: NaN },
    lines: [/logs = log/, 'shift[3] = -5'],
  },
  '0 / 0': {
    feeds: { over: 0 },
    ...{ tensor: 'ratio', part: 'forward', index: [], value: NaN },
    lines: [/ratio = over \/ over/, 'over = 0'],
  },
  'a root of what is negative': {
    feeds: { root: -1 },
    ...{ tensor: 'rooted', part: 'forward', index: [], value: NaN },
    lines: [/rooted = sqrt\(root\)/, 'root = -1'],
  },
  'an exponential that overflows': {
    feeds: { scale: 1000 },
    ...{ tensor: 'grown', part: 'forward', index: [], value: Infinity },
    lines: [/grown = exp\(scale\)/, 'scale = 1000'],
  },
  'an input': {
    feeds: { x: [[1, 2, 3], [0.5, NaN, 2]] }, // prettier-ignore
    ...{ tensor: 'x', part: 'input', index: [1, 1], value: NaN },
  },
  'a matrix': {
    state: ['W2', [[1, 2], [3, 4], [5, -Infinity], [7, 8]]], // prettier-ignore
    ...{ tensor: 'W2', part: 'state', index: [2, 1], value: -Infinity },
  },
  'a learning rate': {
    state: ['learningRate', NaN],
    ...{ tensor: 'main/sgd/learningRate', part: 'state', index: [], value: NaN },
  },
}

describe.each(Object.entries(MODES))('a guarded program, %s', (_, options) => {
  it.each(Object.entries(PLACES))('names %s', (_place, { feeds, state, lines = [], ...wanted }) => {
    const program = guarded(
      net((loss, all) => sgd(loss, [...all], { momentum: 0.9 })),
      options,
    )
    program.main(FEEDS)
    if (state) program.state.set(...state)
    const before = program.state.names.map((n) => program.state.get(n))
    const error = caught(() => program.main({ ...FEEDS, ...feeds }))
    const { tensor, part, index, value } = error
    expect({ tensor, part, index, value }).toEqual(wanted)
    const [, ...more] = error.message.split('\n  ')
    expect(more).toHaveLength(lines.length)
    lines.forEach((line, i) => (typeof line === 'string' ? expect(more[i]).toBe(line) : expect(more[i]).toMatch(line)))
    expect(program.state.names.map((n) => program.state.get(n))).toEqual(before)
    // It goes on where the fault is gone.
    if (state) program.state.set(state[0], state[0] === 'learningRate' ? 0.01 : [[1, 2], [3, 4], [5, 6], [7, 8]]) // prettier-ignore
    expect(program.main(FEEDS)['loss']).toEqual(expect.any(Number))
  })

  it('names what is wrong in the gradient only', () => {
    const W = variable('W', [3], [1, 0, 4])
    const root = guarded(
      entry({}, () => {
        const y = named('y', sqrt(W))
        const loss = named('loss', sum(y))
        return { outputs: { loss }, updates: sgd(loss, [W]) }
      }),
      options,
    )
    const error = caught(() => root.main({}))
    expect(error).toMatchObject({ tensor: 'd_W', part: 'backward', index: [1], value: Infinity })
    expect(error.message).toMatch(/^guard: "d_W" float32\[3\] is Infinity at \[1\], in the backward pass\n/)
    expect(error.message).toContain('\n  d_W is the gradient of loss with respect to W\n')
    expect(error.message).toContain('(2 ⊙ y)[1] = 0')
    expect(root.state.get('W')).toEqual(expect.objectContaining({ 1: 0 }))

    const V = variable('V', [2], [1, 2])
    const own = guarded(
      entry({ k: tensor([]) }, ({ k }) => {
        const value = customGradient([V], tanh, ({ cotangent }) => [named('wrong', mul(cotangent, log(k)))])
        return { outputs: { loss: sum(value) }, updates: sgd(sum(square(value)), [V]) }
      }),
      options,
    )
    own.main({ k: 2 })
    const found = caught(() => own.main({ k: -1 }))
    expect(found).toMatchObject({ part: 'backward', index: [], value: NaN, formula: 'log(k)' })
    expect(found.message).toContain('part of the gradient of customGradient(')
  })

  it('names what is wrong in an update', () => {
    const [w, count] = [variable('w', [2], [1, 2]), variable('count', [], 2)]
    const program = guarded(
      entry({}, () => ({
        outputs: { w },
        updates: [update(w, div(w, count)), update(count, sub(count, 1))],
      })),
      options,
    )
    program.main({})
    program.main({})
    const error = caught(() => program.main({}))
    expect(error).toMatchObject({ tensor: 'w', part: 'update', index: [0], value: Infinity, formula: 'w / count' })
    expect(error.message).toContain('the new value of variable "w"')
    expect(program.state.get('count')).toBe(0)
  })

  it('blames the composite that was written', () => {
    const program = guarded(
      entry({ x: tensor([2, 2]) }, ({ x }) => {
        const mask = constant([[0, -Infinity], [-Infinity, -Infinity]]) // prettier-ignore
        return { outputs: { y: matmul(softmax(add(x, mask)), x) } }
      }),
      options,
    )
    const error = caught(() => program.main({ x: [[1, 2], [3, 4]] })) // prettier-ignore
    expect(error).toMatchObject({ tensor: 'softmax', part: 'forward', index: [1, 0], value: NaN })
    expect(error.formula).toMatch(/^softmax\(/)
    expect(error.operands).toHaveLength(1)
    expect(error.operands[0]!.text).toMatch(/3 infinite, the others from 1 to 1$/)
  })

  it('raises no false alarm', () => {
    const W = variable('W', [3], [0.5, -0.5, 1])
    const program = guarded(
      entry({ x: tensor([2, 3]), mask: tensor([3]) }, ({ x, mask }) => {
        const masked = add(mul(x, W), mask)
        const safe = where(greater(x, 0), log(x), 0)
        const loss = sum(add(softmax(masked), add(safe, mul(logSoftmax(mul(x, W)), 0.1))))
        const late = { late: div(1, add(1, exp(mul(x, 1000)))), clamped: maximum(log(mul(x, 0)), -100) }
        const tidy = where(isFinite(log(x)), log(x), 0)
        return {
          outputs: {
            loss,
            ...late,
            tidy,
            cut: clip(log(mul(x, 0)), -100, 0),
            moved: transpose(constant([[-Infinity]])),
          },
          // The logarithm of 0 that the correction of a rate of 0 takes is divided by.
          updates: adam(loss as never, [W], { beta1: 0 }),
        }
      }),
      options,
    )
    const feeds = { x: [[1, 2, 3], [-1, 0, 2]], mask: [0, -Infinity, 0] } // prettier-ignore
    const { loss } = program.main(feeds)
    expect(Number.isFinite(loss)).toBe(true)
    const plain = compile(
      entry({ x: tensor([2, 3]) }, ({ x }) => ({
        outputs: { loss: sum(softmax(add(mul(x, constant([0.5, -0.5, 1])), constant([0, -1e30, 0])))) },
      })),
      options,
    )
    opened.push(plain)
    expect(plain({ x: feeds.x }).loss).toBeCloseTo(2, 5)
  })

  it('computes what an unguarded one computes', () => {
    const build = (): Entry => net((loss, all) => adam(loss, [...all], { learningRate: 0.01 }))
    const a = guarded(build(), options)
    const b: unknown = compile<Record<string, Entry>>({ main: build() }, options)
    const unguarded = b as Program
    for (let i = 0; i < 5; i++) expect(a.main(FEEDS)['loss']).toBeCloseTo(unguarded.main(FEEDS)['loss'] as number, 5)
    for (const name of a.state.names) {
      const [p, q] = [a.state.get(name), unguarded.state.get(name)].map((v) => (typeof v === 'number' ? [v] : [...(v as Float32Array)])) // prettier-ignore
      p!.forEach((v, i) => expect(v).toBeCloseTo(q![i]!, 5))
    }
  })
})

describe('guard', () => {
  it('is there for compileAsync', async () => {
    const main = entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: log(x) } }))
    const program = await compileAsync({ main }, { guard: true })
    opened.push(program)
    expect(caught(() => program.main({ x: [1, 0] }))).toMatchObject({ tensor: 'y', index: [1] })
  })

  it('costs nothing when it is off', () => {
    const build = (): Entry => net((loss, all) => sgd(loss, [...all]))
    const texts = [{}, { guard: false }, { guard: true }].map((options) => {
      const program = compile<Record<string, Entry>>({ main: build() }, { target: 'js', ...options })
      const at = { bindings: { B: 2 } }
      const names = [...passes(program['main'] as object, at)].map((p) => p.pass)
      return `${source(program['main'] as object, at)}\n${names.join(' ')}`
    })
    expect(texts[1]).toBe(texts[0])
    expect(texts[0]).not.toContain('guard()')
    expect(texts[2]).toContain('  guard()\n')
    const program = compile(
      entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: log(x) } })),
      { guard: true },
    )
    opened.push(program)
    expect(source(program, { target: 'wasm' })).toMatch(/\(import "env" "guard"[^]*\(call \$guard\)/)
  })

  it('is not emitted', () => {
    const program = compile(
      entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: log(x) } })),
      { guard: true },
    )
    opened.push(program)
    expect(() => emit(program, { format: 'js' })).toThrow('emit: a program compiled with guard')
  })

  it('keeps names that a module may not use', () => {
    const program = compile(
      entry({ guard: tensor([2]) }, ({ guard }) => ({ outputs: { y: named('guard()', log(guard)) } })),
      { guard: true, target: 'js' },
    )
    expect(caught(() => program({ guard: [1, 0] }))).toMatchObject({ tensor: 'guard()', part: 'forward' })
  })
})
