import { compile, emit, entry, FeedError, graphToJson, GraphError, loadState, matmul, mean, saveState } from 'gradloom'
import { dataset, sgd, square, tensor, variable } from 'gradloom'
import * as formats from 'gradloom/formats'
import * as inspecting from 'gradloom/inspect'
import { loadH5, loadKeras, loadLayersModel } from 'gradloom/keras'
import { readOnnx, writeOnnx } from 'gradloom/onnx'
import { report } from 'gradloom/report'
import { describe, expect, it } from 'vitest'

type Bindings = Readonly<Record<string, unknown>>

const program = (target: 'js' | 'wasm' = 'js') => {
  const w = variable('w', [2, 1], 1)
  const train = entry({ x: tensor(['B', 2]) }, ({ x }) => {
    const loss = mean(square(matmul(x, w)))
    return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 0.1 }) }
  })
  return compile({ train, other: entry({ y: tensor([3]) }, ({ y }) => ({ outputs: { y: square(y) } })) }, { target })
}
const net = program()
const feeds = { x: new Float32Array(4) }
const bytes = Uint8Array.of(1, 2, 3)
const { cycles: _, collapse: _c, openAtFirst: _o, gradients: _g, print: _p, kernelGraph: _k, ...inspected } = inspecting

type Optioned = (options: never) => unknown
/** Whatever takes a record of options, called with nothing else that is wrong. */
const OPTIONED: Readonly<Record<string, Optioned>> = {
  ...Object.fromEntries(
    Object.entries(inspected as Readonly<Record<string, (run: object, options: never) => unknown>>).map(
      ([name, look]) => [name, (options: never) => look(name === 'emitWithMap' ? net : net.train, options)],
    ),
  ),
  compile: (options) =>
    compile(
      entry({}, () => ({ outputs: {} })),
      options,
    ),
  emit: (options) => emit(net, options),
  graphToJson: (options) => graphToJson(net, options),
  writeOnnx: (options) => writeOnnx(net, options),
  readOnnx: (options) => readOnnx(writeOnnx(net.other), options),
  loadKeras: (options) => loadKeras(bytes, options),
  loadH5: (options) => loadH5(bytes, options),
  loadLayersModel: (options) => loadLayersModel({ modelTopology: {} }, [], options),
  report: (options) => report(net.train, options),
  gunzip: (options) => formats.gunzip(bytes, options),
  openZip: (options) => formats.readZip(bytes, options),
  decodeNpz: (options) => formats.decodeNpz(bytes, options),
  writeZip: (options) => formats.writeZip(new Map(), options),
  encodeNpz: (options) => formats.encodeNpz(new Map(), options),
  readCsv: (options) => formats.readCsv('a\n1\n', options),
}

const refusal = async (run: () => unknown): Promise<Error> => {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error('accepted')
}

describe('options', () => {
  it.each(Object.entries(OPTIONED))('of %s are told apart by every letter, and are a record', async (_, call) => {
    for (const [wrong, part] of [
      [{ nonsense: 1 }, 'nonsense'],
      [null, 'null'],
      ['fast', '"fast"'],
      [[], 'an array'],
      [3, '3'],
    ] as const) {
      const error = await refusal(() => call(wrong as never))
      expect(error, error.message).toBeInstanceOf(GraphError)
      expect(error.message).toContain(part)
    }
  })
})

describe('bindings', () => {
  const TAKERS: Readonly<Record<string, (bindings: never) => unknown>> = {
    ...Object.fromEntries(
      ['source', 'explain', 'inspect', 'memory', 'graph', 'dot', 'passes', 'formulas', 'provenance'].map((name) => {
        const look = (inspected as unknown as Readonly<Record<string, (run: object, o: object) => unknown>>)[name]!
        return [name, (bindings: never) => look(program('wasm').train, { bindings })]
      }),
    ),
    emit: (bindings) => emit(program(), { format: 'js', bindings: [bindings] }),
    writeOnnx: (bindings) => writeOnnx(program(), { entry: 'train', bindings }),
    graphToJson: (bindings) => graphToJson(program(), { bindings }),
  }
  const WRONG: readonly Bindings[] = [1.5, -2, NaN, Infinity, '4', null, 2 ** 60].map((B) => ({ B }))

  it.each(Object.entries(TAKERS))('of %s are whole numbers from 0', (_, call) => {
    for (const bindings of [...WRONG, {}, { b: 4 }, null, [4]])
      expect(() => call(bindings as never), JSON.stringify(bindings)).toThrow(GraphError)
    expect(() => call({ B: 2 } as never)).not.toThrow()
  })

  it('of emit that fit no entry are named', () => {
    const bindings = [{ B: 1 }, { b: 2 }] as never
    expect(() => emit(net, { format: 'js', bindings })).toThrow(/bindings of b give no entry.*entry "train" has B/)
    expect(() => emit(net, { format: 'js', bindings: { B: 1 } as never })).toThrow(/list of records/)
  })

  it('of emit may be empty where nothing is named', () => {
    const fixed = compile(entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: x } })))
    for (const format of ['js', 'ts', 'wasm', 'd.ts'] as const) {
      const text = emit(fixed, { format })
      for (const bindings of [[], [{}], [{}, {}]]) expect(emit(fixed, { format, bindings })).toBe(text)
    }
    expect(() => emit(fixed, { format: 'js', bindings: [{ B: 1 }] })).toThrow(/bindings of B.*there are none/)
    expect(() => emit(program(), { format: 'js', bindings: [{}] })).toThrow(/bindings of nothing/)
  })

  it('of another entry than the one that was passed', () => {
    expect(() => writeOnnx(net.other, { entry: 'train' })).toThrow(/this is the entry "other"/)
    expect(writeOnnx(net.other, { entry: 'other' })).toEqual(writeOnnx(net, { entry: 'other' }))
  })
})

describe('shapes that arrays say they have', () => {
  const SHAPES: readonly unknown[] = [[1.5, 2], [-1, 2], [NaN, 2], [1e12, 2], ['1', 2], '22', 4, null, [], [1, 2, 1]]

  it.each(['js', 'wasm'] as const)('are whole numbers from 0 that fit the values, on %s', (target) => {
    const own = program(target)
    for (const first of [true, false]) {
      for (const shape of SHAPES) {
        const x = Object.assign(new Float32Array(3).fill(1), { shape })
        const before = own.state.get('w')
        expect(() => own.train({ x }), JSON.stringify(shape)).toThrow(FeedError)
        expect(own.state.get('w')).toEqual(before)
      }
      // The second time with a step that is compiled.
      if (first) own.train(feeds)
    }
  })

  it.each(['js', 'wasm'] as const)('are those of inputs of one axis, too, on %s', (target) => {
    const own = program(target)
    for (let i = 0; i < 2; i++) {
      expect(() => own.other({ y: Object.assign(new Float32Array(3), { shape: [1, 3] }) })).toThrow(FeedError)
      expect(Array.from(own.other({ y: Object.assign(new Float32Array(3).fill(2), { shape: [3] }) }).y)).toEqual([
        4, 4, 4,
      ])
    }
  })

  it.each(SHAPES.filter((shape) => shape !== null).map((shape) => [shape]))('%j of a source of data', (shape) => {
    expect(() => dataset.from(Object.assign(new Float32Array(3), { shape }) as never)).toThrow(GraphError)
  })
})

describe('bytes', () => {
  const READERS: Readonly<Record<string, (bytes: never) => unknown>> = {
    ...Object.fromEntries(
      Object.entries(formats).flatMap(([name, f]) =>
        /^(decode|gunzip|gzip|openZip|readZip|readIdx)/.test(name) ? [[name, f as (bytes: never) => unknown]] : [],
      ),
    ),
    readOnnx,
    loadKeras,
    loadH5,
    loadState: (given) => loadState(net, given),
  }
  it.each(Object.entries(READERS))('%s takes a Uint8Array, and says so', async (_, read) => {
    for (const wrong of [new ArrayBuffer(64), 'PK', null, undefined, [1, 2], { length: 3 }, new Float32Array(4)]) {
      const error = await refusal(() => read(wrong as never))
      expect(error, error.message).toBeInstanceOf(GraphError)
      expect(error.message).toContain('Uint8Array')
    }
  })

  it('are made of a Map of tensors', async () => {
    for (const encode of [formats.encodeSafetensors, formats.encodeNpz, formats.writeZip])
      expect((await refusal(() => encode({ a: 1 } as never))).message).toContain('a Map by name')
    for (const encode of [formats.encodeNpy, formats.encodeIdx])
      expect((await refusal(() => encode([[1, 2]] as never))).message).toContain('{ dtype, shape, data }')
    expect(saveState(net)).toBeInstanceOf(Uint8Array)
  })

  it.each([NaN, -1, 'x', null])('are limited by a number, not %s', async (maxBytes) => {
    const packed = await formats.gzip(bytes)
    expect((await refusal(() => formats.gunzip(packed, { maxBytes } as never))).message).toContain('maxBytes')
  })

  it.each([NaN, -4, 10, 1.5, 'max', null])('are not compressed at level %s', async (level) => {
    for (const pack of [
      () => formats.gzip(bytes, level as never),
      () => formats.writeZip(new Map([['a', bytes]]), { level } as never),
      () => formats.encodeNpz(new Map(), { level } as never),
    ]) {
      const error = await refusal(pack)
      expect(error).toBeInstanceOf(GraphError)
      expect(error.message).toContain('from 0 to 9')
    }
  })
})
