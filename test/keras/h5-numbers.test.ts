import * as h5wasm from 'h5wasm'
import { writeZip } from 'gradloom/formats'
import { loadH5, loadKeras, type Loaded } from 'gradloom/keras'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHdf5 } from '../../src/keras/h5/open'
import { EntryWorkers } from '../training/worker'

let workers: EntryWorkers
beforeAll(async () => {
  workers = await EntryWorkers.prepare('h5-worker')
})
afterAll(() => workers.remove())
const options = { worker: () => workers.start() }

type Numbers = Float32Array | Float64Array | Int8Array | Uint8Array | Int32Array | Uint32Array | BigInt64Array
type Stored = readonly [path: string, data: Numbers | BigUint64Array, dtype: string, shape?: readonly number[]]

/** A file with datasets at paths, scalars unless a shape is given, and lists of names by group and attribute. */
async function fileOf(
  stored: readonly Stored[],
  attributes: Readonly<Record<string, string>> = {},
  lists: readonly (readonly [group: string, name: string, texts: readonly string[]])[] = [],
): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready
  const file = new h5wasm.File('/made.h5', 'w')
  const groupAt = (path: readonly string[]): h5wasm.Group => {
    let group: h5wasm.Group = file
    for (const part of path) group = (group.get(part) as h5wasm.Group | null) ?? group.create_group(part)
    return group
  }
  for (const [path, data, dtype, shape = []] of stored) {
    const parts = path.split('/')
    groupAt(parts.slice(0, -1)).create_dataset({ name: parts.at(-1)!, data, dtype, shape: [...shape] })
  }
  for (const [name, text] of Object.entries(attributes)) file.create_attribute(name, text)
  for (const [group, name, texts] of lists) groupAt(group.split('/')).create_attribute(name, [...texts])
  file.close()
  return FS.readFile('/made.h5')
}

// prettier-ignore
const FLOATS: readonly number[] = [0, -0, 0.5, 3, -7, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 3e9, 1e10, 4e18, 1e30, Infinity, -Infinity, NaN, 1.1]
const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1]

describe('numbers of a file have the type that they are stored with', () => {
  it.each([
    ['float32', '<f', Float32Array],
    ['float64', '<d', Float64Array],
  ] as const)('%s, as scalars and in rows', async (dtype, code, FloatArray) => {
    const rows: Stored[] = FLOATS.map((v, i) => [`s${i}`, FloatArray.of(v), code])
    const all = FloatArray.from(FLOATS)
    const { datasets, beyond } = await openHdf5(await fileOf([...rows, ['all', all, code, [all.length]]]), options)
    FLOATS.forEach((v, i) => expect(datasets.get(`/s${i}`), String(v)).toEqual({ dtype, shape: [], data: FloatArray.of(v) })) // prettier-ignore
    expect(datasets.get('/all')).toEqual({ dtype, shape: [all.length], data: all })
    expect(beyond.size).toBe(0)
  })

  it.each<[string, string, (v: number) => Stored[1], readonly number[], readonly number[]]>([
    ['int8', '<b', (v) => Int8Array.of(v), [-128, 127], []],
    ['uint8', '<B', (v) => Uint8Array.of(v), [0, 255], []],
    ['int32', '<i', (v) => Int32Array.of(v), [LEAST, -1, 0, MOST], []],
    ['uint32', '<I', (v) => Uint32Array.of(v), [0, MOST], [2 ** 31, 3e9, 2 ** 32 - 1]],
    ['int64', '<q', (v) => BigInt64Array.of(BigInt(v)), [LEAST, 5, MOST], [LEAST - 1, 2 ** 31, 2 ** 53, -(2 ** 62)]],
    ['uint64', '<Q', (v) => BigUint64Array.of(BigInt(v)), [0, MOST], [2 ** 31, 2 ** 63]],
  ])('%s, as int32 where it holds them', async (_, code, data, inside, outside) => {
    const values = [...inside, ...outside]
    const scalars: Stored[] = values.map((v, i) => [`s${i}`, data(v), code])
    const rows: Stored[] = values.map((v, i) => [`r${i}`, data(v), code, [1]])
    const { datasets, beyond, others } = await openHdf5(await fileOf([...scalars, ...rows]), options)
    values.forEach((v, i) => {
      const isInside = i < inside.length
      for (const [path, shape] of [
        [`/s${i}`, []],
        [`/r${i}`, [1]],
      ] as const)
        // prettier-ignore
        expect([datasets.get(path), beyond.get(path)], `${path} ${v}`).toEqual([
          isInside
            ? { dtype: 'int32', shape, data: Int32Array.of(v) }
            : { dtype: 'float64', shape, data: Float64Array.of(v) },
          isInside ? undefined : v,
        ])
    })
    expect(others).toEqual([])
  })
})

const INPUT = { class_name: 'InputLayer', config: { name: 'i', batch_input_shape: [null, 2], dtype: 'float32' } }
const DENSE = { class_name: 'Dense', config: { name: 'd', units: 1, use_bias: false } }
const DROPOUT = { class_name: 'Dropout', config: { name: 'dropout', rate: 0.5, seed: 3_000_000_000 } }
const NORMALIZATION = {
  class_name: 'Normalization',
  config: { name: 'normalization', axis: null, mean: null, variance: null },
}
const modelOf = (layers: readonly object[]) => ({
  class_name: 'Sequential',
  config: { name: 's', layers: [INPUT, ...layers] },
})

/** A `.h5` file of such layers; weights by layer and name. */
async function h5Of(layers: readonly object[], weights: Readonly<Record<string, readonly Stored[]>>): Promise<Loaded> {
  const stored = Object.entries(weights).flatMap(([layer, list]) =>
    list.map(([name, ...rest]): Stored => [`model_weights/${layer}/${name}`, ...rest]),
  )
  const bytes = await fileOf(
    stored,
    { model_config: JSON.stringify(modelOf(layers)), keras_version: '2.15.0', backend: 'tensorflow' },
    [
      ['model_weights', 'layer_names', Object.keys(weights)],
      ...Object.entries(weights).map(
        ([layer, list]) => [`model_weights/${layer}`, 'weight_names', list.map(([name]) => name)] as const,
      ),
    ],
  )
  return loadH5(bytes, options)
}

/** A `.keras` file of such layers. */
async function kerasOf(layers: readonly object[], stored: readonly Stored[]): Promise<Loaded> {
  const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
  const files = {
    'metadata.json': text({ keras_version: '3.4.0' }),
    'config.json': text(modelOf(layers)),
    'model.weights.h5': await fileOf(stored),
  }
  return loadKeras(await writeZip(new Map(Object.entries(files))), options)
}

describe('weights that are single numbers', () => {
  it.each([
    [5, 4],
    [0.5, 2.25],
    [3e9, 4e18],
    [180921.1875, 6.3e9],
    [2 ** 31, 1],
    [-0, 1e10],
  ])('a mean of %d and a variance of %d', async (mean, variance) => {
    const want = [mean, variance].map(Math.fround)
    for (const [code, FloatArray] of [
      ['<f', Float32Array],
      ['<d', Float64Array],
    ] as const) {
      // prettier-ignore
      const numbers = [FloatArray.of(mean), FloatArray.of(variance), BigInt64Array.of(9n)] as const
      const codes = [code, code, '<q'] as const
      const of = (names: readonly string[]): Stored[] => names.map((name, i) => [name, numbers[i]!, codes[i]!])
      const loaded = [
        await h5Of([NORMALIZATION], { normalization: of(['normalization/mean:0', 'normalization/variance:0', 'normalization/count:0']) }), // prettier-ignore
        await kerasOf([NORMALIZATION], of([0, 1, 2].map((i) => `layers/normalization/vars/${i}`))),
      ]
      for (const { model } of loaded) {
        expect(model.getWeights().slice(0, 2).map((w) => w[0])).toEqual(want) // prettier-ignore
        model.dispose()
      }
    }
  })
})

describe('integers that int32 does not hold', () => {
  const kernel: Stored = ['d/kernel:0', Float32Array.of(1, 2), '<f', [2, 1]]
  const seeds: readonly Stored[1][] = [Uint32Array.of(3_000_000_000, 1), BigUint64Array.of(3_000_000_000n, 2n ** 63n)]
  const codeOf = (data: Stored[1]): string => (data instanceof Uint32Array ? '<I' : '<Q')

  it.each(seeds)('are no matter where no weight needs them: %s', async (data) => {
    const seed: Stored = ['dropout/seed_generator_state', data, codeOf(data), [2]]
    const loaded = [
      await h5Of([DENSE, DROPOUT], { d: [kernel], dropout: [seed] }),
      await kerasOf([DENSE, DROPOUT], [
        ['layers/dense/vars/0', ...(kernel.slice(1) as [Float32Array, string, number[]])],
        ['layers/dropout/seed_generator/vars/0', data, codeOf(data), [2]],
      ]), // prettier-ignore
    ]
    for (const { model } of loaded) {
      expect(model.getWeights().map((w) => Array.from(w))).toEqual([[1, 2]])
      model.dispose()
    }
  })

  it('are refused as weights', async () => {
    const wide = [Uint32Array.of(1, 3_000_000_000), '<I', [2, 1]] as const
    const why = (path: string): RegExp => new RegExp(`${path}.*3000000000, which is beyond int32`)
    await expect(h5Of([DENSE], { d: [['d/kernel:0', ...wide]] })).rejects.toThrow(why('/model_weights/d/d/kernel:0'))
    await expect(kerasOf([DENSE], [['layers/dense/vars/0', ...wide]])).rejects.toThrow(why('/layers/dense/vars/0'))
  })
})
