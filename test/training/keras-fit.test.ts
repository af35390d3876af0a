import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { input, optimizers, sequential } from 'gradloom/nn'
import { layerOf } from '../../src/layers/registry'
import { ours } from '../layers/keras-args'
import { expectClose, numbers, type Stored } from '../layers/keras-records'

interface KerasLayer {
  readonly class_name: string
  readonly config: Readonly<Record<string, unknown>>
}
interface FitRecord {
  readonly id: string
  readonly model_config: { readonly layers: readonly KerasLayer[] }
  readonly compile: {
    readonly optimizer: { readonly class: string; readonly args: Readonly<Record<string, unknown>> }
    readonly loss: string
    readonly metrics: readonly string[] | null
    readonly weighted_metrics: readonly string[] | null
  }
  readonly fit: Readonly<Record<string, unknown>> & { readonly sample_weight?: Stored; readonly class_weight?: object }
  readonly x: Stored
  readonly y: Stored
  readonly initial_weights: readonly Stored[]
  readonly history_batch_weighted_loss: Readonly<Record<string, readonly number[]>>
  readonly final_weights: readonly Stored[]
  readonly predict_after: Stored
  readonly evaluate_after_batch_weighted_loss: Readonly<Record<string, number>>
  readonly f32_deviation?: number
}
const records = JSON.parse(
  readFileSync(new URL('../fixtures/keras/fit.json', import.meta.url), 'utf8'),
) as readonly FitRecord[]

/** What says where a layer was saved from, or is float32 anyway. */
const SILENT = new Set(['dtype', 'name', 'trainable', 'synchronized'])

const layersOf = (list: readonly KerasLayer[]) =>
  list.map(({ class_name: className, config }) => {
    if (className === 'InputLayer') return input({ batchShape: config.batch_shape as (number | null)[] })
    const own = Object.fromEntries(Object.entries(config).filter(([key]) => !SILENT.has(key)))
    return layerOf({ className, config: ours(own) as Record<string, unknown> })
  })

const shaped = (x: Stored): Float32Array & { shape: readonly number[] } =>
  Object.defineProperty(Float32Array.from(numbers(x)), 'shape', { value: x.shape }) as never

describe('runs of fit that Keras made', () => {
  it('are three', () => expect(records.length).toBe(3))

  for (const target of ['js', 'wasm'] as const)
    it.each(records.map((r) => [r.id, r] as const))(`%s on ${target}`, async (_, r) => {
      const net = sequential(layersOf(r.model_config.layers))
      const { optimizer, loss, metrics, weighted_metrics: weighted } = r.compile
      net.compile({
        optimizer: optimizers.optimizerOf({ className: optimizer.class, config: ours(optimizer.args) as object }),
        loss,
        metrics: metrics ?? [],
        weightedMetrics: weighted ?? [],
        target,
      })
      net.setWeights(r.initial_weights.map((w) => numbers(w)))
      const { sample_weight: weight, class_weight: classes, batch_size, epochs, shuffle, validation_split } = r.fit
      const x = shaped(r.x)
      const y = shaped(r.y)
      const { history } = await net.fit(x, y, {
        batchSize: batch_size as number,
        epochs: epochs as number,
        shuffle: shuffle as boolean,
        ...(weight ? { sampleWeight: shaped(weight) } : {}),
        ...(classes ? { classWeight: classes as never } : {}),
        ...(validation_split === undefined ? {} : { validationSplit: validation_split as number }),
      })
      const scale = 2 * (r.f32_deviation ?? 1)
      const wanted = r.history_batch_weighted_loss
      expect(Object.keys(history).sort()).toEqual(Object.keys(wanted).sort())
      for (const [name, values] of Object.entries(wanted))
        expectClose(name, history[name]!, { shape: [values.length], dtype: 'float32', data: [...values] }, scale)
      const final = net.getWeights()
      r.final_weights.forEach((w, i) => expectClose(`weight ${i}`, final[i]!, w, scale))
      expectClose('prediction', await net.predict(x), r.predict_after, scale)
      const logs = await net.evaluate(x, y, { batchSize: batch_size as number })
      const evaluated = r.evaluate_after_batch_weighted_loss
      expect(Object.keys(logs).sort()).toEqual(Object.keys(evaluated).sort())
      for (const [name, value] of Object.entries(evaluated))
        expectClose(name, [logs[name]!], { shape: [1], dtype: 'float32', data: [value] }, scale)
      net.dispose()
    })
})
