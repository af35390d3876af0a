import fc from 'fast-check'
import { compile, entry, mean, sgd, square, tensor, type Tensor } from 'gradloom'
import { type AnyModel, cloneModel, input, layers, model, optimizers, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import type { Weight } from '../../src/layers/weight'
import { numbers } from './zoo'

const TARGETS = ['js', 'wasm'] as const

/** Three models over two layers: one of the first, one of the second, one of both. */
function family(target: 'js' | 'wasm'): AnyModel[] {
  const x = input({ shape: [2], name: 'x' })
  const z = input({ shape: [3], name: 'z' })
  const encode = layers.dense({ units: 3, activation: 'tanh', name: 'encode' })
  const decode = layers.dense({ units: 2, name: 'decode' })
  const code = encode(x)
  const all: AnyModel[] = [
    model({ inputs: x, outputs: code }),
    model({ inputs: z, outputs: decode(z) }),
    model({ inputs: x, outputs: decode(code) }),
  ]
  for (const net of all) net.compile({ loss: 'mse', optimizer: optimizers.sgd({ learningRate: 0.1 }), target })
  return all
}

type Command = {
  readonly kind: 'predict' | 'get' | 'set' | 'train' | 'fit' | 'load' | 'recompile'
  readonly which: number
  readonly seed: number
}
const commands = fc.array(
  fc.record<Command>({
    kind: fc.constantFrom('predict', 'get', 'set', 'train', 'fit', 'load', 'recompile'),
    which: fc.nat(2),
    seed: fc.integer({ min: 1, max: 1000 }),
  }),
  { minLength: 2, maxLength: 14 },
)

describe('models that share layers', () => {
  it.each(TARGETS)('see what was written last, whoever wrote it, on %s', async (target) => {
    const nets = family(target)
    // The plain model: values by weight, and copies that share nothing to train with.
    const copies = nets.map((net) => {
      const copy = cloneModel(net)
      copy.compile(net.getCompileConfig()!)
      return copy
    })
    const values = new Map<Weight, ArrayLike<number>>()
    const rowsOf = (net: AnyModel, seed: number): number[][] => {
      const width = net.inputs[0]!.shape[1]!
      const all = numbers(4 * width, seed)
      return Array.from({ length: 4 }, (_, i) => Array.from(all.subarray(i * width, (i + 1) * width)))
    }
    const dataOf = (net: AnyModel, seed: number) => {
      const y = Array.from({ length: 4 }, (_, i) => [...numbers(net.outputs[0]!.shape[1]!, seed + i)])
      return { x: rowsOf(net, seed), y }
    }
    const drawn = (net: AnyModel, seed: number): Float32Array[] =>
      net.weights.map((w, i) => numbers(w.size, seed + 10 * i))
    const act = async (net: AnyModel, { kind, seed }: Command, saved: Uint8Array): Promise<unknown> => {
      const { x, y } = dataOf(net, seed)
      const options = { shuffle: false, batchSize: 3, epochs: 2, validationData: [x, y] } as const
      if (kind === 'get') return net.getWeights()
      if (kind === 'predict') return net.predict(x)
      if (kind === 'train') return net.trainOnBatch(x, y)
      if (kind === 'fit') return (await net.fit(x, y, options)).history
      if (kind === 'recompile') net.compile(net.getCompileConfig()!)
      else if (kind === 'set') net.setWeights(drawn(net, seed))
      else net.loadWeights(saved)
      return undefined
    }
    for (const [i, net] of nets.entries()) net.setWeights(drawn(net, i))
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        for (const w of new Set(nets.flatMap((net) => net.weights))) values.set(w, w.read()!)
        const saved = nets.map((net) => net.saveWeights())
        // All of them first: what the copies are told would be a sign for the models, too.
        const found: unknown[] = []
        for (const command of list) found.push(await act(nets[command.which]!, command, saved[command.which]!))
        const final = nets.map((net) => net.getWeights())
        for (const [i, command] of list.entries()) {
          const [net, copy] = [nets[command.which]!, copies[command.which]!]
          copy.setWeights(net.weights.map((w) => values.get(w)!))
          expect(await act(copy, command, saved[command.which]!)).toEqual(found[i])
          net.weights.forEach((w, k) => values.set(w, copy.getWeights()[k]!))
        }
        expect(nets.map((net) => net.weights.map((w) => values.get(w)))).toEqual(final)
      }),
      { numRuns: 25 },
    )
  })

  it('have one set of weights for a layer that is called twice', () => {
    const x = input({ shape: [3] })
    const shared = layers.dense({ units: 3, name: 'shared' })
    const net = model({ inputs: x, outputs: shared(shared(x)) })
    expect(net.weights.length).toBe(2)
    expect(net.countParams()).toBe(12)
    net.setWeights([[1, 0, 0, 0, 2, 0, 0, 0, 3], [1, 1, 1]]) // prettier-ignore
    expect([...(net.predictOnBatch([[1, 1, 1]]) as Float32Array)]).toEqual([3, 7, 13])
  })

  it('take turns as a generator and what judges it do', () => {
    const generator = sequential([layers.dense({ units: 2, inputShape: [1] })])
    const judge = sequential([layers.dense({ units: 1, inputShape: [2] })])
    judge.compile({ loss: 'mse', optimizer: 'sgd' })
    judge.trainable = false
    const both = sequential([generator, judge])
    both.compile({ loss: 'mse', optimizer: 'sgd' })
    both.predictOnBatch([[1]])
    for (let round = 0; round < 3; round++) {
      const [made, judged] = [generator.getWeights(), judge.getWeights()]
      both.trainOnBatch([[1]], [[round]])
      expect(judge.getWeights()).toEqual(judged)
      expect(generator.getWeights()).not.toEqual(made)
      const before = generator.getWeights()
      judge.trainable = true
      judge.compile({ loss: 'mse', optimizer: 'sgd' })
      judge.trainOnBatch([[round, 1]], [[1]])
      judge.trainable = false
      expect(generator.getWeights()).toEqual(before)
      const fake = generator.predictOnBatch([[1]]) as Float32Array
      expect(both.predictOnBatch([[1]])).toEqual(judge.predictOnBatch([[...fake]]))
    }
  })
})

describe("a model in a program of one's own", () => {
  const block = (): AnyModel => sequential([layers.dense({ units: 2, inputShape: [2] }), layers.dense({ units: 2 })])
  const x = [[1, 2]]
  const trained = (nets: readonly AnyModel[]) =>
    compile({
      train: entry({ x: tensor([1, 2]) }, ({ x }) => {
        const result = nets.reduce((h: Tensor, net) => net(h) as Tensor, x)
        const loss = mean(square(result))
        const weights = nets.flatMap((net) => net.trainableWeights.map((w) => w.variable!))
        return { outputs: { loss }, updates: sgd(loss, weights, { learningRate: 0.1 }) }
      }),
    })
  const USES: Readonly<Record<string, (net: AnyModel) => unknown>> = {
    nothing: () => undefined,
    predict: (net) => net.predict(x),
    fit: (net) => {
      net.compile({ optimizer: 'sgd', loss: 'mse' })
      return net.fit(x, [[0, 0]])
    },
    saveWeights: (net) => net.saveWeights(),
    'predict as a part of another model': (net) => sequential([net as never]).predict(x),
  }

  it.each(Object.keys(USES))('takes its values over after %s, and gives them', async (use) => {
    for (const isBefore of [true, false]) {
      const nets = [block(), block()]
      if (isBefore) for (const net of nets) await USES[use]!(net)
      const program = trained(nets)
      program.train({ x })
      if (!isBefore) for (const net of nets) await USES[use]!(net)
      for (const net of nets) net.setWeights(net.weights.map((w) => program.state.get(w.variable!)))
      const last = nets.reduce<unknown>((h, net) => [net.predictOnBatch(h as number[][])], x) as number[][]
      const loss = last[0]!.reduce((sum, v) => sum + v ** 2 / 2, 0)
      expect(loss).toBeCloseTo(program.train({ x }).loss, 5)
      for (const net of nets) {
        const values = net.getWeights()
        net.weights.forEach((w, i) => program.state.set(w.variable!, values[i]! as never))
      }
      expect(program.train({ x }).loss).toBeCloseTo(loss, 5)
    }
  })

  it('says by which name the program has what another one holds', () => {
    const net = block()
    net.predictOnBatch(x)
    const { variable } = net.weights[0]!
    const program = trained([net])
    const expected = new RegExp(
      `^state: the variable "dense/kernel" is not part of this program; by name there is "${net.weights[0]!.variable!.name}"$`,
    )
    expect(() => program.state.get(variable!)).toThrow(expected)
    expect(() => program.state.get(net.weights[0] as never)).toThrow(/it is a weight; give its variable, w.variable/)
    expect(() => program.state.get(undefined as never)).toThrow(/takes a variable or the name of one, it is undefined/)
  })
})

describe('names of weights', () => {
  const namesOf = (net: AnyModel): string[] => {
    const { tensors } = headerOf(net.saveWeights())
    return tensors
  }
  /** Names in the header of a safetensors file, in their order. */
  function headerOf(bytes: Uint8Array): { tensors: string[] } {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as object
    return { tensors: Object.keys(header).filter((key) => key !== '__metadata__') }
  }
  it('are paths, told apart, and those of the model whatever else holds its layers', () => {
    const block = (): AnyModel => sequential([layers.dense({ units: 2, inputShape: [2] }), layers.dense({ units: 2 })])
    const [one, two] = [block(), block()]
    one.predictOnBatch([[1, 2]])
    const net = sequential([one as never, two as never, layers.batchNormalization()])
    const inOne = ['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias']
    const wanted = [
      ...inOne.map((n) => `sequential/${n}`),
      ...inOne.map((n) => `sequential_1/${n}`),
      ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((n) => `batch_normalization/${n}`),
    ]
    expect(namesOf(net)).toEqual(wanted)
    expect(namesOf(one)).toEqual(inOne)
    expect(namesOf(two)).toEqual(inOne)
    expect(namesOf(cloneModel(net))).toEqual(wanted)
  })
})
