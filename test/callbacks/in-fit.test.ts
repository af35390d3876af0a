import { type Callback, callbacks, losses, metrics, optimizers, schedules, type Sequential } from 'gradloom/nn'
import { describe, expect, it, vi } from 'vitest'
import { directionOf } from '../../src/metrics/direction'
import { METRICS } from '../../src/metrics/lookup'
import { classifier, TARGETS, type Target, x, y } from './models'

const flat = (net: Sequential): number[] => net.getWeights().flatMap((w) => Array.from(w))
/** Weights at the end of each epoch. */
function watcher(net: Sequential): { ends: number[][]; callback: Callback } {
  const ends: number[][] = []
  return { ends, callback: { onEpochEnd: () => void ends.push(flat(net)) } }
}
const averaged = (target: Target): Sequential =>
  classifier(target, { optimizer: optimizers.adam({ learningRate: 0.1, useEma: true, emaMomentum: 0.8 }) })
const averagesOf = (net: Sequential): number[] =>
  net.weights.flatMap((w) => Array.from(net.program.state.get(`adam/${w.variable!.name}/average`) as Float32Array))

describe.each(TARGETS)('in fit on %s', (target) => {
  it('earlyStopping ends with the weights of the best epoch', async () => {
    const net = classifier(target, { optimizer: optimizers.sgd({ learningRate: 40 }) })
    const { ends, callback } = watcher(net)
    const stopping = callbacks.earlyStopping({ monitor: 'val_loss', patience: 4, restoreBestWeights: true })
    const { history } = await net.fit(x, y, {
      epochs: 40,
      batchSize: 3,
      validationData: [x, y],
      callbacks: [stopping, callback],
    })
    const losses = history['val_loss']!
    const best = losses.indexOf(Math.min(...losses))
    expect(losses.length).toBe(best + 5)
    expect(flat(net)).toEqual(ends[best])
    expect(flat(net)).not.toEqual(ends.at(-1))
  })

  it('earlyStopping knows that more accuracy is better', async () => {
    const net = classifier(target, { optimizer: optimizers.sgd({ learningRate: 1 }) })
    const stopping = callbacks.earlyStopping({ monitor: 'accuracy', patience: 3 })
    const { history } = await net.fit(x, y, { epochs: 60, batchSize: 3, shuffle: false, callbacks: [stopping] })
    const accuracies = history['accuracy']!
    expect(accuracies.length).toBe(accuracies.indexOf(Math.max(...accuracies)) + 4)
    expect(accuracies.at(-1)!).toBeGreaterThan(accuracies[0]! - 1e-12)
  })

  it('reduceLROnPlateau and learningRateScheduler set the rate that steps are made with', async () => {
    const net = classifier(target, { optimizer: optimizers.sgd({ learningRate: 0.5 }) })
    const { ends, callback } = watcher(net)
    const list = [callbacks.learningRateScheduler((epoch, rate) => (epoch === 2 ? 0 : rate / 2)), callback]
    const { history } = await net.fit(x, y, { epochs: 4, batchSize: 3, callbacks: list })
    expect(history['learning_rate']).toEqual([0.25, 0.125, 0, 0])
    expect(ends[3]).toEqual(ends[1])
    expect(ends[1]).not.toEqual(ends[0])
    const other = classifier(target, { optimizer: optimizers.sgd({ learningRate: 0.5 }) })
    // Nothing becomes better by 10.
    const plateau = callbacks.reduceLROnPlateau({
      monitor: 'loss',
      factor: 0.25,
      patience: 2,
      minDelta: 10,
      cooldown: 1,
      minLr: 0.1,
    })
    const reduced = await other.fit(x, y, { epochs: 8, callbacks: [plateau] })
    expect(reduced.history['learning_rate']).toEqual([0.5, 0.5, 0.5, 0.125, 0.125, 0.1, 0.1, 0.1])
    expect(other.learningRate).toBe(0.1)
  })

  it('rates that a schedule gives cannot be set', async () => {
    const optimizer = optimizers.sgd({
      learningRate: schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }),
    })
    for (const callback of [
      callbacks.reduceLROnPlateau({ monitor: 'loss' }),
      callbacks.learningRateScheduler((_, r) => r),
    ])
      await expect(classifier(target, { optimizer }).fit(x, y, { callbacks: [callback] })).rejects.toThrow(
        /a schedule gives the learning rate of "sequential"/,
      )
  })

  it('terminateOnNaN ends the epoch behind the batch', async () => {
    const inputs = x.map((row, i) => (i === 4 ? [NaN, 0] : row))
    const hooks: string[] = []
    const noted: Callback = {
      onTrainBatchEnd: (batch) => void hooks.push(`batch ${batch}`),
      onEpochEnd: (epoch) => void hooks.push(`epoch ${epoch}`),
    }
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const options = { epochs: 3, batchSize: 2, shuffle: false }
    await classifier(target).fit(inputs, y, { ...options, callbacks: [callbacks.terminateOnNaN(), noted] })
    expect(hooks).toEqual(['batch 0', 'batch 1', 'batch 2', 'epoch 0'])
    expect(warning.mock.calls).toEqual([[expect.stringMatching(/loss is NaN with batch 2/)]])
    warning.mockRestore()
    const raising = callbacks.terminateOnNaN({ raiseError: true })
    await expect(classifier(target).fit(inputs, y, { ...options, callbacks: [raising] })).rejects.toThrow(
      /NaN with batch 2/,
    )
  })

  it('swapEmaWeights evaluates and predicts with averages, and gives weights back', async () => {
    const net = averaged(target)
    const swap = callbacks.swapEmaWeights()
    const seen: number[][] = []
    const look = (): void => void seen.push(flat(net))
    const spy: Callback = { onTestBatchEnd: (batch) => (batch === 0 ? look() : undefined), onEpochEnd: look }
    await net.fit(x, y, { epochs: 2, batchSize: 3, validationData: [x, y], callbacks: [swap, spy] })
    // In validation averages, at the end of the epoch weights; training ends with averages.
    expect(seen.length).toBe(4)
    expect(seen[0]).not.toEqual(seen[1])
    expect(seen[2]).toEqual(averagesOf(net))
    expect(flat(net)).toEqual(averagesOf(net))
    net.trainOnBatch(x, y)
    const [own, average] = [flat(net), averagesOf(net)]
    expect(own).not.toEqual(average)
    for (const pass of [net.evaluate(x, y, { callbacks: [swap, spy] }), net.predict(x, { callbacks: [swap] })]) {
      await pass
      expect(flat(net)).toEqual(own)
      expect(averagesOf(net)).toEqual(average)
    }
    expect(seen.at(-1)).toEqual(average)
  })

  it('swapEmaWeights shows averages at the end of epochs to what saves them', async () => {
    const plain = averaged(target)
    const [raw, swapped] = [watcher(plain), [] as number[][]]
    await plain.fit(x, y, { epochs: 3, batchSize: 3, callbacks: [raw.callback] })
    const net = averaged(target)
    const swap = callbacks.swapEmaWeights({ swapOnEpoch: true })
    const spy: Callback = {
      onEpochEnd: () => void swapped.push(flat(net)),
      onTrainBatchBegin: (batch) => void (batch === 0 && swapped.push(flat(net))),
    }
    await net.fit(x, y, { epochs: 3, batchSize: 3, callbacks: [swap, spy] })
    // Steps are made with the weights as ever.
    expect([swapped[2], swapped[4]]).toEqual(raw.ends.slice(0, 2))
    expect(swapped[5]).toEqual(flat(net))
    expect(flat(net)).toEqual(flat(plain))
    expect(swapped[1]).not.toEqual(swapped[2])
  })

  it('swapEmaWeights asks for averages', async () => {
    await expect(classifier(target).fit(x, y, { callbacks: [callbacks.swapEmaWeights()] })).rejects.toThrow(
      /useEma: true/,
    )
  })
})

describe('which values of a metric are better', () => {
  // `_direction` of Keras 3.15.1; None for counts and for means and sums of anything.
  const UP =
    /Accuracy$|^AUC$|^(Precision|Recall)|^(Sensitivity|Specificity)At|Score$|IoU$|^CosineSimilarity$|Correlation$/
  const NONE = /^(True|False)(Positives|Negatives)$|^(Mean|Sum)$/

  it.each(METRICS.map((m) => m.className))('%s is as Keras has it', (className) => {
    const config = {
      numClasses: 2,
      targetClassIds: [0],
      recall: 0.5,
      precision: 0.5,
      specificity: 0.5,
      sensitivity: 0.5,
    }
    const expected = UP.test(className) ? 'max' : NONE.test(className) ? undefined : 'min'
    expect(directionOf({ className, config } as never)).toBe(expected)
  })

  it('a loss as a metric is better when smaller, a function says nothing', () => {
    expect(directionOf(metrics.meanOf(losses.cosineSimilarity()))).toBe('min')
    expect(
      directionOf(
        metrics.meanOf(function nearness(_, prediction) {
          return prediction
        }),
      ),
    ).toBeUndefined()
  })
})
