import { readFileSync } from 'node:fs'
import { add, compile, constant, entry, grad, mul, sum, type Tensor, tensor, where } from 'gradloom'
import { expect } from 'vitest'
import type { AnyLayer, CallOptions } from '../../src/layers/layer'
import { forward, maskOf } from '../../src/layers/pass'
import type { Weight } from '../../src/layers/weight'
import { camel } from '../../src/keras/keys'

type Number = number | 'NaN' | 'Infinity' | '-Infinity' | boolean
export interface Stored {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly data: readonly Number[]
}
/** One call of a layer as Keras computed it. */
export interface LayerRecord {
  readonly id: string
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly args: Readonly<Record<string, unknown>>
  readonly call: 'single' | 'list' | 'tuple' | 'args' | 'rnn_state' | 'cell' | 'cells_nested'
  readonly call_kwargs?: Readonly<Record<string, unknown>>
  readonly training: boolean
  readonly inputs: readonly Stored[]
  readonly mask?: readonly (Stored | null)[] | Stored | null
  readonly weights: readonly (Stored & { readonly name: string; readonly trainable: boolean })[]
  readonly output: readonly Stored[]
  readonly output_mask?: readonly (Stored | null)[] | Stored | null
  readonly c: readonly (Stored | null)[]
  readonly grad_inputs: readonly (Stored | null)[]
  readonly grad_weights: readonly (Stored | null)[]
  readonly weights_after?: readonly (Stored | null)[]
  readonly layer_losses?: readonly Number[]
  readonly f32_deviation?: number
  readonly torch305_differs?: boolean
}

export const layerRecords: readonly LayerRecord[] = readFileSync(
  new URL('../fixtures/keras/layers.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as LayerRecord)

/** snake_case keys of Keras as ours. */
export const camelKeys = (config: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [camel(key), value]))

export const numbers = (stored: Stored): number[] => stored.data.map(Number)

/** Fails unless values agree to 1e-5 relative and 1e-6 absolute, times how far Keras is off in float32 itself. */
export function expectClose(what: string, got: ArrayLike<number>, wanted: Stored, scale = 1): void {
  expect(got.length, `${what}: how many`).toBe(wanted.data.length)
  const want = numbers(wanted)
  let worst = 0
  let at = 0
  want.forEach((w, i) => {
    const off = Object.is(got[i], w) || got[i] === w ? 0 : Math.abs(got[i]! - w) / (1e-6 + 1e-5 * Math.abs(w))
    if (!(off <= worst)) [worst, at] = [off, i]
  })
  expect(worst, `${what}[${at}] is ${got[at]}, Keras has ${want[at]}`).toBeLessThanOrEqual(Math.max(1, scale))
}

const isFloatInput = (x: Stored): boolean => x.dtype === 'float32'

/**
 * Runs a record on a layer: outputs, masks, gradients of sum(outputs * c) by inputs and weights, weights that training
 * changes, and losses of the layer.
 */
export function checkRecord(
  record: LayerRecord,
  layer: AnyLayer,
  target: 'js' | 'wasm',
  extra: CallOptions = {},
): void {
  const isRnn = record.call === 'rnn_state' || record.call === 'cell' || record.call === 'cells_nested'
  const masksOf = Array.isArray(record.mask) ? record.mask : record.mask ? [record.mask as Stored] : undefined
  const call = (tensors: readonly Tensor[]): readonly Tensor[] => {
    const options: CallOptions = {
      ...camelKeys(record.call_kwargs ?? {}),
      ...extra,
      ...(isRnn ? { initialState: tensors.slice(1) } : {}),
      ...(masksOf
        ? {
            mask: masksOf.map((m) =>
              m ? constant(numbers(m) as never, { shape: m.shape as never, dtype: 'bool' }) : null,
            ),
          }
        : {}),
      training: record.training,
    }
    const isMany = record.call === 'list' || record.call === 'tuple' || record.call === 'args'
    const results = layer((isMany ? tensors : tensors[0]!) as never, options as never)
    return Array.isArray(results) ? (results as Tensor[]) : [results as Tensor]
  }
  const specs = Object.fromEntries(record.inputs.map((x, i) => [`x${i}`, tensor(x.shape as number[], x.dtype)]))
  let order: readonly Weight[] = []
  let withGradient: number[] = []
  const net = compile(
    entry(specs, (feeds) => {
      const tensors = record.inputs.map((_, i) => (feeds as Record<string, Tensor>)[`x${i}`]!)
      const { result: outputs, updates, losses } = forward({ training: record.training }, () => call(tensors))
      order = layer.weights
      // Results of whole numbers have no gradient.
      const terms = outputs.flatMap((y, i) => {
        const c = record.c[i]
        return c ? [sum(mul(y, constant(numbers(c) as never, { shape: c.shape })))] : []
      })
      const loss = terms.reduce<Tensor>((a, b) => add(a, b), constant(0))
      const variables = order.map((w) => w.variable!)
      const floats = record.inputs.flatMap((x, i) => (isFloatInput(x) && record.grad_inputs[i] ? [i] : []))
      const trained = order.flatMap((w, i) => (w.isTrained && record.grad_weights[i] ? [i] : []))
      withGradient = [...floats.map((i) => i), ...trained.map((i) => 1000 + i)]
      const found = grad(loss as never, [...floats.map((i) => tensors[i]!), ...trained.map((i) => variables[i]!)])
      return {
        outputs: {
          ...Object.fromEntries(outputs.map((y, i) => [`y${i}`, y])),
          ...Object.fromEntries(found.map((g, i) => [`g${i}`, g])),
          ...Object.fromEntries(losses.map((l, i) => [`l${i}`, l])),
          ...Object.fromEntries(outputs.flatMap((y, i) => (maskOf(y) ? [[`m${i}`, where(maskOf(y)!, 1, 0)]] : []))),
        },
        updates,
      }
    }),
    { target },
  )
  expect(order.map((w) => [...w.shape])).toEqual(record.weights.map((w) => [...w.shape]))
  // Below the layer itself, whose name is told apart from others of the process.
  const below = (path: string): string => path.split('/').slice(1).join('/')
  expect(order.map((w) => below(w.variable!.name))).toEqual(record.weights.map((w) => below(w.name)))
  expect(order.map((w) => w.isTrained)).toEqual(record.weights.map((w) => w.trainable))
  order.forEach((w, i) => net.state.set(w.variable!, Float32Array.from(numbers(record.weights[i]!)) as never))
  const feeds = Object.fromEntries(
    record.inputs.map((x, i) => [
      `x${i}`,
      x.dtype === 'float32'
        ? Float32Array.from(numbers(x))
        : x.dtype === 'int32'
          ? Int32Array.from(numbers(x))
          : Uint8Array.from(numbers(x)),
    ]),
  )
  const results = net(feeds) as unknown as Record<string, number | Float32Array>
  const list = (x: number | Float32Array): ArrayLike<number> => (typeof x === 'number' ? [x] : x)
  const scale = record.f32_deviation ?? 1
  record.output.forEach((y, i) => {
    expect([...((results[`y${i}`] as { shape?: number[] }).shape ?? [])], 'shape').toEqual([...y.shape])
    expectClose(`output ${i}`, list(results[`y${i}`]!), y, scale)
  })
  const masks = Array.isArray(record.output_mask) ? (record.output_mask as (Stored | null)[]) : []
  record.output.forEach((_, i) => {
    const mask = results[`m${i}`]
    // Keras 3.0.5 hands on what inputs bring along, not what is said with the call.
    if (!masksOf) expect(mask !== undefined, `whether there is a mask ${i}`).toBe(Boolean(masks[i]))
    if (masks[i]) expectClose(`mask ${i}`, list(mask!), masks[i])
  })
  const losses = Object.keys(results).filter((key) => /^l\d/.test(key))
  if (record.layer_losses) {
    const stored: Stored = { shape: [losses.length], dtype: 'float32', data: record.layer_losses }
    // Keras 3.0.5 did not yet divide penalties of activities by the batch.
    const batch = record.inputs[0]!.shape[0]!
    expectClose('losses', losses.map((key) => (results[key] as number) * batch), stored, scale) // prettier-ignore
  }
  withGradient.forEach((at, i) => {
    const wanted = at < 1000 ? record.grad_inputs[at]! : record.grad_weights[at - 1000]!
    expectClose(
      at < 1000 ? `gradient of input ${at}` : `gradient of ${order[at - 1000]!.name}`,
      list(results[`g${i}`]!),
      wanted,
      scale,
    )
  })
  record.weights_after?.forEach((w, i) => {
    if (w) expectClose(`${order[i]!.name} after`, list(net.state.get(order[i]!.variable!) as never), w, scale)
  })
  net.dispose()
}
