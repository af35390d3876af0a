import { checkCell, defineCell, firstStates, stepsOf } from './cell'
import type { AnyLayer, Call, Cell } from './layer'
import { layersOption } from './layer-option'
import type { Tensor } from '../ir/tensor'

/** Names under which the weights of parts appear: those of the same name are counted. */
function namesOf(parts: readonly AnyLayer[]): string[] {
  const taken = new Set<string>()
  return parts.map(({ name }) => {
    let own = name
    for (let i = 1; taken.has(own); i++) own = `${name}_${i}`
    taken.add(own)
    return own
  })
}

/** One cell of several, each on the output of the one below; the state is that of all of them, from the bottom. */
export const stackedRNNCells = defineCell({
  className: 'StackedRNNCells',
  name: 'stacked_rnn_cells',
  options: { cells: layersOption() },
  check: ({ cells }, where) => cells.forEach((cell, i) => checkCell(cell, `${where}: cells[${i}]`)),
  parts: ({ cells }) => Object.fromEntries(cells.map((cell, i) => [String(i), cell])),
  cell(x, { cells }, at: Call) {
    const names = namesOf(cells)
    const made: Cell[] = []
    let below = x
    for (const [i, cell] of cells.entries()) {
      const steps = stepsOf(cell, below, at, names[i])
      made.push(steps)
      // Only its shape and dtype are looked at.
      below = steps.step(below, firstStates('StackedRNNCells', steps, below, undefined)).output
    }
    return {
      shapes: made.flatMap(({ shapes }) => shapes),
      step(x, state) {
        let [output, from] = [x, 0]
        const next: Tensor[] = []
        for (const { shapes, step } of made) {
          const result = step(output, state.slice(from, from + shapes.length))
          output = result.output
          next.push(...result.state)
          from += shapes.length
        }
        return { output, state: next }
      },
    }
  },
})
