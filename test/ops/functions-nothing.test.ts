import * as loom from 'gradloom'
import { layers, forward, losses, metrics, schedules } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'

const vector = loom.constant([1, 2])
const matrix = loom.fill([2, 2], 1)
const image = loom.fill([1, 4, 4, 2], 1)
/** What plain JavaScript passes where something was forgotten, or is of another kind. */
const ARGUMENTS: readonly (readonly unknown[])[] = [
  [],
  [undefined, undefined, undefined],
  [null],
  [null, null, null],
  [{}],
  [[]],
  [[undefined], [undefined], [undefined]],
  [[null]],
  ['x'],
  ['x', 'x'],
  [3],
  [0.5],
  [true],
  [() => undefined],
  [vector],
  [vector, null],
  [vector, [undefined]],
  [vector, vector, null],
  [vector, 'x'],
  [vector, true],
  [vector, {}],
  [vector, Infinity],
  [matrix, undefined],
  [matrix, null],
  [matrix, matrix, null],
  [matrix, [undefined], [undefined]],
  [image, null],
  [image, image, null],
  [image, image],
  [[vector], null],
  [[vector], [vector], null],
  [0.5, vector],
]

const FUNCTIONS = Object.entries(loom as Readonly<Record<string, unknown>>).filter(
  (pair): pair is [string, (...args: readonly unknown[]) => unknown] =>
    typeof pair[1] === 'function' && !pair[0].endsWith('Error'),
)

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error
  }
}

describe('a function that is given too little, or what is of another kind', () => {
  it.each(FUNCTIONS)('%s says so itself, or does what it is told', async (name, call) => {
    for (const args of ARGUMENTS) {
      const error = await outcome(() => call(...args))
      const isSaid =
        error === undefined ||
        error instanceof loom.GraphError ||
        error instanceof loom.FeedError ||
        error instanceof loom.RuntimeError ||
        // Of what reads bytes.
        (error as Error).name === 'FormatError'
      expect(isSaid, `${name} with ${args.length} arguments: ${String(error)}`).toBe(true)
    }
  })

  const x = loom.fill([2, 3], 1)
  it.each<readonly [string, () => unknown, string]>([
    ['a name of an object', () => loom.named({} as never, x), 'the name must be a string, it is an object'],
    ['no name', () => loom.named(undefined as never, x), 'the name must be a string, it is undefined'],
    ['a flag of text', () => loom.sum(x, { keepDims: 'false' as never }), 'sum: keepDims must be true or false'],
    ['an update of nothing', () => loom.update(undefined as never, x), 'update: expected a tensor, got undefined'],
    ['an update of what is computed', () => loom.update(x as never, 1), 'is not a variable'],
    ['parts without end', () => loom.split(x, Infinity), 'axis 0 of [2, 3] does not split into Infinity'],
    ['a scope without a body', () => loom.scope('s', undefined as never), 'scope: the body must be a function'],
    ['no layer', () => loom.stacked(x, [undefined] as never), 'stacked: a layer must be a function'],
    ['one tensor for a list', () => loom.flatView(x as never), 'flatView: a list of tensors is needed, it is a tensor'],
    ['an equation of a number', () => loom.einsum(0.5 as never, x), 'the equation must be a string, it is 0.5'],
    [
      'training by a word',
      () => forward({ training: 'x' as never }, () => 1),
      'forward: training must be true or false',
    ],
    ['a pass without a body', () => forward({}, undefined as never), 'forward: the body must be a function'],
    [
      'a layer frozen by a word',
      () => void (layers.dense({ units: 1 }).trainable = 'no' as never),
      'trainable must be',
    ],
    ['a value of no loss', () => losses.lossValue(undefined as never, x, x), 'lossValue: the loss must be'],
    ['a reduction by no loss', () => losses.reduceLoss(undefined as never, x), 'reduceLoss: the loss must be'],
    ['a mean of nothing', () => metrics.meanOf(undefined as never), 'meanOf: '],
    ['no schedule', () => schedules.scheduleOf(undefined as never), 'scheduleOf: '],
  ])('%s', (_, run, text) => {
    expect(run).toThrow(loom.GraphError)
    expect(run).toThrow(text)
  })
})
