import { GraphError } from '../ir/errors'
import { flag, type Given, parseOptions, required } from '../layers/option'
import type { Callback } from '../training/callback'
import type { ModelHandle } from '../training/handle'
import type { Slot } from '../training/session'
import { stateOf } from './state'

const options = {
  /** Whether weights are averages from the end of an epoch to the begin of the next too, as for what saves them then. */
  swapOnEpoch: flag(false),
}
const state = { isSwapped: required(flag(false)) }
/** Options of `swapEmaWeights`. */
export type SwapEmaWeightsOptions = Given<typeof options>

/**
 * Evaluates and predicts with the moving averages of the weights that the optimiser keeps with `useEma: true`: weights and
 * averages change places for as long. As `SwapEMAWeights` in Keras, but weights come back after `predict` too. A GraphError
 * where there are no averages.
 */
export function swapEmaWeights(given: SwapEmaWeightsOptions = {}): Callback {
  const { swapOnEpoch } = parseOptions('swapEmaWeights', options, given)
  let model: ModelHandle
  let isSwapped = false
  const averages = (): readonly Slot[] => {
    const slots = model.slots('average')
    if (slots.length > 0) return slots
    throw new GraphError('swapEmaWeights: there are no averages; train with an optimiser made with useEma: true')
  }
  const swap = (to: boolean): void => {
    // Before the first step that applies gradients there are none.
    if (isSwapped === to || (to && model.iterations === 0)) return
    for (const { weight, read, write } of averages()) {
      const [own, average] = [weight.read()!, read()]
      weight.write(average)
      write(own)
    }
    isSwapped = to
  }
  return {
    name: 'swap_ema_weights',
    setModel: (given) => {
      model = given
    },
    onTrainBegin: () => {
      averages()
      isSwapped = false
    },
    onEpochBegin: () => {
      if (swapOnEpoch) swap(false)
    },
    onEpochEnd: () => {
      if (swapOnEpoch) swap(true)
    },
    // The averages become the weights when all epochs are over.
    onTrainSettle: () => swap(false),
    onTestBegin: () => swap(true),
    onTestEnd: () => swap(false),
    onPredictBegin: () => swap(true),
    onPredictEnd: () => swap(false),
    release: () => swap(false),
    getState: () => ({ isSwapped }),
    setState: (given: unknown) => {
      ;({ isSwapped } = stateOf('swapEmaWeights', state, given))
    },
  }
}
