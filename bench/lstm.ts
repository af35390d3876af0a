import { type LayerData, normals, oneHotRows } from './data'

/** The classifier of sequences, W4: an LSTM over 28 steps, a dense layer on the last hidden state. */
export const LSTM = { batch: 32, steps: 28, features: 28, units: 128, classes: 10 } as const

export interface LstmData {
  /** [steps, batch, features]. */
  readonly x: Float32Array
  readonly y: Float32Array
  /** [features, 4 * units]; the columns of each gate side by side, in the order input, forget, cell, output. */
  readonly input: Float32Array
  /** [units, 4 * units]. */
  readonly recurrent: Float32Array
  readonly bias: Float32Array
  readonly dense: LayerData
}

export function lstmData(): LstmData {
  const { batch, steps, features, units, classes } = LSTM
  return {
    x: normals(steps * batch * features, 1, 5),
    y: oneHotRows(batch, classes, 6),
    input: normals(features * 4 * units, 0.1, 1),
    recurrent: normals(units * 4 * units, 0.08, 2),
    bias: new Float32Array(4 * units),
    dense: {
      inputs: units,
      units: classes,
      weights: normals(units * classes, 0.1, 3),
      bias: new Float32Array(classes),
    },
  }
}

/** The first class of the first sequence before any update, in float64. */
export function firstSequenceLogit(): number {
  const { x, input, recurrent, bias, dense } = lstmData()
  const { batch, steps, features, units, classes } = LSTM
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
  let h: readonly number[] = new Array<number>(units).fill(0)
  let c = h
  for (let t = 0; t < steps; t++) {
    const row = x.subarray(t * batch * features, (t * batch + 1) * features)
    const z = Array.from(bias, (start, j) => {
      const fromInput = row.reduce((sum, value, k) => sum + value * input[k * 4 * units + j]!, start)
      return h.reduce((sum, value, k) => sum + value * recurrent[k * 4 * units + j]!, fromInput)
    })
    const gate = (index: number, unit: number): number => z[index * units + unit]!
    c = c.map((old, u) => sigmoid(gate(1, u)) * old + sigmoid(gate(0, u)) * Math.tanh(gate(2, u)))
    h = c.map((cell, u) => sigmoid(gate(3, u)) * Math.tanh(cell))
  }
  return h.reduce((sum, value, k) => sum + value * dense.weights[k * classes]!, dense.bias[0]!)
}
