import type { StoredTensor } from '../formats/stored-tensor'
import { sameShape } from '../ir/type'
import type { AnyModel } from '../models/model'
import { trainerOf } from '../training/methods'
import { namedWeights } from '../training/weight-names'
import { leavesOf } from './match'
import type { Reading } from './reading'

/** What optimisers keep beside a weight, in the order of Keras 3. */
const SLOTS: Readonly<Record<string, readonly string[]>> = { Adam: ['m', 'v'], AdamW: ['m', 'v'], SGD: ['momentum'] }

/**
 * Gives a compiled model what its optimiser remembered in Keras: how many steps there were, the learning rate, then what belongs
 * to each weight that is trained, in their order. What does not look so is noted.
 */
export function restoreOptimizer(model: AnyModel, stored: readonly StoredTensor[], reading: Reading): void {
  const trainer = trainerOf('loadKeras', model)
  if (stored.length === 0) return
  const note = (why: string): void => {
    reading.notes.push({ at: 'optimizer', key: 'variables', value: stored.length, why })
  }
  if (!trainer.isCompiled) return note('the model is not compiled')
  if (reading.generation.major !== 3) return note('those of Keras 2 are not taken over')
  const { className, name } = trainer.settings.optimizer
  const slots = SLOTS[className]
  if (!slots) return note(`those of ${className} are not taken over`)
  const [steps, rate, ...rest] = stored
  const trained = leavesOf(model, reading).flatMap(({ layer }) =>
    layer.trainable ? layer.weights.filter((w) => w.isTrained) : [],
  )
  const kept = rest.length === 0 && className === 'SGD' ? [] : slots
  const fits =
    rest.length === trained.length * kept.length &&
    rest.every((tensor, i) => sameShape(tensor.shape, trained[Math.floor(i / kept.length)]!.shape))
  if (!fits || !steps || !rate || steps.data.length !== 1 || rate.data.length !== 1)
    return note('they are not those of its weights')
  const count = steps.data[0]!
  if (count !== (count | 0)) return note(`the steps they count, ${count}, are beyond int32`)
  const names = new Map([...namedWeights(trainer)].map(([key, weight]) => [weight, key]))
  const step: StoredTensor = { dtype: 'int32', shape: [], data: Int32Array.of(count) }
  const tensors = new Map<string, StoredTensor>([[`${name}/iterations`, step]])
  if (trainer.settings.optimizer.learningRate !== undefined)
    tensors.set(`${name}/learningRate`, { dtype: 'float64', shape: [], data: Float64Array.of(rate.data[0]!) })
  rest.forEach((tensor, i) => {
    const weight = trained[Math.floor(i / kept.length)]!
    tensors.set(`${name}/${names.get(weight)!}/${kept[i % kept.length]!}`, { ...tensor, dtype: weight.dtype })
  })
  trainer.state = { tensors, isWhole: false }
}
